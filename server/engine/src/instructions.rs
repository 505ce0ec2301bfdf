//! What an agent is told before anything else: its instructions, and its prompt
//! documents.

use domain::AgentId;
use store::StoredPrompt;

use crate::engine::Inner;

impl Inner {
    /// An agent's instructions with its prompt documents, as a model reads them.
    pub(crate) async fn instructions(
        &self,
        agent: AgentId,
        own: &str,
    ) -> Result<String, store::Error> {
        Ok(assemble(own, &self.store.unsettled().prompt_documents(agent).await?))
    }
}

/// The instructions, and each document that is not empty under a heading. The
/// same texts always give the same bytes, which providers remember.
fn assemble(own: &str, documents: &[StoredPrompt]) -> String {
    let mut text = own.to_owned();
    for document in documents {
        let content = document.content.trim();
        if content.is_empty() {
            continue;
        }
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&format!("# {}\n\n{content}", document.name));
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "this is how a test fails")]

    use domain::{PromptName, Saved, Timestamp, UserName};

    use super::*;

    fn document(name: PromptName, content: &str) -> StoredPrompt {
        let saved = Saved { by: UserName::parse("ada").unwrap(), at: Timestamp::UNIX_EPOCH };
        StoredPrompt { name, version: 1, content: content.into(), saved }
    }

    #[test]
    fn documents_follow_the_instructions_under_their_names() {
        let documents = [
            document(PromptName::Soul, "You are calm.\n"),
            document(PromptName::Rules, " \n"),
            document(PromptName::Handoff, "Half done."),
        ];
        assert_eq!(
            assemble("Help.", &documents),
            "Help.\n\n# SOUL\n\nYou are calm.\n\n# HANDOFF\n\nHalf done."
        );
        assert_eq!(assemble("", &documents[..1]), "# SOUL\n\nYou are calm.");
        assert_eq!(assemble("Help.", &[]), "Help.");
    }
}
