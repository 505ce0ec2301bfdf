//! What a model is asked, in the one internal form.

use std::sync::Arc;

use domain::{TraceMessage, TraceSentCall};

/// One exchange to be had with a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model, as its provider names it.
    pub model: String,
    /// The conversation, oldest first. Every tool call has its result.
    pub messages: Vec<Message>,
    /// The tools the model may call, always in the same order.
    pub tools: Arc<[ToolSpec]>,
    /// The most tokens the model may write.
    pub max_tokens: u32,
    /// What the model reads, its answer included, in tokens: for servers that
    /// take less unless they are told.
    pub window: u32,
    /// How freely it chooses its words, from 0 to 2; `None` leaves it to the
    /// provider.
    pub temperature: Option<f32>,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// Standing instructions.
    System(String),
    /// What a person said, and showed.
    User {
        /// The words.
        text: String,
        /// Pictures that stand before the words.
        images: Vec<Image>,
    },
    /// What the model said, and the calls it made in the same breath.
    Assistant {
        /// Its text; may be empty where it only called tools.
        text: String,
        /// Its calls, in order.
        calls: Vec<ToolCall>,
        /// What its provider wants back unread, as [`Delta::Carried`] gave it.
        ///
        /// [`Delta::Carried`]: crate::Delta::Carried
        carried: Option<String>,
    },
    /// What a tool gave back.
    Tool {
        /// The id of the call that it answers, as the model gave it.
        call_id: String,
        /// The tool's name.
        tool: String,
        /// What the model is told.
        content: String,
    },
}

/// One call of a tool by a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// The model's id for the call. Providers that give none get one made.
    pub id: String,
    /// The tool's name.
    pub tool: String,
    /// The arguments as JSON text, as the model wrote them.
    pub arguments: String,
    /// What was mended in them, where the model wrote them slightly broken.
    pub repair: Option<String>,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its media type, for example `image/png`.
    pub media_type: String,
    /// The bytes of the file.
    pub bytes: Arc<[u8]>,
}

impl Message {
    /// What a person said, without pictures.
    pub fn user(text: impl Into<String>) -> Self {
        Self::User { text: text.into(), images: Vec::new() }
    }

    /// What the model said and called.
    pub fn assistant(text: impl Into<String>, calls: Vec<ToolCall>) -> Self {
        Self::Assistant { text: text.into(), calls, carried: None }
    }
}

/// A message as a trace shows it.
impl From<&Message> for TraceMessage {
    fn from(message: &Message) -> Self {
        match message {
            Message::System(text) => Self::System { text: text.clone() },
            Message::User { text, images } => {
                Self::User { text: text.clone(), images: images.len() }
            }
            Message::Assistant { text, calls, .. } => {
                let call = |call: &ToolCall| TraceSentCall {
                    call_id: call.id.clone(),
                    tool: call.tool.clone(),
                    arguments: call.arguments.clone(),
                };
                Self::Assistant { text: text.clone(), calls: calls.iter().map(call).collect() }
            }
            Message::Tool { call_id, tool, content } => {
                Self::Tool { call_id: call_id.clone(), tool: tool.clone(), text: content.clone() }
            }
        }
    }
}

/// A tool, as a model is told about it.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// The name to call it by.
    pub name: String,
    /// When and how to use it.
    pub description: String,
    /// JSON Schema of its arguments.
    pub parameters: serde_json::Value,
}
