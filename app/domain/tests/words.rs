//! Every enum that is one word in tables, on the wire and on pages: each word is
//! of one value, and reads back as that, as text and as JSON.

#![allow(clippy::unwrap_used, reason = "this is how a test fails")]

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;

fn reads_back<T>(all: &[T])
where
    T: Copy + Debug + Display + DeserializeOwned + FromStr<Err = domain::UnknownWord> + Serialize,
    T: PartialEq,
{
    let words: HashSet<String> = all.iter().map(T::to_string).collect();
    assert_eq!(words.len(), all.len(), "{all:?}");
    for value in all {
        let word = value.to_string();
        assert_eq!(word.parse::<T>().unwrap(), *value);
        let json = serde_json::to_string(value).unwrap();
        assert_eq!(json, format!("\"{word}\""));
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), *value);
    }
    let unknown = "no such word".parse::<T>().unwrap_err();
    assert!(unknown.to_string().contains(unknown.what), "{unknown}");
}

macro_rules! each_reads_back {
    ($($name:ident),+ $(,)?) => {
        #[test]
        fn every_word_reads_back() {
            $(reads_back(domain::$name::ALL);)+
        }

        /// The enums of the crate, by the line that defines one.
        #[test]
        fn no_enum_is_forgotten() {
            let listed = [$(stringify!($name)),+];
            let mut defined = Vec::new();
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
            for file in std::fs::read_dir(folder).unwrap() {
                let path = file.unwrap().path();
                let Ok(text) = std::fs::read_to_string(path) else { continue };
                let lines = text.lines().filter_map(|line| line.trim().strip_prefix("pub enum "));
                let names = lines.filter_map(|line| line.split_once("(\""));
                defined.extend(names.map(|(name, _)| name.to_owned()));
            }
            let missing: Vec<_> =
                defined.iter().filter(|name| !listed.contains(&name.as_str())).collect();
            assert_eq!((missing, defined.len()), (vec![], listed.len()));
        }
    };
}

each_reads_back!(
    Access,
    AgentStatus,
    ApprovalStatus,
    AuditActor,
    AuditFault,
    AuditKind,
    Channel,
    CheckOutcome,
    ChoiceName,
    CleaningState,
    Cleared,
    CommandName,
    DatabaseKind,
    Decision,
    Delivery,
    EventKind,
    FaultCode,
    FinishReason,
    HealthCode,
    KeyState,
    LineChange,
    Mode,
    ModelFaultKind,
    Origin,
    PictureKind,
    Profile,
    PromptName,
    ProviderForm,
    ProviderSource,
    RecoveryState,
    Remember,
    Role,
    RunErrorCode,
    RunStatus,
    SenderRole,
    SessionState,
    ThinkingMode,
    ToolClass,
    ToolErrorCode,
    Verdict,
    Ways,
);
