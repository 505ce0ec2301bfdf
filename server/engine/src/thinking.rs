//! What becomes of a model's thinking while a step goes on.

use domain::ThinkingMode;

/// The most bytes of thinking that one step keeps: of a step that fails its
/// newest, of one that is read along its first.
const MOST: usize = 64 * 1024;

/// The thinking of one step.
pub(crate) struct Thinking {
    mode: ThinkingMode,
    text: String,
    /// Once something was cut off, nothing more is added behind the gap.
    is_full: bool,
}

impl Thinking {
    pub(crate) fn new(mode: ThinkingMode) -> Self {
        Self { mode, text: String::new(), is_full: false }
    }

    /// Takes in a piece; gives back what is to be shown of it at once.
    pub(crate) fn push(&mut self, mut new: String) -> Option<String> {
        match self.mode {
            ThinkingMode::Never => None,
            ThinkingMode::OnError => {
                self.text.push_str(&new);
                if self.text.len() > 2 * MOST {
                    self.keep_the_newest();
                }
                None
            }
            ThinkingMode::Always => {
                if self.is_full {
                    return None;
                }
                let room = MOST - self.text.len();
                self.is_full = new.len() > room;
                new.truncate(new.floor_char_boundary(room));
                self.text.push_str(&new);
                Some(new).filter(|new| !new.is_empty())
            }
        }
    }

    /// What was kept for the case that the step fails, as it now has.
    pub(crate) fn held(&mut self) -> Option<String> {
        if self.mode != ThinkingMode::OnError {
            return None;
        }
        self.keep_the_newest();
        Some(std::mem::take(&mut self.text)).filter(|text| !text.is_empty())
    }

    /// What was shown while a step went on that ended well.
    pub(crate) fn shown(&self) -> Option<String> {
        let text = Some(self.text.clone()).filter(|text| !text.is_empty());
        text.filter(|_| self.mode == ThinkingMode::Always)
    }

    fn keep_the_newest(&mut self) {
        let surplus = self.text.len().saturating_sub(MOST);
        self.text.drain(..self.text.ceil_char_boundary(surplus));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long() -> String {
        "那🙂é".repeat(8_000)
    }

    #[test]
    fn each_mode_keeps_its_own() {
        let mut never = Thinking::new(ThinkingMode::Never);
        assert_eq!(never.push("a".into()), None);
        assert_eq!((never.held(), never.shown()), (None, None));

        let mut always = Thinking::new(ThinkingMode::Always);
        assert_eq!(always.push("a".into()).as_deref(), Some("a"));
        let cut = always.push(long()).unwrap();
        assert!(cut.len() < MOST && long().starts_with(&cut));
        assert_eq!(always.push("b".into()), None);
        assert_eq!(always.shown().unwrap(), format!("a{cut}"));
        assert_eq!(always.held(), None);

        let mut on_error = Thinking::new(ThinkingMode::OnError);
        for _ in 0..4 {
            assert_eq!(on_error.push(long()), None);
        }
        on_error.push("end".into());
        assert_eq!(on_error.shown(), None);
        let held = on_error.held().unwrap();
        assert!(held.len() <= MOST && held.ends_with("éend"));
    }
}
