//! The registry: tools by name, without their types.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ToolErrorCode;
use policy::Touches;

use crate::agent_message::AgentMessage;
use crate::agent_run::AgentRun;
use crate::fs_list::FsList;
use crate::fs_read::FsRead;
use crate::fs_write::FsWrite;
use crate::time_now::TimeNow;
use crate::{Class, Output, Room, Tool, ToolError, ToolInfo, lenient, schema, text};

/// The tools there are, in a fixed order: a model's provider caches what it is
/// sent only as long as it is the same.
#[derive(Clone)]
pub struct Registry {
    infos: Arc<[ToolInfo]>,
    tools: Vec<Arc<dyn Erased>>,
}

impl Registry {
    /// A registry without tools.
    pub fn empty() -> Self {
        Self { infos: Arc::from([]), tools: Vec::new() }
    }

    /// The tools of this crate.
    pub fn builtin() -> Self {
        Self::empty()
            .with(FsList)
            .with(FsRead)
            .with(FsWrite)
            .with(TimeNow)
            .with(AgentRun)
            .with(AgentMessage)
    }

    /// Adds a tool at the end, or puts it in the place of the one that has its
    /// name.
    #[must_use]
    pub fn with<T: Tool>(mut self, tool: T) -> Self {
        let info = ToolInfo {
            name: T::NAME.to_owned(),
            description: T::DESCRIPTION.to_owned(),
            class: T::CLASS,
            schema: schema::of::<T::Args>(),
        };
        let tool: Arc<dyn Erased> = Arc::new(tool);
        let mut infos = self.infos.to_vec();
        match self.place(T::NAME) {
            Some(place) => {
                infos[place] = info;
                self.tools[place] = tool;
            }
            None => {
                infos.push(info);
                self.tools.push(tool);
            }
        }
        self.infos = infos.into();
        self
    }

    /// The tools as a model is told of them.
    pub fn specs(&self) -> Arc<[ToolInfo]> {
        Arc::clone(&self.infos)
    }

    /// What kind of thing a tool does, if there is one of that name.
    pub fn class(&self, name: &str) -> Option<Class> {
        self.place(name).map(|place| self.infos[place].class)
    }

    /// Why a person has to be asked before a call; `None` where it may run at
    /// once, or where it will be refused anyway.
    pub fn asks(&self, name: &str, arguments: &str) -> Option<String> {
        let place = self.place(name)?;
        self.tools[place].asks(&self.infos[place], arguments)
    }

    /// What a call touches; `None` where it will be refused anyway, since there
    /// is no such tool or its arguments cannot be read.
    pub fn touches(&self, name: &str, arguments: &str) -> Option<Touches> {
        let place = self.place(name)?;
        self.tools[place].touches(&self.infos[place], arguments)
    }

    /// Calls a tool with arguments as JSON text. The text is read leniently:
    /// see the `lenient` module for what is forgiven.
    pub async fn call(
        &self,
        room: &Room,
        name: &str,
        arguments: &str,
    ) -> Result<Output, ToolError> {
        let Some(place) = self.place(name) else { return Err(self.unknown(name)) };
        self.tools[place].call(room, &self.infos[place], arguments).await
    }

    /// Puts something else behind each name.
    pub(crate) fn replace(&mut self, other: impl Fn(Arc<dyn Erased>) -> Arc<dyn Erased>) {
        self.tools = std::mem::take(&mut self.tools).into_iter().map(other).collect();
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.infos.iter().position(|info| info.name == name)
    }

    fn unknown(&self, name: &str) -> ToolError {
        let names: Vec<_> = self.infos.iter().map(|info| info.name.as_str()).collect();
        let there_are = match names.as_slice() {
            [] => "There are none.".to_owned(),
            names => format!("The tools are: {}.", names.join(", ")),
        };
        let message = format!("There is no tool `{}`. {there_are}", text::shown(name));
        ToolError::new(ToolErrorCode::NotFound, message)
    }
}

/// A tool without its type of arguments.
#[async_trait]
pub(crate) trait Erased: Send + Sync {
    fn asks(&self, info: &ToolInfo, arguments: &str) -> Option<String>;

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches>;

    async fn call(
        &self,
        room: &Room,
        info: &ToolInfo,
        arguments: &str,
    ) -> Result<Output, ToolError>;
}

#[async_trait]
impl<T: Tool> Erased for T {
    fn asks(&self, info: &ToolInfo, arguments: &str) -> Option<String> {
        let args = lenient::read(info, T::SYNONYMS, arguments).ok()?;
        Tool::asks(self, &args)
    }

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches> {
        let args = lenient::read(info, T::SYNONYMS, arguments).ok()?;
        Some(Tool::touches(self, &args))
    }

    async fn call(
        &self,
        room: &Room,
        info: &ToolInfo,
        arguments: &str,
    ) -> Result<Output, ToolError> {
        let args = lenient::read(info, T::SYNONYMS, arguments)?;
        Tool::call(self, room, args).await
    }
}
