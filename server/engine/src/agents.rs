//! Agents: who there are, and what an owner makes of them.

use std::path::PathBuf;
use std::sync::Arc;

use domain::{
    AgentChoices, AgentId, AgentName, AgentPicker, AgentRecord, AgentRow, AgentStatus, AgentView,
    ChoicesEdit, Fault, FaultCode, Limit, ModelChoices, Page, Profile, Role, Timestamp,
};
use store::{Agent, AgentChange, AgentEdit, MOST_AGENTS, NewAgent};

use crate::access::owner;
use crate::catalog::Catalog;
use crate::folders::{Chosen, Folders, overlap};
use crate::{Engine, Error, Result, SignedIn};

/// The most bytes of instructions.
const MAX_INSTRUCTIONS: usize = 64 * 1024;

/// What a person wrote about an agent. What is `None` stays as it is, or is the
/// default of a new agent.
#[derive(Debug, Clone, Default)]
pub struct AgentDraft {
    /// Its name.
    pub name: Option<String>,
    /// Its instructions.
    pub instructions: Option<String>,
    /// `provider/model`; empty follows the server's.
    pub model: Option<String>,
    /// A name among the workspaces, or an absolute path.
    pub folder: Option<String>,
    /// Whether the folder may be that of another agent too.
    pub sharing: Sharing,
    /// What is chosen beside its model.
    pub choices: ChoicesEdit,
    /// What a new agent may do to begin with; from then on its grants are
    /// changed one by one.
    pub profile: Option<Profile>,
}

impl AgentDraft {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        let texts = [&self.name, &self.instructions, &self.model, &self.folder];
        texts.iter().all(|text| text.is_none()) && self.choices.is_empty()
    }
}

/// Whether two agents may work in one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sharing {
    /// Nobody said so.
    #[default]
    Refused,
    /// A person said so.
    Allowed,
}

impl Engine {
    /// The agents that are not deleted, oldest first: at most 200.
    pub async fn agents(&self, _: &SignedIn) -> Result<Vec<AgentView>> {
        let agents = self.store().agents().await?;
        let catalog = self.inner.catalog().await?;
        Ok(agents.iter().map(|agent| agent_view(agent, &catalog)).collect())
    }

    /// Whom this person can begin a session with.
    pub async fn agent_picker(&self, who: &SignedIn) -> Result<AgentPicker> {
        let mut agents = self.agents(who).await?;
        agents.retain(|agent| agent.status == AgentStatus::Active);
        let last_used = self.store().last_used_agent(who.id()).await?;
        let last_used = last_used.filter(|id| agents.iter().any(|agent| agent.id == *id));
        Ok(AgentPicker { agents, last_used })
    }

    /// The agents with how much they were used.
    pub async fn agent_rows(&self, who: &SignedIn) -> Result<Vec<AgentRow>> {
        let mut rows = Vec::new();
        for agent in self.store().agents().await? {
            rows.push(self.agent_row(who, &agent).await?);
        }
        Ok(rows)
    }

