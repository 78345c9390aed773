//! Compiles a specification to the dimensions and tables of a release. No I/O.

use std::collections::BTreeMap;

use super::model::dimensions::{Dimension, Values, elsewhere, find, label};
use super::model::{Frequency, Group, Spec, Table, TerritoryLevel};
use super::model::{classes, coarse, knowledge};
use crate::db::Id;
use crate::statistics::records::model::PopulationCode;
use crate::statistics::records::model::values::UNKNOWN;
use crate::territories::{DepartementCode, Territory, TerritoryKind, territories};
use passerelle_disclosure::document::Label;
use passerelle_disclosure::population::{Domain, Population, Shown, TableSpec};

/// What a specification refers to, besides the code lists.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The départements of the service.
    pub departements: Vec<DepartementCode>,
    /// The kits of the service, with the French title and, if there is one, the English title.
    pub kits: Vec<(Id, String, Option<String>)>,
    /// The first birthday above its age rule, if there is one.
    pub upper_birthday: Option<u32>,
}

/// The populations of a specification, with their dimensions and tables, without units: `records::ops` adds them.
///
/// A dimension has the same values in every table of its population: the territory levels belong to the specification.
pub fn compile(spec: &Spec, setting: &Setting) -> Vec<Population> {
    let populations = PopulationCode::ALL.iter().map(|code| population(spec, *code, setting));
    populations.filter(|population| !population.tables.is_empty()).collect()
}

/// The dimension shared by all tables of two dimensions: the territory, if they share more than one. `None` if there
/// is no such table, or if they share no dimension.
pub fn hub<'a>(tables: impl Iterator<Item = &'a Table>) -> Option<String> {
    let crossed: Vec<&Table> = tables.filter(|table| table.dimensions.len() == 2).collect();
    let shared = |dimension: &&String| crossed.iter().all(|table| table.dimensions.contains(*dimension));
    let mut hubs: Vec<&String> = crossed.first()?.dimensions.iter().filter(shared).collect();
    hubs.sort_by_key(|dimension| *dimension != super::model::TERRITORY);
    hubs.first().map(|dimension| (*dimension).clone())
}

fn population(spec: &Spec, code: PopulationCode, setting: &Setting) -> Population {
    let tables: Vec<&Table> = spec.body.tables.iter().filter(|table| table.population == code).collect();
    let mut used: Vec<&String> = Vec::new();
    for dimension in tables.iter().flat_map(|table| &table.dimensions) {
        if !used.contains(&dimension) {
            used.push(dimension);
        }
    }
    let domains = used.into_iter().filter_map(|dimension| Some(domain(find(code, dimension)?, spec, setting)));
    let dimensions: Vec<Domain> = domains.collect();
    Population {
        code: name(code),
        total: classes::of_total(code),
        one_quarter: code.is_of_one_quarter(),
        impossible: knowledge::impossible(code, &dimensions, setting.upper_birthday),
        dimensions,
        hub: hub(tables.iter().copied()),
        tables: tables.into_iter().map(table).collect(),
        records: Vec::new(),
    }
}

const fn name(code: PopulationCode) -> &'static str {
    match code {
        PopulationCode::Children => "children",
        PopulationCode::Loans => "loans",
        PopulationCode::Actions => "actions",
        PopulationCode::Participants => "participants",
    }
}

fn table(table: &Table) -> TableSpec {
    TableSpec {
        id: table.code.clone(),
        label: label(&table.label_fr, &table.label_en),
        dimensions: table.dimensions.clone(),
        quarterly: table.frequency == Frequency::Quarterly,
        class: classes::of_table(table.population, &table.dimensions),
    }
}

fn domain(dimension: Dimension, spec: &Spec, setting: &Setting) -> Domain {
    let mut values: Vec<Shown> = match dimension.values {
        Values::Codes(codes) => codes.into_iter().map(|(code, label)| single(code, label)).collect(),
        Values::Kits => {
            let own = setting.kits.iter();
            let own = own.map(|(id, fr, en)| single(id.to_string(), label(fr, en.as_deref().unwrap_or(fr))));
            own.chain([single(UNKNOWN.to_owned(), label("Inconnu", "Unknown"))]).collect()
        }
        Values::Territories => places(spec, &setting.departements),
    };
    let bases: Vec<String> = match dimension.code.as_str() {
        super::model::TERRITORY => {
            let own = communes(&setting.departements).into_iter().map(|commune| commune.key().to_string());
            own.chain(elsewhere().map(|(code, _)| code.to_owned())).collect()
        }
        _ => values.iter().map(|value: &Shown| value.code.clone()).collect(),
    };
    if spec.body.coarse_dimensions.contains(&dimension.code)
        && let Some(groups) = coarse::values(&dimension.code, &bases)
    {
        values = groups;
    }
    Domain {
        id: dimension.code,
        label: dimension.label,
        definition: dimension.definition,
        sensitive: dimension.sensitive,
        bases,
        values,
    }
}

