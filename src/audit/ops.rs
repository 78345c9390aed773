//! Reading the journal.

use super::dto::{AuditEvent, AuditEventPage, AuditFilter};
use super::store;
use crate::auth::{Permission, Principal};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::journal::chain_of;
use crate::work::Work;

/// A page of the journal that a principal may read, the latest first. Reading it is an event of each part of it.
pub(super) fn list(
    work: &mut Work<'_>,
    principal: &Principal,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<AuditEventPage, ApiError> {
    let held = principal.services_with(Permission::AuditRead).into_iter();
    let mut parts: Vec<Option<Id>> = held.map(Some).collect();
    if principal.everywhere.contains(Permission::AuditRead) {
        // Who looks after the deployment does not see what is read of children in its services.
        parts.push(None);
    }
    parts.retain(|part| filter.service_id.is_none() || *part == filter.service_id);
    for part in &parts {
        work.trail.consult(*part);
    }
    let chains: Vec<String> = parts.into_iter().map(chain_of).collect();
    let (rows, info) = store::list(work.conn, &chains, filter, page)?;
    Ok(AuditEventPage { data: rows.into_iter().map(AuditEvent::from).collect(), page: info })
}
