//! The blocks of an answer, put together from their parts.

use serde_json::{Map, Value, json};

use super::word;
use crate::LlmError;
use crate::wire::{Answer, Part};

/// The most blocks of one answer.
const MAX_BLOCKS: usize = 1_024;

/// The most bytes of blocks that are kept to be given back; more is not given
/// back at all.
const MAX_KEPT: usize = 1 << 20;

/// The blocks so far, in order of their beginnings.
#[derive(Default)]
pub(super) struct Blocks {
    blocks: Vec<Block>,
    bytes: usize,
}

struct Block {
    index: Option<u64>,
    kind: Kind,
}

enum Kind {
    Text(String),
    Thinking {
        text: String,
        signature: String,
    },
    /// Thinking that only the provider can read.
    Redacted(String),
    Call {
        id: String,
        name: String,
        input: String,
        /// The input came with the beginning, and parts would repeat it.
        is_whole: bool,
    },
    /// Of no use here.
    Other,
}

impl Blocks {
    /// A block begins, or comes whole.
    pub(super) fn begin(
        &mut self,
        index: Option<u64>,
        block: &Value,
        answer: &mut Answer,
    ) -> Result<(), LlmError> {
        if self.blocks.len() == MAX_BLOCKS {
            return Err(LlmError::Format(format!("over {MAX_BLOCKS} blocks in one answer")));
        }
        let kind = match block.get("type").and_then(Value::as_str) {
            Some("text") => {
                let text = word(block, "text");
                answer.text(text.clone());
                Kind::Text(text)
            }
            Some("thinking") => {
                let text = word(block, "thinking");
                answer.thinking(text.clone());
                Kind::Thinking { text, signature: word(block, "signature") }
            }
            Some("redacted_thinking") => Kind::Redacted(word(block, "data")),
            Some("tool_use") => {
                let input = block.get("input").and_then(Value::as_object);
                let input = input.filter(|input| !input.is_empty()).map(|i| json!(i).to_string());
                let kind = Kind::Call {
                    id: word(block, "id"),
                    name: word(block, "name"),
                    is_whole: input.is_some(),
                    input: input.unwrap_or_default(),
                };
                self.call(&kind, answer)?;
                kind
            }
            _ => Kind::Other,
        };
        self.bytes += block.to_string().len();
        self.blocks.push(Block { index, kind });
        Ok(())
    }

    /// More of a block: of the newest with that index, since some number all of
    /// them alike, or of the newest of all where there is none.
    pub(super) fn add(
        &mut self,
        index: Option<u64>,
        delta: &Value,
        answer: &mut Answer,
    ) -> Result<(), LlmError> {
        let is_it = |block: &Block| index.is_none() || block.index == index;
        let Some(at) = self.blocks.iter().rposition(is_it) else {
            return Err(LlmError::Format("a part of a block that did not begin".to_owned()));
        };
        let new = |name: &str| word(delta, name);
        match (&mut self.blocks[at].kind, delta.get("type").and_then(Value::as_str)) {
            (Kind::Text(text), Some("text_delta")) => {
                let new = new("text");
                self.bytes += new.len();
                if self.bytes <= MAX_KEPT {
                    text.push_str(&new);
                }
                answer.text(new);
            }
            (Kind::Thinking { text, .. }, Some("thinking_delta")) => {
                let new = new("thinking");
                self.bytes += new.len();
                if self.bytes <= MAX_KEPT {
                    text.push_str(&new);
                }
                answer.thinking(new);
            }
            (Kind::Thinking { signature, .. }, Some("signature_delta")) => {
                let new = new("signature");
                self.bytes += new.len();
                if self.bytes <= MAX_KEPT {
                    signature.push_str(&new);
                }
            }
            (Kind::Call { input, is_whole: false, .. }, Some("input_json_delta")) => {
                let arguments = new("partial_json");
                self.bytes += arguments.len();
                if self.bytes <= MAX_KEPT {
                    input.push_str(&arguments);
                }
                let part = Part { index: Some(at as u64), arguments, ..Part::default() };
                answer.call(&part)?;
            }
            _ => {}
        }
        Ok(())
    }

    /// All blocks as they are given back, where one of them is signed; else the
    /// conversation says it all.
    pub(super) fn signed(self) -> Vec<Value> {
        let is_signed = |block: &Block| match &block.kind {
            Kind::Thinking { signature, .. } => !signature.is_empty(),
            Kind::Redacted(_) => true,
            Kind::Text(_) | Kind::Call { .. } | Kind::Other => false,
        };
        if self.bytes > MAX_KEPT || !self.blocks.iter().any(is_signed) {
            return Vec::new();
        }
        self.blocks.into_iter().filter_map(Block::given_back).collect()
    }

    fn call(&self, kind: &Kind, answer: &mut Answer) -> Result<(), LlmError> {
        let Kind::Call { id, name, input, .. } = kind else { return Ok(()) };
        // By its place here: what the provider numbers may be numbered twice.
        answer.call(&Part {
            index: Some(self.blocks.len() as u64),
            id: Some(id.clone()),
            name: Some(name.clone()),
            arguments: input.clone(),
        })
    }
}

impl Block {
    fn given_back(self) -> Option<Value> {
        match self.kind {
            // An empty text is refused, and so is thinking without its signature.
            Kind::Text(text) if text.trim().is_empty() => None,
            Kind::Text(text) => Some(json!({ "type": "text", "text": text })),
            Kind::Thinking { signature, .. } if signature.is_empty() => None,
            Kind::Thinking { text, signature } => {
                Some(json!({ "type": "thinking", "thinking": text, "signature": signature }))
            }
            Kind::Redacted(data) => Some(json!({ "type": "redacted_thinking", "data": data })),
            Kind::Call { id, name, input, .. } => {
                let input: Map<String, Value> = serde_json::from_str(&input).unwrap_or_default();
                Some(json!({ "type": "tool_use", "id": id, "name": name, "input": input }))
            }
            Kind::Other => None,
        }
    }
}
