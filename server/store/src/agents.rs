//! Agents: reading them, and making new ones.

use domain::{AgentChoices, AgentId, AgentName, AgentStatus, Profile, Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Set, Value,
};

use crate::agent_choices::{read_choices, set_choices};
use crate::connection::Durability;
use crate::entity::agents;
use crate::grants::give_profile;
use crate::row::{at, count, get, ms, sql, word};
use crate::{Error, Result, Store};

const TABLE: &str = "agents";

/// How many agents an installation may hold, deleted ones not counted.
pub const MOST_AGENTS: u64 = 200;

/// What the counts of an agent go back to, in milliseconds: 30 days.
const COUNTED_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// An agent to be stored.
pub struct NewAgent {
    /// Whose it is.
    pub owner_id: UserId,
    /// Its unique name.
    pub name: AgentName,
    /// Its standing instructions.
    pub instructions: String,
    /// Provider and model as `provider/model`; `None` follows the server's.
    pub model: Option<String>,
    /// Its folder: a name among the workspaces, or an absolute path.
    pub folder: String,
    /// What was chosen for it beside its model.
    pub choices: AgentChoices,
    /// What it may do to begin with; without one, nothing.
    pub profile: Option<Profile>,
}

/// An agent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Which agent.
    pub id: AgentId,
    /// What it is called, or was before it was deleted.
    pub name: AgentName,
    /// Its standing instructions.
    pub instructions: String,
    /// Provider and model as `provider/model`; `None` follows the server's.
    pub model: Option<String>,
    /// Its folder: a name among the workspaces, or an absolute path.
    pub folder: String,
    /// What was chosen for it beside its model.
    pub choices: AgentChoices,
    /// Where it is in its life.
    pub status: AgentStatus,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// How much an agent was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgentUse {
    /// Sessions with it.
    pub sessions: u64,
    /// Its runs of the last 30 days.
    pub runs: u64,
    /// When something was last said in a session with it.
    pub active_at: Option<Timestamp>,
}

impl Store {
    /// Stores an agent; `Taken` if the name is, or if there are as many as
    /// there may be.
    pub async fn add_agent(&self, new: NewAgent) -> Result<Agent> {
        let write = self.write(Durability::Full).await?;
        let there = agents::Entity::find().filter(not_deleted()).count(&write.tx).await?;
        if there >= MOST_AGENTS {
            return Err(Error::Taken("place for another agent"));
        }
        let now = ms(self.clock().now());
        let mut row = agents::ActiveModel {
            id: Set(self.clock().uuid()),
            owner_id: Set(new.owner_id.as_uuid()),
            folder: Set(new.folder),
            name: Set(new.name.into()),
            instructions: Set(new.instructions),
            model: Set(new.model),
            created_at: Set(now),
            status: Set(AgentStatus::Active.as_str().into()),
            deleted_name: Set(None),
            updated_at: Set(now),
            ..Default::default()
        };
        set_choices(&mut row, new.choices)?;
        let row = row.insert(&write.tx).await.map_err(|error| Error::taken(error, "name"))?;
        let agent = AgentId::from_uuid(row.id);
        if let Some(profile) = new.profile {
            give_profile(self, &write.tx, agent, profile, new.owner_id).await?;
        }
        write.commit().await?;
        read(row)
    }

    /// The agents that are not deleted, oldest first: at most [`MOST_AGENTS`].
    pub async fn agents(&self) -> Result<Vec<Agent>> {
        let found = agents::Entity::find().filter(not_deleted());
        let found = found.order_by_asc(agents::Column::Id).limit(MOST_AGENTS);
        found.all(self.reader()).await?.into_iter().map(read).collect()
    }

    /// An agent by id, also a deleted one.
    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>> {
        agents::Entity::find_by_id(id.as_uuid()).one(self.reader()).await?.map(read).transpose()
    }

    /// An agent by name, whatever its case.
    pub async fn agent_by_name(&self, name: &AgentName) -> Result<Option<Agent>> {
        let text = "SELECT id FROM agents WHERE LOWER(name) = LOWER($1) AND status <> 'deleted'";
        let row = self.reader().query_one_raw(sql(text, [name.as_str().into()])).await?;
        match row {
            Some(row) => self.agent(AgentId::from_uuid(get(&row, "id")?)).await,
            None => Ok(None),
        }
    }

    /// How much an agent was used: by one person, or by everybody.
    pub async fn agent_use(&self, agent: AgentId, by: Option<UserId>) -> Result<AgentUse> {
        // Two statements in one, so that without a person the index alone tells.
        let (of_session, of_run) = match by {
            Some(_) => ("AND s.owner_id = $3", "AND r.owner_id = $3"),
            None => ("", ""),
        };
        let text = format!(
            "SELECT (SELECT COUNT(*) FROM sessions s
                WHERE s.agent_id = $1 AND s.state IN ('active', 'archived') {of_session}) AS sessions,
            (SELECT MAX(s.updated_at) FROM sessions s
                WHERE s.agent_id = $1 AND s.state IN ('active', 'archived') {of_session}) AS active_at,
            (SELECT COUNT(*) FROM runs r
                WHERE r.agent_id = $1 AND r.created_at > $2 {of_run}) AS runs"
        );
        let since = ms(self.clock().now()) - COUNTED_MS;
        let mut values: Vec<Value> = vec![agent.as_uuid().into(), since.into()];
        values.extend(by.map(|person| person.as_uuid().into()));
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        let row = row.ok_or_else(|| Error::Corrupt { table: TABLE, reason: "no counts".into() })?;
        let active_at: Option<i64> = get(&row, "active_at")?;
        Ok(AgentUse {
            sessions: count(TABLE, get(&row, "sessions")?)?,
            runs: count(TABLE, get(&row, "runs")?)?,
            active_at: active_at.map(|ms| at(TABLE, ms)).transpose()?,
        })
    }

    /// The agent of a person's newest session.
    pub async fn last_used_agent(&self, owner: UserId) -> Result<Option<AgentId>> {
        let text = "SELECT agent_id FROM sessions WHERE owner_id = $1 AND state = 'active'
            AND parent_run_id IS NULL ORDER BY updated_at DESC, id DESC LIMIT 1";
        let row = self.reader().query_one_raw(sql(text, [owner.as_uuid().into()])).await?;
        row.map(|row| Ok(AgentId::from_uuid(get(&row, "agent_id")?))).transpose()
    }
}

fn not_deleted() -> sea_orm::sea_query::SimpleExpr {
    agents::Column::Status.ne(AgentStatus::Deleted.as_str())
}

pub(crate) fn read(row: agents::Model) -> Result<Agent> {
    let choices = read_choices(&row)?;
    let name = row.deleted_name.unwrap_or(row.name);
    let corrupt = |error: domain::AgentNameError| Error::Corrupt {
        table: TABLE,
        reason: format!("the name {name:?}: {error}"),
    };
    Ok(Agent {
        id: AgentId::from_uuid(row.id),
        name: AgentName::parse(&name).map_err(corrupt)?,
        instructions: row.instructions,
        model: row.model,
        folder: row.folder,
        choices,
        status: word(TABLE, &row.status)?,
        created_at: at(TABLE, row.created_at)?,
        updated_at: at(TABLE, row.updated_at)?,
    })
}
