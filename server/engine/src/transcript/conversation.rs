//! A session as one run's requests show it.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Event, ModelFaultKind};
use llm::{Message, ToolSpec, count_tokens};
use store::RunHistory;

use super::excerpt::Excerpt;
use super::ids::WireIds;
use super::pictures::Pictures;
use super::step::MESSAGE;
use super::turn::Turn;
use super::window::{Budget, TooLarge, Window, Windows};
use super::writer::{Writer, plural};
use crate::found::Found;

/// What stands around a summary, in tokens.
pub(super) const SUMMARY: u32 = 40;

/// What stands around an earlier turn, and where one is missing, in tokens.
pub(super) const TURN: u32 = 20;

/// Everything that a run's requests are made from: instructions, earlier turns,
/// and the present one as far as it has come.
///
/// It only ever shrinks: what was cut for one request stays cut for the next,
/// so that requests begin with the same bytes for as long as nothing new has to
/// be cut.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(super) instructions: String,
    /// Instructions and tools, in tokens.
    pub(super) fixed: u32,
    /// Tools that the present run has found, which requests tell of too.
    found: Found,
    /// Of everything before the turns that follow.
    pub(super) summary: Option<Excerpt>,
    pub(super) summary_tokens: u32,
    /// Oldest first.
    pub(super) earlier: VecDeque<Turn>,
    /// How many of them are gone, to save space.
    pub(super) turns_left_out: usize,
    pub(super) present: Turn,
    /// What the last fitting had to keep to.
    pub(super) last: Option<Budget>,
    /// What the provider was found to accept, in tokens.
    pub(super) ceiling: u32,
    ids: WireIds,
}

/// A request's messages, and how they came out.
#[derive(Debug)]
pub(crate) struct Fitted {
    /// What to send.
    pub(crate) messages: Vec<Message>,
    /// What the model may write, in tokens: its cap, or less where the window
    /// has no room for that.
    pub(crate) max_tokens: u32,
}

impl Conversation {
    /// A run's conversation before its first event: `history` are the session's
    /// earlier runs, oldest first.
    pub(crate) fn open(
        instructions: String,
        tools: &[ToolSpec],
        history: &[Arc<RunHistory>],
        message: &str,
        mut pictures: Pictures,
    ) -> Self {
        let mut fixed = MESSAGE + count_tokens(&instructions);
        for tool in tools {
            fixed += count_tokens(&tool.name) + count_tokens(&tool.description) + 2 * MESSAGE;
            fixed += count_tokens(&tool.parameters.to_string());
        }
        let mut conversation = Self {
            instructions,
            fixed,
            found: Found::default(),
            summary: None,
            summary_tokens: 0,
            earlier: VecDeque::new(),
            turns_left_out: 0,
            present: Turn::new(message, pictures.present),
            last: None,
            ceiling: u32::MAX,
            ids: WireIds::default(),
        };
        for run in history {
            let shown = pictures.earlier.remove(&run.run_id).unwrap_or_default();
            let mut turn = Turn::new(&run.message, shown);
            run.events.iter().for_each(|record| turn.apply(&record.event, &mut conversation.ids));
            let summary = turn.summary.take();
            conversation.take_summary(summary);
            conversation.earlier.push_back(turn);
        }
        conversation
    }

    /// Takes in the next event of the present run.
    pub(crate) fn apply(&mut self, event: &Event) {
        self.present.apply(event, &mut self.ids);
        // The answer tells of a tool in the words in which requests do.
        if self.found.apply(event)
            && let Event::ToolEnd { output, .. } = event
        {
            self.fixed += count_tokens(output);
        }
        let summary = self.present.summary.take();
        let has_summary = summary.is_some();
        self.take_summary(summary);
        let overflows =
            matches!(event, Event::ModelFault { fault: ModelFaultKind::ContextOverflow, .. });
        if overflows {
            self.shrink();
        }
        // The provider refused a request with pictures, and is asked without.
        if let Event::ModelFault {
            fault: ModelFaultKind::BadRequest,
            retry_after_ms: Some(_),
            ..
        } = event
        {
            self.drop_images();
        }
        // Done at once, and not with the next request, so that a replay ends up
        // with the same cuts.
        if (overflows || has_summary)
            && let Some(last) = self.last
        {
            let _ = self.keep_to(last);
        }
    }

