//! The SQL of checks.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::KitCheck;
use super::model::Moment;
use crate::auth::ServiceScope;
use crate::db::schema::{kit_checks, kit_defects, kit_items};
use crate::db::{
    AnyConn, Id, IsAmong, UtcTs, Writes, columns, from_row, insert_together, ordered_page, row_writes, together,
};
use crate::http::page::{PageInfo, PageRequest};
use crate::lending::catalogue::store::touch_kit;
use crate::lending::copies;
use crate::lending::copies::store::{CopyRow, next_version};
use crate::lending::defects::model::DefectStatus;
use crate::lending::defects::store::DefectRow;
use crate::lending::items::store::ItemRow;
use crate::nomenclatures::codes::KitCondition;

/// A row of `kit_checks`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kit_checks, treat_none_as_default_value = false)]
pub struct CheckRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) copy_id: Id,
    pub(super) reservation_id: Option<Id>,
    pub(super) moment: Moment,
    pub(super) condition: KitCondition,
    pub(super) checked_on: NaiveDate,
    pub(super) missing: i32,
    pub(super) damaged: i32,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
}

from_row!(row: CheckRow => KitCheck {
    id, copy_id, reservation_id, moment, condition, checked_on, missing, damaged, author, created_at;
    author_name: None,
});

row_writes!(kit_checks: CheckRow => pub(super) insert);

/// The items that a copy should contain, and its known defects, oldest first.
pub(super) fn contents(conn: &mut AnyConn, copy: &CopyRow) -> QueryResult<(Vec<ItemRow>, Vec<DefectRow>)> {
    together!(
        conn,
        kit_items::table
            .filter(kit_items::kit_id.eq(copy.kit_id))
            .order(kit_items::id)
            .select(columns::<ItemRow>())
            => ItemRow,
        kit_defects::table
            .filter(kit_defects::copy_id.eq(copy.id).and(kit_defects::status.among(DefectStatus::KNOWN)))
            .order((kit_defects::found_on, kit_defects::id))
            .select(columns::<DefectRow>())
            => DefectRow,
    )
}

/// Records a check, the defects that it found, and the next version of the copy, whose kit changes too. `false` if another
/// writer was first.
pub(super) fn record(
    conn: &mut AnyConn,
    check: &CheckRow,
    defects: &[DefectRow],
    copy: &CopyRow,
    new: &CopyRow,
) -> QueryResult<bool> {
    let AnyConn::Pg(pg) = conn else {
        insert_together!(conn, kit_checks => std::slice::from_ref(check), kit_defects => defects)?;
        return copies::store::replace(conn, copy, new);
    };
    let mut writes = Writes::default();
    writes.add(diesel::insert_into(kit_checks::table).values(check));
    if !defects.is_empty() {
        writes.add(diesel::insert_into(kit_defects::table).values(defects));
    }
    writes.add(touch_kit!(new));
    writes.add(next_version!(copy, new));
    Ok(writes.execute(pg)? == 1)
}

/// A page of the checks of a copy, newest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    copy: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<CheckRow>, PageInfo)> {
    let of_copy = || {
        let theirs = kit_checks::copy_id.eq(copy).and(kit_checks::service_id.among(scope.ids()));
        kit_checks::table.filter(theirs).into_boxed()
    };
    Ok(ordered_page!(conn, page, of_copy(), kit_checks as CheckRow, desc created_at as UtcTs))
}