/// A value with a single base code.
fn single(code: String, label: Label) -> Shown {
    Shown { bases: vec![code.clone()], code, label, level: None }
}

/// The communes of these départements, by code.
fn communes(departements: &[DepartementCode]) -> Vec<&'static Territory> {
    let map = territories();
    let own = departements.iter().filter_map(|code| map.get(TerritoryKind::Departement, code.as_str()));
    own.flat_map(|departement| map.communes_of(departement)).collect()
}

/// The EPCI that have a commune in these départements, by code, each with these communes.
pub fn epci_of(departements: &[DepartementCode]) -> BTreeMap<&'static str, (&'static Territory, Vec<String>)> {
    let mut all: BTreeMap<&'static str, (&'static Territory, Vec<String>)> = BTreeMap::new();
    for commune in communes(departements) {
        if let Some(epci) = territories().epci_of(commune.code) {
            all.entry(epci.code).or_insert_with(|| (epci, Vec::new())).1.push(commune.key().to_string());
        }
    }
    all
}

/// The territories shown, widest first, then `outside` and `unknown`.
fn places(spec: &Spec, departements: &[DepartementCode]) -> Vec<Shown> {
    let has = |level: TerritoryLevel| spec.body.territory_levels.contains(&level);
    let shown = |key: String, name: &str, level: TerritoryLevel, bases: Vec<String>| Shown {
        code: key,
        label: label(name, name),
        level: Some(level.as_str().to_owned()),
        bases,
    };
    let epci = epci_of(departements);
    let mut all = Vec::new();
    if has(TerritoryLevel::Departement) {
        let map = territories();
        let own = departements.iter().filter_map(|code| map.get(TerritoryKind::Departement, code.as_str()));
        all.extend(own.map(|one| {
            let bases = map.communes_of(one).map(|commune| commune.key().to_string()).collect();
            shown(one.key().to_string(), one.name, TerritoryLevel::Departement, bases)
        }));
    }
    if has(TerritoryLevel::Group) {
        let bases = |group: &Group| {
            group.members.iter().filter_map(|code| epci.get(code.as_str())).flat_map(|(_, own)| own.clone()).collect()
        };
        all.extend(spec.body.groups.iter().map(|group| Shown {
            code: group_code(&group.code),
            label: label(&group.label_fr, &group.label_en),
            level: Some(TerritoryLevel::Group.as_str().to_owned()),
            bases: bases(group),
        }));
    }
    if has(TerritoryLevel::EpciSize) {
        all.extend(sizes(epci.values()).map(|(code, label, bases)| Shown {
            code: code.to_owned(),
            label,
            level: Some(TerritoryLevel::EpciSize.as_str().to_owned()),
            bases,
        }));
    }
    if has(TerritoryLevel::Epci) {
        all.extend(
            epci.values().map(|(one, own)| shown(one.key().to_string(), one.name, TerritoryLevel::Epci, own.clone())),
        );
    }
    if has(TerritoryLevel::Commune) {
        all.extend(communes(departements).into_iter().map(|one| {
            let key = one.key().to_string();
            shown(key.clone(), one.name, TerritoryLevel::Commune, vec![key])
        }));
    }
    all.extend(elsewhere().map(|(code, label)| single(code.to_owned(), label)));
    all
}

/// The classes of EPCI by inhabitants: the code, the least number of inhabitants, the names.
const SIZES: [(&str, u32, &str, &str); 3] = [
    ("epci_size:100000", 100_000, "EPCI de 100 000 habitants ou plus", "EPCI of 100,000 inhabitants or more"),
    ("epci_size:30000", 30_000, "EPCI de 30 000 à 99 999 habitants", "EPCI of 30,000 to 99,999 inhabitants"),
    ("epci_size:0", 0, "EPCI de moins de 30 000 habitants", "EPCI of fewer than 30,000 inhabitants"),
];

