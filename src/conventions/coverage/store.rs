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

/// A boundary change, with its service.
pub(in crate::conventions) type MoveRow = (Id, CommuneCode, NaiveDate, Option<EpciCode>, Option<EpciCode>);

type SignedRow = (Id, Id, TerritoryKind, String, NaiveDate, NaiveDate, Option<NaiveDate>);

/// A suspension of a convention.
type SuspensionRow = (Id, NaiveDate, Option<NaiveDate>);

/// A complementary service of some terms: convention, number of the terms, their first day, the service, its quota.
type ServiceRow = (Id, i32, NaiveDate, ComplementaryService, Option<i32>);

/// Terms of a convention: convention, number, first day.
type TermsRow = (Id, i32, NaiveDate);

/// The query of the [`SignedRow`]s of conventions.
macro_rules! signed_rows {
    ($of:expr) => {
        $of.order((conventions::service_id, conventions::id)).select((
            conventions::id,
            conventions::service_id,
            conventions::collectivity_kind,
            conventions::collectivity_code,
            conventions::starts_on,
            conventions::ends_on,
            conventions::terminated_on,
        ))
    };
}

/// The query of the [`SuspensionRow`]s of conventions.
macro_rules! suspensions_of {
    ($ids:expr) => {
        convention_suspensions::table
            .filter(convention_suspensions::convention_id.eq_any($ids))
            .order((convention_suspensions::convention_id, convention_suspensions::starts_on))
            .select((
                convention_suspensions::convention_id,
                convention_suspensions::starts_on,
                convention_suspensions::ends_on,
            ))
    };
}

/// The query of the [`ServiceRow`]s that match a condition.
macro_rules! services_of {
    ($condition:expr) => {
        convention_services::table
            .inner_join(
                convention_terms::table.on(convention_terms::convention_id
                    .eq(convention_services::convention_id)
                    .and(convention_terms::number.eq(convention_services::number))),
            )
            .filter($condition)
            .order((convention_terms::number, convention_services::complementary_service))
            .select((
                convention_services::convention_id,
                convention_services::number,
                convention_terms::effective_on,
                convention_services::complementary_service,
                convention_services::yearly_quota,
            ))
    };
}

/// The query of the [`TermsRow`]s that match a condition.
macro_rules! terms_of {
    ($condition:expr) => {
        convention_terms::table
            .filter($condition)
            .order((convention_terms::convention_id, convention_terms::number))
            .select((convention_terms::convention_id, convention_terms::number, convention_terms::effective_on))
    };
}

/// The query of the [`MoveRow`]s of several services.
macro_rules! moves_of {
    ($services:expr) => {{
        use $crate::db::schema::boundary_changes;
        boundary_changes::table.filter(boundary_changes::service_id.among($services)).select((
            boundary_changes::service_id,
            boundary_changes::commune_code,
            boundary_changes::effective_on,
            boundary_changes::from_epci,
            boundary_changes::to_epci,
        ))
    }};
}

pub(in crate::conventions) use moves_of;

/// A boundary change from its row, with its service.
pub(in crate::conventions) fn move_of((service, commune, effective_on, from, to): MoveRow) -> (Id, Move) {
    (service, Move { commune, effective_on, from, to })
}

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
        signed_rows!(of_day()) => SignedRow,
        suspensions_of!(of_day().select(conventions::id)) => SuspensionRow,
    )?;
    Ok(signed(rows, of_conventions))
}

/// Signed conventions from their rows and those of their suspensions.
fn signed(rows: Vec<SignedRow>, of_conventions: Vec<SuspensionRow>) -> Vec<(Id, SignedConvention)> {
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
    rows.into_iter().map(signed).collect()
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
    let mut query = moves_of!(scope.ids()).into_boxed();
    if let Some(commune) = commune {
        query = query.filter(boundary_changes::commune_code.eq(commune));
    }
    let rows: Vec<MoveRow> = query.load(conn)?;
    Ok(rows.into_iter().map(move_of).collect())
}

/// What tells under which convention a service delivers in a commune on a day.
pub(super) struct CoverRows {
    pub(super) moves: Vec<Move>,
    pub(super) signed: Vec<SignedConvention>,
    /// The complementary services that each convention gives access to.
    pub(super) opened: HashMap<Id, Vec<Opened>>,
}

/// What tells under which convention a service delivers in a commune on a day, in one round trip.
pub(super) fn cover(conn: &mut AnyConn, service: Id, commune: &CommuneCode, on: NaiveDate) -> QueryResult<CoverRows> {
    let of = [service];
    let of_day = || {
        conventions::table
            .filter(conventions::service_id.eq(service))
            .filter(conventions::status.among(ConventionStatus::SIGNED))
            .filter(conventions::starts_on.le(on).and(conventions::ends_on.ge(on)))
    };
    let (moves, rows, suspensions, services, terms) = together!(
        conn,
        moves_of!(&of).filter(boundary_changes::commune_code.eq(commune)) => MoveRow,
        signed_rows!(of_day()) => SignedRow,
        suspensions_of!(of_day().select(conventions::id)) => SuspensionRow,
        services_of!(convention_services::convention_id.eq_any(of_day().select(conventions::id))) => ServiceRow,
        terms_of!(convention_terms::convention_id.eq_any(of_day().select(conventions::id))) => TermsRow,
    )?;
    Ok(CoverRows {
        moves: moves.into_iter().map(|row| move_of(row).1).collect(),
        signed: signed(rows, suspensions).into_iter().map(|(_, convention)| convention).collect(),
        opened: in_effect(services, terms, on),
    })
}

/// The complementary services that several conventions give access to on a day, each with its yearly quota: those of
/// the latest terms in effect by then, or of the initial terms if none is in effect yet.
pub fn services_on(conn: &mut AnyConn, ids: &[Id], on: NaiveDate) -> QueryResult<HashMap<Id, Vec<Opened>>> {
    // The join misses terms without services, so the terms in effect are looked up separately.
    let (rows, terms) = together!(
        conn,
        services_of!(convention_services::convention_id.among(ids)) => ServiceRow,
        terms_of!(convention_terms::convention_id.among(ids)) => TermsRow,
    )?;
    Ok(in_effect(rows, terms, on))
}

/// The services of the terms in effect on a day.
fn in_effect(rows: Vec<ServiceRow>, terms: Vec<TermsRow>, on: NaiveDate) -> HashMap<Id, Vec<Opened>> {
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
    found
}
