//! The SQL of coverage.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::model::{Move, SignedConvention};
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{boundary_changes, convention_services, convention_suspensions, convention_terms, conventions};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::{CommuneCode, EpciCode, TerritoryKind};

/// A first and a last day; no last day while in progress.
pub type Days = (NaiveDate, Option<NaiveDate>);

/// A complementary service with its yearly quota.
pub type Opened = (ComplementaryService, Option<i32>);

type MoveRow = (Id, CommuneCode, NaiveDate, Option<EpciCode>, Option<EpciCode>);

type SignedRow = (Id, Id, TerritoryKind, String, NaiveDate, NaiveDate, Option<NaiveDate>);

/// A suspension of a convention.
type SuspensionRow = (Id, NaiveDate, Option<NaiveDate>);

/// The signed conventions of a scope whose period includes a day, each with its service: those of some local
/// authorities, or all.
pub(in crate::conventions) fn signed_conventions(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    on: NaiveDate,
    codes: Option<&[String]>,
) -> QueryResult<Vec<(Id, SignedConvention)>> {
    let of_day = || {
        let wanted = conventions::collectivity_code.among(codes.unwrap_or_default());
        conventions::table
            .filter(conventions::service_id.among(scope.ids()))
            .filter(conventions::status.among(ConventionStatus::SIGNED))
            .filter(conventions::starts_on.le(on).and(conventions::ends_on.ge(on)))
            .filter(wanted.or(codes.is_none().into_sql::<Bool>()))
    };
    let (rows, of_conventions) = together!(
        conn,
        of_day()
            .order((conventions::service_id, conventions::id))
            .select((
                conventions::id,
                conventions::service_id,
                conventions::collectivity_kind,
                conventions::collectivity_code,
                conventions::starts_on,
                conventions::ends_on,
                conventions::terminated_on,
            ))
            => SignedRow,
        convention_suspensions::table
            .filter(convention_suspensions::convention_id.eq_any(of_day().select(conventions::id)))
            .order((convention_suspensions::convention_id, convention_suspensions::starts_on))
            .select((
                convention_suspensions::convention_id,
                convention_suspensions::starts_on,
                convention_suspensions::ends_on,
            ))
            => SuspensionRow,
    )?;
    let mut suspensions = by_convention(of_conventions);
    let signed = |(id, service, kind, code, starts_on, ends_on, terminated_on): SignedRow| {
        let convention = SignedConvention {
            convention_id: id,
            code,
            is_epci: kind == TerritoryKind::Epci,
            starts_on,
            ends_on: terminated_on.unwrap_or(ends_on),
            suspensions: suspensions.remove(&id).unwrap_or_default(),
        };
        (service, convention)
    };
    Ok(rows.into_iter().map(signed).collect())
}

/// Suspensions by convention, in their order.
fn by_convention(rows: Vec<SuspensionRow>) -> HashMap<Id, Vec<Days>> {
    let mut found: HashMap<Id, Vec<_>> = HashMap::new();
    for (convention, from, to) in rows {
        found.entry(convention).or_default().push((from, to));
    }
    found
}

/// The boundary changes recorded by the services in scope, for one commune or all, each with its service.
pub(in crate::conventions) fn moves(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    commune: Option<&CommuneCode>,
) -> QueryResult<Vec<(Id, Move)>> {
    let mut query = boundary_changes::table.filter(boundary_changes::service_id.among(scope.ids())).into_boxed();
    if let Some(commune) = commune {
        query = query.filter(boundary_changes::commune_code.eq(commune));
    }
    let rows: Vec<MoveRow> = query
        .select((
            boundary_changes::service_id,
            boundary_changes::commune_code,
            boundary_changes::effective_on,
            boundary_changes::from_epci,
            boundary_changes::to_epci,
        ))
        .load(conn)?;
    let one = |(service, commune, effective_on, from, to)| (service, Move { commune, effective_on, from, to });
    Ok(rows.into_iter().map(one).collect())
}

/// The complementary services that several conventions give access to on a day, each with its yearly quota: those of
/// the latest terms in effect by then, or of the initial terms if none is in effect yet.
pub fn services_on(conn: &mut AnyConn, ids: &[Id], on: NaiveDate) -> QueryResult<HashMap<Id, Vec<Opened>>> {
    // The join misses terms without services, so the terms in effect are looked up separately.
    let (rows, terms) = together!(
        conn,
        convention_services::table
            .inner_join(
                convention_terms::table.on(convention_terms::convention_id
                    .eq(convention_services::convention_id)
                    .and(convention_terms::number.eq(convention_services::number))),
            )
            .filter(convention_services::convention_id.among(ids))
            .order((convention_terms::number, convention_services::complementary_service))
            .select((
                convention_services::convention_id,
                convention_services::number,
                convention_terms::effective_on,
                convention_services::complementary_service,
                convention_services::yearly_quota,
            ))
            => (Id, i32, NaiveDate, ComplementaryService, Option<i32>),
        convention_terms::table
            .filter(convention_terms::convention_id.among(ids))
            .order((convention_terms::convention_id, convention_terms::number))
            .select((convention_terms::convention_id, convention_terms::number, convention_terms::effective_on))
            => (Id, i32, NaiveDate),
    )?;
    let mut in_effect: HashMap<Id, i32> = HashMap::new();
    for (convention, number, effective_on) in terms {
        if number == 0 || effective_on <= on {
            in_effect.insert(convention, number);
        }
    }
    let mut found: HashMap<Id, Vec<_>> = HashMap::new();
    for (convention, number, _, service, quota) in rows {
        if in_effect.get(&convention) == Some(&number) {
            found.entry(convention).or_default().push((service, quota));
        }
    }
    Ok(found)
}
