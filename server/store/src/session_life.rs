//! The life of a session: begun, titled, renamed, archived, deleted.

use domain::{
    AgentId, Channel, Limit, RunId, RunView, SessionId, SessionState, UserId, title_of_exchange,
};
use sea_orm::{ConnectionTrait, Value};

use crate::connection::Durability;
use crate::link::Tx;
use crate::queue::read_open;
use crate::row::{get, ms, sql};
use crate::{Change, Error, Result, Store};

/// A session to be stored that holds nothing yet.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose it is.
    pub owner_id: UserId,
    /// The agent it is with.
    pub agent_id: AgentId,
    /// Where it takes place.
    pub channel: Channel,
    /// The title that a person gave it.
    pub title: Option<String>,
}

/// A session (`$1`) and all that its runs began, and theirs.
const FAMILY: &str = "WITH RECURSIVE few (id) AS (
    SELECT id FROM sessions WHERE id = $1
    UNION SELECT c.id FROM few JOIN runs r ON r.session_id = few.id
        JOIN sessions c ON c.parent_run_id = r.id)
    SELECT id FROM few";

/// The title of a session that holds nothing yet.
const UNTITLED: &str = "New session";

impl Store {
    /// Begins an empty session.
    pub async fn begin_session(&self, new: NewSession) -> Result<SessionId> {
        let id = SessionId::from_uuid(self.clock().uuid());
        let from = if new.title.is_some() { "person" } else { "message" };
        let text = "INSERT INTO sessions
            (id, owner_id, agent_id, channel, title, title_from, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
        let values: [Value; 7] = [
            id.as_uuid().into(),
            new.owner_id.as_uuid().into(),
            new.agent_id.as_uuid().into(),
            new.channel.as_str().into(),
            new.title.unwrap_or_else(|| UNTITLED.to_owned()).into(),
            from.into(),
            ms(self.clock().now()).into(),
        ];
        let write = self.write(Durability::Full).await?;
        write.tx.execute_raw(sql(text, values)).await?;
        write.commit().await?;
        Ok(id)
    }

    /// Gives a session a person's title, which nothing overwrites, or puts it
    /// away or back, or both.
    pub async fn change_session(
        &self,
        owner: UserId,
        id: SessionId,
        title: Option<&str>,
        archived: Option<bool>,
    ) -> Result<()> {
        let state = archived.map(|archived| {
            if archived { SessionState::Archived } else { SessionState::Active }.as_str()
        });
        let text = "UPDATE sessions SET title = COALESCE($3, title),
                title_from = CASE WHEN $3 IS NULL THEN title_from ELSE 'person' END,
                state = COALESCE($4, state)
            WHERE id = $1 AND owner_id = $2 AND state <> 'deleted'";
        let values: [Value; 4] = [
            id.as_uuid().into(),
            owner.as_uuid().into(),
            title.map(str::to_owned).into(),
            state.map(str::to_owned).into(),
        ];
        let write = self.write(Durability::Full).await?;
        let found = write.tx.execute_raw(sql(text, values)).await?.rows_affected();
        if found == 0 {
            return Err(Error::NotFound("session"));
        }
        write.commit().await
    }

    /// Deletes a session, and those that its runs began: from the commit on
    /// nobody sees them. What waits in them ends here and now; the runs that work
    /// are asked to stop, and returned.
    pub async fn delete_session(&self, owner: UserId, id: SessionId) -> Result<Vec<RunId>> {
        let now = self.clock().now();
        let mut write = self.write(Durability::Full).await?;
        let values: [Value; 2] = [id.as_uuid().into(), owner.as_uuid().into()];
        let gone = "UPDATE sessions SET state = 'deleted'
            WHERE id = $1 AND owner_id = $2 AND state <> 'deleted'";
        if write.tx.execute_raw(sql(gone, values)).await?.rows_affected() == 0 {
            return Err(Error::NotFound("session"));
        }
        let below = format!("UPDATE sessions SET state = 'deleted' WHERE id IN ({FAMILY})");
        write.tx.execute_raw(sql(&below, [id.as_uuid().into()])).await?;
        let runs = |condition: &str| {
            format!(
                "SELECT id, session_id, status FROM runs WHERE session_id IN ({FAMILY})
                 AND {condition}"
            )
        };
        // One at a time: a run that ends takes with it what it began.
        let waits = runs("status IN ('queued', 'waiting_approval', 'waiting_guidance') LIMIT 1");
        while let Some(row) = write.tx.query_one_raw(sql(&waits, [id.as_uuid().into()])).await? {
            self.stop_in(&mut write, read_open(&row, owner)?, now).await?;
        }
        let mut working = Vec::new();
        let works = runs("status = 'running'");
        for row in write.tx.query_all_raw(sql(&works, [id.as_uuid().into()])).await? {
            let open = read_open(&row, owner)?;
            working.push(open.run_id);
            self.stop_in(&mut write, open, now).await?;
        }
        // Its readers have to be told, also where nothing of it worked.
        write.announce(Change::Anything);
        write.commit().await?;
        Ok(working)
    }

    /// Runs of a session after a place, oldest first, each with its place.
    pub async fn runs_of_session(
        &self,
        owner: UserId,
        session: SessionId,
        after: i64,
        limit: Limit,
    ) -> Result<Vec<(i64, RunView)>> {
        let places = "SELECT ordinal FROM runs WHERE session_id = $1 AND ordinal > $2
            ORDER BY ordinal LIMIT $3";
        let values: [Value; 3] = [session.as_uuid().into(), after.into(), limit.rows().into()];
        let rows = self.reader().query_all_raw(sql(places, values)).await?;
        let places = rows.iter().map(|row| get(row, "ordinal")).collect::<Result<Vec<i64>>>()?;
        let Some(last) = places.last() else { return Ok(Vec::new()) };
        let values: [Value; 4] =
            [session.as_uuid().into(), after.into(), (*last).into(), owner.as_uuid().into()];
        let condition = "r.session_id = $1 AND r.ordinal > $2 AND r.ordinal <= $3
            AND r.owner_id = $4 AND s.state <> 'deleted' ORDER BY r.ordinal";
        let runs = self.run_views(condition, values).await?;
        Ok(places.into_iter().zip(runs).collect())
    }
}

/// Titles a session by its first exchange, unless it was titled better before.
pub(crate) async fn title_by_exchange(
    tx: &Tx,
    session: SessionId,
    run: RunId,
    answer: &str,
) -> Result<()> {
    let text = "SELECT r.message FROM runs r JOIN sessions s ON s.id = r.session_id
        WHERE r.id = $1 AND s.title_from = 'message'";
    let row = tx.query_one_raw(sql(text, [run.as_uuid().into()])).await?;
    let Some(row) = row else { return Ok(()) };
    let question: String = get(&row, "message")?;
    let text = "UPDATE sessions SET title = $2, title_from = 'exchange' WHERE id = $1";
    let title = title_of_exchange(&question, answer);
    Ok(tx.later(sql(text, [session.as_uuid().into(), title.into()])).await?)
}
