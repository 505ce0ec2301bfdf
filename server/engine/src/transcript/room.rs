//! Makes room where a request would be too large.
//!
//! Nothing is touched while everything fits. Beyond the budget so much goes
//! that half of the room is free again, oldest things first: pictures of
//! earlier turns; long outputs in stages by age; whole earlier turns but the
//! newest; younger outputs; steps of that turn, then all of it; the present pictures; whole steps of the
//! present turn. The person's present words and the newest step always stay.

use super::conversation::{Conversation, SUMMARY, TURN};
use super::step::Step;
use super::turn::Turn;
use super::window::{Budget, Caps, Stage, TooLarge};

/// To which stage steps are cut, but for how many of the newest, before an
/// earlier turn has to go.
const GENTLE: [(Stage, usize); 3] = [(Stage::Aged, 4), (Stage::Old, 8), (Stage::Stub, 16)];

/// The same, after that.
const HARD: [(Stage, usize); 4] =
    [(Stage::Aged, 1), (Stage::Old, 2), (Stage::Stub, 4), (Stage::Stub, 1)];

impl Conversation {
    /// Shortens until a request keeps to a budget. Tells whether steps of the
    /// present turn were left out for it.
    pub(super) fn keep_to(&mut self, budget: Budget) -> Result<bool, TooLarge> {
        let is_first = self.last.replace(budget).is_none();
        let budget = budget.under(self.ceiling);
        let room = budget.soft.saturating_sub(self.fixed);
        let caps = Caps::of(room);
        if is_first {
            self.choose_earlier(&caps, room);
        }
        self.present.steps.iter_mut().for_each(|step| step.settle(&caps));
        let is_crowded = self.tokens() > budget.soft && self.relieve(room, &caps);
        // Only now the newest step too, which the model has not read yet.
        for stage in [Stage::Aged, Stage::Old, Stage::Stub] {
            self.age((stage, 0), budget.soft, &caps);
        }
        let tokens = self.tokens();
        if tokens > budget.hard {
            let (instructions, window) = (self.fixed, budget.window);
            return Err(TooLarge { instructions, present: tokens - instructions, window });
        }
        Ok(is_crowded)
    }

    /// The earlier turns that a run begins with take at most half of the room,
    /// so that the run's own work has as much. They are chosen as if they had
    /// come one by one, each time dropping to three fifths of that: so the next
    /// run of the session most often begins as this one does.
    fn choose_earlier(&mut self, caps: &Caps, room: u32) {
        for step in self.earlier.iter_mut().flat_map(|turn| &mut turn.steps) {
            step.age(Stage::Aged, caps);
        }
        if let Some(summary) = &mut self.summary {
            self.summary_tokens = SUMMARY + summary.shorten(room / 4);
        }
        let (most, enough) = (room / 2, room / 10 * 3);
        let sizes: Vec<u32> = self.earlier.iter().map(|turn| TURN + turn.tokens()).collect();
        let (mut from, mut sum) = (0, 0);
        for (place, size) in sizes.iter().enumerate() {
            sum += size;
            if sum > most {
                while sum > enough && from < place {
                    sum -= sizes[from];
                    from += 1;
                }
            }
        }
        self.earlier.drain(..from);
        self.turns_left_out += from;
    }

    /// Shortens until half of the room is free, or nothing more can be cut. If
    /// the present turn then still takes four fifths, its steps are left out,
    /// which is told.
    fn relieve(&mut self, room: u32, caps: &Caps) -> bool {
        let target = self.fixed + room / 2;
        self.earlier.iter_mut().for_each(Turn::drop_images);
        for rung in GENTLE {
            self.age(rung, target, caps);
        }
        self.leave_out_turns(1, target);
        for rung in HARD {
            self.age(rung, target, caps);
        }
        self.leave_out_steps_of_the_last(target);
        self.leave_out_turns(0, target);
        if self.tokens() <= self.fixed + room / 5 * 4 {
            return false;
        }
        self.present.drop_images();
        let mut tokens = self.tokens();
        let mut is_crowded = false;
        while tokens > target
            && let Some(saved) = self.present.leave_out_a_step()
        {
            tokens -= saved;
            is_crowded = true;
        }
        is_crowded
    }

    /// Leaves earlier turns out, oldest first, but for some of the newest, until
    /// no more than `target` tokens are left.
    fn leave_out_turns(&mut self, spare: usize, target: u32) {
        let mut tokens = self.tokens();
        while tokens > target
            && self.earlier.len() > spare
            && let Some(turn) = self.earlier.pop_front()
        {
            tokens -= TURN + turn.tokens();
            self.turns_left_out += 1;
        }
    }

