//! What becomes of agents: edited, disabled and enabled, deleted.
//!
//! What may not happen is found out inside the write, so that two people who
//! act at once cannot both be right.

use domain::{AgentId, AgentName, AgentStatus, ChoicesEdit, RunId, Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, Set,
};

use crate::agent_choices::{read_choices, set_choices};
use crate::agents::read;
use crate::connection::Durability;
use crate::ending::FromState;
use crate::entity::agents;
use crate::link::Tx;
use crate::row::{get, ms, sql};
use crate::{Agent, Ending, Error, Result, Store};

/// What an edit sets. What is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct AgentEdit {
    /// Another name.
    pub name: Option<AgentName>,
    /// Other instructions.
    pub instructions: Option<String>,
    /// Another model; the inner `None` follows the server's.
    pub model: Option<Option<String>>,
    /// Another folder.
    pub folder: Option<String>,
    /// Other choices.
    pub choices: ChoicesEdit,
}

/// What came of a change to an agent.
#[allow(clippy::large_enum_variant, reason = "one of these is in hand at a time")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentChange {
    /// It is done.
    Done(Agent),
    /// The agent was changed since it was read.
    Stale,
    /// It is the last active agent, and stays.
    LastActive,
    /// Runs of it work or wait.
    AtWork(u64),
}

impl Store {
    /// Edits an agent, if it is still as it was when it was read (`seen`).
    /// `Taken` if the name is.
    pub async fn edit_agent(
        &self,
        id: AgentId,
        seen: Option<Timestamp>,
        edit: AgentEdit,
    ) -> Result<AgentChange> {
        let write = self.write(Durability::Full).await?;
        let row = there(&write.tx, id).await?;
        if seen.is_some_and(|seen| ms(seen) != row.updated_at) {
            return Ok(AgentChange::Stale);
        }
        let changed_at = self.after(row.updated_at);
        let mut choices = read_choices(&row)?;
        let mut row = row.into_active_model();
        if let Some(name) = edit.name {
            row.name = Set(name.into());
        }
        if let Some(instructions) = edit.instructions {
            row.instructions = Set(instructions);
        }
        if let Some(model) = edit.model {
            row.model = Set(model);
        }
        if let Some(folder) = edit.folder {
            row.folder = Set(folder);
        }
        edit.choices.apply(&mut choices);
        set_choices(&mut row, choices)?;
        row.updated_at = Set(changed_at);
        let row = row.update(&write.tx).await.map_err(|error| Error::taken(error, "name"))?;
        write.commit().await?;
        Ok(AgentChange::Done(read(row)?))
    }

    /// Lets an agent take messages again.
    pub async fn enable_agent(&self, id: AgentId) -> Result<AgentChange> {
        let write = self.write(Durability::Full).await?;
        let row = there(&write.tx, id).await?;
        let agent = self.set_status(&write.tx, row, AgentStatus::Active, None).await?;
        write.commit().await?;
        Ok(AgentChange::Done(agent))
    }

    /// Lets an agent take no more messages. Its runs that wait are cancelled;
    /// one that works goes on. The last active agent stays.
    pub async fn disable_agent(&self, id: AgentId) -> Result<AgentChange> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        let row = there(&write.tx, id).await?;
        if is_last(&write.tx, &row).await? {
            return Ok(AgentChange::LastActive);
        }
        let agent = self.set_status(&write.tx, row, AgentStatus::Disabled, None).await?;
        // One at a time: a run that ends takes with it what it began.
        let text = "SELECT id FROM runs WHERE status = 'queued' AND agent_id = $1
            ORDER BY ordinal LIMIT 1";
        let next = || sql(text, [id.as_uuid().into()]);
        while let Some(row) = write.tx.query_one_raw(next()).await? {
            let run = RunId::from_uuid(get(&row, "id")?);
            let from = FromState::of(domain::RunStatus::Queued);
            self.end_in(&mut write, run, from, Ending::agent_disabled(), now).await?;
        }
        write.commit().await?;
        Ok(AgentChange::Done(agent))
    }

    /// Deletes an agent on which nothing works or waits. The row stays, as the
    /// author of its sessions and runs; its name is free again. The last active
    /// agent stays.
    pub async fn delete_agent(&self, id: AgentId) -> Result<AgentChange> {
        let write = self.write(Durability::Full).await?;
        let row = there(&write.tx, id).await?;
        let text = "SELECT (SELECT COUNT(*) FROM runs WHERE agent_id = $1 AND status = 'queued')
            + (SELECT COUNT(*) FROM runs WHERE agent_id = $1
                AND status IN ('running', 'waiting_approval', 'waiting_guidance')) AS open";
        let open = write.tx.query_one_raw(sql(text, [id.as_uuid().into()])).await?;
        let open: i64 = open.map_or(Ok(0), |row| get(&row, "open"))?;
        if let Some(open) = u64::try_from(open).ok().filter(|open| *open > 0) {
            return Ok(AgentChange::AtWork(open));
        }
        if is_last(&write.tx, &row).await? {
            return Ok(AgentChange::LastActive);
        }
        let name = row.name.clone();
        let agent = self.set_status(&write.tx, row, AgentStatus::Deleted, Some(name)).await?;
        write.commit().await?;
        Ok(AgentChange::Done(agent))
    }

    async fn set_status(
        &self,
        tx: &Tx,
        row: agents::Model,
        status: AgentStatus,
        deleted_name: Option<String>,
    ) -> Result<Agent> {
        let changed_at = self.after(row.updated_at);
        let id = AgentId::from_uuid(row.id);
        let mut row = row.into_active_model();
        if let Some(name) = deleted_name {
            // No name looks like an id, so this takes nobody's.
            row.name = Set(id.to_string());
            row.deleted_name = Set(Some(name));
        }
        row.status = Set(status.as_str().to_owned());
        row.updated_at = Set(changed_at);
        read(row.update(tx).await?)
    }

    // Two changes within one millisecond must not look like one.
    fn after(&self, before: i64) -> i64 {
        ms(self.clock().now()).max(before + 1)
    }
}

/// The agent, if it is not deleted.
async fn there(tx: &Tx, id: AgentId) -> Result<agents::Model> {
    let found = agents::Entity::find_by_id(id.as_uuid()).one(tx).await?;
    let found = found.filter(|row| row.status != AgentStatus::Deleted.as_str());
    found.ok_or(Error::NotFound("agent"))
}

async fn is_last(tx: &Tx, row: &agents::Model) -> Result<bool> {
    let active = AgentStatus::Active.as_str();
    let others = agents::Entity::find()
        .filter(agents::Column::Status.eq(active))
        .filter(agents::Column::Id.ne(row.id));
    Ok(row.status == active && others.count(tx).await? == 0)
}
