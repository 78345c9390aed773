//! The SQL of the outbox.

use diesel::dsl::{exists, max};
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
}

/// Whether a committed change has no position.
pub(super) fn has_unpublished(conn: &mut AnyConn) -> QueryResult<bool> {
    diesel::select(exists(changes::table.filter(changes::position.is_null()))).get_result(conn)
}

/// Assigns the next positions to the oldest changes that have none, and returns their number. The caller must hold the
/// lock.
pub(super) fn assign_positions(conn: &mut AnyConn, limit: usize) -> QueryResult<usize> {
    let sql = format!(
        "UPDATE changes SET position = numbered.place FROM (\
         SELECT id AS waiting, (SELECT coalesce(max(position), 0) FROM changes) + row_number() OVER (ORDER BY id) AS place \
         FROM changes WHERE position IS NULL ORDER BY id LIMIT {limit}) AS numbered WHERE changes.id = numbered.waiting"
    );
    diesel::sql_query(sql).execute(conn)
}

/// The last position; 0 if there is none.
pub fn head(conn: &mut AnyConn) -> QueryResult<i64> {
    let last: Option<i64> = changes::table.select(max(changes::position)).get_result(conn)?;
    Ok(last.unwrap_or_default())
}
