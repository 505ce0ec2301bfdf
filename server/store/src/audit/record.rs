//! What is to be recorded, before it has its place.

use domain::{AuditActor, AuditKind, UserId};
use uuid::Uuid;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    User(UserId),
    Agent,
    System,
}

impl Actor {
    pub(super) fn word(self) -> AuditActor {
        match self {
            Self::User(_) => AuditActor::User,
            Self::Agent => AuditActor::Agent,
            Self::System => AuditActor::System,
        }
    }

    pub(super) fn id(self) -> Option<Uuid> {
        match self {
            Self::User(id) => Some(id.as_uuid()),
            Self::Agent | Self::System => None,
        }
    }
}

/// One thing that was decided, or that came of a decision.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// When, in milliseconds.
    pub(crate) at: i64,
    pub(crate) kind: AuditKind,
    pub(crate) actor: Actor,
    /// Whose run or doing it is: they may read it.
    pub(crate) owner: Option<Uuid>,
    pub(crate) session: Option<Uuid>,
    pub(crate) run: Option<Uuid>,
    pub(crate) call: Option<Uuid>,
    pub(crate) agent: Option<Uuid>,
    pub(crate) tool: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) arguments_hash: Option<Vec<u8>>,
    pub(crate) result_hash: Option<Vec<u8>>,
}

impl Record {
    /// A record with nothing but what every one has.
    pub(crate) fn new(at: i64, kind: AuditKind, actor: Actor) -> Self {
        Self {
            at,
            kind,
            actor,
            owner: None,
            session: None,
            run: None,
            call: None,
            agent: None,
            tool: None,
            class: None,
            rule: None,
            detail: None,
            arguments_hash: None,
            result_hash: None,
        }
    }
}
