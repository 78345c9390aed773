//! Reading the journal.

use super::dto::{AuditEvent, AuditEventPage, AuditFilter};
use super::store::{self, PlacedEvent};
use crate::auth::{Permission, Principal};
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::PageRequest;
use crate::journal::{Authenticity, chain_of};
use crate::naming::ops::named;
use crate::work::Work;

/// A page of the journal that a principal may read, latest first. The read is journaled in each chain that it covers.
pub(super) fn list(
    work: &mut Work<'_>,
    principal: &Principal,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<AuditEventPage, ApiError> {
    let services = principal.services_with(Permission::AuditRead).into_iter();
    let mut readable: Vec<Option<Id>> = services.map(Some).collect();
    if principal.everywhere.contains(Permission::AuditRead) {
        // An administrator of the deployment does not see the reads of children's data in its services.
        readable.push(None);
    }
    readable.retain(|service| filter.service_id.is_none() || *service == filter.service_id);
    for service in &readable {
        work.trail.consult(*service);
    }
    let chains: Vec<String> = readable.into_iter().map(chain_of).collect();
    let (rows, info) = store::list(work.conn, &chains, filter, page)?;
    let authentic = Authenticity::load(work.conn, work.vault.journal_key())?;
    let event = |(row, position): PlacedEvent| {
        let genuine = authentic.is_genuine(&row, position);
        AuditEvent::new(row.event, genuine)
    };
    let data: Vec<_> = rows.into_iter().map(event).collect();
    Ok(AuditEventPage { data: named(work, data)?, page: info })
}
