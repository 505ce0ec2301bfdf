//! What agents may do: grants, made and removed, and never changed.

use domain::{
    AgentId, AuditKind, Grant, GrantId, GrantOrigin, GrantTerms, Lasts, Profile, RunId, Timestamp,
    UserId,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::audit::{Actor, Record, name, words};
use crate::connection::Durability;
use crate::link::Tx;
use crate::row::{at, get, ms, sql, word};
use crate::{Error, Result, Store};

const TABLE: &str = "grants";

/// The grants of an agent (`$1`) that hold at a moment (`$2`), in milliseconds.
const HELD: &str = "SELECT id, agent_id, tool, scope, mode, ways, origin, run_id, created_at,
        expires_at
    FROM grants WHERE agent_id = $1 AND removed_at IS NULL
    AND (expires_at IS NULL OR expires_at > $2) ORDER BY created_at, id";

/// What became of new grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Granting {
    /// They hold, in the order in which they were handed in.
    Held(Vec<Grant>),
    /// The agent would have more than [`Grant::MAX_PER_AGENT`]. None was made.
    Full,
}

/// Which grants go when others come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// None.
    OfNone,
    /// Those that came from a profile.
    OfProfiles,
}

impl Store {
    /// The grants of an agent that hold now, oldest first: at most
    /// [`Grant::MAX_PER_AGENT`]. Those for one run are among them.
    pub async fn grants(&self, agent: AgentId) -> Result<Vec<Grant>> {
        let values: [Value; 2] = [agent.as_uuid().into(), ms(self.clock().now()).into()];
        let rows = self.reader().query_all_raw(sql(HELD, values)).await?;
        rows.iter().map(read).collect()
    }

    /// Gives an agent grants, in the name of a person; all of them or none.
    pub async fn grant(
        &self,
        agent: AgentId,
        terms: Vec<(GrantOrigin, GrantTerms)>,
        instead: Instead,
        by: UserId,
    ) -> Result<Granting> {
        let now = self.clock().now();
        let write = self.write(Durability::Full).await?;
        let values: [Value; 2] = [agent.as_uuid().into(), ms(now).into()];
        let rows = write.tx.query_all_raw(sql(HELD, values)).await?;
        let mut held = rows.len();
        if instead == Instead::OfProfiles {
            for row in &rows {
                let old = read(row)?;
                if matches!(old.origin, GrantOrigin::Profile(_)) {
                    remove(&write.tx, &old, by, now).await?;
                    held -= 1;
                }
            }
        }
        if held + terms.len() > Grant::MAX_PER_AGENT {
            return Ok(Granting::Full);
        }
        let mut made = Vec::with_capacity(terms.len());
        for (origin, terms) in terms {
            made.push(give(self, &write.tx, agent, (origin, terms), by).await?);
        }
        write.commit().await?;
        Ok(Granting::Held(made))
    }

    /// Takes a grant away, in the name of a person.
    pub async fn remove_grant(&self, agent: AgentId, id: GrantId, by: UserId) -> Result<Grant> {
        let now = self.clock().now();
        let write = self.write(Durability::Full).await?;
        let text = "SELECT * FROM grants WHERE id = $1 AND agent_id = $2 AND removed_at IS NULL";
        let values: [Value; 2] = [id.as_uuid().into(), agent.as_uuid().into()];
        let row = write.tx.query_one_raw(sql(text, values)).await?;
        let grant = read(&row.ok_or(Error::NotFound("grant"))?)?;
        remove(&write.tx, &grant, by, now).await?;
        write.commit().await?;
        Ok(grant)
    }
}

/// Gives an agent that was just made the grants of a profile.
pub(crate) async fn give_profile(
    store: &Store,
    tx: &Tx,
    agent: AgentId,
    profile: Profile,
    by: UserId,
) -> Result<()> {
    for terms in profile.terms() {
        give(store, tx, agent, (GrantOrigin::Profile(profile), terms), by).await?;
    }
    Ok(())
}

