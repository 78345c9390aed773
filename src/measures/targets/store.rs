//! The SQL of targets.

use diesel::prelude::*;

use super::dto::{IndicatorTarget, IndicatorTargetFilter};
use crate::auth::ServiceScope;
use crate::db::schema::indicator_targets;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, ordered_page, row_writes};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `indicator_targets`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = indicator_targets, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct TargetRow {
    pub(in crate::measures) id: Id,
    pub(in crate::measures) service_id: Id,
    pub(in crate::measures) indicator: String,
    pub(in crate::measures) year: i32,
    pub(in crate::measures) value: i32,
    pub(in crate::measures) note: Option<String>,
    pub(in crate::measures) author: String,
    pub(in crate::measures) version: i32,
    pub(in crate::measures) created_at: UtcTs,
    pub(in crate::measures) updated_at: UtcTs,
}

crate::versioned!(TargetRow);

from_row!(TargetRow => IndicatorTarget { id, service_id, indicator, year, value, note, version });

row_writes!(indicator_targets: TargetRow => pub(super) insert, pub(super) update, pub(super) delete);

type Boxed<'a> = indicator_targets::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    indicator_targets::table.filter(indicator_targets::service_id.among(scope.ids())).into_boxed()
}

/// A target in scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<TargetRow> {
    visible(scope).filter(indicator_targets::id.eq(id)).select(TargetRow::as_select()).get_result(conn)
}

/// The targets of an indicator of a service, by year.
pub(in crate::measures) fn of_indicator(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    indicator: &str,
) -> QueryResult<Vec<TargetRow>> {
    visible(scope)
        .filter(indicator_targets::indicator.eq(indicator))
        .order(indicator_targets::year)
        .select(TargetRow::as_select())
        .load(conn)
}

/// The targets in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a IndicatorTargetFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(year) = filter.year {
        query = query.filter(indicator_targets::year.eq(year));
    }
    if let Some(indicator) = &filter.indicator {
        query = query.filter(indicator_targets::indicator.eq(indicator));
    }
    query
}

/// A page of the targets in scope, latest year first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &IndicatorTargetFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<TargetRow>, PageInfo)> {
    Ok(ordered_page!(conn, page, filtered(scope, filter), indicator_targets as TargetRow, desc year as i32))
}
