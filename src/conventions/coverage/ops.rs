//! Use cases of coverage.

use chrono::NaiveDate;

use super::dto::{
    Coverage, CoverageQuestion, CoveredCommune, CoveredCommuneFilter, CoveredCommunePage, CoveringConvention,
    ServiceCoverage,
};
use super::model::{Boundaries, CoveredThrough, SignedConvention, covering};
use super::store;
use crate::auth::ServiceScope;
use crate::clock;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Text};
use crate::http::page::List;
use crate::nomenclatures::codes::ComplementaryService;
use crate::services;
use crate::services::model::Settings;
use crate::territories::{CommuneCode, TerritoryKey, TerritoryKind, territories};
use crate::work::Work;

/// How a service covers a commune on a day.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    /// The service.
    pub(super) service_id: Id,
    /// The EPCI of the commune on that day, given the boundary changes that the service recorded.
    pub(super) epci: Option<String>,
    /// The conventions that cover it, the commune's own first.
    pub(super) by: Vec<(CoveredThrough, SignedConvention)>,
}

/// The conventions of each service of a scope that cover a commune on a day.
pub(super) fn of_commune(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    commune: &CommuneCode,
    on: NaiveDate,
) -> Result<Vec<Covered>, ApiError> {
    let moves = store::moves(work.conn, scope, Some(commune))?;
    let map = territories().epci_of(commune.as_str()).map(|epci| epci.code);
    let epci_by_service: Vec<(Id, Option<String>)> = scope
        .ids()
        .iter()
        .map(|service| {
            let own = moves.iter().filter(|(of, _)| of == service).map(|(_, one)| one.clone());
            (*service, Boundaries::new(own).epci_on(commune, map, on).map(str::to_owned))
        })
        .collect();
    let codes: Vec<String> =
        epci_by_service.iter().filter_map(|(_, epci)| epci.clone()).chain([commune.as_str().to_owned()]).collect();
    let signed = store::signed_conventions(work.conn, scope, on, Some(&codes))?;
    let covered = epci_by_service.into_iter().map(|(service_id, epci)| {
        let own: Vec<SignedConvention> =
            signed.iter().filter(|(of, _)| *of == service_id).map(|(_, one)| one.clone()).collect();
        let by = covering(&own, commune, epci.as_deref(), on);
        let by = by.into_iter().map(|(through, convention)| (through, convention.clone())).collect();
        Covered { service_id, epci, by }
    });
    Ok(covered.collect())
}

/// The convention under which a service delivers a complementary service in a commune on a day: the commune's own,
/// otherwise its EPCI's. Fails with a 422 at `pointer` if no convention covers the commune, or if none that does gives
/// access to that service; `would_cover` lists the local authorities that could sign one.
pub fn require(
    work: &mut Work<'_>,
    service: Id,
    commune: &CommuneCode,
    on: NaiveDate,
    wanted: &ComplementaryService,
    pointer: &str,
) -> Result<Id, ApiError> {
    let store::CoverRows { moves, signed, opened } = store::cover(work.conn, service, commune, on)?;
    let map = territories().epci_of(commune.as_str()).map(|epci| epci.code);
    let epci = Boundaries::new(moves).epci_on(commune, map, on).map(str::to_owned);
    let by = covering(&signed, commune, epci.as_deref(), on);
    let ids: Vec<Id> = by.iter().map(|(_, convention)| convention.convention_id).collect();
    let opens = |id: &Id| opened.get(id).is_some_and(|services| services.iter().any(|(service, _)| service == wanted));
    if let Some(convention) = ids.iter().find(|id| opens(id)) {
        return Ok(*convention);
    }
    let would_cover: Vec<String> =
        epci.map(|code| format!("epci:{code}")).into_iter().chain([format!("commune:{}", commune.as_str())]).collect();
    let error = if ids.is_empty() {
        let (by, day) = (would_cover.join(", "), dates::french(on));
        let message = Text::new(
            format!(
                "Réservé aux territoires conventionnés : aucune convention ne couvre la commune {commune} le {day} ; une convention avec {by} la couvrirait."
            ),
            format!(
                "Reserved for territories with a convention: none covers the commune {commune} on {on}; one with {by} would."
            ),
        );
        ApiError::rule(pointer, "not_covered", message)
    } else {
        let day = dates::french(on);
        let message = Text::new(
            format!(
                "La convention qui couvre la commune {commune} n'ouvre pas la prestation complémentaire `{wanted}` le {day} : un avenant peut l'ouvrir."
            ),
            format!(
                "The convention that covers the commune {commune} does not give access to the complementary service `{wanted}` on {on}: an amendment can open it."
            ),
        );
        ApiError::rule(pointer, "service_not_in_convention", message)
    };
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    Err(error.with("would_cover", would_cover).with("covered_by", ids))
}

/// The coverage of a commune on a day by the services of a scope.
pub fn coverage(work: &mut Work<'_>, scope: &ServiceScope, query: &CoverageQuestion) -> Result<Coverage, ApiError> {
    let scope = scope.within(query.service_id);
    let days = match query.on {
        Some(on) => vec![(on, scope.ids().to_vec())],
        // The services may be in several time zones: each is read on its own day.
        None => services::ops::by_day(work, &scope)?.into_iter().filter(|(_, services)| !services.is_empty()).collect(),
    };
    let mut services = Vec::new();
    for (on, of_day) in &days {
        services.extend(coverage_by(work, &ServiceScope::Only(of_day.clone()), &query.commune, *on)?);
    }
    services.sort_by_key(|one| one.service_id);
    let today = || clock::date_in(chrono_tz::UTC, work.now);
    let commune = TerritoryKey { kind: TerritoryKind::Commune, code: query.commune.as_str().to_owned() };
    Ok(Coverage {
        commune_name: name_of(&commune),
        commune_code: query.commune.clone(),
        on: days.first().map_or_else(today, |(on, _)| *on),
        covered: services.iter().any(|one| one.covered),
        services,
    })
}