/// The EPCI by size, each class with the communes of its EPCI: a public rule, from published populations. An EPCI without
/// a published population is in the smallest class.
fn sizes<'a>(
    epci: impl Iterator<Item = &'a (&'static Territory, Vec<String>)>,
) -> impl Iterator<Item = (&'static str, Label, Vec<String>)> {
    let mut bases: [Vec<String>; 3] = Default::default();
    for (one, communes) in epci {
        let inhabitants = one.population.municipal.unwrap_or(0);
        let class = SIZES.iter().position(|(_, least, ..)| inhabitants >= *least).unwrap_or(SIZES.len() - 1);
        bases[class].extend(communes.iter().cloned());
    }
    let all = SIZES.iter().zip(bases).filter(|(_, bases)| !bases.is_empty());
    all.map(|((code, _, fr, en), bases)| (*code, label(fr, en), bases))
}

/// The code of a named group in published tables.
pub fn group_code(code: &str) -> String {
    format!("group:{code}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::statistics::specs::compile::*;
    use crate::statistics::specs::model::{LARGE_CODE, built_in};

    fn puy_de_dome() -> Setting {
        let kit = (uuid::Uuid::nil().into(), "Sommeil".to_owned(), None);
        Setting { departements: vec!["63".parse().unwrap()], kits: vec![kit], upper_birthday: None }
    }

    fn first_small() -> Spec {
        built_in().into_iter().find(|spec| spec.version == 1).unwrap()
    }

    #[test]
    fn built_in_specifications_compile_to_values_with_base_codes() {
        for spec in built_in() {
            let populations = compile(&spec, &puy_de_dome());
            assert_eq!(
                populations.iter().map(|one| one.code).collect::<Vec<_>>(),
                PopulationCode::ALL.iter().map(PopulationCode::as_str).collect::<Vec<_>>()
            );
            for population in &populations {
                let crossed = spec.code == LARGE_CODE && population.code == "children";
                assert_eq!(population.hub.as_deref(), crossed.then_some("territory"), "{}", population.code);
                for table in &population.tables {
                    for dimension in &table.dimensions {
                        assert!(population.dimensions.iter().any(|domain| domain.id == *dimension), "{}", table.id);
                    }
                }
                for domain in &population.dimensions {
                    let bases: BTreeSet<&String> = domain.bases.iter().collect();
                    assert_eq!(bases.len(), domain.bases.len(), "{}", domain.id);
                    let shown: BTreeSet<&String> = domain.values.iter().map(|value| &value.code).collect();
                    assert_eq!(shown.len(), domain.values.len(), "{}", domain.id);
                    let held: BTreeSet<&String> = domain.values.iter().flat_map(|value| &value.bases).collect();
                    assert_eq!(held, bases, "{}: every base code is in some value", domain.id);
                }
            }
        }
    }

    #[test]
    fn the_puy_de_dome_has_its_communes_its_epci_and_elsewhere() {
        let territory = &compile(&first_small(), &puy_de_dome())[0].dimensions[0];
        assert_eq!((territory.id.as_str(), territory.bases.len()), ("territory", 463 + 2));
        let of = |level: &str| territory.values.iter().filter(|value| value.level.as_deref() == Some(level)).count();
        assert_eq!(of("departement"), 1);
        // Fourteen, plus those of neighbouring départements that have a commune here.
        assert!(of("epci") >= 14, "{}", of("epci"));
        let clermont = territory.values.iter().find(|value| value.code == "epci:246300701").unwrap();
        assert!(clermont.bases.contains(&"commune:63032".to_owned()) && clermont.label.fr.contains("Clermont"));
        let codes: Vec<&str> = territory.values.iter().rev().take(2).map(|value| value.code.as_str()).collect();
        assert_eq!(codes, ["unknown", "outside"]);
    }

    #[test]
    fn a_group_holds_the_communes_of_its_epci() {
        let mut spec = first_small();
        spec.body.territory_levels = vec![TerritoryLevel::Group];
        spec.body.groups = vec![Group {
            code: "centre".into(),
            label_fr: "Centre".into(),
            label_en: "Centre".into(),
            members: vec!["246300701".parse().unwrap(), "200070753".parse().unwrap()],
        }];
        let territory = compile(&spec, &puy_de_dome())[0].dimensions[0].clone();
        let codes: Vec<&str> = territory.values.iter().map(|value| value.code.as_str()).collect();
        assert_eq!(codes, ["group:centre", "outside", "unknown"]);
        assert!(
            ["commune:63032", "commune:63300"].iter().all(|code| territory.values[0].bases.contains(&(*code).into()))
        );
    }
}