    /// Takes in what a run has done before it came here, with the requests that
    /// it sent meanwhile, so that it ends up where it was.
    ///
    /// So the request of any step can be made again from the log: what a
    /// conversation that was just opened [fits](Self::fit) after a replay of
    /// everything before the step's `step.end` is what that step sent, the last
    /// time where it had to ask again.
    pub(crate) fn replay<'e>(
        &mut self,
        events: impl IntoIterator<Item = &'e Event>,
        windows: &Windows,
    ) {
        let mut in_use = windows.own.clone();
        for event in events {
            self.follow(event, windows, &mut in_use);
        }
    }

    /// Takes in one event of a replay; `in_use` is the model that is asked.
    pub(crate) fn follow(&mut self, event: &Event, windows: &Windows, in_use: &mut String) {
        if let Event::StepStart { model, .. } = event {
            in_use.clone_from(model);
        }
        if let Event::StepStart { .. } | Event::Compaction { .. } = event {
            // What did not fit was not sent; the next request says so.
            let _ = self.make_room(windows.of(in_use));
        }
        self.apply(event);
        if let Event::ModelFault { next_model: Some(next), .. } = event {
            in_use.clone_from(next);
            let _ = self.make_room(windows.of(in_use));
        }
    }

    /// Makes room for the next request. Tells whether steps of the present run
    /// had to be left out anew, which is when a summary would serve better.
    pub(crate) fn make_room(&mut self, window: Window<'_>) -> Result<bool, TooLarge> {
        self.keep_to(window.budget())
    }

    /// The next request's messages. They begin as the last request's did, unless
    /// room had to be made; then so much is made that this lasts for a while.
    pub(crate) fn fit(&mut self, window: Window<'_>) -> Result<Fitted, TooLarge> {
        self.make_room(window)?;
        let tokens = self.tokens();
        let free = window.tokens.saturating_sub(tokens + window.margin());
        Ok(Fitted {
            messages: self.messages(window.model),
            max_tokens: window.response.min(free.max(1)),
        })
    }

    /// What a request takes, in tokens.
    pub(crate) fn tokens(&self) -> u32 {
        let earlier: u32 = self.earlier.iter().map(|turn| TURN + turn.tokens()).sum();
        self.fixed + TURN + self.summary_tokens + earlier + TURN + self.present.tokens()
    }

    /// How many pictures are in it.
    pub(crate) fn pictures(&self) -> usize {
        self.turns().map(|turn| turn.images.len()).sum()
    }

    fn turns(&self) -> impl Iterator<Item = &Turn> {
        self.earlier.iter().chain([&self.present])
    }

    fn messages(&self, model: &str) -> Vec<Message> {
        let mut writer = Writer::new(model, &self.instructions);
        if let Some(summary) = &self.summary {
            let summary = summary.shown(|_| "A part of the summary is left out here.".to_owned());
            writer.user(&format!("[What came before was put into this summary:]\n{summary}\n[The conversation goes on here.]"), &[]);
        }
        if self.turns_left_out > 0 {
            let turns = plural(self.turns_left_out, "older turn");
            writer.user(&format!("[{turns} left out here, to save space.]"), &[]);
        }
        self.earlier.iter().for_each(|turn| writer.ended_turn(turn));
        writer.turn(&self.present);
        writer.done()
    }

    /// A summary takes the place of everything before it.
    fn take_summary(&mut self, summary: Option<String>) {
        if let Some(summary) = summary {
            self.earlier.clear();
            self.turns_left_out = 0;
            for step in &mut self.present.steps {
                step.is_left_out = false;
            }
            self.summary_tokens = SUMMARY + count_tokens(&summary);
            self.summary = Some(Excerpt::whole(summary));
        }
    }

    /// The provider found the last request too large. Pictures are the first
    /// thing to go; without any, it reads less than was believed.
    fn shrink(&mut self) {
        if self.turns().any(|turn| !turn.images.is_empty()) {
            self.drop_images();
        } else {
            self.ceiling = self.tokens() / 2;
        }
    }

    fn drop_images(&mut self) {
        self.earlier.iter_mut().for_each(Turn::drop_images);
        self.present.drop_images();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use domain::RunStatus;
    use llm::ToolCall;

    use super::super::testing::*;
    use super::*;

    fn sent(conversation: &mut Conversation) -> Vec<Message> {
        let messages = conversation.fit(window(100_000)).unwrap().messages;
        assert_eq!(accepted(messages.clone()), Ok(()), "{messages:#?}");
        messages
    }

    fn system() -> Message {
        Message::System("Be kind.".into())
    }

    fn call(id: &str, arguments: &str) -> ToolCall {
        ToolCall {
            id: id.into(),
            tool: "fs.read".into(),
            arguments: arguments.into(),
            repair: None,
        }
    }

    fn result(id: &str, content: &str) -> Message {
        Message::Tool { call_id: id.into(), tool: "fs.read".into(), content: content.into() }
    }

    #[test]
    fn results_find_their_calls_in_whatever_order_they_come() {
        let mut conversation = open("Look.", Vec::new());
        let held = Event::ToolHeld {
            step: 1,
            tool_call_id: call_id(3),
            wire_id: "c".into(),
            tool: "fs.read".into(),
            arguments: "{}".into(),
            repair: None,
            denied_by: None,
        };
        for event in [
            begins(1),
            says(1, "I look."),
            calls(1, 1, "a", "{}"),
            calls(1, 2, "b", "{}"),
            held,
            gives(1, 2, "two"),
            gives(1, 1, "one"),
            gives(1, 1, "one again"),
            gives(1, 9, "of no call"),
            calls(1, 3, "c", "{}"),
            gives(1, 3, ""),
        ] {
            conversation.apply(&event);
        }
        let said = Message::assistant("I look.", ["a", "b", "c"].map(|id| call(id, "{}")).into());
        let results = [result("a", "one"), result("b", "two"), result("c", "(no output)")];
        let mut expected = vec![system(), Message::user("Look."), said];
        expected.extend(results);
        assert_eq!(sent(&mut conversation), expected);
    }

    #[test]
    fn ids_that_come_again_and_broken_arguments_are_mended_on_the_way_out() {
        let earlier = |n| {
            let events = vec![calls(1, n, "call_0", "{'path': "), says(1, "")];
            run(n, "Look.", events)
        };
        let mut conversation = open("And now?", vec![earlier(1), earlier(2)]);
        works(1, "x").iter().for_each(|event| conversation.apply(event));
        let calls: Vec<_> = sent(&mut conversation)
            .into_iter()
            .filter_map(|message| match message {
                Message::Assistant { calls, .. } => calls.into_iter().next(),
                _ => None,
            })
            .collect();
        let expected =
            [call("call_0", "{}"), call("call_0_2", "{}"), call("call_0_3", r#"{"path":"a"}"#)];
        assert_eq!(calls, expected);
    }

    #[test]
    fn a_call_that_never_ended_is_told_as_cut_off() {
        let mut conversation = open("Hello", vec![run(1, "Look.", vec![calls(1, 1, "a", "{}")])]);
        let messages = sent(&mut conversation);
        let [_, _, _, Message::Tool { content, .. }, Message::Assistant { text, .. }, _] =
            &messages[..]
        else {
            panic!("{messages:#?}");
        };
        assert!(content.contains("cut off"), "{content}");
        assert_eq!(text, "[I could not finish this.]");
    }

    #[test]
    fn others_words_come_before_the_step_that_hears_them_and_are_marked() {
        let mut conversation = open("Work.", Vec::new());
        let [begin, say, call, give] = works(1, "x");
        let steering = Event::Steering { step: 2, message: "Only the first file!".into() };
        let nudge = Event::Nudge { step: 3, text: "Your reply was empty.".into() };
        // The steering is stored while the call still runs; the nudge after its
        // step has begun, because it began anew.
        for event in [begin, say, call, steering, give, begins(2), says(2, "Yes."), begins(3)] {
            conversation.apply(&event);
        }
        conversation.apply(&nudge);
        conversation.apply(&says(3, " \n"));
        conversation.apply(&Event::GuidanceAnswered { message: "Try b.".into() });
        let texts: Vec<_> = sent(&mut conversation)
            .into_iter()
            .skip(4)
            .map(|message| match message {
                Message::User { text, .. } | Message::Assistant { text, .. } => text,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            texts,
            [
                "[The person says, while you work:]\nOnly the first file!",
                "Yes.",
                "[Your reply was empty.]\n\n[The person was asked how to go on after the failures, and answers:]\nTry b.",
            ]
        );
    }

    #[test]
    fn what_a_provider_wants_back_goes_to_the_model_that_gave_it() {
        let mut conversation = open("Think.", Vec::new());
        conversation.apply(&begins(1));
        let Event::StepEnd { step, text, finish, duration_ms, .. } = says(1, "Hm.") else {
            panic!("no end of a step");
        };
        conversation.apply(&Event::StepEnd {
            step,
            text,
            thinking: None,
            raw: None,
            carried: Some("signed".into()),
            finish,
            duration_ms,
        });
        let carried = |conversation: &mut Conversation, model| {
            let window = Window { model, ..window(100_000) };
            match &conversation.fit(window).unwrap().messages[2] {
                Message::Assistant { carried, .. } => carried.clone(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(carried(&mut conversation, MODEL).as_deref(), Some("signed"));
        assert_eq!(carried(&mut conversation, "other/model"), None);
    }

    #[test]
    fn an_earlier_run_ends_with_words_of_the_model() {
        let end = |status| Event::RunEnd { status, error: None };
        let stopped = run(1, "One", vec![end(RunStatus::Cancelled)]);
        let failed = run(2, "Two", vec![end(RunStatus::Failed)]);
        let mut conversation = open("Four", vec![stopped, failed, ended(3, "Three", "Done.")]);
        let answers: Vec<_> = sent(&mut conversation)
            .into_iter()
            .filter_map(|message| match message {
                Message::Assistant { text, .. } => Some(text),
                _ => None,
            })
            .collect();
        let stopped = "[The person stopped this before I had answered.]";
        assert_eq!(answers, [stopped, "[I could not finish this.]", "Done."]);
    }

    #[test]
    fn a_summary_takes_the_place_of_what_it_covers_in_this_run_and_in_later_ones() {
        let mut events: Vec<_> = (1..=3).flat_map(|step| works(step, "x")).collect();
        events.push(compaction(4, 2, "All is well."));
        let told = |messages: &[Message]| match &messages[1] {
            Message::User { text, .. } => text.clone(),
            other => panic!("{other:?}"),
        };
        let expected = "[What came before was put into this summary:]\nAll is well.\n[The conversation goes on here.]\n\nSecond";

        let mut live = open("Second", vec![ended(1, "First", "one")]);
        events.iter().for_each(|event| live.apply(event));
        let messages = sent(&mut live);
        assert_eq!((messages.len(), told(&messages).as_str()), (4, expected));

        events.push(says(4, "two"));
        let history = vec![ended(1, "First", "one"), run(2, "Second", events)];
        let messages = sent(&mut open("Third", history));
        assert_eq!((messages.len(), told(&messages).as_str()), (6, expected));
    }

    /// Numbers that look random and are the same each time.
    struct Dice(u64);

    impl Dice {
        fn roll(&mut self, sides: u32) -> u32 {
            // The constants are Knuth's, from MMIX.
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            u32::try_from(self.0 >> 33).unwrap() % sides
        }

        fn event(&mut self) -> Event {
            let step = self.roll(6);
            let id = u128::from(self.roll(8));
            let text = ["", " \n", "a", "那🙂é"][self.roll(4) as usize]
                .repeat(1 + self.roll(900) as usize);
            match self.roll(12) {
                0 => begins(step),
                1 | 2 => says(step, &text),
                3 | 4 => calls(step, id, ["", "call_0", "b"][self.roll(3) as usize], &text),
                5 => calls(step, id, "call_0", &serde_json::json!({ "a": text }).to_string()),
                6..=8 => gives(step, id, &text),
                9 => Event::Steering { step, message: text },
                10 => match self.roll(4) {
                    0 => compaction(step, self.roll(6), &text),
                    1 => overflow(step),
                    _ => Event::GuidanceAnswered { message: text },
                },
                _ => Event::Nudge { step, text },
            }
        }

        fn events(&mut self) -> Vec<Event> {
            let number = self.roll(40);
            (0..number).map(|_| self.event()).collect()
        }
    }

    #[test]
    fn whatever_the_log_holds_and_wherever_it_ends_the_strictest_provider_accepts_it() {
        let (mut fitted, mut refused) = (0, 0);
        for seed in 0..600 {
            let mut dice = Dice(seed);
            let history =
                (0..u128::from(dice.roll(4))).map(|n| run(n, " ", dice.events())).collect();
            let window = window(2_000 + dice.roll(12) * dice.roll(3_000));
            let mut conversation = open("Go on", history);
            for event in dice.events() {
                conversation.apply(&event);
                match conversation.fit(window) {
                    Ok(request) => {
                        assert!(conversation.tokens() + request.max_tokens <= window.tokens);
                        if let Err(wrong) = accepted(request.messages.clone()) {
                            panic!("seed {seed}: {wrong}\n{:#?}", request.messages);
                        }
                        fitted += 1;
                    }
                    Err(_) => refused += 1,
                }
            }
        }
        assert!(fitted > 2 * refused, "{fitted} fitted, {refused} refused");
    }

    #[test]
    fn each_request_can_be_made_again_from_the_log() {
        for seed in 0..100 {
            let mut dice = Dice(seed);
            let windows = windows(3_000 + dice.roll(5_000));
            let other = "other/model";
            let (mut live, mut log, mut sent) = (open("Go on", Vec::new()), Vec::new(), Vec::new());
            let mut in_use = MODEL;
            for step in 1..=dice.roll(30) {
                let is_crowded = live.make_room(windows.of(in_use)).unwrap_or(false);
                let mut events = Vec::new();
                if is_crowded && dice.roll(2) == 0 {
                    events.push(compaction(step, step / 2, "Much was done."));
                }
                events.push(Event::StepStart { step, model: in_use.to_owned() });
                match dice.roll(9) {
                    0 => events.push(overflow(step)),
                    1 => {
                        in_use = other;
                        events.push(stands_in(step, other));
                    }
                    _ => {}
                }
                for event in &events {
                    live.apply(event);
                }
                let Ok(fitted) = live.fit(windows.of(in_use)) else { break };
                log.extend(events);
                sent.push((log.len(), in_use, fitted.messages));
                let words = "word ".repeat(dice.roll(2_000) as usize);
                for event in works(step, &words).into_iter().skip(1) {
                    live.apply(&event);
                    log.push(event);
                }
            }
            for (events, model, messages) in sent {
                let mut again = open("Go on", Vec::new());
                again.replay(&log[..events], &windows);
                let fitted = again.fit(windows.of(model)).unwrap();
                assert_eq!(fitted.messages, messages, "seed {seed}, after {events} events");
            }
        }
    }
}
