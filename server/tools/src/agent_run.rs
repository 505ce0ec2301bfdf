//! `agent.run`: gives a task to another agent.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Class, Output, Room, Tool, ToolError};

pub(crate) struct AgentRun;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The agent's name. Left out: a fresh start of your own kind.
    agent: Option<String>,
    /// The whole task, with all that is needed to do it.
    message: String,
}

impl Tool for AgentRun {
    const NAME: &'static str = "agent.run";
    const DESCRIPTION: &'static str = "Give a task to another agent and get its final answer. It \
                                       sees only the message, nothing of this conversation, and \
                                       works in your workspace. Several such calls in one reply \
                                       run at once.";
    const SYNONYMS: &'static [(&'static str, &'static str)] = &[
        ("name", "agent"),
        ("agent_name", "agent"),
        ("task", "message"),
        ("prompt", "message"),
        ("instructions", "message"),
    ];
    const CLASS: Class = Class::Delegates;
    type Args = Args;

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        let agent = args.agent.as_deref().map(str::trim).filter(|name| !name.is_empty());
        room.delegate()?.begin(agent, &args.message).await
    }
}
