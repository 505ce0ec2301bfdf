//! Agents.

use domain::{AgentId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set,
};

use crate::connection::Durability;
use crate::entity::agents;
use crate::row::ms;
use crate::{Error, Result, Store};

/// How many agents are listed.
const LISTED: u64 = 200;

/// An agent to be stored.
pub struct NewAgent {
    /// Whose it is.
    pub owner_id: UserId,
    /// Its unique name.
    pub name: String,
    /// Its standing instructions.
    pub instructions: String,
    /// Provider and model as `provider/model`; `None` follows the server's.
    pub model: Option<String>,
}

/// An agent as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// Which agent.
    pub id: AgentId,
    /// Its unique name.
    pub name: String,
    /// Its standing instructions.
    pub instructions: String,
    /// Provider and model as `provider/model`; `None` follows the server's.
    pub model: Option<String>,
}

impl Store {
    /// Stores an agent; `Taken` if the name is.
    pub async fn add_agent(&self, new: NewAgent) -> Result<Agent> {
        let write = self.write(Durability::Full).await?;
        let now = ms(self.clock().now());
        let row = agents::ActiveModel {
            id: Set(self.clock().uuid()),
            owner_id: Set(new.owner_id.as_uuid()),
            folder: Set(new.name.clone()),
            name: Set(new.name),
            instructions: Set(new.instructions),
            model: Set(new.model),
            created_at: Set(now),
            status: Set("active".into()),
            deleted_name: Set(None),
            updated_at: Set(now),
        };
        let row = row.insert(&write.tx).await.map_err(|error| Error::taken(error, "name"))?;
        write.commit().await?;
        Ok(read(row))
    }

    /// Agents, oldest first, at most 200.
    pub async fn agents(&self) -> Result<Vec<Agent>> {
        let found = agents::Entity::find().order_by_asc(agents::Column::Id).limit(LISTED);
        Ok(found.all(self.reader()).await?.into_iter().map(read).collect())
    }

    /// An agent by id.
    pub async fn agent(&self, id: AgentId) -> Result<Option<Agent>> {
        Ok(agents::Entity::find_by_id(id.as_uuid()).one(self.reader()).await?.map(read))
    }

    /// An agent by name.
    pub async fn agent_by_name(&self, name: &str) -> Result<Option<Agent>> {
        let found = agents::Entity::find().filter(agents::Column::Name.eq(name));
        Ok(found.one(self.reader()).await?.map(read))
    }
}

fn read(row: agents::Model) -> Agent {
    Agent {
        id: AgentId::from_uuid(row.id),
        name: row.name,
        instructions: row.instructions,
        model: row.model,
    }
}
