//! The SQL of reading the journal.

use diesel::prelude::*;

use super::dto::AuditFilter;
use crate::db::schema::audit_events;
use crate::db::{AnyConn, Id};
use crate::journal::EventRow;

/// A page of the events of some chains, the latest first. Words are looked for in the lists of an event: identifiers
/// and codes, which hold no wildcard but the `_` of a code, and that one is between letters.
pub(super) fn list(
    conn: &mut AnyConn,
    chains: &[String],
    filter: &AuditFilter,
    after: Option<Id>,
    limit: i64,
) -> QueryResult<Vec<EventRow>> {
    let mut query = audit_events::table.filter(audit_events::chain.eq_any(chains)).into_boxed();
    if let Some(principal) = &filter.principal {
        query = query.filter(audit_events::principal.eq(principal));
    }
    if let Some(operation) = &filter.operation {
        query = query.filter(audit_events::operation.eq(operation));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(audit_events::outcome.eq(outcome));
    }
    match (filter.resource, filter.object_id) {
        (Some(resource), Some(id)) => query = query.filter(audit_events::changed.like(format!("% {resource}:{id}:%"))),
        (Some(resource), None) => query = query.filter(audit_events::changed.like(format!("% {resource}:%"))),
        (None, Some(id)) => {
            let (changed, opened) = (format!("%:{id}:%"), format!("% {id}%"));
            // Unknown or true is true, unknown or false is not.
            let named = audit_events::target_id.eq(id).assume_not_null();
            query = query.filter(named.or(audit_events::changed.like(changed)).or(audit_events::opened.like(opened)));
        }
        (None, None) => {}
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_events::happened_at.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(audit_events::happened_at.lt(to));
    }
    if let Some(id) = after {
        query = query.filter(audit_events::id.lt(id));
    }
    query.order(audit_events::id.desc()).limit(limit).select(EventRow::as_select()).load(conn)
}
