//! Small things done to texts.

/// A text of at most so many bytes, and a note of what was left out of its
/// middle: both the beginning and the end of an output tell most.
pub(crate) fn middle_out(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let head = text.floor_char_boundary(most / 2);
    let tail = text.ceil_char_boundary(text.len() - (most - most / 2));
    format!("{}\n[… {} bytes left out …]\n{}", &text[..head], tail - head, &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_goes_between_characters() {
        assert_eq!(middle_out("short", 5), "short");
        assert_eq!(middle_out("abcdefgh", 4), "ab\n[… 4 bytes left out …]\ngh");
        assert_eq!(middle_out("那那那那", 6), "那\n[… 6 bytes left out …]\n那");
    }
}
