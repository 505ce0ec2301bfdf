//! What the run at work in a session waits for, and has yet to hear.

use domain::{Pending, SessionId, UserId};
use sea_orm::{ConnectionTrait, Value};

use crate::approvals::{COLUMNS, read};
use crate::row::{get, sql};
use crate::{Result, Store};

/// The run of a session (`$1`) of a person (`$2`) that works or waits.
const OPEN: &str = "(SELECT id FROM runs WHERE session_id = $1 AND owner_id = $2
    AND status IN ('running', 'waiting_approval', 'waiting_guidance'))";

impl Store {
    /// What a person's session waits for, and what its run has yet to hear.
    pub async fn pending(&self, owner: UserId, session: SessionId) -> Result<Pending> {
        let of: [Value; 2] = [session.as_uuid().into(), owner.as_uuid().into()];
        let text = format!("SELECT {COLUMNS} WHERE a.run_id = {OPEN} AND a.status = 'waiting'");
        let approval = self.reader().query_one_raw(sql(&text, of.clone())).await?;
        let text = format!(
            "SELECT message FROM steers WHERE run_id = {OPEN} AND heard_at IS NULL ORDER BY id"
        );
        let unheard = self.reader().query_all_raw(sql(&text, of)).await?;
        Ok(Pending {
            approval: approval.as_ref().map(read).transpose()?,
            unheard: unheard.iter().map(|row| get(row, "message")).collect::<Result<_>>()?,
        })
    }
}
