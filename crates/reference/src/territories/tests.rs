//! Compares the embedded map with known facts about France in 2026: counts, parents, postal codes, populations,
//! searches.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use crate::territories::*;

fn commune(code: &str) -> &'static Territory {
    territories().get(TerritoryKind::Commune, code).unwrap()
}

fn keys<'a>(found: impl IntoIterator<Item = &'a Territory>) -> Vec<String> {
    found.into_iter().map(|territory| territory.key().to_string()).collect()
}

fn search(name: &str, kinds: &[TerritoryKind]) -> Vec<&'static Territory> {
    territories().list(&Filter { name: Some(name), kinds, ..Filter::default() }, None, 10).items
}

fn of_kind(kind: TerritoryKind) -> impl Iterator<Item = &'static Territory> {
    territories().iter().filter(move |territory| territory.kind == kind)
}

#[test]
fn the_whole_map_is_there() {
    let counts = TerritoryKind::ALL.iter().map(|&kind| of_kind(kind).count()).collect::<Vec<_>>();
    assert_eq!(counts, [26, 109, 1_255, 34_969]);
}

#[test]
fn positions_are_a_unique_order_and_codes_are_found() {
    for (rank, territory) in territories().iter().enumerate() {
        assert_eq!(u32::from(territory.position) as usize, rank);
        assert_eq!(territories().at(territory.position), Some(territory));
        assert_eq!(territories().find(&territory.key()), Some(territory));
    }
    assert!(territories().iter().map(|territory| (territory.kind, territory.code)).is_sorted());
    assert_eq!(territories().at(Position::from(u32::MAX)), None);
    assert_eq!(territories().get(TerritoryKind::Commune, "63"), None, "a code is valid for its kind only");
    assert!(["63", "2A", "971"].into_iter().all(|code| is_known(TerritoryKind::Departement, code)));
    assert!(!["20", "2a", "63032", ""].into_iter().any(|code| is_known(TerritoryKind::Departement, code)));
}

#[test]
fn a_commune_knows_its_epci_departement_and_region() {
    let ancestors = |code| keys(territories().ancestors(commune(code)));
    assert_eq!(ancestors("63032"), ["epci:246300701", "departement:63", "region:84"]);
    assert_eq!(ancestors("2A004"), ["epci:242010056", "departement:2A", "region:94"]);
    assert_eq!(ancestors("2B033"), ["epci:242000354", "departement:2B", "region:94"]);
    assert_eq!(ancestors("97411"), ["epci:249740119", "departement:974", "region:04"]);
    assert_eq!(ancestors("97502"), ["departement:975", "region:975"]);
    assert_eq!(ancestors("85113"), ["departement:85", "region:52"], "Yeu is in no EPCI");
    assert_eq!(territories().epci_of("85113"), None);
    assert_eq!(territories().epci_of("63032").unwrap().name, "Clermont Auvergne Métropole");
    assert_eq!(territories().departement_of("2A004").unwrap().name, "Corse-du-Sud");
    assert_eq!(territories().departement_of("63999"), None);
}

#[test]
fn ninety_eight_communes_are_in_no_epci() {
    let alone: Vec<_> =
        of_kind(TerritoryKind::Commune).filter(|one| territories().epci_of(one.code).is_none()).collect();
    assert_eq!(alone.len(), 98);
    let metropolitan = alone.iter().filter(|one| !one.code.starts_with("97") && !one.code.starts_with("98"));
    assert_eq!(keys(metropolitan.copied()), ["commune:22016", "commune:29083", "commune:29155", "commune:85113"]);
}

#[test]
fn an_epci_is_inside_every_departement_and_region_of_its_communes() {
    let spans = |kind| {
        let count = |epci| territories().ancestors(epci).into_iter().filter(|one| one.kind == kind).count();
        of_kind(TerritoryKind::Epci).filter(|epci| count(epci) > 1).count()
    };
    assert_eq!((spans(TerritoryKind::Departement), spans(TerritoryKind::Region)), (89, 26));
    for commune in of_kind(TerritoryKind::Commune) {
        let Some(epci) = territories().epci_of(commune.code) else { continue };
        let above = territories().ancestors(commune).into_iter().filter(|one| *one != epci);
        assert!(above.into_iter().all(|one| territories().is_within(epci, one)), "{}", commune.code);
    }
}

