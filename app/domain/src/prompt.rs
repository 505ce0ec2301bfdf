//! Prompt documents: what an owner writes for an agent beside its instructions.

use serde::{Deserialize, Serialize};

use crate::text_enum::text_enum;
use crate::{Timestamp, UserName};

text_enum! {
    /// A prompt document of an agent. The order is that in which a model reads
    /// them.
    pub enum PromptName("prompt document") {
        /// Who the agent is.
        Soul = "SOUL",
        /// What it must and must not do.
        Rules = "RULES",
        /// How it uses its tools.
        Tools = "TOOLS",
        /// What is to be reached.
        SpecPlan = "SPECPLAN",
        /// How it is to be reached.
        DevPlan = "DEVPLAN",
        /// Where the work stands.
        Handoff = "HANDOFF",
    }
}

impl PromptName {
    /// The most bytes of a document.
    pub const MAX_BYTES: usize = 64 * 1024;

    /// How many versions of a document are kept.
    pub const VERSIONS: u64 = 50;

    /// What the document is for, in a sentence.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Soul => "Who the agent is: its character, its voice, what it cares about.",
            Self::Rules => "What it must always do, and what it must never do.",
            Self::Tools => "How it uses its tools, and when it leaves them alone.",
            Self::SpecPlan => "What is to be reached, and how one will know.",
            Self::DevPlan => "How it is to be reached, step by step.",
            Self::Handoff => "Where the work stands, for whoever goes on with it.",
        }
    }
}

/// A prompt document, as lists show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptView {
    /// Which document.
    pub name: PromptName,
    /// Counts its versions from 1; 0 if it was never written.
    pub version: u64,
    /// Its size.
    pub bytes: u64,
    /// About how many tokens it is for a model.
    pub tokens: u32,
    /// Who wrote this version, and when.
    pub saved: Option<Saved>,
}

/// Who wrote something, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saved {
    /// Who.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// A version of a prompt document with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptDocument {
    /// What lists show of it.
    #[serde(flatten)]
    pub view: PromptView,
    /// Its text.
    pub content: String,
}

/// A version of a prompt document, as its history shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptVersion {
    /// Its number.
    pub version: u64,
    /// Its size.
    pub bytes: u64,
    /// Who wrote it, and when.
    pub saved: Saved,
}

text_enum! {
    /// What became of a line between two versions.
    pub enum LineChange("change of a line") {
        /// It stands in both.
        Same = "same",
        /// It stands in the newer one alone.
        Added = "added",
        /// It stands in the older one alone.
        Removed = "removed",
    }
}

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// What became of it.
    pub change: LineChange,
    /// Its number in the older version, counted from 1.
    pub old: Option<u32>,
    /// Its number in the newer version, counted from 1.
    pub new: Option<u32>,
    /// The line, without its end.
    pub text: String,
}

/// What changed from one version to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptDiff {
    /// The version that it begins with.
    pub from: u64,
    /// The version that it leads to.
    pub to: u64,
    /// How many lines came.
    pub added: u64,
    /// How many lines went.
    pub removed: u64,
    /// Places where something changed, each with a few lines around it.
    pub places: Vec<Vec<DiffLine>>,
    /// How many changed places are not shown, because there are too many.
    pub hidden: u64,
}
