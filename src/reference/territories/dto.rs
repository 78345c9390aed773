//! Territories in the contract.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::territories::{LICENCE, SOURCE, TerritoryKey, TerritoryKind, VINTAGE, model, territories};

/// A region, département, EPCI or commune on the map of the year `vintage`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Territory {
    /// Level: `region`, `departement`, `epci` or `commune`.
    #[schema(example = "commune", extensions(("x-nomenclature" = json!("territory_kind"))))]
    pub kind: &'static str,
    /// Official code: INSEE for a region, a département or a commune, SIREN for an EPCI. Unique only within its kind.
    #[schema(example = "63032", min_length = 2, max_length = 9)]
    pub code: &'static str,
    /// Official name. Not unique.
    #[schema(example = "Beaumont")]
    pub name: &'static str,
    /// Legal form of an EPCI: `CC`, `CA`, `CU`, `METRO` or `MET69` (Lyon). `null` for the other kinds.
    #[schema(example = json!(null))]
    pub epci_type: Option<&'static str>,
    /// Municipal population (*population municipale*), in inhabitants. `null`, which is not 0, if it is not published.
    #[schema(example = 10787, minimum = 0)]
    pub population_municipal: Option<u32>,
    /// Total population (*population totale*), in inhabitants: some people are counted in two communes. `null` if it is not
    /// published: for communes outside any EPCI, and for départements and regions that contain one.
    #[schema(example = 10977, minimum = 0)]
    pub population_total: Option<u32>,
    /// Source of both populations: `dgcl_epci_list` (the 2026 list of EPCI and their communes), `insee_commune_list`
    /// (communes outside any EPCI; another census) or `sum_of_communes` (départements and regions, summed by this API).
    /// `null` if neither population is published.
    #[schema(example = "dgcl_epci_list")]
    pub population_source: Option<&'static str>,
    /// Census year of the populations. `null` if the source does not state it, as in the map of 2026.
    #[schema(example = json!(null))]
    pub population_vintage: Option<&'static str>,
    /// Postal codes of a commune; empty for the other kinds. Several communes can share a postal code.
    #[schema(example = json!(["63110"]))]
    pub postal_codes: Vec<&'static str>,
    /// The territories that contain it, smallest first: EPCI (if any), département and region of a commune; region of a
    /// département; every département and every region of an EPCI.
    #[schema(example = json!([
        {"kind": "epci", "code": "246300701", "name": "Clermont Auvergne Métropole"},
        {"kind": "departement", "code": "63", "name": "Puy-de-Dôme"},
        {"kind": "region", "code": "84", "name": "Auvergne-Rhône-Alpes"}
    ]))]
    pub ancestors: Vec<TerritoryRef>,
    /// Year of the map.
    #[schema(example = "2026")]
    pub vintage: &'static str,
    /// Publishers of the data.
    #[schema(example = "INSEE, DGCL, La Poste (@etalab/decoupage-administratif 6.0.0)")]
    pub source: &'static str,
    /// Licence of the data. Name the source when you reuse them.
    #[schema(example = "Licence Ouverte 2.0")]
    pub licence: &'static str,
}

crate::page! {
    /// A page of territories.
    TerritoryPage of Territory
}

/// Filters on territories: all the given ones apply.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct TerritoryFilter {
    /// Levels, separated by commas. When absent: all levels.
    #[param(style = Form, explode = false, min_items = 1, max_items = 4, example = json!(["epci", "commune"]))]
    pub kind: Option<Vec<TerritoryKind>>,
    /// Only the territories inside this one, at any depth. An EPCI is inside each département in which it has a commune.
    pub parent: Option<TerritoryKey>,
    /// Only the communes with this postal code. Several communes can share it.
    #[param(pattern = "^[0-9]{5}$", example = "63110")]
    pub postal_code: Option<String>,
    /// Search by name, ignoring case, accents and punctuation; `st` finds `saint`. The best matches come first.
    #[param(min_length = 1, max_length = 100, example = "clermont")]
    pub name: Option<String>,
}

/// A territory by its kind and code, with its name for display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TerritoryRef {
    /// Level: `region`, `departement`, `epci` or `commune`.
    #[schema(example = "departement", extensions(("x-nomenclature" = json!("territory_kind"))))]
    pub kind: &'static str,
    /// Official code, INSEE or SIREN.
    #[schema(example = "63", min_length = 2, max_length = 9)]
    pub code: &'static str,
    /// Official name.
    #[schema(example = "Puy-de-Dôme")]
    pub name: &'static str,
}

impl From<&model::Territory> for TerritoryRef {
    fn from(territory: &model::Territory) -> Self {
        Self { kind: territory.kind.as_str(), code: territory.code, name: territory.name }
    }
}

impl From<&model::Territory> for Territory {
    fn from(territory: &model::Territory) -> Self {
        Self {
            kind: territory.kind.as_str(),
            code: territory.code,
            name: territory.name,
            epci_type: territory.epci_type.map(|form| form.as_str()),
            population_municipal: territory.population.municipal,
            population_total: territory.population.total,
            population_source: territory.population.source.map(|source| source.as_str()),
            population_vintage: None,
            postal_codes: territory.postal_codes().collect(),
            ancestors: territories().ancestors(territory).into_iter().map(TerritoryRef::from).collect(),
            vintage: VINTAGE,
            source: SOURCE,
            licence: LICENCE,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reference::territories::dto::*;
    use crate::territories::TerritoryKind;

    #[test]
    fn a_commune_has_its_ancestors() {
        let beaumont = territories().get(TerritoryKind::Commune, "63032").unwrap();
        assert_eq!(
            serde_json::to_value(Territory::from(beaumont)).unwrap(),
            serde_json::json!({
                "kind": "commune", "code": "63032", "name": "Beaumont", "epci_type": null,
                "population_municipal": 10787, "population_total": 10977, "population_source": "dgcl_epci_list",
                "population_vintage": null, "postal_codes": ["63110"],
                "ancestors": [
                    {"kind": "epci", "code": "246300701", "name": "Clermont Auvergne Métropole"},
                    {"kind": "departement", "code": "63", "name": "Puy-de-Dôme"},
                    {"kind": "region", "code": "84", "name": "Auvergne-Rhône-Alpes"},
                ],
                "vintage": "2026", "source": SOURCE, "licence": "Licence Ouverte 2.0",
            })
        );
    }
}
