//! The use cases of coverage.

use chrono::NaiveDate;

use super::model::{Boundaries, CoveredThrough, Holding, covering};
use super::store;
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Text};
use crate::nomenclatures::codes::ComplementaryService;
use crate::territories::{CommuneCode, EpciCode, territories};

/// The conventions of a service that cover a commune on a day.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    /// The service.
    pub(super) service_id: Id,
    /// Where the commune is on that day, as the service knows it.
    pub(super) epci: Option<String>,
    /// By what, the commune's own convention first.
    pub(super) by: Vec<(CoveredThrough, Holding)>,
}

/// By which conventions of each service of a scope a commune is covered on a day.
pub(super) fn of_commune(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    commune: &CommuneCode,
    on: NaiveDate,
) -> Result<Vec<Covered>, ApiError> {
    let moves = store::moves(work.conn, scope, Some(commune))?;
    let map = territories().epci_of(commune.as_str()).map(|epci| epci.code);
    let places: Vec<(Id, Option<String>)> = scope
        .ids()
        .iter()
        .map(|service| {
            let own = moves.iter().filter(|(of, _)| of == service).map(|(_, one)| one.clone());
            (*service, Boundaries::new(own).epci_on(commune, map, on).map(str::to_owned))
        })
        .collect();
    let codes: Vec<String> =
        places.iter().filter_map(|(_, epci)| epci.clone()).chain([commune.as_str().to_owned()]).collect();
    let holdings = store::holdings(work.conn, scope, on, Some(&codes))?;
    let covered = places.into_iter().map(|(service_id, epci)| {
        let own: Vec<Holding> =
            holdings.iter().filter(|(of, _)| *of == service_id).map(|(_, holding)| holding.clone()).collect();
        let by = covering(&own, commune, epci.as_deref(), on);
        let by = by.into_iter().map(|(through, holding)| (through, holding.clone())).collect();
        Covered { service_id, epci, by }
    });
    Ok(covered.collect())
}

/// The convention under which a service delivers a complementary service in a commune on a day: the commune's own, else
/// its EPCI's. A commune that none covers, or whose convention does not open that service, is a 422 at `pointer`; the
/// problem says in `would_cover` which collectivities could sign.
pub fn require(
    work: &mut Work<'_>,
    service: Id,
    commune: &CommuneCode,
    on: NaiveDate,
    wanted: &ComplementaryService,
    pointer: &str,
) -> Result<Id, ApiError> {
    let scope = ServiceScope::one(service);
    let covered = of_commune(work, &scope, commune, on)?.pop();
    let (epci, by) = covered.map(|covered| (covered.epci, covered.by)).unwrap_or_default();
    let ids: Vec<Id> = by.iter().map(|(_, holding)| holding.convention_id).collect();
    let opened = store::services_on(work.conn, &ids, on)?;
    let opens = |id: &Id| opened.get(id).is_some_and(|services| services.iter().any(|(service, _)| service == wanted));
    if let Some(convention) = ids.iter().find(|id| opens(id)) {
        return Ok(*convention);
    }
    let could: Vec<String> =
        epci.map(|code| format!("epci:{code}")).into_iter().chain([format!("commune:{}", commune.as_str())]).collect();
    let error = if ids.is_empty() {
        let message = Text::new(
            "Réservé aux territoires conventionnés : aucune convention ne couvre cette commune à cette date.",
            "For territories with a convention: none covers this commune on that day.",
        );
        ApiError::rule(pointer, "not_covered", message)
    } else {
        let message = Text::new(
            "La convention qui couvre cette commune n'ouvre pas cette prestation complémentaire à cette date.",
            "The convention that covers this commune does not open this complementary service on that day.",
        );
        ApiError::rule(pointer, "service_not_in_convention", message)
    };
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Err(error.with("would_cover", could).with("covered_by", ids))
}

/// The EPCI that a commune is in on a day, as a service knows it.
pub fn epci_on(work: &mut Work<'_>, service: Id, commune: &CommuneCode, on: NaiveDate) -> Result<Option<EpciCode>, ApiError> {
    let moves = store::moves(work.conn, &ServiceScope::one(service), Some(commune))?;
    let map = territories().epci_of(commune.as_str()).map(|epci| epci.code);
    let boundaries = Boundaries::new(moves.into_iter().map(|(_, one)| one));
    Ok(boundaries.epci_on(commune, map, on).and_then(|code| code.parse().ok()))
}
