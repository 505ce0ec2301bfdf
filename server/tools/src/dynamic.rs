//! Tools whose names and schemas are values: those of connected servers.

use std::sync::Arc;

use async_trait::async_trait;
use policy::Touches;
use serde_json::Value;

use crate::registry::Erased;
use crate::{Output, Registry, Room, ToolError, ToolInfo, lenient};

/// The most tools of one set.
const MAX_TOOLS: usize = 128;

/// The longest name, in bytes: what providers take.
const MAX_NAME: usize = 64;

/// The most that description and schema of one tool take, in bytes.
const MAX_TOLD: usize = 16 * 1024;

/// Something that an agent can do, known only at run time.
#[async_trait]
pub trait DynamicTool: Send + Sync + 'static {
    /// What a model is told of it. Asked once, when it enters a registry. The
    /// name begins with the prefix of its set.
    fn info(&self) -> ToolInfo;

    /// Does it, with arguments that are one JSON object. Whether they fit the
    /// schema is for the tool to judge.
    async fn call(&self, room: &Room, arguments: Value) -> Result<Output, ToolError>;
}

/// Why a set of tools is not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetError {
    /// There are too many.
    #[error("{0} tools are more than the {MAX_TOOLS} of one set")]
    TooMany(usize),
    /// A name that models cannot call, or that is not of the set.
    #[error("`{0}` is no name for a tool of this set")]
    Name(String),
    /// Two tools have this name.
    #[error("two tools have the name `{0}`")]
    Twice(String),
    /// A tool says too much about itself.
    #[error("description and schema of `{0}` take more than {MAX_TOLD} bytes")]
    TooLong(String),
    /// A schema that describes no object.
    #[error("the schema of `{0}` is not that of an object")]
    Schema(String),
}

impl Registry {
    /// Puts a set of tools in the place of the one whose names have this prefix,
    /// or at the end where there was none. They stand in the order of their
    /// names, so that the same set gives the same bytes. An empty set takes the
    /// old one away.
    pub fn with_dynamic(
        self,
        prefix: &str,
        tools: Vec<Arc<dyn DynamicTool>>,
    ) -> Result<Self, SetError> {
        if tools.len() > MAX_TOOLS {
            return Err(SetError::TooMany(tools.len()));
        }
        let mut set: Vec<(ToolInfo, Arc<dyn Erased>)> = Vec::new();
        for tool in tools {
            let info = tool.info();
            check(prefix, &info)?;
            set.push((info, Arc::new(Dynamic(tool))));
        }
        set.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
        if let Some(pair) = set.windows(2).find(|pair| pair[0].0.name == pair[1].0.name) {
            return Err(SetError::Twice(pair[0].0.name.clone()));
        }
        Ok(self.with_set(prefix, set))
    }
}

fn check(prefix: &str, info: &ToolInfo) -> Result<(), SetError> {
    let name = || info.name.clone();
    let callable = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_of_set = info.name.strip_prefix(prefix).is_some_and(|own| !own.is_empty());
    if !is_of_set || info.name.len() > MAX_NAME || !info.name.bytes().all(callable) {
        return Err(SetError::Name(name()));
    }
    if info.schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err(SetError::Schema(name()));
    }
    if info.description.len() + info.schema.to_string().len() > MAX_TOLD {
        return Err(SetError::TooLong(name()));
    }
    Ok(())
}

struct Dynamic(Arc<dyn DynamicTool>);

#[async_trait]
impl Erased for Dynamic {
    fn check(&self, info: &ToolInfo, arguments: &str) -> Result<(), ToolError> {
        lenient::read::<Value>(info, &[], arguments).map(drop)
    }

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches> {
        lenient::read::<Value>(info, &[], arguments).is_ok().then(Touches::nothing)
    }

    fn asks(&self, _: &ToolInfo, _: &str) -> Option<String> {
        None
    }

    async fn preview(&self, _: &Room, _: &ToolInfo, _: &str) -> Option<String> {
        None
    }

    async fn call(
        &self,
        room: &Room,
        info: &ToolInfo,
        arguments: &str,
    ) -> Result<Output, ToolError> {
        let read = lenient::read::<Value>(info, &[], arguments)?;
        self.0.call(room, read.args).await.map(|output| output.with_notes(&read.notes))
    }
}
