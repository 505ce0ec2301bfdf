//! `/api/admin/audit`

use axum::Json;
use axum::extract::State;
use domain::{AuditCheck, AuditEntry, AuditFilter, Page};
use engine::Engine;

use super::{Params, Reply};
use crate::auth::Caller;

/// `GET /api/admin/audit`
pub(crate) async fn list(
    Caller(who): Caller,
    State(engine): State<Engine>,
    mut params: Params,
) -> Reply<Json<Page<AuditEntry>>> {
    let filter = AuditFilter {
        tool: params.take("tool"),
        agent_id: params.read("agent_id")?,
        kind: params.read("kind")?,
        run_id: params.read("run_id")?,
        since: params.read("since")?,
        until: params.read("until")?,
    };
    let (limit, cursor) = (params.limit()?, params.take("cursor"));
    params.done()?;
    Ok(Json(engine.audit(&who, &filter, limit, cursor.as_deref()).await?))
}

/// `GET /api/admin/audit/verify`: what the newest check found, `null` before the
/// first.
pub(crate) async fn checked(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<Json<Option<AuditCheck>>> {
    Ok(Json(engine.audit_check(&who).await?))
}

/// `POST /api/admin/audit/verify`: checks the whole record now.
pub(crate) async fn check(
    Caller(who): Caller,
    State(engine): State<Engine>,
) -> Reply<Json<AuditCheck>> {
    Ok(Json(engine.check_audit(&who).await?))
}
