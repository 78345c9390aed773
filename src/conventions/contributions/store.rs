//! The SQL of contributions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{ContributionFilter, ContributionSort};
use super::model::{ContributionBasis, PopulationKind};
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::ConventionStatus;
use crate::conventions::coverage::model::Move;
use crate::conventions::coverage::store::{MoveRow, move_of, moves_of};
use crate::conventions::instalments::store::InstalmentRow;
use crate::db::schema::{contributions, convention_years, conventions, instalments};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, each, insert_together, row_writes, sorted_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::territories::{TerritoryKey, TerritoryKind};

/// A row of `contributions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contributions, treat_none_as_default_value = false)]
pub struct ContributionRow {
    /// Identifier.
    pub id: Id,
    /// The service that is funded.
    pub service_id: Id,
    /// The convention.
    pub convention_id: Id,
    /// The calendar year that it covers.
    pub year: i32,
    /// Basis of the computation.
    pub basis: ContributionBasis,
    /// Number of inhabitants.
    pub population: Option<i32>,
    /// Kind of population.
    pub population_kind: Option<PopulationKind>,
    /// The year of the population.
    pub population_vintage: Option<i32>,
    /// Source of the population.
    pub population_source: Option<String>,
    /// Cents per inhabitant for twelve months.
    pub rate_cents: Option<i32>,
    /// The amount for twelve months, in cents.
    pub yearly_cents: i64,
    /// The first month due.
    pub first_month: i32,
    /// The last month due.
    pub last_month: i32,
    /// The amount due, in cents.
    pub amount_cents: i64,
    /// The day from which it never changes.
    pub frozen_on: Option<NaiveDate>,
    /// Version of the row.
    pub version: i32,
    /// When it was computed.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(ContributionRow);

type Boxed<'a> = contributions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    contributions::table.filter(contributions::service_id.among(scope.ids())).into_boxed()
}

row_writes!(contributions: ContributionRow => pub(super) delete);

/// Records a contribution with its instalments.
pub(super) fn insert(conn: &mut AnyConn, row: &ContributionRow, parts: &[InstalmentRow]) -> QueryResult<()> {
    insert_together!(conn, contributions => std::slice::from_ref(row), instalments => parts)
}

/// A contribution of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ContributionRow> {
    visible(scope).filter(contributions::id.eq(id)).select(ContributionRow::as_select()).get_result(conn)
}

/// The contributions of a convention, earliest year first.
pub fn of_convention(conn: &mut AnyConn, convention: Id) -> QueryResult<Vec<ContributionRow>> {
    contributions::table
        .filter(contributions::convention_id.eq(convention))
        .order(contributions::year)
        .select(ContributionRow::as_select())
        .load(conn)
}

/// A year in which a signed convention of a local authority is in effect.
#[derive(Clone, Debug)]
pub(super) struct SignedYear {
    service_id: Id,
    kind: TerritoryKind,
    pub(super) code: String,
    year: i32,
}

impl SignedYear {
    /// Whether it is of a service, a kind of local authority and a year.
    pub(super) fn of(&self, service: Id, kind: TerritoryKind, year: i32) -> bool {
        (self.service_id, self.kind, self.year) == (service, kind, year)
    }
}

/// What tells whether contributions overlap.
pub(super) struct AroundRows {
    /// The local authority of each convention.
    pub(super) parties: HashMap<Id, TerritoryKey>,
    /// The years of the signed conventions.
    pub(super) signed: Vec<SignedYear>,
    /// The boundary changes of each service.
    pub(super) moves: Vec<(Id, Move)>,
    /// The contributions of the conventions: convention, year, contribution.
    pub(super) computed: Vec<(Id, i32, Id)>,
}

/// What tells whether contributions of some conventions and years overlap.
pub(super) fn around(conn: &mut AnyConn, services: &[Id], of: &[Id], years: &[i32]) -> QueryResult<AroundRows> {
    let (parties, signed, moves, computed) = together!(
        conn,
        conventions::table
            .filter(conventions::id.among(of).and(conventions::service_id.among(services)))
            .select((conventions::id, conventions::collectivity_kind, conventions::collectivity_code))
            => (Id, TerritoryKind, String),
        convention_years::table
            .inner_join(conventions::table)
            .filter(convention_years::service_id.among(services).and(convention_years::year.eq_any(years)))
            .filter(conventions::status.among(ConventionStatus::SIGNED))
            .select((
                convention_years::service_id,
                convention_years::collectivity_kind,
                convention_years::collectivity_code,
                convention_years::year,
            ))
            => (Id, TerritoryKind, String, i32),
        moves_of!(services) => MoveRow,
        contributions::table
            .filter(contributions::convention_id.among(of))
            .select((contributions::convention_id, contributions::year, contributions::id))
            => (Id, i32, Id),
    )?;
    let party = |(id, kind, code)| (id, TerritoryKey { kind, code });
    let signed = signed.into_iter().map(|(service_id, kind, code, year)| SignedYear { service_id, kind, code, year });
    Ok(AroundRows {
        parties: parties.into_iter().map(party).collect(),
        signed: signed.collect(),
        moves: moves.into_iter().map(move_of).collect(),
        computed,
    })
}

/// Freezes the contributions of a convention that are not frozen yet, and returns them.
pub(super) fn freeze(conn: &mut AnyConn, convention: Id, on: NaiveDate, now: UtcTs) -> QueryResult<Vec<Id>> {
    let open = contributions::convention_id.eq(convention).and(contributions::frozen_on.is_null());
    each!(conn, c => diesel::update(contributions::table.filter(open))
        .set((
            contributions::frozen_on.eq(on),
            contributions::version.eq(contributions::version + 1),
            contributions::updated_at.eq(now),
        ))
        .returning(contributions::id)
        .get_results(c))
}

/// The contributions of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ContributionFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(convention) = filter.convention_id {
        query = query.filter(contributions::convention_id.eq(convention));
    }
    if let Some(year) = filter.year {
        query = query.filter(contributions::year.eq(year));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(contributions::updated_at.ge(since));
    }
    query
}

/// A page of the contributions of the scope, by default latest year first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ContributionFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ContributionRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ContributionSort::YearDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), contributions as ContributionRow, sort: ContributionSort {
            Year | YearDesc => year as i32,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}
