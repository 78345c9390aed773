//! The population from which a contribution is computed: that of the embedded map, or one given with its source.

use super::dto::ContributionInput;
use super::model::PopulationKind;
use crate::error::{Fault, Lang, Text};
use crate::territories::{TerritoryKey, VINTAGE, territories};
use crate::text::grouped;

/// The population that a contribution uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReferencePopulation {
    /// Inhabitants.
    pub(super) population: i32,
    /// The year of the figure.
    pub(super) vintage: i32,
    /// Where it comes from.
    pub(super) source: String,
}

/// The year of the embedded map.
fn map_vintage() -> i32 {
    VINTAGE.parse().unwrap_or_default()
}

/// Resolves the population. A figure of the map's year must be that of the map; one of another year is given with its
/// source; none may be more recent than the year of the contribution. `paying` inhabitants live in communes of an EPCI
/// that pay by themselves: the map's figure without them is given with a source too.
pub(super) fn resolve(
    collectivity: &TerritoryKey,
    kind: PopulationKind,
    new: &ContributionInput,
    paying: i32,
) -> Result<ReferencePopulation, Vec<Fault>> {
    let vintage = new.population_vintage.unwrap_or_else(map_vintage);
    if vintage > new.year {
        let message = Text::new(
            format!(
                "La population de {vintage} est plus récente que l'année {} : donner `population`, `population_vintage` et `population_source`.",
                new.year
            ),
            format!(
                "The population of {vintage} is more recent than the year {}: give `population`, `population_vintage` and `population_source`.",
                new.year
            ),
        );
        return Err(vec![Fault::new("/population_vintage", "vintage_after_year", message)]);
    }
    let published = if vintage == map_vintage() { on_the_map(collectivity, kind) } else { None };
    if let (Some((published, _)), Some(stated), Some(source)) = (published, new.population, &new.population_source)
        && paying > 0
        && stated == published - paying
    {
        return Ok(ReferencePopulation { population: stated, vintage, source: source.clone() });
    }
    match (published, new.population) {
        (Some((published, _)), Some(stated)) if stated != published => {
            let message = Text::new(
                format!(
                    "La population de {vintage} est de {} : pour une autre valeur, préciser son année.",
                    grouped(published, Lang::Fr)
                ),
                format!(
                    "The population of {vintage} is {}: for another value, give its year.",
                    grouped(published, Lang::En)
                ),
            );
            Err(vec![Fault::new("/population", "not_of_this_vintage", message)])
        }
        (Some((population, source)), _) => Ok(ReferencePopulation { population, vintage, source: source.to_owned() }),
        (None, stated) => {
            let missing = |pointer| {
                let message = Text::new(
                    "Champ requis : la carte embarquée ne contient pas la population de cette année.",
                    "Required: the embedded map does not have the population of this year.",
                );
                Fault::new(pointer, "required", message)
            };
            let mut faults = Vec::new();
            if stated.is_none() {
                faults.push(missing("/population"));
            }
            if new.population_source.is_none() {
                faults.push(missing("/population_source"));
            }
            match (stated, &new.population_source) {
                (Some(population), Some(source)) => {
                    Ok(ReferencePopulation { population, vintage, source: source.clone() })
                }
                _ => Err(faults),
            }
        }
    }
}

/// The population on the embedded map, with its source.
pub(super) fn on_the_map(collectivity: &TerritoryKey, kind: PopulationKind) -> Option<(i32, &'static str)> {
    let known = territories().find(collectivity)?.population;
    let number = match kind {
        PopulationKind::Municipal => known.municipal?,
        PopulationKind::Total => known.total?,
    };
    Some((i32::try_from(number).ok()?, known.source?.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::conventions::contributions::model::ContributionBasis;
    use crate::conventions::contributions::population::*;

    fn resolved(
        year: i32,
        population: Option<i32>,
        vintage: Option<i32>,
        source: Option<&str>,
    ) -> Result<ReferencePopulation, Vec<String>> {
        let new = ContributionInput {
            year,
            basis: ContributionBasis::PerInhabitant,
            population_kind: Some(PopulationKind::Municipal),
            population,
            population_vintage: vintage,
            population_source: source.map(str::to_owned),
            rate_cents: Some(35),
            flat_cents: None,
            instalments: None,
        };
        let found = resolve(&"commune:63032".parse().unwrap(), PopulationKind::Municipal, &new, 0);
        found.map_err(|faults| faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect())
    }

    #[test]
    fn a_population_of_the_map_s_year_must_be_that_of_the_map() {
        let beaumont = resolved(2026, None, None, None).unwrap();
        assert_eq!((beaumont.population, beaumont.vintage, beaumont.source.as_str()), (10_787, 2026, "dgcl_epci_list"));
        assert_eq!(resolved(2026, Some(10_787), Some(2026), None).unwrap(), beaumont);
        assert_eq!(resolved(2026, Some(10_800), None, None).unwrap_err(), ["/population not_of_this_vintage"]);
        assert_eq!(resolved(2027, None, None, None).unwrap(), beaumont);
    }

    #[test]
    fn a_population_of_another_year_needs_its_source() {
        let stated = resolved(2025, Some(10_650), Some(2025), Some("Insee, populations légales 2022")).unwrap();
        assert_eq!((stated.population, stated.vintage), (10_650, 2025));
        assert_eq!(resolved(2025, None, None, None).unwrap_err(), ["/population_vintage vintage_after_year"]);
        assert_eq!(
            resolved(2025, None, Some(2025), None).unwrap_err(),
            ["/population required", "/population_source required"]
        );
        assert_eq!(resolved(2025, Some(10_650), Some(2025), None).unwrap_err(), ["/population_source required"]);
    }
}