/// The coverage of a commune by each service of a scope on a day.
fn coverage_by(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    commune: &CommuneCode,
    on: NaiveDate,
) -> Result<Vec<ServiceCoverage>, ApiError> {
    let covered = of_commune(work, scope, commune, on)?;
    let ids: Vec<Id> =
        covered.iter().flat_map(|one| one.by.iter().map(|(_, convention)| convention.convention_id)).collect();
    let opened = store::services_on(work.conn, &ids, on)?;
    let covering_convention = |(through, convention): (CoveredThrough, SignedConvention)| {
        let services = opened.get(&convention.convention_id).into_iter().flatten();
        let collectivity = convention.collectivity();
        CoveringConvention {
            convention_id: convention.convention_id,
            through,
            collectivity_name: name_of(&collectivity),
            collectivity,
            complementary_services: services.map(|(service, _)| service.clone()).collect(),
        }
    };
    let of_service = |one: Covered| ServiceCoverage {
        service_id: one.service_id,
        on,
        epci_name: one.epci.as_deref().and_then(epci_name),
        epci_code: one.epci.and_then(|code| code.parse().ok()),
        covered: !one.by.is_empty(),
        doubly_covered: one.by.len() > 1,
        by: one.by.into_iter().map(covering_convention).collect(),
    };
    Ok(covered.into_iter().map(of_service).collect())
}

/// The official name of a territory; its code if the embedded map does not have it.
fn name_of(key: &TerritoryKey) -> String {
    territories().find(key).map_or_else(|| key.code.clone(), |territory| territory.name.to_owned())
}

/// The conventions of a service that are signed and whose period includes a day.
pub(in crate::conventions) fn signed_on(
    work: &mut Work<'_>,
    service: Id,
    on: NaiveDate,
) -> Result<Vec<SignedConvention>, ApiError> {
    let signed = store::signed_conventions(work.conn, &ServiceScope::one(service), on, None)?;
    Ok(signed.into_iter().map(|(_, one)| one).collect())
}

/// Every commune of the departements of a service, in the order of codes, with its coverage on a day. `signed` are the
/// conventions [signed on](signed_on) that day.
pub(in crate::conventions) fn communes_of(
    work: &mut Work<'_>,
    settings: &Settings,
    signed: &[SignedConvention],
    on: NaiveDate,
) -> Result<Vec<CoveredCommune>, ApiError> {
    let scope = ServiceScope::one(settings.id);
    let moves = store::moves(work.conn, &scope, None)?.into_iter().map(|(_, one)| one);
    let boundaries = Boundaries::new(moves);
    let departements = settings.departements.iter();
    let departements = departements.filter_map(|code| territories().get(TerritoryKind::Departement, code.as_str()));
    let mut communes = Vec::new();
    for territory in departements.flat_map(|departement| territories().communes_of(departement)) {
        let Ok(code) = territory.code.parse::<CommuneCode>() else { continue };
        let on_the_map = territories().epci_of(territory.code).map(|epci| epci.code);
        let epci = boundaries.epci_on(&code, on_the_map, on);
        let by = covering(signed, &code, epci, on);
        communes.push(CoveredCommune {
            commune_name: territory.name.to_owned(),
            epci_name: epci.and_then(epci_name),
            epci_code: epci.and_then(|epci| epci.parse().ok()),
            covered: !by.is_empty(),
            doubly_covered: by.len() > 1,
            through: by.first().map(|(through, _)| *through),
            convention_id: by.first().map(|(_, convention)| convention.convention_id),
            collectivity_name: by.first().map(|(_, convention)| name_of(&convention.collectivity())),
            municipal_population: territory.population.municipal.and_then(|number| i32::try_from(number).ok()),
            commune_code: code,
        });
    }
    communes.sort_by(|one, other| one.commune_code.cmp(&other.commune_code));
    Ok(communes)
}

/// A page of the communes of a service of the scope, in the order of codes, with their coverage on a day.
pub fn communes(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<CoveredCommuneFilter>,
) -> Result<CoveredCommunePage, ApiError> {
    let settings = services::ops::settings(work, scope, service)?;
    let on = list.filter.on.unwrap_or_else(|| settings.date_of(work.now));
    let matches = |one: &CoveredCommune| {
        list.filter.covered.is_none_or(|covered| one.covered == covered)
            && list.filter.epci.as_ref().is_none_or(|epci| one.epci_code.as_ref() == Some(epci))
    };
    let signed = signed_on(work, settings.id, on)?;
    let mut all = communes_of(work, &settings, &signed, on)?;
    all.retain(matches);
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    if let Some(after) = list.page.after::<String>() {
        all.retain(|one| one.commune_code.as_str() > after.as_str());
    }
    // The whole map is in memory: a page is cut from it.
    all.truncate(usize::try_from(list.page.fetch()).unwrap_or_default());
    let (data, page) = list.page.cut(all, |one| one.commune_code.clone());
    let page = list.page.counted(page, || Ok::<_, ApiError>(total))?;
    Ok(CoveredCommunePage { data, page })
}

/// The name of an EPCI; none for a code of an older map.
fn epci_name(code: &str) -> Option<&'static str> {
    territories().get(TerritoryKind::Epci, code).map(|epci| epci.name)
}
