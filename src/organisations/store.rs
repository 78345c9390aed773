//! The SQL of organisations.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::dto::{Organisation, OrganisationFilter, OrganisationSort};
use crate::auth::ServiceScope;
use crate::db::schema::organisations;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::identifiers::{Finess, Siret};
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::{CommuneCode, TerritoryKind, territories};
use crate::text::like_patterns;

/// A row of `organisations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organisations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct OrganisationRow {
    /// Identifier.
    pub id: Id,
    /// The service whose directory contains it.
    pub service_id: Id,
    /// Kind of organisation.
    pub kind: OrganisationKind,
    /// Usual name.
    pub name: String,
    /// The folded name, for search and sort.
    pub name_key: String,
    /// INSEE code of the commune of the organisation.
    pub commune_code: CommuneCode,
    /// SIRET, if it has one.
    pub siret: Option<Siret>,
    /// FINESS number, if it has one.
    pub finess: Option<Finess>,
    /// Telephone number.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(OrganisationRow);

from_row!(row: OrganisationRow => Organisation {
    id, service_id, kind, name, commune_code, siret, finess, phone, email, version, created_at, updated_at;
    commune_name: row.commune_code.name(),
});

type Boxed<'a> = organisations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The organisations in scope.
fn visible(scope: &ServiceScope) -> Boxed<'_> {
    organisations::table.filter(organisations::service_id.among(scope.ids())).into_boxed()
}

/// An organisation of a directory with this SIRET or this FINESS number, except one.
pub(super) fn find_by_number(
    conn: &mut AnyConn,
    service: Id,
    siret: Option<&Siret>,
    finess: Option<&Finess>,
    except: Option<Id>,
) -> QueryResult<Option<OrganisationRow>> {
    let mut query = organisations::table.filter(organisations::service_id.eq(service)).into_boxed();
    if let Some(id) = except {
        query = query.filter(organisations::id.ne(id));
    }
    // A NULL equals nothing: a number that is not given matches no row.
    query
        .filter(organisations::siret.eq(siret).or(organisations::finess.eq(finess)))
        .select(OrganisationRow::as_select())
        .first(conn)
        .optional()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<OrganisationRow> {
    visible(scope).filter(organisations::id.eq(id)).select(OrganisationRow::as_select()).get_result(conn)
}

/// Organisations in scope, by identifier.
pub(super) fn by_id(conn: &mut AnyConn, scope: &ServiceScope, ids: &BTreeSet<Id>) -> QueryResult<Vec<OrganisationRow>> {
    let ids: Vec<Id> = ids.iter().copied().collect();
    visible(scope).filter(organisations::id.among(&ids)).select(OrganisationRow::as_select()).load(conn)
}

row_writes!(organisations: OrganisationRow => pub(super) insert, pub(super) update, pub(super) delete);

/// The organisations in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a OrganisationFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(kinds) = &filter.kind {
        query = query.filter(organisations::kind.eq_any(kinds));
    }
    if let Some(commune) = &filter.commune {
        query = query.filter(organisations::commune_code.eq(commune));
    }
    if let Some(epci) = &filter.epci {
        query = query.filter(organisations::commune_code.eq_any(communes(TerritoryKind::Epci, epci.as_str())));
    }
    if let Some(code) = &filter.departement {
        query = query.filter(organisations::commune_code.eq_any(communes(TerritoryKind::Departement, code.as_str())));
    }
    if let Some(siret) = &filter.siret {
        query = query.filter(organisations::siret.eq(siret));
    }
    if let Some(finess) = &filter.finess {
        query = query.filter(organisations::finess.eq(finess));
    }
    if let Some(name) = &filter.name {
        let patterns = like_patterns(name);
        if patterns.is_empty() {
            query = query.filter(organisations::id.eq_any(Vec::<Id>::new()));
        }
        for pattern in patterns {
            query = query.filter(organisations::name_key.like(pattern));
        }
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(organisations::updated_at.ge(since));
    }
    query
}

/// A page of organisations, by default ordered by folded name.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &OrganisationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<OrganisationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(OrganisationSort::Name);
    Ok(
        sorted_page!(conn, page, scope => filtered(scope, filter), organisations as OrganisationRow, sort: OrganisationSort {
            Name | NameDesc => name_key as String,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// The communes of a territory, by code.
fn communes(kind: TerritoryKind, code: &str) -> Vec<&'static str> {
    let parent = territories().get(kind, code).into_iter();
    parent.flat_map(|parent| territories().communes_of(parent)).map(|commune| commune.code).collect()
}

/// The organisations with these identifiers in the directory of one service.
pub fn find(conn: &mut AnyConn, service: Id, ids: &[Id]) -> QueryResult<HashMap<Id, OrganisationRow>> {
    let rows: Vec<OrganisationRow> = organisations::table
        .filter(organisations::id.among(ids).and(organisations::service_id.eq(service)))
        .select(OrganisationRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
