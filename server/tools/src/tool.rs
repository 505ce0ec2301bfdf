//! What a tool is.

use std::time::Duration;

use policy::Touches;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Class, MAX_CONTENT, Mode, Output, Reach, Room, ToolError, schema};

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

    /// What happens with its calls where nobody said otherwise.
    const MODE: Mode = Mode::of(Self::CLASS);

    /// How a model comes to know of it.
    const REACH: Reach = Reach::Shown;

    /// How long a call may take, where that is less than what calls may take
    /// anyway.
    const TIMEOUT: Option<Duration> = None;

    /// The most that its text may take, in bytes: at most [`MAX_CONTENT`].
    const OUTPUT_LIMIT: usize = MAX_CONTENT;

    /// Field names that models use for ours, as (theirs, ours).
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[];

    /// The arguments. Their schema is made from this type; the comments on its
    /// fields are what the model reads. A number over a field's stated maximum
    /// is lowered to it, with a note in the result.
    type Args: DeserializeOwned + JsonSchema + Send;

    /// What the call touches outside of itself: what grants speak of. A tool
    /// names all that it can know beforehand.
    fn touches(&self, _args: &Self::Args) -> Touches {
        Touches::nothing()
    }

    /// Why a person has to be asked before this very call, whatever was
    /// granted, in one sentence; `None` where grants alone decide.
    fn asks(&self, _args: &Self::Args) -> Option<String> {
        None
    }

    /// What the call would change, for the person who is asked about it: at
    /// most 16 KiB and a line. `None` where there is nothing to show, and where
    /// the call would be refused. Changes nothing.
    fn preview(
        &self,
        _room: &Room,
        _args: Self::Args,
    ) -> impl Future<Output = Option<String>> + Send {
        std::future::ready(None)
    }

    /// Does it.
    fn call(
        &self,
        room: &Room,
        args: Self::Args,
    ) -> impl Future<Output = Result<Output, ToolError>> + Send;
}

/// A tool as a model is told of it, and what the engine goes by.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolInfo {
    /// The name to call it by.
    pub name: String,
    /// What it does.
    pub description: String,
    /// What kind of thing it does.
    pub class: Class,
    /// What happens with its calls where nobody said otherwise.
    pub mode: Mode,
    /// How a model comes to know of it.
    pub reach: Reach,
    /// How long a call may take, where that is less than what calls may take
    /// anyway.
    pub timeout: Option<Duration>,
    /// The most that its text may take, in bytes.
    pub output_limit: usize,
    /// The JSON Schema of its arguments: always an object.
    pub schema: Value,
}

impl ToolInfo {
    /// What a type of tool says of itself.
    pub(crate) fn of<T: Tool>() -> Self {
        Self {
            name: T::NAME.to_owned(),
            description: T::DESCRIPTION.to_owned(),
            class: T::CLASS,
            mode: T::MODE,
            reach: T::REACH,
            timeout: T::TIMEOUT,
            output_limit: T::OUTPUT_LIMIT,
            schema: schema::of::<T::Args>(),
        }
    }
}
