//! The SQL of the feed of changes, and how its rows appear in the contract.

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::dto::{ChangeEvent, ChangeFilter};
use crate::db::schema::changes;
use crate::db::{AnyConn, Id, UtcTs, from_row};
use crate::trail::{ChangeKind, DeletionReason, Resource};

/// A row of `changes`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = changes)]
pub(super) struct ChangeRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) resource: Resource,
    pub(super) object_id: Id,
    pub(super) kind: ChangeKind,
    pub(super) deletion_reason: Option<DeletionReason>,
    pub(super) happened_at: UtcTs,
    pub(super) parent_id: Option<Id>,
    pub(super) merged_into_id: Option<Id>,
    pub(super) position: Option<i64>,
}

from_row!(row: ChangeRow => ChangeEvent { id, service_id, resource, object_id, parent_id, kind, deletion_reason, happened_at;
    merged_into: row.merged_into_id });

/// Kinds of object, and the services in which they may be read.
pub(super) struct Readable {
    pub(super) resources: Vec<Resource>,
    pub(super) services: Vec<Id>,
}

/// A condition on rows.
type Condition = Box<dyn BoxableExpression<changes::table, <AnyConn as Connection>::Backend, SqlType = Bool>>;

type Boxed<'a> = changes::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// Published changes after a position, up to the end that was read beforehand.
fn filtered<'a>(readable: &'a [Readable], filter: &'a ChangeFilter, after: i64, end: i64) -> Boxed<'a> {
    let condition = |one: &Readable| -> Condition {
        Box::new(changes::resource.eq_any(one.resources.clone()).and(changes::service_id.eq_any(one.services.clone())))
    };
    let nothing: Condition = Box::new(changes::resource.eq_any(Vec::<Resource>::new()));
    let readable = readable.iter().map(condition).fold(nothing, |any, one| Box::new(any.or(one)));
    let mut query =
        changes::table.filter(changes::position.gt(after).and(changes::position.le(end))).filter(readable).into_boxed();
    if let Some(service) = filter.service_id {
        query = query.filter(changes::service_id.eq(service));
    }
    if let Some(resources) = &filter.resource {
        query = query.filter(changes::resource.eq_any(resources));
    }
    query
}

/// A page of published changes, in the order of the feed.
pub(super) fn list(
    conn: &mut AnyConn,
    readable: &[Readable],
    filter: &ChangeFilter,
    after: i64,
    end: i64,
    limit: i64,
) -> QueryResult<Vec<ChangeRow>> {
    let query = filtered(readable, filter, after, end);
    query.order(changes::position).limit(limit).select(ChangeRow::as_select()).load(conn)
}

/// The number of changes up to the end.
pub(super) fn count(conn: &mut AnyConn, readable: &[Readable], filter: &ChangeFilter, end: i64) -> QueryResult<i64> {
    filtered(readable, filter, 0, end).count().get_result(conn)
}
