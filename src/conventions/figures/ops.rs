//! The use case of the figures of conventions.

use super::dto::ConventionFigures;
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::days_of;
use crate::conventions::coverage;
use crate::conventions::coverage::dto::CoveredCommune;
use crate::conventions::funding;
use crate::db::Id;
use crate::error::ApiError;
use crate::figures::FigureDefinition;
use crate::indicators::model::{Shown, definitions};
use crate::services;
use crate::work::Work;

/// Version of the definitions. A change of what is counted is a new version.
const DEFINITION_VERSION: &str = "2026.1";

/// The figures that are indicators: the JSON pointer, the indicator, the split if it is one.
const SHOWN: &[Shown] = &[
    ("/conventions", "conventions_in_effect", None),
    ("/contributions_cents", "contributions_due", None),
    ("/received_cents", "contributions_received", None),
];

/// The definitions of the other figures: the JSON pointer, then the French and English texts.
const OWN: &[(&str, &str, &str)] = &[
    (
        "/covered_communes",
        "Communes des départements du service couvertes à cette date par leur convention ou par celle de leur EPCI, comptées chacune une fois.",
        "Communes of the service's departements covered on the day by their own convention or their EPCI's, each counted once.",
    ),
    (
        "/covered_population",
        "Population municipale des communes couvertes, selon la carte embarquée ; elle diffère de la population figée des contributions.",
        "Municipal population of the covered communes, from the embedded map; it differs from the frozen population of contributions.",
    ),
];

/// The figures of the conventions of a service of the scope in a year.
pub fn figures(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    year: i32,
) -> Result<ConventionFigures, ApiError> {
    let settings = services::ops::settings(work, scope, service)?;
    let (first, last) = days_of(year);
    let on = last.min(settings.date_of(work.now)).max(first);
    let scope = ServiceScope::one(service);
    let signed = coverage::ops::signed_on(work, service, on)?;
    let with_epci: Vec<bool> = signed.iter().filter(|one| one.in_effect_on(on)).map(|one| one.is_epci).collect();
    let (contributions_cents, received_cents) = funding::store::contributions_of(work.conn, &scope, year)?;
    let all = coverage::ops::communes_of(work, &settings, &signed, on)?;
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let communes = |wanted: fn(&CoveredCommune) -> bool| count(all.iter().filter(|one| wanted(one)).count());
    let population = |wanted: fn(&CoveredCommune) -> bool| {
        all.iter().filter(|one| wanted(one)).filter_map(|one| one.municipal_population).map(i64::from).sum()
    };
    Ok(ConventionFigures {
        service_id: service,
        year,
        on,
        read_at: work.now,
        definition_version: DEFINITION_VERSION,
        conventions: count(with_epci.len()),
        epci: count(with_epci.iter().filter(|is_epci| **is_epci).count()),
        communes: count(with_epci.iter().filter(|is_epci| !**is_epci).count()),
        contributions_cents,
        received_cents,
        covered_communes: communes(|one| one.covered),
        doubly_covered_communes: communes(|one| one.doubly_covered),
        communes_of_the_service: count(all.len()),
        covered_population: population(|one| one.covered),
        population_of_the_service: population(|_| true),
        communes_without_population: communes(|one| one.municipal_population.is_none()),
        definitions: definitions(SHOWN)
            .into_iter()
            .chain(OWN.iter().map(|&(figure, fr, en)| FigureDefinition { figure, fr, en }))
            .collect(),
    })
}
