//! No text upsets the reader, and what is denied stays so in a longer script.

#![no_main]

use domain::{Channel, Grant, Mode, ToolClass};
use libfuzzer_sys::fuzz_target;
use policy::{Asker, Call, Command, Deciding, Rules, Shell, Touches, decide};

const GRANTS: &str = r#"[
  {"id":"grt_0195c8a1d9f07c3a8f2e4b5c6d7e8f90","agent_id":"agt_0195c8a1d9f07c3a8f2e4b5c6d7e8f90",
   "made_at":"2026-01-01T00:00:00Z","origin":"person",
   "terms":{"tool":"*","mode":"allow","scope":"anything"}},
  {"id":"grt_0195c8a1d9f07c3a8f2e4b5c6d7e8f91","agent_id":"agt_0195c8a1d9f07c3a8f2e4b5c6d7e8f90",
   "made_at":"2026-01-01T00:00:00Z","origin":"person",
   "terms":{"tool":"*","mode":"deny","scope":{"commands":["rm *"]}}}
]"#;

fuzz_target!(|text: &str| {
    let grants: Vec<Grant> = serde_json::from_str(GRANTS).expect("grants");
    let run = "run_0195c8a1d9f07c3a8f2e4b5c6d7e8f90".parse().expect("an id");
    let rules = Rules { grants: &grants, now: domain::Timestamp::UNIX_EPOCH };
    let asker = Asker::new(run, Channel::Dashboard);
    let verdict = |text: String| {
        let command = Command::Script { text, shell: Shell::Bash };
        let touches = Touches { commands: vec![command], ..Touches::nothing() };
        let call = Call { tool: "shell.exec".to_owned(), class: ToolClass::RunsCode, touches };
        decide(&rules, &asker, &call)
    };
    let alone = verdict(text.to_owned());
    // A script that can be read by itself is one in a subshell too, with a line
    // of its own for a remark or a here-document at its end.
    if alone.mode == Mode::Deny && alone.rule != Deciding::Unreadable {
        let inside = verdict(format!("ls; (\n{text}\n)"));
        assert_eq!(inside.mode, Mode::Deny, "{text:?}");
    }
});
