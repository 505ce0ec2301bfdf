//! A text that may have lost its middle.

use llm::count_tokens;

/// What the line takes that stands for the middle, in tokens. A text that is
/// too long by less than this is left whole.
const NOTE: u32 = 60;

/// A text, or what is left of it: a head and a tail.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Excerpt {
    head: String,
    tail: String,
    /// Bytes between them that were left out.
    left_out: usize,
}

/// Where a middle is missing, in bytes of the whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gap {
    /// The first byte that is missing.
    pub(super) from: usize,
    /// The first byte behind the gap.
    pub(super) to: usize,
    /// The length of the whole.
    pub(super) of: usize,
}

impl Excerpt {
    /// The whole of a text.
    pub(super) fn whole(text: impl Into<String>) -> Self {
        Self { head: text.into(), ..Self::default() }
    }

    pub(super) fn is_blank(&self) -> bool {
        self.head.trim().is_empty() && self.tail.trim().is_empty()
    }

    /// Cuts the middle out until no more than about `most` tokens are left.
    /// Gives what is left, in tokens. What was cut once does not come back.
    pub(super) fn shorten(&mut self, most: u32) -> u32 {
        let most = most as usize;
        // A token rarely has more than eight bytes: what is surely too long is
        // cut before it is counted.
        if self.kept() > most * 8 + NOTE as usize * 8 {
            self.keep(most * 4);
        }
        let mut left = self.tokens();
        while left > most + NOTE as usize && self.kept() > 0 {
            self.keep(self.kept() * most / left * 15 / 16);
            left = self.tokens();
        }
        u32::try_from(left).unwrap_or(u32::MAX)
    }

    /// The text, with the line that `note` makes where the middle is missing.
    pub(super) fn shown(&self, note: impl FnOnce(Gap) -> String) -> String {
        if self.left_out == 0 {
            return self.head.clone();
        }
        let from = self.head.len();
        let to = from + self.left_out;
        let gap = Gap { from, to, of: to + self.tail.len() };
        format!("{}\n[{}]\n{}", self.head, note(gap), self.tail)
    }

    fn kept(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    fn tokens(&self) -> usize {
        let note = if self.left_out == 0 { 0 } else { NOTE };
        (count_tokens(&self.head) + count_tokens(&self.tail) + note) as usize
    }

    /// Keeps about so many bytes, half at the head and half at the tail.
    fn keep(&mut self, bytes: usize) {
        let half = bytes / 2;
        let whole = self.kept() + self.left_out;
        // The tail is taken first: of a whole text it is a part of the head.
        let tail = if self.left_out == 0 { &self.head } else { &self.tail };
        let from = tail.ceil_char_boundary(tail.len().saturating_sub(half));
        self.tail = tail[from..].to_owned();
        let end = self.head.floor_char_boundary(half);
        // Not `truncate`: the memory is to go too.
        self.head = self.head[..end].to_owned();
        self.left_out = whole - self.kept();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(excerpt: &Excerpt) -> String {
        excerpt.shown(|gap| format!("{}-{}/{}", gap.from, gap.to, gap.of))
    }

    #[test]
    fn a_text_that_fits_stays_whole() {
        let text = "那🙂é ".repeat(40);
        let mut excerpt = Excerpt::whole(text.as_str());
        assert!(excerpt.shorten(1000) > 0);
        assert_eq!(shown(&excerpt), text);
    }

    #[test]
    fn a_long_text_keeps_head_and_tail_and_says_which_bytes_went() {
        let text: String = (0..20_000).map(|n| format!("line {n} 那\n")).collect();
        let mut excerpt = Excerpt::whole(text.as_str());
        for most in [2_000, 500, 100, 10] {
            let left = excerpt.shorten(most);
            assert!(left <= most + NOTE, "{left} of {most}");
            let shown = shown(&excerpt);
            assert!(count_tokens(&shown) <= left, "{left}: {shown}");
            let (head, rest) = shown.split_once("\n[").unwrap();
            let (gap, tail) = rest.split_once("]\n").unwrap();
            assert!(text.starts_with(head) && text.ends_with(tail));
            let to = text.len() - tail.len();
            assert_eq!(gap, format!("{}-{to}/{}", head.len(), text.len()));
        }
    }

    #[test]
    fn what_was_cut_gives_its_memory_back() {
        let mut excerpt = Excerpt::whole("x".repeat(1_000_000));
        excerpt.shorten(100);
        assert!(excerpt.head.capacity() + excerpt.tail.capacity() < 2_000);
    }
}
