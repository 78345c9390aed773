//! The SQL of reading the journal.

use diesel::prelude::*;

use super::dto::AuditFilter;
use crate::db::schema::audit_events;
use crate::db::{AnyConn, Id, IsAmong};
use crate::http::page::{PageInfo, PageRequest};
use crate::journal::EventRow;

type Boxed<'a> = audit_events::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The events of some chains that a filter keeps. Words are looked for in the lists of an event: identifiers
/// and codes, which hold no wildcard but the `_` of a code, and that one is between letters.
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
    query
}

/// A page of events, the latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    chains: &[String],
    filter: &AuditFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<EventRow>, PageInfo)> {
    let mut query = filtered(chains, filter);
    if let Some(id) = page.after::<Id>() {
        query = query.filter(audit_events::id.lt(id));
    }
    let rows = query.order(audit_events::id.desc()).limit(page.fetch()).select(EventRow::as_select()).load(conn)?;
    let (rows, info) = page.cut(rows, |row: &EventRow| row.id);
    let info = page.counted(info, || filtered(chains, filter).count().get_result(conn))?;
    Ok((rows, info))
}
