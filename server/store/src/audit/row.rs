//! A row of the record as it is stored, and its hash.

use sea_orm::{QueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::record::Record;
use crate::Result;
use crate::row::get;

/// The columns, in the order in which they are hashed.
pub(super) const COLUMNS: &str = "seq, created_at, kind, actor, actor_id, owner_id, session_id,
    run_id, tool_call_id, agent_id, tool, class, rule, detail, arguments_hash, result_hash,
    prev_hash, hash";

/// How many there are.
pub(super) const WIDTH: usize = 18;

/// What the first row of all is built on.
pub(super) const NOTHING: [u8; 32] = [0; 32];

/// What is hashed first: which form of a row it is.
const FORM: &[u8] = b"openclawssy audit row 1\n";

/// A row. Its words are kept as they were found: a row that was tampered with
/// still has to be told apart from one that was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) seq: i64,
    pub(super) at: i64,
    pub(super) kind: String,
    actor: String,
    /// Person, owner, session, run, call, agent.
    ids: [Option<Uuid>; 6],
    /// Tool, class, rule, detail.
    texts: [Option<String>; 4],
    /// Of the arguments, of the result.
    hashes: [Option<Vec<u8>>; 2],
    pub(super) prev: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl Row {
    /// Gives a record its place behind another row.
    pub(super) fn after(seq: i64, prev: Vec<u8>, record: Record) -> Self {
        let Record { kind, actor, owner, session, run, call, agent, .. } = record;
        let mut row = Self {
            seq: seq + 1,
            at: record.at,
            kind: kind.as_str().to_owned(),
            actor: actor.word().as_str().to_owned(),
            ids: [actor.id(), owner, session, run, call, agent],
            texts: [record.tool, record.class, record.rule, record.detail],
            hashes: [record.arguments_hash, record.result_hash],
            prev,
            hash: Vec::new(),
        };
        row.hash = row.digest();
        row
    }

    pub(super) fn read(row: &QueryResult) -> Result<Self> {
        Ok(Self {
            seq: get(row, "seq")?,
            at: get(row, "created_at")?,
            kind: get(row, "kind")?,
            actor: get(row, "actor")?,
            ids: [
                get(row, "actor_id")?,
                get(row, "owner_id")?,
                get(row, "session_id")?,
                get(row, "run_id")?,
                get(row, "tool_call_id")?,
                get(row, "agent_id")?,
            ],
            texts: [get(row, "tool")?, get(row, "class")?, get(row, "rule")?, get(row, "detail")?],
            hashes: [get(row, "arguments_hash")?, get(row, "result_hash")?],
            prev: get(row, "prev_hash")?,
            hash: get(row, "hash")?,
        })
    }

    /// The values, in the order of the columns.
    pub(super) fn values(&self) -> [Value; WIDTH] {
        let [user, owner, session, run, call, agent] = self.ids;
        let [tool, class, rule, detail] = self.texts.clone();
        let [arguments, result] = self.hashes.clone();
        [
            self.seq.into(),
            self.at.into(),
            self.kind.as_str().into(),
            self.actor.as_str().into(),
            user.into(),
            owner.into(),
            session.into(),
            run.into(),
            call.into(),
            agent.into(),
            tool.into(),
            class.into(),
            rule.into(),
            detail.into(),
            arguments.into(),
            result.into(),
            self.prev.clone().into(),
            self.hash.clone().into(),
        ]
    }

    /// SHA-256 over everything but the hash itself. Each part stands behind its
    /// length, so no two rows are the same bytes.
    pub(super) fn digest(&self) -> Vec<u8> {
        let mut sha = Sha256::new_with_prefix(FORM);
        sha.update(self.seq.to_be_bytes());
        sha.update(self.at.to_be_bytes());
        let words = [&self.kind, &self.actor].map(|word| Some(word.as_bytes()));
        let ids = self.ids.each_ref().map(|id| id.as_ref().map(|id| id.as_bytes().as_slice()));
        let texts = self.texts.each_ref().map(|text| text.as_deref().map(str::as_bytes));
        let hashes = self.hashes.each_ref().map(|hash| hash.as_deref());
        let prev = [Some(self.prev.as_slice())];
        for part in words.into_iter().chain(ids).chain(texts).chain(hashes).chain(prev) {
            match part {
                None => sha.update([0]),
                Some(bytes) => {
                    sha.update([1]);
                    sha.update((bytes.len() as u64).to_be_bytes());
                    sha.update(bytes);
                }
            }
        }
        sha.finalize().to_vec()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "this is how a test fails")]

    use domain::{AuditKind, UserId};

    use super::super::record::Actor;
    use super::*;

    #[test]
    fn what_is_in_one_column_is_not_taken_for_what_is_in_the_next() {
        let mut record = Record::new(5, AuditKind::Allowed, Actor::Agent);
        record.rule = Some("ab".into());
        let digest = |record: Record| Row::after(0, NOTHING.to_vec(), record).hash;
        let whole = digest(record.clone());
        for (rule, detail) in [(Some("a"), Some("b")), (None, Some("ab")), (Some("ab"), Some(""))] {
            let (rule, detail) = (rule.map(str::to_owned), detail.map(str::to_owned));
            assert_ne!(digest(Record { rule, detail, ..record.clone() }), whole);
        }
        let actor = Actor::User(UserId::from_uuid(Uuid::max()));
        assert_ne!(digest(Record { actor, ..record.clone() }), whole);
        assert_eq!(digest(record), whole);
    }
}
