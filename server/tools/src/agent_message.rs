//! `agent.message`: goes on with an agent that has answered.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Class, Output, Room, Tool, ToolError};

pub(crate) struct AgentMessage;

#[derive(Deserialize, JsonSchema)]
pub(crate) struct Args {
    /// The session, as agent.run told it.
    session: String,
    /// What to say.
    message: String,
}

impl Tool for AgentMessage {
    const NAME: &'static str = "agent.message";
    const DESCRIPTION: &'static str = "Say something more to an agent that agent.run began in \
                                       this conversation, and get its final answer. It remembers \
                                       what was said in its session.";
    const SYNONYMS: &'static [(&'static str, &'static str)] =
        &[("session_id", "session"), ("task", "message"), ("prompt", "message")];
    const CLASS: Class = Class::Delegates;
    type Args = Args;

    async fn call(&self, room: &Room, args: Args) -> Result<Output, ToolError> {
        room.delegate()?.go_on(args.session.trim(), &args.message).await
    }
}
