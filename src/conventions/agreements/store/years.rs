//! The SQL of the calendar years that conventions occupy.

use std::ops::RangeInclusive;

use diesel::prelude::*;

use super::ConventionRow;
use crate::db::schema::convention_years;
use crate::db::{AnyConn, Id, insert_together};
use crate::territories::TerritoryKind;

/// The first of these years that another convention of the same local authority and service occupies, with that
/// convention.
pub(in crate::conventions::agreements) fn taken(
    conn: &mut AnyConn,
    row: &ConventionRow,
    years: &RangeInclusive<i32>,
) -> QueryResult<Option<(i32, Id)>> {
    convention_years::table
        .filter(convention_years::service_id.eq(row.service_id))
        .filter(convention_years::collectivity_kind.eq(row.collectivity_kind))
        .filter(convention_years::collectivity_code.eq(&row.collectivity_code))
        .filter(convention_years::year.between(*years.start(), *years.end()))
        .filter(convention_years::convention_id.ne(row.id))
        .order(convention_years::year)
        .limit(1)
        .select((convention_years::year, convention_years::convention_id))
        .get_result(conn)
        .optional()
}

/// Occupies years. A year that another convention occupies violates the unique key.
pub(in crate::conventions::agreements) fn take(
    conn: &mut AnyConn,
    row: &ConventionRow,
    years: RangeInclusive<i32>,
) -> QueryResult<()> {
    let rows = rows(row, years);
    insert_together!(conn, convention_years => &rows)
}

/// A row of `convention_years`.
#[derive(Insertable)]
#[diesel(table_name = convention_years, treat_none_as_default_value = false)]
pub(super) struct YearRow {
    service_id: Id,
    collectivity_kind: TerritoryKind,
    collectivity_code: String,
    year: i32,
    convention_id: Id,
}

/// The rows of years that a convention occupies.
pub(super) fn rows(row: &ConventionRow, years: RangeInclusive<i32>) -> Vec<YearRow> {
    let of = |year| YearRow {
        service_id: row.service_id,
        collectivity_kind: row.collectivity_kind,
        collectivity_code: row.collectivity_code.clone(),
        year,
        convention_id: row.id,
    };
    years.map(of).collect()
}

/// Releases the years after `last`; all of them without it.
pub(in crate::conventions::agreements) fn release(
    conn: &mut AnyConn,
    convention: Id,
    last: Option<i32>,
) -> QueryResult<()> {
    let after = last.unwrap_or(i32::MIN);
    let own = convention_years::convention_id.eq(convention).and(convention_years::year.gt(after));
    diesel::delete(convention_years::table.filter(own)).execute(conn).map(drop)
}
