//! Prompt documents: only an owner reads and writes them. They lie in the
//! database and not in the agent's folder, so no tool reaches them.

use domain::{Fault, FaultCode, PromptDiff, PromptDocument, PromptName, PromptVersion, PromptView};
use store::{Agent, PromptSaved, StoredPrompt};

use crate::access::owner;
use crate::diff::compare;
use crate::{Engine, Error, Result, SignedIn};

impl Engine {
    /// The documents of an agent, also those that were never written.
    pub async fn prompt_documents(&self, who: &SignedIn, agent: &str) -> Result<Vec<PromptView>> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        let mut stored = self.store().prompt_documents(agent.id).await?;
        let view = |name: &PromptName| {
            let found = stored.iter().position(|document| document.name == *name);
            document(*name, found.map(|at| stored.swap_remove(at))).view
        };
        Ok(PromptName::ALL.iter().map(view).collect())
    }

    /// A document: one of its versions, or else the newest one. One that was
    /// never written is empty and has the version 0.
    pub async fn prompt_document(
        &self,
        who: &SignedIn,
        agent: &str,
        name: PromptName,
        version: Option<u64>,
    ) -> Result<PromptDocument> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        self.version_of(&agent, name, version).await
    }

    /// The versions of a document that are kept, newest first: at most 50.
    pub async fn prompt_versions(
        &self,
        who: &SignedIn,
        agent: &str,
        name: PromptName,
    ) -> Result<Vec<PromptVersion>> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        Ok(self.store().prompt_versions(agent.id, name).await?)
    }

    /// What changed between two versions of a document; the version 0 is empty.
    pub async fn prompt_diff(
        &self,
        who: &SignedIn,
        agent: &str,
        name: PromptName,
        from: u64,
        to: u64,
    ) -> Result<PromptDiff> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        let old = self.version_of(&agent, name, Some(from)).await?.content;
        let new = self.version_of(&agent, name, Some(to)).await?.content;
        let work = tokio::task::spawn_blocking(move || compare((from, &old), (to, &new)));
        work.await.map_err(|error| Error::Broken(format!("comparing versions: {error}")))
    }

    /// Stores a text as the next version of a document, if the version `seen` is
    /// still the newest one. Blanks around the text are dropped; a text that
    /// stands there already is no new version.
    pub async fn save_prompt_document(
        &self,
        who: &SignedIn,
        agent: &str,
        name: PromptName,
        seen: u64,
        content: String,
    ) -> Result<PromptDocument> {
        owner(who)?;
        let agent = self.agent_named(agent).await?;
        let content = checked(content)?;
        let saved = self.store().save_prompt_document(agent.id, name, seen, content, who.id());
        match saved.await? {
            PromptSaved::As(version) => self.version_of(&agent, name, Some(version)).await,
            PromptSaved::Stale => Err(stale(name).into()),
        }
    }

    /// Stores an older version of a document as its next one, if the version
    /// `seen` is still the newest.
    pub async fn restore_prompt_document(
        &self,
        who: &SignedIn,
        agent: &str,
        name: PromptName,
        seen: u64,
        version: u64,
    ) -> Result<PromptDocument> {
        let old = self.prompt_document(who, agent, name, Some(version)).await?;
        self.save_prompt_document(who, agent, name, seen, old.content).await
    }

    async fn version_of(
        &self,
        agent: &Agent,
        name: PromptName,
        version: Option<u64>,
    ) -> Result<PromptDocument> {
        if version == Some(0) {
            return Ok(document(name, None));
        }
        let stored = self.store().prompt_document(agent.id, name, version).await?;
        match (version, stored) {
            (Some(version), None) => {
                let sentence = format!("{name} has no version {version}. The newest 50 are kept.");
                Err(Fault::new(FaultCode::DocumentNotFound, sentence).into())
            }
            (_, stored) => Ok(document(name, stored)),
        }
    }
}

fn document(name: PromptName, stored: Option<StoredPrompt>) -> PromptDocument {
    let (version, content, saved) = match stored {
        Some(stored) => (stored.version, stored.content, Some(stored.saved)),
        None => (0, String::new(), None),
    };
    let (bytes, tokens) = (content.len() as u64, llm::count_tokens(&content));
    PromptDocument { view: PromptView { name, version, bytes, tokens, saved }, content }
}

// Forms sent without scripts end their lines as HTTP does.
fn checked(text: String) -> std::result::Result<String, Fault> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.len() > PromptName::MAX_BYTES {
        let sentence =
            "A document has at most 65,536 bytes. Put the rest into a file of the agent's folder.";
        return Err(Fault::field("content", sentence));
    }
    if text.contains('\0') {
        return Err(Fault::field("content", "A document is text, without the NUL sign."));
    }
    Ok(text)
}

fn stale(name: PromptName) -> Fault {
    let sentence = format!(
        "Somebody saved another version of {name} while you were editing it, and nothing was saved. What you typed is still here: look at theirs in the history, or save again to make yours the newest."
    );
    Fault::new(FaultCode::EditStale, sentence)
}
