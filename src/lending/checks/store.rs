//! The SQL of checks.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::KitCheck;
use super::model::Moment;
use crate::auth::ServiceScope;
use crate::db::schema::kit_checks;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, ordered_page, row_writes};
use crate::http::page::{PageInfo, PageRequest};
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

from_row!(CheckRow => KitCheck {
    id, copy_id, reservation_id, moment, condition, checked_on, missing, damaged, author, created_at,
});

row_writes!(kit_checks: CheckRow => pub(super) insert);

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
