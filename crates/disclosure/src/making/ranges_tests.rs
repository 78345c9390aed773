//! Ranges of suppressed cells, against every table that agrees with what is published.

use proptest::prelude::*;

use crate::document::Tier;
use crate::making::*;
use crate::policy::Thresholds;
use crate::population::{Domain, Record, Shown, TableSpec};
use crate::verify::verify;

const THRESHOLD: u64 = 5;

/// The most units in one place.
const MOST: u64 = 28;

const PLACES: [&str; 4] = ["a", "b", "c", "d"];

/// Places, the first two of which are a group as well.
fn domain() -> Domain {
    let mut domain = Domain::of_codes("territory", &PLACES);
    let bases = vec!["a".to_owned(), "b".to_owned()];
    domain.values.push(Shown { code: "ab".to_owned(), label: crate::label::Label::same("ab"), level: None, bases });
    domain
}

/// A service with so many units in each place, each of its own household, and the first of all referred by a partner.
fn order(units: [u64; 4], threshold: u64, tier: Tier) -> Order {
    let mut records = Vec::new();
    for (place, number) in PLACES.iter().zip(units) {
        for unit in 0..number {
            records.push(Record {
                values: vec![(*place).to_owned()],
                quarters: 0b1111,
                number: 1,
                household: Some(format!("{place}{unit}")),
                referrer: (unit == 0).then(|| "partner".to_owned()),
            });
        }
    }
    let thresholds = Thresholds::of(threshold);
    let population = Population {
        code: "children",
        total: Class::Total,
        one_quarter: false,
        impossible: Vec::new(),
        dimensions: vec![domain()],
        hub: None,
        tables: vec![TableSpec::yearly("total", &[]), TableSpec::yearly("by_territory", &["territory"])],
        records,
    };
    Order {
        header: Release::draft(2025, 4, tier, thresholds),
        populations: vec![population],
        through: 4,
        thresholds,
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    }
}

/// The counts of the cells: the total, the four places, the group.
fn counts(units: [u64; 4]) -> [u64; 6] {
    [units.iter().sum(), units[0], units[1], units[2], units[3], units[0] + units[1]]
}

/// A cell as a reader sees it: its count or its range.
#[derive(Clone, Copy, Debug)]
struct Seen {
    range: (u64, u64),
    hidden: bool,
}

fn seen(release: &Release) -> Vec<Seen> {
    let cells = release.tables[1].cells.iter().map(|cell| {
        let exact = cell.value.map(|value| (value, value));
        let range = exact.unwrap_or((cell.at_least.unwrap_or(0), cell.at_most.unwrap_or(u64::MAX)));
        Seen { range, hidden: cell.value.is_none() }
    });
    cells.collect()
}

