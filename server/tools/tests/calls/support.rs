//! A room in a folder of its own, with a clock that stands still.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::{Timestamp, ToolErrorCode};
use serde_json::Value;
use tempfile::TempDir;
use tools::{Delegate, Network, Output, Registry, Room, Shelf, ToolError};

/// A room, and beside it a folder that no call may reach.
pub(crate) struct House {
    root: TempDir,
    room: Room,
    registry: Registry,
}

impl House {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-03-29T00:59:59.5Z".parse().unwrap();
        let room = Room::open(&root.path().join("room"), Arc::new(move || now)).unwrap();
        std::fs::create_dir(root.path().join("outside")).unwrap();
        std::fs::write(root.path().join("outside/key"), "outside").unwrap();
        Self { root, room, registry: Registry::builtin() }
    }

    /// The same house, where tasks can be given away.
    pub(crate) fn delegating(mut self, delegate: Arc<dyn Delegate>) -> Self {
        self.room = self.room.with_delegate(delegate);
        self
    }

    /// The same house with other tools.
    pub(crate) fn with_tools(mut self, registry: Registry) -> Self {
        self.registry = registry;
        self
    }

    /// The same house, where the rarely wanted tools can be found.
    pub(crate) fn with_shelf(mut self) -> Self {
        self.room = self.room.with_shelf(Shelf::of(&self.registry.specs()));
        self
    }

    /// A folder and a file in it, for the test's own hands.
    pub(crate) fn deep_file(&self, path: &str, content: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.inside(path).parent().unwrap()).unwrap();
        self.file(path, content);
    }

    pub(crate) async fn preview(&self, tool: &str, arguments: Value) -> Option<String> {
        self.registry.preview(&self.room, tool, &arguments.to_string()).await
    }

    /// The same house, where other machines can be reached.
    pub(crate) fn reaching(mut self, network: Arc<Network>) -> Self {
        self.room = self.room.with_network(network);
        self
    }

    /// A path in the room, for the test's own hands.
    pub(crate) fn inside(&self, path: &str) -> PathBuf {
        self.root.path().join("room").join(path)
    }

    /// A path in the folder beside the room.
    pub(crate) fn outside(&self, path: &str) -> PathBuf {
        self.root.path().join("outside").join(path)
    }

    pub(crate) fn file(&self, path: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.inside(path), content).unwrap();
    }

    pub(crate) fn text(&self, path: &str) -> String {
        std::fs::read_to_string(self.inside(path)).unwrap()
    }

    pub(crate) fn link(&self, path: &str, target: impl AsRef<Path>) {
        std::os::unix::fs::symlink(target, self.inside(path)).unwrap();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.inside(".")).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> = entries.map(name).map(|n| n.into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Result<Output, ToolError> {
        self.call_text(tool, &arguments.to_string()).await
    }

    pub(crate) async fn call_text(&self, tool: &str, text: &str) -> Result<Output, ToolError> {
        self.registry.call(&self.room, tool, text).await
    }

    /// Calls and expects a refusal.
    pub(crate) async fn refused(&self, tool: &str, arguments: Value) -> (ToolErrorCode, String) {
        let error = self.call(tool, arguments.clone()).await;
        let error = error.expect_err(&format!("{tool} {arguments}"));
        (error.code, error.message)
    }
}
