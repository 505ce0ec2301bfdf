//! The registry: tools by name, without their types.

use std::sync::Arc;

use async_trait::async_trait;
use domain::ToolErrorCode;
use policy::Touches;

use crate::{Class, Output, Room, Tool, ToolError, ToolInfo, lenient, text};

/// The most names that the refusal of an unknown one lists.
const NAMED: usize = 40;

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

    /// Adds a tool at the end, or puts it in the place of the one that has its
    /// name.
    #[must_use]
    pub fn with<T: Tool>(mut self, tool: T) -> Self {
        let (info, tool): (_, Arc<dyn Erased>) = (ToolInfo::of::<T>(), Arc::new(tool));
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

    /// What a tool says of itself, if there is one of that name.
    pub fn info(&self, name: &str) -> Option<&ToolInfo> {
        self.place(name).map(|place| &self.infos[place])
    }

    /// The tool that a model means: the one of exactly this name, or the only one
    /// whose name differs in case and in `_`, `-` and `.` alone. Providers take no
    /// dots in names, so a model that remembers a tool which it was not told of
    /// this time writes `fs_move`.
    pub fn meant(&self, written: &str) -> Option<&ToolInfo> {
        self.info(written).or_else(|| {
            let alike = |info: &&ToolInfo| folded(&info.name).eq(folded(written));
            let mut found = self.infos.iter().filter(alike);
            found.next().filter(|_| found.next().is_none())
        })
    }

    /// What kind of thing a tool does, if there is one of that name.
    pub fn class(&self, name: &str) -> Option<Class> {
        self.info(name).map(|info| info.class)
    }

    /// Whether there is such a tool and these arguments can be taken, without
    /// calling it.
    pub fn check(&self, name: &str, arguments: &str) -> Result<(), ToolError> {
        let Some(place) = self.place(name) else { return Err(self.unknown(name)) };
        self.tools[place].check(&self.infos[place], arguments)
    }

    /// What a call touches; `None` where there is no such tool or its arguments
    /// cannot be taken, so that it will be refused anyway.
    pub fn touches(&self, name: &str, arguments: &str) -> Option<Touches> {
        let place = self.place(name)?;
        self.tools[place].touches(&self.infos[place], arguments)
    }

    /// Why a person has to be asked before a call, whatever was granted; `None`
    /// where grants alone decide, or where it will be refused anyway.
    pub fn asks(&self, name: &str, arguments: &str) -> Option<String> {
        let place = self.place(name)?;
        self.tools[place].asks(&self.infos[place], arguments)
    }

    /// What a call would change, for the person who is asked about it: bounded,
    /// and plain text, which is a unified diff where a file's text changes.
    /// `None` where there is nothing to show.
    pub async fn preview(&self, room: &Room, name: &str, arguments: &str) -> Option<String> {
        let place = self.place(name)?;
        self.tools[place].preview(room, &self.infos[place], arguments).await
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
        let info = &self.infos[place];
        let output = self.tools[place].call(room, info, arguments).await?;
        Ok(output.within(info.output_limit))
    }

    /// Puts something else behind each name.
    pub(crate) fn replace(&mut self, other: impl Fn(Arc<dyn Erased>) -> Arc<dyn Erased>) {
        self.tools = std::mem::take(&mut self.tools).into_iter().map(other).collect();
    }

    /// Puts tools in the place of those whose names have a prefix.
    pub(crate) fn with_set(self, prefix: &str, set: Vec<(ToolInfo, Arc<dyn Erased>)>) -> Self {
        let is_old = |info: &ToolInfo| info.name.starts_with(prefix);
        let first = self.infos.iter().position(is_old).unwrap_or(self.tools.len());
        let mut all: Vec<_> = self.infos.iter().cloned().zip(self.tools).collect();
        all.retain(|(info, _)| !is_old(info));
        all.splice(first..first, set);
        let (infos, tools): (Vec<_>, _) = all.into_iter().unzip();
        Self { infos: infos.into(), tools }
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.infos.iter().position(|info| info.name == name)
    }

    fn unknown(&self, name: &str) -> ToolError {
        let names: Vec<_> = self.infos.iter().map(|info| info.name.as_str()).take(NAMED).collect();
        let more = if self.infos.len() > NAMED { " and more" } else { "" };
        let there_are = match names.as_slice() {
            [] => "There are none.".to_owned(),
            names => format!("The tools are: {}{more}.", names.join(", ")),
        };
        let message = format!("There is no tool `{}`. {there_are}", text::shown(name));
        ToolError::new(ToolErrorCode::NotFound, message)
    }
}

fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.')).map(|c| c.to_ascii_lowercase())
}

/// A tool without its type of arguments.
#[async_trait]
pub(crate) trait Erased: Send + Sync {
    fn check(&self, info: &ToolInfo, arguments: &str) -> Result<(), ToolError>;

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches>;

    fn asks(&self, info: &ToolInfo, arguments: &str) -> Option<String>;

    async fn preview(&self, room: &Room, info: &ToolInfo, arguments: &str) -> Option<String>;

    async fn call(
        &self,
        room: &Room,
        info: &ToolInfo,
        arguments: &str,
    ) -> Result<Output, ToolError>;
}

#[async_trait]
impl<T: Tool> Erased for T {
    fn check(&self, info: &ToolInfo, arguments: &str) -> Result<(), ToolError> {
        lenient::read::<T::Args>(info, T::SYNONYMS, arguments).map(drop)
    }

    fn touches(&self, info: &ToolInfo, arguments: &str) -> Option<Touches> {
        let read = lenient::read(info, T::SYNONYMS, arguments).ok()?;
        Some(Tool::touches(self, &read.args))
    }

    fn asks(&self, info: &ToolInfo, arguments: &str) -> Option<String> {
        let read = lenient::read(info, T::SYNONYMS, arguments).ok()?;
        Tool::asks(self, &read.args)
    }

    async fn preview(&self, room: &Room, info: &ToolInfo, arguments: &str) -> Option<String> {
        let read = lenient::read(info, T::SYNONYMS, arguments).ok()?;
        Tool::preview(self, room, read.args).await
    }

    async fn call(
        &self,
        room: &Room,
        info: &ToolInfo,
        arguments: &str,
    ) -> Result<Output, ToolError> {
        let read = lenient::read(info, T::SYNONYMS, arguments)?;
        let output = Tool::call(self, room, read.args).await?;
        Ok(output.with_notes(&read.notes))
    }
}
