//! The SQL of funding, and how its rows appear in the contract.

use diesel::prelude::*;

use super::dto::{Funding, FundingBasis, FundingFilter, FundingSort};
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{contributions, conventions, fundings, instalments};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::Funder;

/// A row of `fundings`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = fundings, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct FundingRow {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The funder.
    pub funder: Funder,
    /// Basis of the funding.
    pub basis: FundingBasis,
    /// Agreed share, in hundredths of a percent.
    pub share_basis_points: Option<i32>,
    /// Planned amount, in cents.
    pub planned_cents: Option<i64>,
    /// Amount received so far, in cents.
    pub received_cents: Option<i64>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(FundingRow);

from_row!(FundingRow => Funding {
    id, service_id, year, funder, basis, share_basis_points, planned_cents, received_cents, version, created_at,
    updated_at,
});

type Boxed<'a> = fundings::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    fundings::table.filter(fundings::service_id.among(scope.ids())).into_boxed()
}

row_writes!(fundings: FundingRow => pub(super) insert, pub(super) update, pub(super) delete);

/// A funding of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<FundingRow> {
    visible(scope).filter(fundings::id.eq(id)).select(FundingRow::as_select()).get_result(conn)
}

/// The fundings of a service in a year.
pub(super) fn of_year(conn: &mut AnyConn, scope: &ServiceScope, year: i32) -> QueryResult<Vec<FundingRow>> {
    visible(scope).filter(fundings::year.eq(year)).select(FundingRow::as_select()).load(conn)
}

/// The amounts of the contributions of a year under the signed conventions of a scope, in cents: due net of waivers,
/// and received.
pub(in crate::conventions) fn contributions_of(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    year: i32,
) -> QueryResult<(i64, i64)> {
    let signed = conventions::table
        .filter(conventions::service_id.among(scope.ids()).and(conventions::status.among(ConventionStatus::SIGNED)))
        .select(conventions::id);
    let of_year = contributions::table
        .filter(contributions::year.eq(year).and(contributions::convention_id.eq_any(signed)))
        .select(contributions::id);
    // Summed here: on PostgreSQL the sum of bigints is a numeric, and the rows are few.
    let rows: Vec<(i64, i64, i64)> = instalments::table
        .filter(instalments::contribution_id.eq_any(of_year))
        .select((instalments::amount_cents, instalments::received_cents, instalments::waived_cents))
        .load(conn)?;
    Ok(rows.iter().fold((0, 0), |(due, paid), (amount, received, waived)| (due + amount - waived, paid + received)))
}

/// The fundings of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a FundingFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(year) = filter.year {
        query = query.filter(fundings::year.eq(year));
    }
    if let Some(funder) = &filter.funder {
        query = query.filter(fundings::funder.eq(funder));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(fundings::updated_at.ge(since));
    }
    query
}

/// A page of the fundings of the scope, by default latest year first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &FundingFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<FundingRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(FundingSort::YearDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), fundings as FundingRow, sort: FundingSort {
        Year | YearDesc => year as i32,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
