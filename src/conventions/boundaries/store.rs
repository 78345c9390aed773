//! The SQL of boundary changes, and how their rows appear in the contract.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{BoundaryChange, BoundaryChangeFilter, BoundaryChangeSort};
use crate::auth::ServiceScope;
use crate::db::schema::boundary_changes;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::territories::{CommuneCode, EpciCode};

/// A row of `boundary_changes`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = boundary_changes, treat_none_as_default_value = false)]
pub struct BoundaryChangeRow {
    /// Identifier.
    pub id: Id,
    /// The service that records it.
    pub service_id: Id,
    /// The commune.
    pub commune_code: CommuneCode,
    /// First day in the new EPCI.
    pub effective_on: NaiveDate,
    /// The EPCI that it leaves.
    pub from_epci: Option<EpciCode>,
    /// The EPCI that it joins.
    pub to_epci: Option<EpciCode>,
    /// The legal text that decides the change.
    pub source: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(BoundaryChangeRow);

from_row!(row: BoundaryChangeRow => BoundaryChange {
    id, service_id, commune_code, effective_on, from_epci, to_epci, source, version, created_at, updated_at;
    commune_name: row.commune_code.name(),
    from_epci_name: row.from_epci.as_ref().and_then(EpciCode::name),
    to_epci_name: row.to_epci.as_ref().and_then(EpciCode::name),
});

type Boxed<'a> = boundary_changes::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    boundary_changes::table.filter(boundary_changes::service_id.among(scope.ids())).into_boxed()
}

row_writes!(boundary_changes: BoundaryChangeRow => pub(super) insert, pub(super) delete);

/// A boundary change of the scope.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<BoundaryChangeRow> {
    visible(scope).filter(boundary_changes::id.eq(id)).select(BoundaryChangeRow::as_select()).get_result(conn)
}

/// The changes of a commune that a service recorded, oldest first.
pub(super) fn of_commune(
    conn: &mut AnyConn,
    service: Id,
    commune: &CommuneCode,
) -> QueryResult<Vec<BoundaryChangeRow>> {
    let scope = ServiceScope::one(service);
    visible(&scope)
        .filter(boundary_changes::commune_code.eq(commune))
        .order(boundary_changes::effective_on)
        .select(BoundaryChangeRow::as_select())
        .load(conn)
}

/// The boundary changes of the scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a BoundaryChangeFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(commune) = &filter.commune {
        query = query.filter(boundary_changes::commune_code.eq(commune));
    }
    if let Some(epci) = &filter.epci {
        query = query.filter(boundary_changes::from_epci.eq(epci).or(boundary_changes::to_epci.eq(epci)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(boundary_changes::updated_at.ge(since));
    }
    query
}

/// A page of the boundary changes of the scope, by default latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &BoundaryChangeFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<BoundaryChangeRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(BoundaryChangeSort::EffectiveOnDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), boundary_changes as BoundaryChangeRow, sort: BoundaryChangeSort {
            EffectiveOn | EffectiveOnDesc => effective_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}
