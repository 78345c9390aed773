//! The use case of the figures of conventions.

use super::dto::ConventionFigures;
use crate::auth::ServiceScope;
use crate::conventions::coverage;
use crate::conventions::coverage::dto::CoveredCommune;
use crate::conventions::funding;
use crate::db::Id;
use crate::error::ApiError;
use crate::figures::FigureDefinition;
use crate::services;
use crate::statements::ops::days_of;
use crate::work::Work;

/// Version of the definitions below. What is counted does not change under a version.
const DEFINITION_VERSION: &str = "2026.1";

/// What a figure counts: its JSON pointer in the answer, then French and English.
const DEFINITIONS: &[(&str, &str, &str)] = &[
    (
        "/conventions",
        "Conventions signées en vigueur ce jour, suspensions exceptées.",
        "Signed conventions that hold on the day, suspended ones excepted.",
    ),
    (
        "/contributions_cents",
        "Contributions de l'année des conventions signées, abandons déduits.",
        "Contributions for the year of signed conventions, what was given up taken off.",
    ),
    (
        "/received_cents",
        "Paiements reçus sur ces contributions, quelle que soit leur date.",
        "Payments received of these contributions, whatever their date.",
    ),
    (
        "/covered_communes",
        "Communes des départements du service couvertes ce jour par leur convention ou celle de leur EPCI, chacune une fois.",
        "Communes of the service's departements that their own or their EPCI's convention covers on the day, each once.",
    ),
    (
        "/covered_population",
        "Population municipale, sur la carte embarquée, des communes couvertes ; ce n'est pas la population figée des contributions.",
        "Municipal population, on the embedded map, of the covered communes; it is not the frozen population of contributions.",
    ),
];

/// The conventions of a service of the scope in a year.
pub fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    year: i32,
) -> Result<ConventionFigures, ApiError> {
    let settings = services::store::settings(work.conn, scope, service)?;
    let (first, last) = days_of(year);
    let on = last.min(settings.date_of(work.now)).max(first);
    let scope = ServiceScope::one(service);
    let holdings = coverage::store::holdings(work.conn, &scope, on, None)?;
    let holding: Vec<bool> =
        holdings.iter().filter(|(_, one)| one.holds_on(on)).map(|(_, holding)| holding.is_epci).collect();
    let (contributions_cents, received_cents) = funding::store::contributions_of(work.conn, &scope, year)?;
    let map = coverage::ops::map(work, &settings, on)?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let communes = |wanted: fn(&CoveredCommune) -> bool| count(map.iter().filter(|one| wanted(one)).count());
    let population = |wanted: fn(&CoveredCommune) -> bool| {
        map.iter().filter(|one| wanted(one)).filter_map(|one| one.municipal_population).map(i64::from).sum()
    };
    Ok(ConventionFigures {
        service_id: service,
        year,
        on,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        conventions: count(holding.len()),
        epci: count(holding.iter().filter(|is_epci| **is_epci).count()),
        communes: count(holding.iter().filter(|is_epci| !**is_epci).count()),
        contributions_cents,
        received_cents,
        covered_communes: communes(|one| one.covered),
        doubly_covered_communes: communes(|one| one.doubly_covered),
        communes_of_the_service: count(map.len()),
        covered_population: population(|one| one.covered),
        population_of_the_service: population(|_| true),
        communes_without_population: communes(|one| one.municipal_population.is_none()),
        definitions: DEFINITIONS.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }).collect(),
    })
}
