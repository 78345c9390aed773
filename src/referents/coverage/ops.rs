//! The use case of coverage.

use std::collections::HashMap;

use super::dto::{CoverageOfCommune, ReferentCoverage, ReferentCoverageDay};
use super::store;
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::figures::FigureDefinition;
use crate::services;
use crate::territories::{CommuneCode, TerritoryKind, territories};
use crate::work::Work;

/// Version of the definitions below. What is counted does not change under a version.
const DEFINITION_VERSION: &str = "2026.1";

/// The kinds of organisations that welcome children, or bring together those who do. An organisation of another kind can
/// have a referent too, who counts in the network and covers nothing.
const KINDS: [&str; 5] = ["eaje", "childminder_house", "rpe", "acm_organiser", "childcare_operator"];

/// What a figure counts: its JSON pointer in the answer, then French and English.
const DEFINITIONS: &[(&str, &str, &str)] = &[
    (
        "/structures",
        "Organisations de l'annuaire du service, aujourd'hui, des types de /organisation_kinds.",
        "Organisations of the directory of the service, today, of the kinds of /organisation_kinds.",
    ),
    (
        "/structures_covered",
        "Ces structures, avec au moins un référent nommé, certifié ou à jour le jour demandé. Un référent compte dans sa structure d'aujourd'hui ; un référent en défaut ne couvre pas.",
        "Those structures with at least one referent who is appointed, and certified or in order on the day. A referent counts in today's structure; one who has lapsed covers nothing.",
    ),
    (
        "/communes_covered",
        "Communes où se trouve au moins une structure couverte.",
        "Communes with at least one structure that is covered.",
    ),
    (
        "/population_covered",
        "Population municipale des communes couvertes, de la carte publiée par cette API ; null quand celle d'une commune couverte n'est pas publiée (voir /communes_without_population).",
        "Municipal population of the communes covered, of the map that this API publishes; null when that of a commune covered is not published (see /communes_without_population).",
    ),
];

/// What the certified referents of a service of the scope cover on a day.
pub(super) fn coverage(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    asked: &ReferentCoverageDay,
) -> Result<ReferentCoverage, ApiError> {
    let today = services::store::settings(work.conn, scope, service)?.date_of(work.now);
    let on = asked.on.unwrap_or(today);
    if let Some(fault) = dates::not_in_the_future("on", on, today) {
        return Err(ApiError::faults(Code::InvalidParameters, vec![fault]));
    }
    let scope = &scope.within(Some(service));
    let covered = store::covered(work.conn, scope, &KINDS, on)?.into_iter();
    let covered: HashMap<CommuneCode, (i64, i64)> =
        covered.map(|(commune, referents, structures)| (commune, (referents, structures))).collect();
    let communes = store::structures(work.conn, scope, &KINDS)?.into_iter().map(|(commune_code, structures)| {
        let (referents, structures_covered) = covered.get(&commune_code).copied().unwrap_or_default();
        let known = territories().get(TerritoryKind::Commune, commune_code.as_str());
        CoverageOfCommune {
            name: known.map(|known| known.name.to_owned()).unwrap_or_default(),
            population: known.and_then(|known| known.population.municipal).map(i64::from),
            commune_code,
            structures,
            structures_covered,
            referents,
        }
    });
    let by_commune: Vec<CoverageOfCommune> = communes.collect();
    let reached = || by_commune.iter().filter(|commune| commune.referents > 0);
    let unknown = reached().filter(|commune| commune.population.is_none());
    Ok(ReferentCoverage {
        service_id: service,
        on,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        organisation_kinds: KINDS.iter().filter_map(|kind| kind.parse().ok()).collect(),
        structures: by_commune.iter().map(|commune| commune.structures).sum(),
        structures_covered: reached().map(|commune| commune.structures_covered).sum(),
        referents: reached().map(|commune| commune.referents).sum(),
        communes: i64::try_from(by_commune.len()).unwrap_or(i64::MAX),
        communes_covered: i64::try_from(reached().count()).unwrap_or(i64::MAX),
        population_covered: reached().map(|commune| commune.population).sum(),
        communes_without_population: unknown.map(|commune| commune.commune_code.clone()).collect(),
        definitions: DEFINITIONS.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }).collect(),
        by_commune,
    })
}
