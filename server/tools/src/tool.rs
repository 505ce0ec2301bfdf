//! What a tool is.

use policy::Touches;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Class, Output, Room, ToolError};

/// Something that an agent can do, with typed arguments.
///
/// A crate that brings its own tools implements this and adds them with
/// [`Registry::with`](crate::Registry::with).
pub trait Tool: Send + Sync + 'static {
    /// The name the model calls it by, for example `fs.read`.
    const NAME: &'static str;

    /// What it does, as the model is told.
    const DESCRIPTION: &'static str;

    /// What kind of thing it does. A tool that says nothing counts as one that
    /// changes something.
    const CLASS: Class = Class::Writes;

    /// Field names that models use for ours, as (theirs, ours).
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[];

    /// The arguments. Their schema is made from this type; the comments on its
    /// fields are what the model reads.
    type Args: DeserializeOwned + JsonSchema + Send;

    /// Why a person has to be asked before this very call, in one sentence;
    /// `None` where it may run at once.
    fn asks(&self, _args: &Self::Args) -> Option<String> {
        None
    }

    /// What this very call touches, so that it can be held against the agent's
    /// grants. A tool that says nothing is covered only by a grant that is not
    /// scoped; one that names less than it touches escapes those that are.
    fn touches(&self, _args: &Self::Args) -> Touches {
        Touches::nothing()
    }

    /// Does it.
    fn call(
        &self,
        room: &Room,
        args: Self::Args,
    ) -> impl Future<Output = Result<Output, ToolError>> + Send;
}

/// A tool as a model is told of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolInfo {
    /// The name to call it by.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What kind of thing it does.
    pub class: Class,
    /// The JSON Schema of its arguments: always an object.
    pub schema: Value,
}
