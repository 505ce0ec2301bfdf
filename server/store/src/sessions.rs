//! Sessions and their messages.

use domain::{
    AgentId, Limit, MessageId, MessageView, Page, RunId, SessionFilter, SessionId, SessionView,
    UserId,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    Value,
};
use uuid::Uuid;

use crate::entity::messages;
use crate::events::placeholders;
use crate::row::{at, get, sql, word};
use crate::{Error, Result, Store, cursor};

const TABLE: &str = "sessions";

const COLUMNS: &str = "s.id, s.agent_id, COALESCE(a.deleted_name || ' (deleted)', a.name) AS agent, a.status AS agent_status, s.channel, s.state, s.title, s.created_at, s.updated_at,
    (SELECT r.status FROM runs r WHERE r.session_id = s.id ORDER BY r.ordinal DESC LIMIT 1) AS status
    FROM sessions s JOIN agents a ON a.id = s.agent_id";

impl Store {
    /// A person's sessions, the one last spoken in first; those that runs began
    /// are reached through these runs.
    pub async fn sessions(
        &self,
        owner: UserId,
        filter: SessionFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<SessionView>> {
        let (before, id) = match cursor {
            Some(cursor) => cursor::read_time_and_id(cursor)?,
            None => (i64::MAX, Uuid::max()),
        };
        let rows = limit.rows() as usize;
        let mut values: Vec<Value> = vec![
            owner.as_uuid().into(),
            before.into(),
            id.into(),
            i64::from(limit.rows() + 1).into(),
            filter.state.as_str().into(),
        ];
        let agent = filter.agent_id.map_or("", |agent| {
            values.push(agent.as_uuid().into());
            "AND s.agent_id = $6"
        });
        let text = format!(
            "SELECT {COLUMNS} WHERE s.owner_id = $1 AND s.parent_run_id IS NULL AND s.state = $5 {agent}
             AND (s.updated_at, s.id) < ($2, $3)
             ORDER BY s.updated_at DESC, s.id DESC LIMIT $4"
        );
        let found = self.reader().query_all_raw(sql(&text, values)).await?;
        let mut items = found.iter().map(read).collect::<Result<Vec<_>>>()?;
        let more = items.len() > rows;
        items.truncate(rows);
        let last = items.last().filter(|_| more);
        let next_cursor =
            last.map(|s| cursor::time_and_id(s.updated_at.as_millisecond(), s.id.as_uuid()));
        Ok(Page { items, next_cursor })
    }

    /// Sessions of a person by their ids, in no order.
    pub(crate) async fn sessions_by_id(
        &self,
        owner: UserId,
        ids: &[SessionId],
    ) -> Result<Vec<SessionView>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let text = format!(
            "SELECT {COLUMNS} WHERE s.owner_id = $1 AND s.state <> 'deleted' AND s.id IN ({})",
            placeholders(2, ids.len())
        );
        let ids = ids.iter().map(|id| Value::from(id.as_uuid()));
        let values = std::iter::once(owner.as_uuid().into()).chain(ids);
        let rows = self.reader().query_all_raw(sql(&text, values)).await?;
        rows.iter().map(read).collect()
    }

    /// One session of a person.
    pub async fn session(&self, owner: UserId, id: SessionId) -> Result<SessionView> {
        let text = format!(
            "SELECT {COLUMNS} WHERE s.id = $1 AND s.owner_id = $2 AND s.state <> 'deleted'"
        );
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let row = self.reader().query_one_raw(sql(&text, values)).await?;
        read(&row.ok_or(Error::NotFound("session"))?)
    }

    /// A session's messages, newest first. The session must be the person's.
    pub async fn messages(
        &self,
        owner: UserId,
        session: SessionId,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<MessageView>> {
        self.session(owner, session).await?;
        let before = match cursor {
            Some(cursor) => Uuid::try_parse(cursor).map_err(|_| Error::BadCursor)?,
            None => Uuid::max(),
        };
        let rows = u64::from(limit.rows());
        let found = messages::Entity::find()
            .filter(messages::Column::SessionId.eq(session.as_uuid()))
            .filter(messages::Column::Id.lt(before))
            .order_by_desc(messages::Column::Id)
            .limit(rows + 1)
            .all(self.reader())
            .await?;
        let more = found.len() as u64 > rows;
        let items = found.into_iter().take(limit.rows() as usize);
        let mut items = items.map(read_message).collect::<Result<Vec<_>>>()?;
        let ids = items.iter().map(|message| message.id.as_uuid());
        for (id, picture) in self.pictures_of_messages(ids).await? {
            if let Some(message) = items.iter_mut().find(|message| message.id.as_uuid() == id) {
                message.pictures.push(picture);
            }
        }
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|m| m.id.as_uuid().simple().to_string());
        Ok(Page { items, next_cursor })
    }
}

fn read(row: &QueryResult) -> Result<SessionView> {
    let (channel, state): (String, String) = (get(row, "channel")?, get(row, "state")?);
    let (agent_status, status): (String, Option<String>) =
        (get(row, "agent_status")?, get(row, "status")?);
    Ok(SessionView {
        id: SessionId::from_uuid(get(row, "id")?),
        title: get(row, "title")?,
        agent_id: AgentId::from_uuid(get(row, "agent_id")?),
        agent: get(row, "agent")?,
        agent_status: word("agents", &agent_status)?,
        channel: word(TABLE, &channel)?,
        state: word(TABLE, &state)?,
        status: status.map(|status| word("runs", &status)).transpose()?,
        created_at: at(TABLE, get(row, "created_at")?)?,
        updated_at: at(TABLE, get(row, "updated_at")?)?,
    })
}

fn read_message(row: messages::Model) -> Result<MessageView> {
    Ok(MessageView {
        id: MessageId::from_uuid(row.id),
        role: word("messages", &row.role)?,
        content: row.content,
        pictures: Vec::new(),
        run_id: row.run_id.map(RunId::from_uuid),
        created_at: at("messages", row.created_at)?,
    })
}
