//! Every table of the schema: what its rows belong to, and how long they stay.

use domain::Retention;

use crate::Backend;

/// What is said about one table.
#[derive(Debug, Clone, Copy)]
pub struct TableRule {
    /// The table.
    pub name: &'static str,
    /// What its rows belong to; they go with it.
    pub owner: &'static str,
    /// How long its rows stay.
    pub kept: Kept,
    /// The only database that has it, if not both do.
    pub only: Option<Backend>,
}

/// How long rows stay.
#[derive(Debug, Clone, Copy)]
pub enum Kept {
    /// As long as what they belong to.
    WithOwner,
    /// Until a person removes them.
    UntilRemoved,
    /// Their number is fixed, whatever their age.
    Fixed(&'static str),
    /// Until a moment that is in the row or in the code.
    Expires(&'static str),
    /// As long as the settings say.
    Aged(fn(&Retention) -> String),
}

impl Kept {
    /// The age limit in words.
    pub fn words(&self, retention: &Retention) -> String {
        match self {
            Self::WithOwner => "as long as their owner".to_owned(),
            Self::UntilRemoved => "until somebody removes them".to_owned(),
            Self::Fixed(words) | Self::Expires(words) => (*words).to_owned(),
            Self::Aged(words) => words(retention),
        }
    }
}

/// The tables of a database, by name.
pub fn tables(backend: Backend) -> impl Iterator<Item = &'static TableRule> {
    TABLES.iter().filter(move |table| table.only.is_none_or(|only| only == backend))
}

const fn rule(name: &'static str, owner: &'static str, kept: Kept) -> TableRule {
    TableRule { name, owner, kept, only: None }
}

/// A table that is not in here fails a test: somebody has to say how it is kept
/// from growing without end.
const TABLES: &[TableRule] = &[
    rule("agents", "user", Kept::UntilRemoved),
    rule("approvals", "run", Kept::WithOwner),
    rule("audit", "installation", Kept::Expires("400 days, cut at a signed place")),
    rule("audit_checks", "installation", Kept::Fixed("one row")),
    rule("audit_points", "installation", Kept::Fixed("two rows")),
    rule("cleaning", "installation", Kept::Fixed("one row")),
    rule("form_notes", "login session", Kept::Expires("5 minutes, and 1,000 at most")),
    rule("grants", "agent", Kept::Expires("400 days after they ended")),
    rule("idempotency_keys", "run", Kept::Expires("24 hours")),
    rule("login_sessions", "user", Kept::Expires("30 days, and 32 for each person")),
    rule("messages", "session", Kept::WithOwner),
    TableRule {
        name: "messages_search",
        owner: "message",
        kept: Kept::WithOwner,
        only: Some(Backend::Sqlite),
    },
    rule(
        "outbox",
        "run",
        Kept::Aged(|kept| format!("{} after the delivery", days(kept.outbox_days))),
    ),
    rule(
        "pictures",
        "message",
        Kept::Aged(|kept| format!("{} after the end of the run", days(kept.events_days))),
    ),
    rule("prompt_documents", "agent", Kept::Fixed("the newest 50 versions of each")),
    rule(
        "prompts",
        "installation",
        Kept::Aged(|kept| format!("{} after the last run with it", days(kept.events_days + 1))),
    ),
    rule("providers", "user", Kept::UntilRemoved),
    rule(
        "run_events",
        "run",
        Kept::Aged(|kept| {
            format!(
                "{} after the end of the run; pieces of texts {}",
                days(kept.events_days),
                days(kept.deltas_days)
            )
        }),
    ),
    rule("runs", "session", Kept::WithOwner),
    rule("seaql_migrations", "installation", Kept::Fixed("one row for each change of the schema")),
    rule(
        "sessions",
        "user",
        Kept::Aged(|kept| match kept.sessions_days {
            Some(number) => format!("{} after the last message", days(number)),
            None => "until somebody deletes them".to_owned(),
        }),
    ),
    rule("settings", "installation", Kept::Fixed("one row")),
    rule("steers", "run", Kept::WithOwner),
    rule("table_sizes", "installation", Kept::Fixed("one row for each table")),
    rule("tokens", "user", Kept::UntilRemoved),
    rule("usage_days", "agent", Kept::Expires("400 days")),
    rule("users", "installation", Kept::UntilRemoved),
];

fn days(number: u32) -> String {
    match number {
        1 => "1 day".to_owned(),
        number => format!("{number} days"),
    }
}
