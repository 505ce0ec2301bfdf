//! A prompt as the store keeps it: instructions and tools, as JSON.

use std::sync::Arc;

use llm::ToolSpec;
use serde::Deserialize;
use serde_json::{Value, json};

/// Instructions and tools as a model is sent them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prompt {
    pub(crate) instructions: String,
    pub(crate) tools: Arc<[ToolSpec]>,
}

#[derive(Deserialize)]
struct Stored {
    system: String,
    tools: Vec<StoredTool>,
}

#[derive(Deserialize)]
struct StoredTool {
    name: String,
    description: String,
    parameters: Value,
}

impl Prompt {
    /// The content to keep. The same prompt gives the same bytes.
    pub(crate) fn content(&self) -> String {
        let tool = |spec: &ToolSpec| {
            json!({
                "name": spec.name,
                "description": spec.description,
                "parameters": spec.parameters,
            })
        };
        let tools: Vec<_> = self.tools.iter().map(tool).collect();
        json!({ "system": self.instructions, "tools": tools }).to_string()
    }

    /// Reads what was kept.
    pub(crate) fn read(content: &str) -> serde_json::Result<Self> {
        let Stored { system, tools } = serde_json::from_str(content)?;
        let spec = |StoredTool { name, description, parameters }| ToolSpec {
            name,
            description,
            parameters,
        };
        Ok(Self { instructions: system, tools: tools.into_iter().map(spec).collect() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use super::*;

    #[test]
    fn a_prompt_reads_back_and_keeps_its_bytes() {
        let parameters = json!({"type": "object", "b": 1, "a": [2, "那"]});
        let tool = ToolSpec { name: "fs.read".into(), description: "Reads.".into(), parameters };
        let prompt = Prompt { instructions: "Be calm.".into(), tools: [tool].into() };
        let content = prompt.content();
        let again = Prompt::read(&content).unwrap();
        assert_eq!(again, prompt);
        assert_eq!(again.content(), content);
        assert!(Prompt::read("{}").is_err());
    }
}