    /// Leaves steps of the newest earlier turn out, oldest first, but never its
    /// last words, until no more than `target` tokens are left.
    fn leave_out_steps_of_the_last(&mut self, target: u32) {
        let mut tokens = self.tokens();
        let Some(last) = self.earlier.back_mut() else { return };
        while tokens > target
            && let Some(saved) = last.leave_out_a_step()
        {
            tokens -= saved;
        }
    }

    /// Cuts steps to a stage, oldest first, but for some of the newest, until no
    /// more than `target` tokens are left.
    fn age(&mut self, (stage, spare): (Stage, usize), target: u32, caps: &Caps) {
        let mut tokens = self.tokens();
        let turns = self.earlier.iter_mut().chain([&mut self.present]);
        let steps = turns.flat_map(|turn| &mut turn.steps).filter(|step| step.is_told());
        let mut steps: Vec<&mut Step> = steps.collect();
        let older = steps.len().saturating_sub(spare);
        for step in &mut steps[..older] {
            if tokens <= target {
                return;
            }
            tokens -= step.tokens();
            step.age(stage, caps);
            tokens += step.tokens();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use domain::{Event, ModelFaultKind};
    use llm::{Image, Message, count_tokens};

    use super::super::testing::*;
    use super::super::{Fitted, Pictures, Shown, Window};
    use super::*;

    /// An output of so many bytes, whose ends can be told.
    fn output(step: u32, bytes: usize) -> String {
        let line = format!("{step}: the quick brown fox\n");
        format!("HEAD{step}\n{}\nTAIL{step}", line.repeat(bytes / line.len()))
    }

    /// Plays a long run; gives how often a request did not begin with all of the
    /// one before it.
    fn play(window_tokens: u32, steps: u32, bytes: usize) -> u32 {
        let window = window(window_tokens);
        let mut conversation = open("Work.", Vec::new());
        let mut last: Option<Fitted> = None;
        let mut changes = 0;
        for step in 1..=steps {
            let fitted = conversation.fit(window).unwrap();
            assert!(conversation.tokens() + fitted.max_tokens <= window_tokens);
            assert_eq!(accepted(fitted.messages.clone()), Ok(()));
            if step > 1 {
                let Some(Message::Tool { content, .. }) = fitted.messages.last() else {
                    panic!("the newest step is gone");
                };
                let (head, tail) = (format!("HEAD{}\n", step - 1), format!("TAIL{}", step - 1));
                assert!(content.starts_with(&head) && content.ends_with(&tail), "{content}");
            }
            if let Some(last) = &last
                && common(last, &fitted) < last.messages.len()
            {
                changes += 1;
            }
            let held: u32 = fitted.messages.iter().map(size).sum();
            assert!(held <= window_tokens, "{held}");
            last = Some(fitted);
            works(step, &output(step, bytes)).iter().for_each(|event| conversation.apply(event));
        }
        changes
    }

    fn size(message: &Message) -> u32 {
        match message {
            Message::System(text) | Message::User { text, .. } => count_tokens(text),
            Message::Assistant { text, calls, .. } => {
                count_tokens(text)
                    + calls.iter().map(|call| count_tokens(&call.arguments)).sum::<u32>()
            }
            Message::Tool { content, .. } => count_tokens(content),
        }
    }

    #[test]
    fn long_runs_stay_inside_the_window_and_seldom_change_how_requests_begin() {
        let table = [
            (128_000, 200, 0),
            (128_000, 4_000, 4),
            (128_000, 20_000, 18),
            (128_000, 200_000, 40),
            (32_768, 4_000, 20),
            (32_768, 200_000, 60),
        ];
        for (window, bytes, most) in table {
            let changes = play(window, 120, bytes);
            assert!(changes <= most, "{changes} changes with {bytes} bytes in {window} tokens");
        }
    }

    #[test]
    fn one_enormous_output_is_cut_with_a_pointer_to_the_whole() {
        let mut conversation = open("Read it.", Vec::new());
        works(1, &output(1, 300_000)).iter().for_each(|event| conversation.apply(event));
        assert!(!conversation.make_room(window(8_192)).unwrap());
        let fitted = conversation.fit(window(8_192)).unwrap();
        let Some(Message::Tool { content, .. }) = fitted.messages.last() else { panic!() };
        assert!(content.starts_with("HEAD1") && content.ends_with("TAIL1"));
        assert!(content.contains("that call call_0 gave are left out here"), "{content}");
        assert!(fitted.max_tokens > 2_000);
    }

    #[test]
    fn instructions_larger_than_the_window_are_refused_with_both_sizes() {
        let instructions = "rule ".repeat(9_000);
        let mut conversation =
            Conversation::open(instructions, &[], &[], "Hello", Pictures::default());
        let refused = conversation.fit(window(8_192)).unwrap_err();
        assert!((9_000..9_100).contains(&refused.instructions), "{refused:?}");
        let sentence = refused.to_string();
        assert!(sentence.contains(&refused.instructions.to_string()), "{sentence}");
        assert!(sentence.contains("8192"), "{sentence}");
        conversation.fit(window(16_000)).unwrap();
    }

    #[test]
    fn the_person_is_never_cut_and_a_message_that_does_not_fit_is_refused() {
        let message = "word ".repeat(10_000);
        let mut conversation = open(&message, Vec::new());
        assert!(conversation.fit(window(8_192)).unwrap_err().present > 8_192);
        let fitted = conversation.fit(window(16_000)).unwrap();
        assert_eq!(fitted.messages[1], Message::user(message));
    }

    #[test]
    fn earlier_turns_go_whole_and_it_is_said() {
        let turn = |n: u128| ended(n, &format!("q{n} {}", "x".repeat(8_000)), "answer");
        let mut conversation = open("Now?", (1..=20).map(turn).collect());
        let fitted = conversation.fit(window(32_768)).unwrap();
        let texts: Vec<_> = fitted
            .messages
            .iter()
            .filter_map(|message| match message {
                Message::User { text, .. } => text.split(' ').next(),
                _ => None,
            })
            .collect();
        let Message::User { text, .. } = &fitted.messages[1] else { panic!() };
        let kept = texts.len() - 2;
        let said = format!("[{} older turns were left out here, to save space.]", 20 - kept - 1);
        assert!(text.starts_with(&said), "{}", &text[..80]);
        assert!(kept >= 2 && texts.ends_with(&["q20", "Now?"]), "{texts:?}");
    }

    #[test]
    fn the_next_run_of_a_session_begins_as_the_last_one_did() {
        let turn = |n: u128| ended(n, &"word ".repeat(300), "answer");
        let mut changes = 0;
        let mut last: Option<Fitted> = None;
        for runs in 0..40 {
            let mut conversation = open(&"word ".repeat(300), (1..=runs).map(turn).collect());
            let fitted = conversation.fit(window(32_768)).unwrap();
            if let Some(last) = &last {
                changes += u32::from(common(last, &fitted) < last.messages.len());
            }
            last = Some(fitted);
        }
        assert!(changes <= 3, "{changes}");
    }

    fn sent(images: Vec<Image>) -> Pictures {
        Pictures { present: Shown { images, left_out: 0 }, ..Pictures::default() }
    }

    #[test]
    fn a_model_that_takes_no_pictures_is_told_of_them_and_one_that_refuses_them_is_asked_without() {
        let image = Image { media_type: "image/png".into(), bytes: [1, 2].into() };
        let mut conversation =
            Conversation::open("Be kind.".into(), &[], &[], "Look.", sent(vec![image]));
        let first = |conversation: &mut Conversation, model| {
            let window = Window { model, ..window(32_768) };
            match conversation.fit(window).unwrap().messages.swap_remove(1) {
                Message::User { text, images } => (text, images.len()),
                other => panic!("{other:?}"),
            }
        };
        let told = "Look.\n\n[1 picture was sent with this. You take no pictures.]".to_owned();
        assert_eq!(first(&mut conversation, "near/gpt-oss:20b"), (told, 0));
        assert_eq!(first(&mut conversation, MODEL), ("Look.".to_owned(), 1));
        let refused = |retry_after_ms| Event::ModelFault {
            step: 1,
            model: MODEL.into(),
            fault: ModelFaultKind::BadRequest,
            message: String::new(),
            retry_after_ms,
            next_model: None,
        };
        conversation.apply(&refused(None));
        assert_eq!(conversation.pictures(), 1);
        conversation.apply(&refused(Some(0)));
        let told = "Look.\n\n[1 picture was left out here.]".to_owned();
        assert_eq!(first(&mut conversation, MODEL), (told, 0));
    }

    #[test]
    fn pictures_go_first() {
        let image = || Image { media_type: "image/png".into(), bytes: [1, 2].into() };
        let mut conversation =
            Conversation::open("Be kind.".into(), &[], &[], "Look.", sent(vec![image(), image()]));
        conversation.fit(window(32_768)).unwrap();
        assert_eq!(conversation.pictures(), 2);
        assert!((3_200..3_300).contains(&conversation.tokens()), "{}", conversation.tokens());
        works(1, "x").iter().for_each(|event| conversation.apply(event));
        conversation.apply(&overflow(2));
        let fitted = conversation.fit(window(32_768)).unwrap();
        let Message::User { text, images } = &fitted.messages[1] else { panic!() };
        assert!(images.is_empty());
        assert_eq!(text, "Look.\n\n[2 pictures were left out here.]");
        assert_eq!(fitted.messages.len(), 4, "nothing else went");

        let before = conversation.tokens();
        conversation.apply(&overflow(2));
        let sent = conversation.fit(window(32_768));
        assert!(sent.is_err() || conversation.tokens() <= before / 2);
    }
}
