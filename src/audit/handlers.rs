//! The operation of the journal.

use actix_web::web::Data;

use super::dto::{AuditEventPage, AuditFilter};
use super::ops;
use crate::auth::grants::AuditRead;
use crate::error::ApiError;
use crate::http::Can;
use crate::http::Context;
use crate::http::listed::Listed;
use crate::http::page::List;

/// Read the audit journal
///
/// Returns every write, every read of a child's data and every refusal, latest first: who, when, from which address,
/// which objects. The journal holds identifiers only, never a name or a value. A manager reads the journal of their
/// service, an administrator that of the deployment (accounts, failed sign-ins). Reads of the journal are journaled
/// too.
#[utoipa::path(get, path = "/v1/audit-events")]
pub(super) async fn list_audit_events(
    can: Can<AuditRead>,
    context: Data<Context>,
    list: List<AuditFilter>,
) -> Result<Listed<AuditEventPage>, ApiError> {
    list.read(&context, can.call(), move |work, list| ops::list(work, &can.principal, &list.filter, &list.page)).await
}