#[test]
fn the_parent_filter_lists_what_is_inside() {
    let within = |parent: &str, kinds: &[TerritoryKind]| {
        let parent = territories().find(&parent.parse().unwrap());
        territories().list(&Filter { kinds, parent, ..Filter::default() }, None, 5_000)
    };
    assert_eq!(within("epci:246300701", &[]).total, 21, "Clermont Auvergne Métropole");
    assert_eq!(within("departement:63", &[TerritoryKind::Commune]).total, 463);
    assert_eq!(keys(within("region:94", &[TerritoryKind::Departement]).items), ["departement:2A", "departement:2B"]);
    assert_eq!(within("departement:63", &[TerritoryKind::Epci]).total, 14);
    assert_eq!(within("commune:63032", &[]).total, 0);
    let all = within("region:84", &[]);
    let of_each = TerritoryKind::ALL.iter().map(|&kind| within("region:84", &[kind]).total).sum::<usize>();
    assert_eq!(all.total, of_each);
    assert!(!all.items.iter().any(|one| one.kind == TerritoryKind::Region), "a parent is not inside itself");
}

#[test]
fn a_postal_code_is_not_a_commune() {
    assert_eq!(keys(territories().by_postal_code("63300")), ["commune:63138", "commune:63151", "commune:63430"]);
    assert_eq!(territories().by_postal_code("51300").count(), 46);
    assert_eq!(territories().by_postal_code("01400").count(), 10);
    assert_eq!(territories().by_postal_code("1400").count(), 0);
    assert_eq!(territories().by_postal_code("+1400").count(), 0);
    assert_eq!(territories().by_postal_code("").count(), 0);
    let found = territories().list(&Filter { postal_code: Some("63300"), ..Filter::default() }, None, 50);
    assert_eq!(keys(found.items), keys(territories().by_postal_code("63300")));
    for one in of_kind(TerritoryKind::Commune) {
        for code in one.postal_codes() {
            assert!(territories().by_postal_code(code).any(|found| found == one), "{code} {}", one.code);
        }
    }
    for (code, name, postal_codes) in [("75056", "Paris", 21), ("69123", "Lyon", 9), ("13055", "Marseille", 16)] {
        assert_eq!(commune(code).name, name);
        assert_eq!(commune(code).postal_codes().count(), postal_codes, "{name}: no arrondissement is a commune");
    }
    assert_eq!(of_kind(TerritoryKind::Commune).filter(|one| one.postal_codes().next().is_none()).count(), 5);
}

#[test]
fn the_population_of_an_epci_is_the_sum_of_its_communes() {
    let mut sums: HashMap<&str, (u32, u32)> = HashMap::new();
    for commune in of_kind(TerritoryKind::Commune) {
        if let Some(epci) = territories().epci_of(commune.code) {
            let (municipal, total) = sums.entry(epci.code).or_default();
            *municipal += commune.population.municipal.unwrap();
            *total += commune.population.total.unwrap();
        }
    }
    for epci in of_kind(TerritoryKind::Epci) {
        let published = epci.population.municipal.zip(epci.population.total);
        assert_eq!(published.as_ref(), sums.get(epci.code), "{}", epci.code);
    }
}

#[test]
fn there_is_a_sum_only_if_every_commune_has_a_figure() {
    let without = |kind, figure: fn(&Population) -> Option<u32>| -> Vec<_> {
        of_kind(kind).filter(|one| figure(&one.population).is_none()).map(|one| one.code).collect()
    };
    assert_eq!(without(TerritoryKind::Departement, |population| population.municipal), ["984", "989"]);
    assert_eq!(
        without(TerritoryKind::Departement, |population| population.total),
        ["22", "29", "85", "975", "977", "978", "984", "986", "987", "988", "989"]
    );
    assert_eq!(without(TerritoryKind::Region, |population| population.total)[..2], ["52", "53"]);
    let puy_de_dome = territories().get(TerritoryKind::Departement, "63").unwrap();
    let communes = territories().communes_of(puy_de_dome);
    let sum = communes.filter_map(|commune| commune.population.municipal).sum::<u32>();
    assert_eq!(puy_de_dome.population.municipal, Some(sum));
    assert_eq!(puy_de_dome.population.source, Some(PopulationSource::SumOfCommunes));
    let regions = of_kind(TerritoryKind::Region).filter_map(|region| region.population.municipal).sum::<u32>();
    let communes = of_kind(TerritoryKind::Commune).filter_map(|one| one.population.municipal).sum::<u32>();
    assert_eq!((regions, communes), (68_619_221, 68_619_221));
}

#[test]
fn a_missing_figure_is_not_zero() {
    assert_eq!(commune("55039").population.municipal, Some(0), "destroyed in 1916");
    assert_eq!(commune("98412").population, Population::default(), "Kerguelen");
    let yeu = commune("85113").population;
    assert_eq!((yeu.municipal, yeu.total), (Some(4_883), None));
    assert_eq!(yeu.source, Some(PopulationSource::InseeCommuneList));
    assert_eq!(commune("63032").population.source, Some(PopulationSource::DgclEpciList));
    for one in of_kind(TerritoryKind::Commune) {
        let Population { municipal, total, source } = one.population;
        assert!(total.is_none_or(|total| municipal.is_some_and(|municipal| municipal <= total)), "{}", one.code);
        assert_eq!(source.is_some(), municipal.is_some(), "{}", one.code);
    }
}

