//! The SQL of the outbox.

use diesel::dsl::max;
use diesel::prelude::*;

use crate::trail::{ChangeKind, DeletionReason, Resource};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;
use passerelle_database::schema::changes;

/// A row of `changes` without a position.
#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
pub(crate) struct NewChange {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) resource: Resource,
    pub(super) object_id: Id,
    pub(super) kind: ChangeKind,
    pub(super) deletion_reason: Option<DeletionReason>,
    pub(super) happened_at: UtcTs,
    pub(super) parent_id: Option<Id>,
    pub(super) merged_into_id: Option<Id>,
}

/// Whether a committed change has no position. The order makes both engines read the index of the waiting changes.
pub(super) fn has_unpublished(conn: &mut AnyConn) -> QueryResult<bool> {
    let oldest: Option<Id> = changes::table
        .filter(changes::position.is_null())
        .order((changes::happened_at, changes::id))
        .select(changes::id)
        .first(conn)
        .optional()?;
    Ok(oldest.is_some())
}

/// Assigns the next positions to the oldest changes that have none, and returns their number. The caller must hold the
/// lock. The limit is inside: the cost is that of the changes that are numbered, however many wait.
pub(super) fn assign_positions(conn: &mut AnyConn, limit: usize) -> QueryResult<usize> {
    let sql = format!(
        "UPDATE changes SET position = numbered.place FROM (\
         SELECT oldest.id AS waiting, \
         (SELECT coalesce(max(position), 0) FROM changes WHERE position IS NOT NULL) \
         + row_number() OVER (ORDER BY oldest.happened_at, oldest.id) AS place \
         FROM (SELECT id, happened_at FROM changes WHERE position IS NULL ORDER BY happened_at, id LIMIT {limit}) AS oldest\
         ) AS numbered WHERE changes.id = numbered.waiting"
    );
    diesel::sql_query(sql).execute(conn)
}

/// The last position; 0 if there is none.
pub fn head(conn: &mut AnyConn) -> QueryResult<i64> {
    let numbered = changes::table.filter(changes::position.is_not_null());
    let last: Option<i64> = numbered.select(max(changes::position)).get_result(conn)?;
    Ok(last.unwrap_or_default())
}
