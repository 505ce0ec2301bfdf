//! The record of decisions: who may read it, and its check.

use domain::{AuditCheck, AuditEntry, AuditFilter, Limit, Page, Role};

use crate::access::owner;
use crate::{Engine, Result, SignedIn};

impl Engine {
    /// The record, newest first. An owner reads all of it; others read what their
    /// own runs and doings left there.
    pub async fn audit(
        &self,
        who: &SignedIn,
        filter: &AuditFilter,
        limit: Limit,
        cursor: Option<&str>,
    ) -> Result<Page<AuditEntry>> {
        let of = match who.role() {
            Role::Owner => None,
            Role::Member => Some(who.id()),
        };
        Ok(self.store().audit(of, filter, limit, cursor).await?)
    }

    /// Checks the whole record, from its beginning to its signed end.
    pub async fn check_audit(&self, who: &SignedIn) -> Result<AuditCheck> {
        owner(who)?;
        Ok(self.store().check_audit().await?)
    }

    /// What the newest check found.
    pub async fn audit_check(&self, who: &SignedIn) -> Result<Option<AuditCheck>> {
        owner(who)?;
        Ok(self.store().audit_check().await?)
    }
}