#[test]
fn the_partners_of_2026_are_on_the_map_with_the_same_populations() {
    let json: serde_json::Value = serde_json::from_str(include_str!("../../../../data/conventions-2026.json")).unwrap();
    let partners = json["parties"].as_array().unwrap();
    assert_eq!(partners.len(), 12);
    for partner in partners {
        let kind = partner["kind"].as_str().unwrap().parse().unwrap();
        let territory = territories().get(kind, partner["official_code"].as_str().unwrap()).unwrap();
        assert_eq!(territory.name, partner["official_name"]);
        assert_eq!(territory.population.municipal.map(u64::from), partner["population_municipal"].as_u64());
    }
}

#[test]
fn eight_communes_are_called_beaumont() {
    let found = search("Beaumont", &[TerritoryKind::Commune]);
    assert_eq!(found.iter().filter(|one| one.name == "Beaumont").count(), 8);
    assert!(found[..8].iter().all(|one| one.name == "Beaumont"), "the exact name comes first");
    assert_eq!(found[0].code, "63032", "then the largest");
    assert!(found[8].name.starts_with("Beaumont-"));
}

#[test]
fn a_search_finds_what_people_type() {
    let first = |name: &str| search(name, &[]).first().map(|one| one.key().to_string()).unwrap_or_default();
    for (typed, found) in [
        ("clermont ferrand", "commune:63113"),
        ("CLERMONT-FD", ""),
        ("st etienne", "commune:42218"),
        ("Saint Étienne", "commune:42218"),
        ("ste-foy-les-lyon", "commune:69202"),
        ("puy de dome", "departement:63"),
        ("œuilly", "commune:51410"),
        ("oeuilly", "commune:51410"),
        ("l'hay les roses", "commune:94038"),
        ("clermont metropole", "epci:246300701"),
        ("massif sancy", "epci:246300966"),
        ("domes sancy artense", "epci:200069169"),
        ("ile de france", "region:11"),
        ("?", ""),
    ] {
        assert_eq!(first(typed), found, "{typed:?}");
    }
}

#[test]
fn pages_have_no_gap_and_no_duplicate() {
    for filter in [
        Filter::default(),
        Filter { name: Some("saint"), ..Filter::default() },
        Filter { name: Some("a"), kinds: &[TerritoryKind::Epci, TerritoryKind::Region], ..Filter::default() },
        Filter { kinds: &[TerritoryKind::Departement], ..Filter::default() },
    ] {
        let whole = territories().list(&filter, None, usize::MAX);
        assert_eq!((whole.items.len(), whole.next), (whole.total, None));
        let (mut after, mut paged) = (None, Vec::new());
        loop {
            let page = territories().list(&filter, after, 499);
            assert_eq!(page.total, whole.total);
            paged.extend(page.items.iter().map(|one| one.position));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(paged, whole.items.iter().map(|one| one.position).collect::<Vec<_>>());
        assert_eq!(paged.iter().collect::<HashSet<_>>().len(), whole.total);
    }
}

#[test]
fn a_position_outside_the_filter_gives_an_empty_page() {
    let filter = Filter { kinds: &[TerritoryKind::Region], ..Filter::default() };
    let page = territories().list(&filter, Some(commune("63032").position), 50);
    assert_eq!((page.items.len(), page.total, page.next), (0, 26, None));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A name finds its territory as an exact match, whatever its case and the separators between its words.
    #[test]
    fn every_name_finds_its_territory(rank in 0u32..36_359, upper: bool, separator in "[-' ’_]{1,2}") {
        let territory = territories().at(Position::from(rank)).unwrap();
        let name = territory.name.replace(['-', ' ', '\''], &separator);
        let name = if upper { name.to_uppercase() } else { name };
        let filter = Filter { name: Some(&name), kinds: &[territory.kind], ..Filter::default() };
        let found = territories().list(&filter, None, 200);
        prop_assert!(found.items.iter().any(|one| one.code == territory.code), "{}", name);
        prop_assert_eq!(passerelle_base::text::fold(found.items[0].name), passerelle_base::text::fold(territory.name));
    }

    #[test]
    fn any_text_can_be_searched(text in any::<String>()) {
        let found = territories().list(&Filter { name: Some(&text), ..Filter::default() }, None, 50);
        prop_assert!(found.items.len() <= found.total);
    }
}