    /// A page of the agents, oldest first, with how much they were used.
    pub async fn agent_page(
        &self,
        who: &SignedIn,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<AgentRow>> {
        let unknown = |_| Fault::field("cursor", "This cursor was not given out by this list.");
        let after: Option<AgentId> = cursor.map(str::parse).transpose().map_err(unknown)?;
        let rows = limit.rows() as usize;
        let mut agents = self.store().agents().await?;
        agents.retain(|agent| after.is_none_or(|after| agent.id > after));
        let more = agents.len() > rows;
        agents.truncate(rows);
        let last = agents.last().filter(|_| more);
        let next_cursor = last.map(|agent| agent.id.to_string());
        let mut items = Vec::with_capacity(agents.len());
        for agent in &agents {
            items.push(self.agent_row(who, agent).await?);
        }
        Ok(Page { items, next_cursor })
    }

    /// One agent, for an owner.
    pub async fn agent_record(&self, who: &SignedIn, name: &str) -> Result<AgentRecord> {
        owner(who)?;
        let agent = self.agent_named(name).await?;
        self.record(who, agent).await
    }

    /// The models that an agent can be given by name, for an owner.
    pub async fn model_choices(&self, who: &SignedIn) -> Result<ModelChoices> {
        owner(who)?;
        let default = self.inner.catalog().await?.default_model().to_string();
        let mut known = vec![default.clone()];
        known.extend(self.agents(who).await?.into_iter().map(|agent| agent.model));
        for provider in self.providers(who).await? {
            let name = |model: String| format!("{}/{model}", provider.name);
            known.extend(provider.models.into_iter().map(name));
        }
        known.sort();
        known.dedup();
        Ok(ModelChoices { default, known })
    }

    /// Makes an agent.
    pub async fn create_agent(&self, who: &SignedIn, draft: AgentDraft) -> Result<AgentRecord> {
        owner(who)?;
        let name = agent_name(draft.name.as_deref().unwrap_or_default())?;
        let instructions = instructions(draft.instructions.unwrap_or_default())?;
        let model = self.model(draft.model.unwrap_or_default()).await?;
        let folder = match draft.folder.filter(|folder| !folder.trim().is_empty()) {
            Some(folder) => self.choose_folder(folder, None, draft.sharing).await?.kept,
            None => self.fresh_folder(&name).await?,
        };
        let (mut edit, mut choices) = (draft.choices, AgentChoices::default());
        self.check_choices(&mut edit, &choices).await?;
        edit.apply(&mut choices);
        let new = NewAgent {
            owner_id: who.id(),
            name,
            instructions,
            model,
            folder,
            choices,
            profile: Some(draft.profile.unwrap_or(Profile::Workspace)),
        };
        let agent = self.store().add_agent(new).await.map_err(taken)?;
        self.record(who, agent).await
    }

    /// Edits an agent, if it is still as it was at the moment `seen`.
    pub async fn edit_agent(
        &self,
        who: &SignedIn,
        name: &str,
        seen: Option<Timestamp>,
        draft: AgentDraft,
    ) -> Result<AgentRecord> {
        owner(who)?;
        let agent = self.agent_named(name).await?;
        let name = draft.name.as_deref().map(agent_name).transpose()?;
        let folder = match draft.folder {
            Some(folder) if folder.trim() == agent.folder => None,
            Some(folder) => {
                Some(self.choose_folder(folder, Some(&agent), draft.sharing).await?.kept)
            }
            None => None,
        };
        let model = match draft.model {
            Some(model) => Some(self.model(model).await?),
            None => None,
        };
        let mut choices = draft.choices;
        self.check_choices(&mut choices, &agent.choices).await?;
        let instructions = draft.instructions.map(instructions).transpose()?;
        let edit = AgentEdit { name, instructions, model, folder, choices };
        let change = self.store().edit_agent(agent.id, seen, edit).await.map_err(taken)?;
        self.record(who, done(change, "edited")?).await
    }

    /// Lets an agent take no more messages. Its runs that wait are cancelled; one
    /// that works goes on.
    pub async fn disable_agent(&self, who: &SignedIn, name: &str) -> Result<AgentRecord> {
        owner(who)?;
        let agent = self.agent_named(name).await?;
        let change = self.store().disable_agent(agent.id).await?;
        self.record(who, done(change, "disabled")?).await
    }

    /// Lets an agent take messages again.
    pub async fn enable_agent(&self, who: &SignedIn, name: &str) -> Result<AgentRecord> {
        owner(who)?;
        let agent = self.agent_named(name).await?;
        let change = self.store().enable_agent(agent.id).await?;
        self.record(who, done(change, "enabled")?).await
    }

    /// Deletes an agent, whose name is typed again in `confirmed`. Its sessions
    /// and runs stay readable, and its folder stays on the disk: returns where.
    pub async fn delete_agent(
        &self,
        who: &SignedIn,
        name: &str,
        confirmed: &str,
    ) -> Result<PathBuf> {
        owner(who)?;
        let agent = self.agent_named(name).await?;
        if confirmed.trim() != agent.name.as_str() {
            let sentence = format!("To delete this agent, type its name: {}", agent.name);
            return Err(Fault::field("confirm", sentence).into());
        }
        let agent = done(self.store().delete_agent(agent.id).await?, "deleted")?;
        Ok(self.folders().place(&agent.folder))
    }

    pub(crate) async fn agent_named(&self, name: &str) -> Result<Agent> {
        let found = match (name.parse(), AgentName::parse(name)) {
            (Ok(id), _) => self.store().agent(id).await?,
            (_, Ok(name)) => self.store().agent_by_name(&name).await?,
            _ => None,
        };
        let found = found.filter(|agent| agent.status != AgentStatus::Deleted);
        found.ok_or_else(|| {
            let known = "There is no agent of that name. The page of agents lists them all.";
            Fault::new(FaultCode::AgentNotFound, known).into()
        })
    }

    pub(crate) async fn fresh_folder(&self, name: &AgentName) -> Result<String> {
        let taken = self.store().agents().await?.into_iter().map(|agent| agent.folder);
        let (taken, name) = (taken.collect::<Vec<_>>(), name.to_string());
        self.at_disk(move |folders| Ok(folders.fresh(&name, &taken))).await
    }

    async fn choose_folder(
        &self,
        folder: String,
        agent: Option<&Agent>,
        sharing: Sharing,
    ) -> Result<Chosen> {
        let chosen = self.at_disk(move |folders| folders.choose(&folder)).await?;
        let with = self.overlapping(chosen.path.clone(), agent).await?;
        match (with.first(), sharing) {
            (Some(other), Sharing::Refused) => {
                let sentence = format!(
                    "{other} works in this folder, or in a part of it. Tick the box if both shall."
                );
                Err(Fault::field("folder", sentence).into())
            }
            _ => Ok(chosen),
        }
    }

    /// Other agents whose folder overlaps with a path.
    async fn overlapping(&self, path: PathBuf, agent: Option<&Agent>) -> Result<Vec<AgentName>> {
        let mut others = self.store().agents().await?;
        others.retain(|other| agent.is_none_or(|agent| agent.id != other.id));
        self.at_disk(move |folders| {
            others.retain(|other| overlap(&path, &folders.place(&other.folder)));
            Ok(others.into_iter().map(|other| other.name).collect())
        })
        .await
    }

    async fn at_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folders) -> std::result::Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let folders = Arc::clone(&self.inner.folders);
        let done = tokio::task::spawn_blocking(move || work(&folders)).await;
        done.map_err(|error| Error::Broken(format!("looking at a folder: {error}")))?
            .map_err(Error::from)
    }

    fn folders(&self) -> &Folders {
        &self.inner.folders
    }

    async fn agent_row(&self, who: &SignedIn, agent: &Agent) -> Result<AgentRow> {
        let by = match who.role() {
            Role::Owner => None,
            Role::Member => Some(who.id()),
        };
        let used = self.store().agent_use(agent.id, by).await?;
        Ok(AgentRow {
            agent: agent_view(agent, &*self.inner.catalog().await?),
            own_model: agent.model.clone(),
            sessions: used.sessions,
            runs: used.runs,
            active_at: used.active_at,
        })
    }

    async fn record(&self, who: &SignedIn, agent: Agent) -> Result<AgentRecord> {
        let row = self.agent_row(who, &agent).await?;
        let kept = agent.folder.clone();
        let path = self.at_disk(move |folders| Ok(folders.place(&kept))).await?;
        let shared_with = self.overlapping(path.clone(), Some(&agent)).await?;
        Ok(AgentRecord {
            row,
            instructions: agent.instructions,
            choices: agent.choices,
            folder: agent.folder,
            path: path.display().to_string(),
            shared_with,
            created_at: agent.created_at,
            updated_at: agent.updated_at,
        })
    }

    async fn model(&self, text: String) -> Result<Option<String>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        match self.model_exists(text).await? {
            Ok(_) => Ok(Some(text.to_owned())),
            Err(error) => Err(Fault::field("model", format!("{error}.")).into()),
        }
    }
}