/// Gives an agent a grant inside a write.
pub(crate) async fn give(
    store: &Store,
    tx: &Tx,
    agent: AgentId,
    (origin, terms): (GrantOrigin, GrantTerms),
    by: UserId,
) -> Result<Grant> {
    let id = GrantId::from_uuid(store.clock().uuid());
    let grant = Grant { id, agent_id: agent, made_at: store.clock().now(), origin, terms };
    insert(tx, &grant, by).await?;
    Ok(grant)
}

async fn insert(tx: &Tx, grant: &Grant, by: UserId) -> Result<()> {
    let GrantTerms { tool, mode, ways, lasts, scope } = &grant.terms;
    let (run, until) = match lasts {
        Lasts::Always => (None, None),
        Lasts::Until(moment) => (None, Some(ms(*moment))),
        Lasts::Run(run) => (Some(run.as_uuid()), None),
    };
    let text = "INSERT INTO grants (id, agent_id, tool, scope, mode, ways, origin, run_id,
            created_by, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    let values: [Value; 11] = [
        grant.id.as_uuid().into(),
        grant.agent_id.as_uuid().into(),
        tool.to_string().into(),
        json(scope)?.into(),
        mode.as_str().into(),
        ways.as_str().into(),
        json(&grant.origin)?.into(),
        run.into(),
        by.as_uuid().into(),
        ms(grant.made_at).into(),
        until.into(),
    ];
    tx.later(sql(text, values)).await?;
    tx.audit.note(record(grant, AuditKind::Granted, by, grant.made_at));
    Ok(())
}

async fn remove(tx: &Tx, grant: &Grant, by: UserId, now: Timestamp) -> Result<()> {
    let text = "UPDATE grants SET removed_at = $2, removed_by = $3 WHERE id = $1";
    let values: [Value; 3] = [grant.id.as_uuid().into(), ms(now).into(), by.as_uuid().into()];
    tx.later(sql(text, values)).await?;
    tx.audit.note(record(grant, AuditKind::Removed, by, now));
    Ok(())
}

/// What a grant that comes or goes has to say to the record.
fn record(grant: &Grant, kind: AuditKind, by: UserId, now: Timestamp) -> Record {
    Record {
        owner: Some(by.as_uuid()),
        agent: Some(grant.agent_id.as_uuid()),
        tool: Some(name(&grant.terms.tool.to_string())),
        rule: Some(words(&grant.terms.to_string())),
        detail: Some(grant.id.to_string()),
        ..Record::new(ms(now), kind, Actor::User(by))
    }
}

fn read(row: &QueryResult) -> Result<Grant> {
    let (tool, mode, ways): (String, String, String) =
        (get(row, "tool")?, get(row, "mode")?, get(row, "ways")?);
    let (run, until): (Option<Uuid>, Option<i64>) = (get(row, "run_id")?, get(row, "expires_at")?);
    let lasts = match (run, until) {
        (Some(run), _) => Lasts::Run(RunId::from_uuid(run)),
        (None, Some(until)) => Lasts::Until(at(TABLE, until)?),
        (None, None) => Lasts::Always,
    };
    Ok(Grant {
        id: GrantId::from_uuid(get(row, "id")?),
        agent_id: AgentId::from_uuid(get(row, "agent_id")?),
        made_at: at(TABLE, get(row, "created_at")?)?,
        origin: parse(row, "origin")?,
        terms: GrantTerms {
            tool: word(TABLE, &tool)?,
            mode: word(TABLE, &mode)?,
            ways: word(TABLE, &ways)?,
            lasts,
            scope: parse(row, "scope")?,
        },
    })
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(corrupt)
}

fn parse<T: DeserializeOwned>(row: &QueryResult, column: &str) -> Result<T> {
    let text: String = get(row, column)?;
    serde_json::from_str(&text).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> Error {
    Error::Corrupt { table: TABLE, reason: error.to_string() }
}
