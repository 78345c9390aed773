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

/// Version of the definitions below. A change of what is counted is a new version.
const DEFINITION_VERSION: &str = "2026.1";

/// The kinds of organisations that welcome children, or bring together the professionals who do. A referent of another kind
/// of organisation counts in the network and covers no structure.
const KINDS: [&str; 5] = ["eaje", "childminder_house", "rpe", "acm_organiser", "childcare_operator"];

/// What each figure counts: its JSON pointer in the response, then the definition in French and in English.
const DEFINITIONS: &[(&str, &str, &str)] = &[
    (
        "/structures",
        "Organisations présentes aujourd'hui dans l'annuaire du service, des types listés dans /organisation_kinds.",
        "Organisations in the service's directory today, of the kinds listed in /organisation_kinds.",
    ),
    (
        "/structures_covered",
        "Parmi ces structures, celles ayant au moins une personne référente déjà nommée, et certifiée ou à jour à la date demandée. Chaque personne référente compte dans sa structure d'aujourd'hui ; une personne en défaut ne couvre aucune structure.",
        "Those of these structures with at least one referent who is appointed, and certified or in order on the day. A referent counts in today's structure; a lapsed referent covers no structure.",
    ),
    (
        "/communes_covered",
        "Communes où se trouve au moins une structure couverte.",
        "Communes with at least one covered structure.",
    ),
    (
        "/population_covered",
        "Population municipale des communes couvertes, d'après la carte publiée par cette API ; null si celle d'une commune couverte n'est pas publiée (voir /communes_without_population).",
        "Municipal population of the communes covered, from the map that this API publishes; null if the population of one of them is not published (see /communes_without_population).",
    ),
];

/// Coverage by the certified referents of a service in scope, on a day.
pub(super) fn coverage(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    requested: &ReferentCoverageDay,
) -> Result<ReferentCoverage, ApiError> {
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let on = requested.on.unwrap_or(today);
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
    let covered_communes = || by_commune.iter().filter(|commune| commune.referents > 0);
    let unknown = covered_communes().filter(|commune| commune.population.is_none());
    Ok(ReferentCoverage {
        service_id: service,
        on,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        organisation_kinds: KINDS.iter().filter_map(|kind| kind.parse().ok()).collect(),
        structures: by_commune.iter().map(|commune| commune.structures).sum(),
        structures_covered: covered_communes().map(|commune| commune.structures_covered).sum(),
        referents: covered_communes().map(|commune| commune.referents).sum(),
        communes: i64::try_from(by_commune.len()).unwrap_or(i64::MAX),
        communes_covered: i64::try_from(covered_communes().count()).unwrap_or(i64::MAX),
        population_covered: covered_communes().map(|commune| commune.population).sum(),
        communes_without_population: unknown.map(|commune| commune.commune_code.clone()).collect(),
        definitions: DEFINITIONS.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }).collect(),
        by_commune,
    })
}
