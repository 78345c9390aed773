//! The SQL of reading the journal, and how its rows appear in the contract.

use diesel::prelude::*;

use super::dto::{AuditEvent, AuditFilter, AuditedChange};
use crate::db::schema::{audit_events, audit_objects};
use crate::db::{AnyConn, Id, IsAmong};
use crate::http::page::{PageInfo, PageRequest};
use crate::journal::{EventRow, StoredEvent, occurrences};

impl AuditEvent {
    /// The event of a row, and whether it is genuine.
    pub(super) fn new(row: EventRow, genuine: bool) -> Self {
        let occurrences = occurrences(&row.changed);
        Self {
            id: row.id,
            // The name of the deployment's chain is not an identifier.
            service_id: row.chain.parse().ok(),
            happened_at: row.happened_at,
            principal: row.principal,
            principal_name: None,
            operation: row.operation,
            request_id: row.request_id,
            outcome: row.outcome,
            code: row.code,
            target_id: row.target_id,
            changed: row.changed.split_whitespace().filter_map(change).collect(),
            opened: row.opened.split_whitespace().filter_map(|owner| owner.parse().ok()).collect(),
            address: row.address,
            occurrences,
            genuine,
        }
    }
}

/// A change from its stored form, `resource:identifier:kind`, of rights with `:before>after`.
fn change(word: &str) -> Option<AuditedChange> {
    let mut parts = word.splitn(4, ':');
    let (resource, id, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let (before, after) = parts.next().and_then(|rights| rights.split_once('>')).unwrap_or_default();
    let rights = |codes: &str| Some(codes.replace(',', " ")).filter(|codes| !codes.is_empty());
    Some(AuditedChange {
        resource: resource.parse().ok()?,
        id: id.parse().ok()?,
        kind: kind.parse().ok()?,
        before: rights(before),
        after: rights(after),
    })
}

type Boxed<'a> = audit_events::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The events of some chains that match a filter. `LIKE` searches the stored lists of an event. They hold identifiers
/// and codes, whose only wildcard is the `_` between the letters of a code.
fn filtered<'a>(chains: &'a [String], filter: &'a AuditFilter) -> Boxed<'a> {
    let mut query = audit_events::table.filter(audit_events::chain.among(chains)).into_boxed();
    if let Some(principal) = &filter.principal {
        query = query.filter(audit_events::principal.eq(principal));
    }
    if let Some(operation) = &filter.operation {
        query = query.filter(audit_events::operation.eq(operation));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(audit_events::outcome.eq(outcome));
    }
    if let Some(id) = filter.object_id {
        let named = audit_objects::table.filter(audit_objects::object_id.eq(id)).select(audit_objects::event_id);
        query = query.filter(audit_events::id.eq_any(named));
    }
    if let Some(resource) = filter.resource {
        let object = filter.object_id.map(|id| format!("{id}:")).unwrap_or_default();
        query = query.filter(audit_events::changed.like(format!("% {resource}:{object}%")));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::happened_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_events::happened_at.lt(to));
    }
    query
}

/// An event, and its position in the chain.
pub(super) type PlacedEvent = (StoredEvent, Option<i64>);

/// A page of events, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    chains: &[String],
    filter: &AuditFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<PlacedEvent>, PageInfo)> {
    let mut query = filtered(chains, filter);
    if let Some(id) = page.after::<Id>() {
        query = query.filter(audit_events::id.lt(id));
    }
    let columns = (StoredEvent::as_select(), audit_events::position);
    let rows = query.order(audit_events::id.desc()).limit(page.fetch()).select(columns).load(conn)?;
    let (rows, info) = page.cut(rows, |(row, _): &PlacedEvent| row.event.id);
    let info = page.counted(info, || filtered(chains, filter).count().get_result(conn))?;
    Ok((rows, info))
}

#[cfg(test)]
mod tests {
    use crate::audit::store::*;
    use crate::trail::{ChangeKind, Resource};

    #[test]
    fn a_stored_word_is_parsed_as_a_change() {
        let id: Id = uuid::Uuid::nil().into();
        let parsed = change(&format!("case_step:{id}:created"));
        let of = |resource, kind| AuditedChange { resource, id, kind, before: None, after: None };
        assert_eq!(parsed, Some(of(Resource::CaseStep, ChangeKind::Created)));
        let parsed = change(&format!("client:{id}:updated:>cases:read,cases:write"));
        let after = Some("cases:read cases:write".to_owned());
        assert_eq!(parsed, Some(AuditedChange { after, ..of(Resource::Client, ChangeKind::Updated) }));
        assert_eq!(change("case_step"), None);
    }
}