fn agent_view(agent: &Agent, catalog: &Catalog) -> AgentView {
    let default = || catalog.default_model().to_string();
    AgentView {
        id: agent.id,
        name: agent.name.clone(),
        model: agent.model.clone().unwrap_or_else(default),
        status: agent.status,
    }
}

fn agent_name(text: &str) -> std::result::Result<AgentName, Fault> {
    AgentName::parse(text).map_err(|error| Fault::field("name", error.to_string()))
}

// Forms sent without scripts end their lines as HTTP does.
fn instructions(text: String) -> std::result::Result<String, Fault> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.len() > MAX_INSTRUCTIONS {
        let sentence = "Instructions have at most 65,536 bytes. Put the rest into a file of the agent's folder.";
        return Err(Fault::field("instructions", sentence));
    }
    if text.contains('\0') {
        return Err(Fault::field("instructions", "Instructions are text, without the NUL sign."));
    }
    Ok(text)
}

fn taken(error: store::Error) -> Error {
    match error {
        store::Error::Taken("name") => {
            let sentence = "An agent has that name already. Choose another.";
            let mut fault = Fault::field("name", sentence);
            fault.code = FaultCode::NameTaken;
            fault.into()
        }
        store::Error::Taken(_) => {
            let sentence = format!(
                "There are {MOST_AGENTS} agents, as many as there may be. Delete one first."
            );
            Fault::new(FaultCode::InvalidInput, sentence).into()
        }
        other => other.into(),
    }
}

fn done(change: AgentChange, what: &str) -> Result<Agent> {
    let (code, sentence) = match change {
        AgentChange::Done(agent) => return Ok(agent),
        AgentChange::Stale => (
            FaultCode::EditStale,
            "Somebody changed this agent while you were editing it, and nothing was saved. What you typed is still here: open the agent in another tab to see theirs, or save again to put yours in its place.".to_owned(),
        ),
        AgentChange::LastActive => (
            FaultCode::AgentLast,
            format!("This is the last active agent, so it cannot be {what}. Make or enable another one first."),
        ),
        AgentChange::AtWork(1) => (
            FaultCode::AgentAtWork,
            "A run of this agent works or waits. Stop it first, or let it end.".to_owned(),
        ),
        AgentChange::AtWork(runs) => (
            FaultCode::AgentAtWork,
            format!("{runs} runs of this agent work or wait. Stop them first, or let them end."),
        ),
    };
    Err(Fault::new(code, sentence).into())
}
