//! Search by text, over messages and titles of one person.
//!
//! What was typed never reaches the database as a query of its own: the query is
//! built here, each term quoted.

use std::collections::HashMap;

use domain::{
    Found, Limit, Page, SearchText, Segment, SessionFilter, SessionId, SessionView, Term,
    Timestamp, UserId,
};
use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::events::placeholders;
use crate::row::{at, get, sql};
use crate::{Backend, Result, Store, cursor};

/// How many of the newest messages that fit are looked at.
const MATCHES: i64 = 5_000;

/// How many of a person's newest sessions are searched by title.
const TITLES: u32 = 1_000;

/// The most sessions of a page.
const ROWS: usize = 50;

/// What a marked piece of a snippet stands between. Neither can be typed.
const MARKS: [char; 2] = ['\u{2}', '\u{3}'];

/// The indexed text on PostgreSQL, exactly as its index has it.
const VECTOR: &str = "to_tsvector('simple', left(m.content, 100000))";

impl Store {
    /// Sessions that hold all that is looked for, in one message or in their
    /// title, the newest match first; at most 50 at a time.
    pub async fn search(
        &self,
        owner: UserId,
        wanted: &SearchText,
        filter: SessionFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<Found>> {
        let before = match cursor {
            Some(cursor) => cursor::read_time_and_id(cursor)?,
            None => (i64::MAX, Uuid::max()),
        };
        if wanted.is_empty() {
            return Ok(Page { items: Vec::new(), next_cursor: None });
        }
        let messages = self.matches(owner, wanted, filter).await?;
        let mut places: HashMap<Uuid, i64> = messages.iter().copied().collect();
        for session in self.titles(owner, wanted, filter).await? {
            let newest = self.newest_message(session).await?;
            let place = places.entry(session).or_insert(newest);
            *place = newest.max(*place);
        }
        let mut order: Vec<(i64, Uuid)> = places.into_iter().map(|(id, at)| (at, id)).collect();
        order.retain(|place| *place < before);
        order.sort_unstable_by(|a, b| b.cmp(a));
        let rows = ROWS.min(limit.rows() as usize);
        let more = order.len() > rows;
        order.truncate(rows);
        let last = order.last().filter(|_| more);
        let next_cursor = last.map(|(place, id)| cursor::time_and_id(*place, *id));
        let ids: Vec<_> = order.iter().map(|(_, id)| SessionId::from_uuid(*id)).collect();
        let sessions = self.sessions_by_id(owner, &ids).await?;
        let messages: HashMap<Uuid, i64> = messages.into_iter().collect();
        let ordinals: Vec<i64> =
            ids.iter().filter_map(|id| messages.get(&id.as_uuid())).copied().collect();
        let mut snippets = self.snippets(owner, wanted, &ordinals).await?;
        let mut by_id: HashMap<_, SessionView> = sessions.into_iter().map(|s| (s.id, s)).collect();
        let items = ids.into_iter().filter_map(|id| {
            let session = by_id.remove(&id)?;
            let found = messages.get(&id.as_uuid()).and_then(|ordinal| snippets.remove(ordinal));
            let (snippet, said_at) = match found {
                Some((snippet, at)) => (snippet, Some(at)),
                None => (Vec::new(), None),
            };
            Some(Found { session, snippet, said_at })
        });
        Ok(Page { items: items.collect(), next_cursor })
    }

    /// Sessions with a message that fits, each with the newest one's number.
    async fn matches(
        &self,
        owner: UserId,
        wanted: &SearchText,
        filter: SessionFilter,
    ) -> Result<Vec<(Uuid, i64)>> {
        let (query, mut values) = self.query(owner, wanted);
        let hits = match self.backend() {
            Backend::Sqlite => format!(
                "SELECT rowid AS ordinal FROM messages_search WHERE messages_search MATCH $1
                 ORDER BY rowid DESC LIMIT {MATCHES}"
            ),
            Backend::Postgres => format!(
                "SELECT m.ordinal FROM messages m WHERE {VECTOR} @@ to_tsquery('simple', $1)
                 AND m.owner_id = $2 ORDER BY m.ordinal DESC LIMIT {MATCHES}"
            ),
        };
        values.push(query.into());
        values.rotate_right(1);
        values.push(filter.state.as_str().into());
        let mut parts = "s.owner_id = $2 AND s.state = $3".to_owned();
        if let Some(agent) = filter.agent_id {
            values.push(agent.as_uuid().into());
            parts.push_str(" AND s.agent_id = $4");
        }
        let text = format!(
            "SELECT m.session_id, MAX(few.ordinal) AS ordinal FROM ({hits}) few
             JOIN messages m ON m.ordinal = few.ordinal JOIN sessions s ON s.id = m.session_id
             WHERE {parts} GROUP BY m.session_id"
        );
        let rows = self.reader().query_all_raw(sql(&text, values)).await?;
        rows.iter().map(|row| Ok((get(row, "session_id")?, get(row, "ordinal")?))).collect()
    }

    /// Sessions whose title fits, as far as lists show them.
    async fn titles(
        &self,
        owner: UserId,
        wanted: &SearchText,
        filter: SessionFilter,
    ) -> Result<Vec<Uuid>> {
        let mut values: Vec<Value> =
            vec![owner.as_uuid().into(), filter.state.as_str().into(), TITLES.into()];
        let agent = filter.agent_id.map_or("", |agent| {
            values.push(agent.as_uuid().into());
            "AND agent_id = $4"
        });
        let text = format!(
            "SELECT id, title FROM sessions WHERE owner_id = $1 AND state = $2 {agent}
             AND parent_run_id IS NULL
             ORDER BY updated_at DESC, id DESC LIMIT $3"
        );
        let rows = self.reader().query_all_raw(sql(&text, values)).await?;
        let mut found = Vec::new();
        for row in &rows {
            let title: String = get(row, "title")?;
            if wanted.fits(&title) {
                found.push(get(row, "id")?);
            }
        }
        Ok(found)
    }

    async fn newest_message(&self, session: Uuid) -> Result<i64> {
        let text = "SELECT ordinal FROM messages WHERE session_id = $1 ORDER BY id DESC LIMIT 1";
        let row = self.reader().query_one_raw(sql(text, [session.into()])).await?;
        row.map_or(Ok(0), |row| get(&row, "ordinal"))
    }

    async fn snippets(
        &self,
        owner: UserId,
        wanted: &SearchText,
        ordinals: &[i64],
    ) -> Result<HashMap<i64, (Vec<Segment>, Timestamp)>> {
        if ordinals.is_empty() {
            return Ok(HashMap::new());
        }
        let (query, _) = self.query(owner, wanted);
        let [open, close] = MARKS;
        let places = placeholders(4, ordinals.len());
        let text = match self.backend() {
            Backend::Sqlite => format!(
                "SELECT m.ordinal, m.created_at,
                    snippet(messages_search, 0, $2, $3, '…', 24) AS snippet
                 FROM messages_search f JOIN messages m ON m.ordinal = f.rowid
                 WHERE messages_search MATCH $1 AND f.rowid IN ({places})"
            ),
            Backend::Postgres => format!(
                "SELECT m.ordinal, m.created_at, ts_headline('simple', left(m.content, 100000),
                    to_tsquery('simple', $1), 'MaxWords=24, MinWords=12, StartSel=' || $2 || ', StopSel=' || $3)
                    AS snippet
                 FROM messages m WHERE m.ordinal IN ({places})"
            ),
        };
        let mut values: Vec<Value> =
            vec![query.into(), open.to_string().into(), close.to_string().into()];
        values.extend(ordinals.iter().map(|ordinal| Value::from(*ordinal)));
        let rows = self.reader().query_all_raw(sql(&text, values)).await?;
        let mut found = HashMap::new();
        for row in &rows {
            let snippet: String = get(row, "snippet")?;
            let said_at = at("messages", get(row, "created_at")?)?;
            found.insert(get(row, "ordinal")?, (segments(&snippet), said_at));
        }
        Ok(found)
    }

