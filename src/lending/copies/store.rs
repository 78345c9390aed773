//! The SQL of copies.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::KitCopy;
use crate::auth::ServiceScope;
use crate::db::schema::kit_copies;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, write_together};
use crate::lending::catalogue::store::grouped;
use crate::lending::catalogue::store::touch_kit;
use crate::nomenclatures::codes::KitCondition;

/// A row of `kit_copies`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kit_copies, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CopyRow {
    /// Identifier.
    pub id: Id,
    /// The service of the kit.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Label on the copy.
    pub label: String,
    /// Condition at the last check.
    pub condition: KitCondition,
    /// Where it is stored.
    pub home_site: String,
    /// Since when it is out of service.
    pub out_of_service_since: Option<NaiveDate>,
    /// Why it is out of service.
    pub out_of_service_reason: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(CopyRow);

from_row!(CopyRow => KitCopy {
    id, service_id, kit_id, label, condition, home_site, out_of_service_since, out_of_service_reason, version,
    created_at, updated_at,
});

impl CopyRow {
    /// Whether it is in service, and so may be reserved.
    pub fn is_lendable(&self) -> bool {
        self.out_of_service_since.is_none()
    }
}

/// Adds a copy, and increments the version of its kit.
pub(super) fn insert(conn: &mut AnyConn, row: &CopyRow) -> QueryResult<()> {
    write_together!(conn, touch_kit!(row), diesel::insert_into(kit_copies::table).values(row)).map(drop)
}

/// The update that replaces the version of a copy that was read.
macro_rules! next_version {
    ($row:expr, $new:expr) => {{
        use $crate::db::schema::kit_copies;
        let read = kit_copies::id.eq($row.id).and(kit_copies::version.eq($row.version));
        diesel::update(kit_copies::table.filter(read)).set($new)
    }};
}

pub(in crate::lending) use next_version;

/// Replaces the version that was read, and increments the version of the kit. `false` if another writer was first.
pub(in crate::lending) fn replace(conn: &mut AnyConn, row: &CopyRow, new: &CopyRow) -> QueryResult<bool> {
    Ok(write_together!(conn, touch_kit!(new), next_version!(row, new))? == 1)
}

/// A copy in scope.
pub fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<CopyRow> {
    kit_copies::table
        .filter(kit_copies::id.eq(id).and(kit_copies::service_id.among(scope.ids())))
        .select(CopyRow::as_select())
        .get_result(conn)
}

/// The copy of a kit that has a label, other than `except`.
pub(super) fn with_label(conn: &mut AnyConn, kit: Id, label: &str, except: Option<Id>) -> QueryResult<Option<Id>> {
    let mut query = kit_copies::table.filter(kit_copies::kit_id.eq(kit).and(kit_copies::label.eq(label))).into_boxed();
    if let Some(id) = except {
        query = query.filter(kit_copies::id.ne(id));
    }
    query.select(kit_copies::id).get_result(conn).optional()
}

/// The copies of several kits, by label.
pub fn of_kits(conn: &mut AnyConn, kits: &[Id]) -> QueryResult<HashMap<Id, Vec<CopyRow>>> {
    let rows: Vec<CopyRow> = kit_copies::table
        .filter(kit_copies::kit_id.among(kits))
        .order((kit_copies::label, kit_copies::id))
        .select(CopyRow::as_select())
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|row| (row.kit_id, row)).collect()))
}

/// The copies of one kit, by label.
pub fn of_kit(conn: &mut AnyConn, kit: Id) -> QueryResult<Vec<CopyRow>> {
    Ok(of_kits(conn, &[kit])?.remove(&kit).unwrap_or_default())
}
