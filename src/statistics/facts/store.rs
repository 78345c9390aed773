//! The SQL of facts.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{StatisticsCoordinate, StatisticsFact, StatisticsFactFilter, StatisticsFactSort};
use super::model::counts_from;
use crate::auth::ServiceScope;
use crate::db::schema::statistics_facts;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::statistics::records::model::PopulationCode;

/// A row of `statistics_facts`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = statistics_facts, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FactRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) population: PopulationCode,
    pub(super) year: i32,
    pub(super) period: String,
    pub(super) coordinates: String,
    pub(super) source: String,
    pub(super) published_on: NaiveDate,
    pub(super) used_at: Option<UtcTs>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) reference: String,
    pub(super) confirmed_at: Option<UtcTs>,
    pub(super) confirmed_by: Option<String>,
}

crate::versioned!(FactRow);

impl FactRow {
    fn coordinates(&self) -> Vec<StatisticsCoordinate> {
        serde_json::from_str(&self.coordinates).unwrap_or_default()
    }
}

from_row!(row: FactRow => StatisticsFact {
    id, service_id, population, year, period, source, reference, published_on, confirmed_by, confirmed_at, used_at, author,
    version, created_at, updated_at;
    coordinates: row.coordinates(),
    counts_from: counts_from(row.confirmed_at),
    confirmed_by_name: None,
    author_name: None,
});

type Boxed<'a> = statistics_facts::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    statistics_facts::table.filter(statistics_facts::service_id.among(scope.ids())).into_boxed()
}

row_writes!(statistics_facts: FactRow => pub(super) insert, pub(super) update, pub(super) delete);

/// A fact of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<FactRow> {
    visible(scope).filter(statistics_facts::id.eq(id)).select(FactRow::as_select()).get_result(conn)
}

/// The facts of a service in a year, in the order in which they were recorded.
pub(super) fn of_year(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Vec<FactRow>> {
    let scope = ServiceScope::one(service);
    visible(&scope)
        .filter(statistics_facts::year.eq(year))
        .order(statistics_facts::id)
        .select(FactRow::as_select())
        .load(conn)
}

/// Marks facts that a release takes into account for the first time.
pub(super) fn use_all(conn: &mut AnyConn, service: Id, ids: &[Id], now: UtcTs) -> QueryResult<()> {
    let of = statistics_facts::service_id.eq(service).and(statistics_facts::id.among(ids));
    diesel::update(statistics_facts::table.filter(of).filter(statistics_facts::used_at.is_null()))
        .set((
            statistics_facts::used_at.eq(now),
            statistics_facts::version.eq(statistics_facts::version + 1),
            statistics_facts::updated_at.eq(now),
        ))
        .execute(conn)
        .map(drop)
}

/// The facts of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &StatisticsFactFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(year) = filter.year {
        query = query.filter(statistics_facts::year.eq(year));
    }
    if let Some(population) = filter.population {
        query = query.filter(statistics_facts::population.eq(population));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(statistics_facts::updated_at.ge(since));
    }
    query
}

/// A page of the facts of the scope, most recently made public first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &StatisticsFactFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<FactRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(StatisticsFactSort::PublishedOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), statistics_facts as FactRow, sort: StatisticsFactSort {
            PublishedOn | PublishedOnDesc => published_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}