    /// The query in the language of this database, and the owner's id.
    fn query(&self, owner: UserId, wanted: &SearchText) -> (String, Vec<Value>) {
        let query = match self.backend() {
            Backend::Sqlite => sqlite_query(owner, wanted),
            Backend::Postgres => postgres_query(wanted),
        };
        (query, vec![owner.as_uuid().into()])
    }
}

/// Each term is a string of FTS5, where only the quotation mark has a meaning,
/// and a term has none. The owner is a word of the index.
fn sqlite_query(owner: UserId, wanted: &SearchText) -> String {
    let term = |term: &Term| {
        let star = if term.prefix { "*" } else { "" };
        format!("\"{}\"{star}", term.text)
    };
    let terms: Vec<_> = wanted.terms().iter().map(term).collect();
    let owner = owner.as_uuid().simple().to_string().to_uppercase();
    format!("owner:\"{owner}\" AND content:({})", terms.join(" AND "))
}

/// Each term is a quoted lexeme; inside, quotes and backslashes are doubled.
fn postgres_query(wanted: &SearchText) -> String {
    let term = |term: &Term| {
        let text = term.text.replace('\\', "\\\\").replace('\'', "''");
        let star = if term.prefix { ":*" } else { "" };
        format!("'{text}'{star}")
    };
    wanted.terms().iter().map(term).collect::<Vec<_>>().join(" & ")
}

fn segments(snippet: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (n, part) in snippet.split(MARKS).enumerate() {
        if !part.is_empty() {
            segments.push(Segment { text: part.to_owned(), hit: n % 2 == 1 });
        }
    }
    segments
}