/// Every table of this total that agrees with the published counts.
fn possible(total: u64, seen: &[Seen]) -> Vec<[u64; 6]> {
    let mut found = Vec::new();
    for a in 0..=total {
        for b in 0..=total - a {
            for c in 0..=total - a - b {
                let counts = counts([a, b, c, total - a - b - c]);
                if counts.iter().zip(seen).all(|(count, seen)| seen.hidden || *count == seen.range.0) {
                    found.push(counts);
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]

    /// A range is exactly what the published counts leave possible. Each protected count can be 0 and reach the threshold,
    /// any other varies by it.
    #[test]
    fn a_range_is_what_the_published_counts_leave(units in [0..MOST, 0..MOST, 0u64..12, 0u64..6]) {
        let total: u64 = units.iter().sum();
        prop_assume!((5..60).contains(&total));
        let release = make(&order(units, THRESHOLD, Tier::Partner), &mut ()).unwrap().release;
        prop_assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let seen = seen(&release);
        let tables = possible(total, &seen);
        // All figures together say as much without the sums along one dimension.
        for ((table, cell), range) in ranges::of_all_figures(&release, &release.certificates[0]) {
            let cell = &release.tables[table].cells[cell];
            prop_assert_eq!((cell.at_least, cell.at_most), (Some(range.least), range.most));
        }
        for (at, cell) in seen.iter().enumerate() {
            let values = || tables.iter().map(|table| table[at]);
            let (least, most) = (values().min().unwrap(), values().max().unwrap());
            prop_assert_eq!(cell.range, (least, most), "{}", at);
            if cell.hidden {
                let reach = THRESHOLD.min(total);
                prop_assert!(most - least >= reach, "{at}: {least} to {most}");
                if counts(units)[at] < THRESHOLD {
                    prop_assert!(least == 0 && most >= reach, "{at}: {least} to {most}");
                }
            }
        }
    }
}

/// Four places by four needs, with these counts.
fn crossed(counts: &[u32]) -> Release {
    let mut order = order([0; 4], THRESHOLD, Tier::Partner);
    let needs = ["w", "x", "y", "z"];
    let population = &mut order.populations[0];
    population.dimensions.push(Domain::of_codes("need", &needs));
    population.hub = Some("territory".to_owned());
    population.tables.push(TableSpec::yearly("by_need", &["need"]));
    population.tables.push(TableSpec::yearly("by_both", &["territory", "need"]));
    let places = PLACES.iter().flat_map(|place| needs.map(|need| vec![(*place).to_owned(), need.to_owned()]));
    let record = |(values, number): (Vec<String>, &u32)| Record {
        values,
        quarters: 0b1111,
        number: *number,
        household: None,
        referrer: None,
    };
    population.records = places.zip(counts).map(record).collect();
    make(&order, &mut ()).unwrap().release
}

/// All figures together leave as much as sums along one dimension do, or less.
#[test]
fn a_range_follows_from_all_figures_at_once() {
    for seed in 1u32..=40 {
        let count = |at: u32| {
            let mixed = (seed * 31 + at).wrapping_mul(2_654_435_761);
            let (kind, units) = (mixed >> 28, mixed >> 8 & 0xFF);
            if kind < 5 { units % 5 } else { 5 + units % 30 }
        };
        let counts: Vec<u32> = (0..16u32).map(count).collect();
        let release = crossed(&counts);
        assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let mut former = release.clone();
        former.format = crate::document::FORMAT_WITH_RANGES_OF_SUMS.to_owned();
        let cells = former.tables.iter_mut().flat_map(|table| &mut table.cells);
        cells.for_each(|cell| (cell.at_least, cell.at_most) = (None, None));
        ranges::fill(&mut former);
        assert!(verify(&former).is_ok(), "a release of the former format verifies for ever");
        let alone = ranges::of_all_figures(&release, &release.certificates[0]);
        for ((table, cell), range) in alone {
            let cell = &release.tables[table].cells[cell];
            assert_eq!((cell.at_least, cell.at_most), (Some(range.least), range.most));
        }
        let hidden = |release: &Release| {
            let cells = release.tables.iter().flat_map(|table| table.cells.clone());
            cells.filter(|cell| cell.value.is_none()).collect::<Vec<_>>()
        };
        for (exact, sums) in hidden(&release).iter().zip(&hidden(&former)) {
            let of = |cell: &Cell| (cell.at_least.unwrap(), cell.at_most.unwrap());
            let (exact, sums) = (of(exact), of(sums));
            assert!(sums.0 <= exact.0 && exact.1 <= sums.1, "{exact:?} {sums:?}");
        }
        let Some(cell) = release.tables[3].cells.iter().position(|cell| cell.value.is_none()) else { continue };
        let mut other = release.clone();
        other.tables[3].cells[cell].at_least = Some(100);
        assert!(verify(&other).unwrap_err().join("\n").contains("its range is not the one"));
    }
}

/// A total that is held back, and cells that whoever knows the figures can bound, have ranges like all others.
#[test]
fn a_total_that_is_held_back_has_a_range() {
    let release = make(&order([1, 1, 1, 0], THRESHOLD, Tier::Partner), &mut ()).unwrap().release;
    assert_eq!(release.certificates[0].held.len(), 2);
    let cells = release.tables.iter().flat_map(|table| &table.cells);
    assert!(cells.clone().all(|cell| cell.value.is_none() && cell.at_least == Some(0)), "{cells:?}");
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
}
