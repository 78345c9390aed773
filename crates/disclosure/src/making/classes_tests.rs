//! Releases with the three classes of figures, checked against every possible table.

use proptest::prelude::*;

use crate::document::{Class, Label, Tier};
use crate::making::*;
use crate::policy::{LEAST_TOTAL, Thresholds};
use crate::population::{Domain, Impossible, Record, TableSpec};
use crate::task::Earlier;
use crate::verify::verify;

const THRESHOLD: u64 = 4;
const THRESHOLDS: Thresholds = Thresholds { units: THRESHOLD, households: THRESHOLD, without_two_referrers: 0 };

/// The most units of one kind in the tables tried here, and the kinds: a place and a set of quarters.
const MOST: u64 = 4;
const KINDS: [(&str, u8); 6] = [("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3)];

fn record(place: &str, quarters: u8, number: u64) -> Record {
    Record {
        values: vec![place.to_owned()],
        quarters,
        number: u32::try_from(number).unwrap(),
        household: None,
        referrer: None,
    }
}

fn table(id: &str, dimensions: &[&str], class: Class) -> TableSpec {
    TableSpec { quarterly: true, class, ..TableSpec::yearly(id, dimensions) }
}

fn order(records: Vec<Record>) -> Order {
    let population = Population {
        code: "children",
        total: Class::Total,
        one_quarter: false,
        impossible: Vec::new(),
        dimensions: vec![Domain::of_codes("territory", &["a", "b"])],
        hub: None,
        tables: vec![table("total", &[], Class::Breakdown), table("by_territory", &["territory"], Class::Breakdown)],
        records,
    };
    Order {
        header: Release::draft(2025, 2, Tier::Partner, THRESHOLDS),
        populations: vec![population],
        through: 2,
        thresholds: THRESHOLDS,
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    }
}

/// What a cell counts of a table of [`KINDS`]: the units of a place, or of all, in one of some quarters.
#[derive(Clone, Copy, Debug)]
struct Sum(Option<&'static str>, u8);

impl Sum {
    fn of(self, units: &[u64]) -> u64 {
        let holds = |(place, quarters): (&str, u8)| self.0.is_none_or(|own| own == place) && quarters & self.1 != 0;
        KINDS.iter().zip(units).filter(|(kind, _)| holds(**kind)).map(|(_, units)| units).sum()
    }
}

/// Every cell of a release with its meaning.
fn cells(release: &Release) -> Vec<(Sum, Option<u64>)> {
    let quarters = |code: &str| match code {
        "2025-Q1" => 1,
        "2025-Q2" => 2,
        _ => 3,
    };
    let place = |code: Option<&String>| match code.map(String::as_str) {
        Some("a") => Some("a"),
        Some("b") => Some("b"),
        _ => None,
    };
    let all = release.tables.iter().flat_map(|table| &table.cells);
    all.map(|cell| (Sum(place(cell.coordinates.get(1)), quarters(&cell.coordinates[0])), cell.value)).collect()
}

fn every_table() -> impl Iterator<Item = Vec<u64>> {
    let size = MOST + 1;
    (0..size.pow(6)).map(move |mut number| {
        let next = |_: &(&str, u8)| {
            let units = number % size;
            number /= size;
            units
        };
        KINDS.iter().map(next).collect()
    })
}

/// A case that is open at the end of the year is open in its last quarter: the children of that quarter less those with an
/// open case are those whose case was closed in it.
#[test]
fn a_value_of_one_quarter_and_the_total_of_that_quarter_reveal_no_small_rest() {
    let ongoing_of = |closed_in_last: u64| {
        let records = vec![record("ongoing", 0b1111, 12), record("closed", 8, closed_in_last), record("closed", 1, 20)];
        let mut order = order(records);
        order.through = 4;
        order.header = Release::draft(2025, 4, Tier::Partner, THRESHOLDS);
        let population = &mut order.populations[0];
        population.dimensions = vec![Domain::of_codes("outcome", &["ongoing", "closed"])];
        population.tables = vec![table("total", &[], Class::Breakdown), TableSpec::yearly("by_outcome", &["outcome"])];
        population.impossible = vec![Impossible {
            patterns: (1..8).collect(),
            bases: BTreeMap::from([("outcome".to_owned(), vec!["ongoing".to_owned()])]),
            reason: Label::same("ongoing"),
        }];
        let release = make(&order, &mut ()).unwrap().release;
        assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let cells = &release.tables.iter().find(|table| table.id == "by_outcome").unwrap().cells;
        cells.iter().find(|cell| cell.coordinates[1] == "ongoing").unwrap().value
    };
    assert_eq!(ongoing_of(2), None, "14 in the quarter less 12 are 2");
    assert_eq!(ongoing_of(6), Some(12));
}

/// What a protected row counts of a table.
type Value = Box<dyn Fn(&[u64]) -> u64>;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Totals are exact from five units on. What they imply by themselves is public; nothing else tells more about a
    /// protected count, a difference or an overlap.
    #[test]
    fn breakdowns_tell_no_more_than_the_totals(units in proptest::collection::vec(0u64..=2, 6)) {
        let records = KINDS.iter().zip(&units).filter(|(_, units)| **units > 0);
        let records = records.map(|((place, quarters), units)| record(place, *quarters, *units)).collect();
        let release = make(&order(records), &mut ()).unwrap().release;
        prop_assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        let cells = cells(&release);
        for (sum, value) in cells.iter().filter(|(sum, _)| sum.0.is_none()) {
            let exact = Some(sum.of(&units)).filter(|total| *total >= LEAST_TOTAL);
            prop_assert_eq!(*value, exact, "{:?}", sum);
        }
        let totals: Vec<_> = cells.iter().filter(|(sum, value)| sum.0.is_none() && value.is_some()).collect();
        // Without a total, nothing bounds the tables tried here but their size.
        prop_assume!(totals.iter().any(|(sum, _)| sum.1 == 3));
        let shown = |all: &[&(Sum, Option<u64>)], table: &[u64]| all.iter().all(|(sum, value)| value.is_none_or(|value| sum.of(table) == value));
        let by_totals: Vec<Vec<u64>> = every_table().filter(|table| shown(&totals, table)).collect();
        let everything: Vec<_> = cells.iter().collect();
        let agree: Vec<&Vec<u64>> = by_totals.iter().filter(|table| shown(&everything, table)).collect();
        let mut protected: Vec<(String, Value)> = Vec::new();
        for place in ["a", "b"] {
            for quarters in 1..=3 {
                protected.push((format!("{place} in {quarters}"), Box::new(move |table| Sum(Some(place), quarters).of(table))));
            }
            let whole = Sum(Some(place), 3);
            for quarter in 1..=2 {
                let part = Sum(Some(place), quarter);
                protected.push((format!("{place}: 3 less {quarter}"), Box::new(move |table| whole.of(table) - part.of(table))));
            }
            let both = move |table: &[u64]| Sum(Some(place), 1).of(table) + Sum(Some(place), 2).of(table) - whole.of(table);
            protected.push((format!("{place} in both"), Box::new(both)));
        }
        for (name, value) in protected {
            if value(&units) >= THRESHOLD {
                continue;
            }
            let range = |tables: &mut dyn Iterator<Item = &Vec<u64>>| {
                let values: Vec<u64> = tables.map(|table| value(table)).collect();
                (*values.iter().min().unwrap(), *values.iter().max().unwrap())
            };
            let (least, most) = range(&mut by_totals.iter());
            let (low, high) = range(&mut agree.iter().copied());
            prop_assert!(low == least && high >= most.min(THRESHOLD), "{}: {}..{}, by the totals {}..{}", name, low, high, least, most);
        }
    }
}

/// Nothing of a population of the service is hidden, and no certificate is needed. Its figures still have to add up.
#[test]
fn facts_of_the_service_are_published_as_they_are() {
    let mut order = order(vec![record("a", 1, 1), record("b", 2, 2)]);
    let population = &mut order.populations[0];
    (population.total, population.one_quarter) = (Class::Service, true);
    population.tables.iter_mut().for_each(|table| table.class = Class::Service);
    let release = make(&order, &mut ()).unwrap().release;
    assert!(release.certificates.is_empty());
    assert!(release.tables.iter().all(|table| table.class == Some(Class::Service)));
    let shown: Vec<Option<u64>> = cells(&release).into_iter().map(|(_, value)| value).collect();
    let expected = [1, 2, 3, 1, 1, 0, 2, 0, 2, 3, 1, 2];
    assert_eq!(shown, expected.map(Some));
    assert_eq!(verify(&release).unwrap().published, 12);
    let mut other = release.clone();
    other.tables[1].cells[4].value = Some(1);
    assert!(verify(&other).unwrap_err()[0].contains("sum of its parts"));
    (other.tables[1].cells[4].value, other.tables[1].cells[4].status) = (None, Status::Suppressed);
    assert!(verify(&other).unwrap_err()[0].contains("is suppressed"));
}

/// What the first policy hid and the classes show is recorded. What is no total cannot be held back.
#[test]
fn figures_decided_public_are_recorded() {
    let records = || vec![record("a", 1, 2), record("b", 2, 4)];
    let mut before = order(records());
    before.populations[0].total = Class::Breakdown;
    before.thresholds = Thresholds { units: 8, ..THRESHOLDS };
    before.header = Release::draft(2025, 2, Tier::Partner, before.thresholds);
    let first = make(&before, &mut ()).unwrap().release;
    assert!(cells(&first)[2].1.is_none() && !first.certificates[0].totals);
    let earlier = Earlier::of(&first, before.populations[0].dimensions.clone(), false);
    let release = make(&Order { earlier: vec![earlier], ..order(records()) }, &mut ()).unwrap().release;
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
    let whole = cells(&release).into_iter().position(|(sum, value)| sum.0.is_none() && sum.1 == 3 && value == Some(6));
    assert_eq!(whole, Some(2), "the total of both quarters");
    let decided: Vec<(&str, u32)> = release.decided_public.iter().map(|one| (one.table.as_str(), one.cell)).collect();
    assert_eq!(decided, [("total", 2), ("by_territory", 6)]);
    let held = &release.certificates[0].held;
    assert_eq!(held.len(), 4, "two quarters below five, in both tables");
    let mut other = release.clone();
    let hidden = other.certificates[0].proofs.remove(0).cell;
    other.certificates[0].held.push(hidden);
    assert!(verify(&other).unwrap_err()[0].contains("it is no total"));
}

/// What everybody knows to be 0 is published as 0, serves as no cover, and is checked in every table of the proof.
#[test]
fn what_everybody_knows_to_be_0_is_no_cover() {
    let mut order = order(vec![record("a", 1, 9), record("b", 1, 6)]);
    let population = &mut order.populations[0];
    population.dimensions = vec![Domain::of_codes("territory", &["a", "b", "c", "d"])];
    // The first quarter alone.
    (order.header, order.through) = (Release::draft(2025, 1, Tier::Partner, THRESHOLDS), 1);
    let unused = make(&order, &mut ()).unwrap().release;
    let shown = |release: &Release, code: &str| {
        let cells = &release.tables[1].cells;
        cells.iter().find(|cell| cell.coordinates == ["2025-Q1", code]).unwrap().value
    };
    assert_eq!((shown(&unused, "a"), shown(&unused, "b"), shown(&unused, "c")), (Some(9), None, None));
    let impossible = |codes: &[&str], patterns: &[u8]| Impossible {
        patterns: patterns.to_vec(),
        bases: BTreeMap::from([("territory".to_owned(), codes.iter().map(|code| (*code).to_owned()).collect())]),
        reason: Label::same("Outside"),
    };
    order.populations[0].impossible = vec![impossible(&["c", "d"], &[])];
    let release = make(&order, &mut ()).unwrap().release;
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
    assert_eq!((shown(&release, "c"), shown(&release, "d")), (Some(0), Some(0)));
    assert_eq!((shown(&release, "a"), shown(&release, "b")), (Some(9), Some(6)), "nothing is left to hide");
    let mut other = release.clone();
    other.certificates[0].declared[0].parts.insert("territory".to_owned(), vec![0]);
    assert!(verify(&other).is_err());
    order.populations[0].records = vec![record("a", 1, 9), record("b", 1, 3)];
    let release = make(&order, &mut ()).unwrap().release;
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
    assert_eq!((shown(&release, "a"), shown(&release, "b")), (None, None), "12 − 9 would be 3");
    // Known for the second quarter only.
    (order.header, order.through) = (Release::draft(2025, 2, Tier::Partner, THRESHOLDS), 2);
    order.populations[0].impossible = vec![impossible(&["c"], &[2, 3])];
    let release = make(&order, &mut ()).unwrap().release;
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
    let of = |period: &str| {
        let cells = &release.tables[1].cells;
        cells.iter().find(|cell| cell.coordinates == [period, "c"]).unwrap().value
    };
    assert_eq!((of("2025-Q1"), of("2025-Q2")), (None, Some(0)));
}

/// A unit that counts in one quarter cannot be cover in two: year 43, half-year 27, last quarter 12 or more leave at
/// most 4 for the third quarter.
#[test]
fn a_unit_of_one_quarter_is_in_no_other() {
    let mut order = order(vec![record("a", 1, 20), record("a", 2, 7), record("a", 4, 4), record("a", 8, 12)]);
    order.header = Release::draft(2025, 4, Tier::Partner, THRESHOLDS);
    order.through = 4;
    let population = &mut order.populations[0];
    (population.total, population.one_quarter) = (Class::Breakdown, true);
    let thresholds = Thresholds { units: 5, households: 5, without_two_referrers: 0 };
    (order.thresholds, order.header.policy.threshold) = (thresholds, 5);
    let release = make(&order, &mut ()).unwrap().release;
    assert!(verify(&release).is_ok(), "{:?}", verify(&release));
    let certificate = &release.certificates[0];
    assert!(certificate.one_quarter);
    let members = certificate.classes.iter().flat_map(|class| &class.members);
    assert!(members.clone().all(|(_, quarters, _)| quarters.is_power_of_two()) && members.count() == 4);
    let total = |code: &str| release.tables[0].cells.iter().find(|cell| cell.coordinates[0] == code).unwrap().value;
    let known = ["2025", "2025-S1", "2025-Q4"].map(total);
    assert!(total("2025-Q3").is_none() && known.contains(&None), "{known:?}");
    let mut other = release.clone();
    other.certificates[0].one_quarter = false;
    assert!(verify(&other).unwrap_err()[0].contains("all combinations"));
}

/// Five more children who are siblings, or all but two referred by two partners, are protected like fewer than four: the
/// difference of two periods, and the children of both.
#[test]
fn differences_and_overlaps_count_families_and_partners() {
    let with = |quarters, number, household: Option<&str>, referrer: Option<&str>| Record {
        household: household.map(str::to_owned),
        referrer: referrer.map(str::to_owned),
        ..record("a", quarters, number)
    };
    let shown = |records: Vec<Record>| {
        let mut order = order(records);
        order.populations[0].total = Class::Breakdown;
        order.populations[0].tables.truncate(1);
        order.thresholds.without_two_referrers = 3;
        let release = make(&order, &mut ()).unwrap().release;
        assert!(verify(&release).is_ok(), "{:?}", verify(&release));
        cells(&release).into_iter().map(|(_, value)| value.is_some()).collect::<Vec<_>>()
    };
    let rest = || vec![record("a", 1, 20), record("a", 2, 20)];
    let and = |more: Vec<Record>| shown(rest().into_iter().chain(more).collect());
    assert_eq!(and(vec![with(3, 5, None, None)]), [true, true, true]);
    assert!(and(vec![with(3, 5, Some("siblings"), None)]).contains(&false), "in both quarters");
    let by_partners = vec![with(3, 2, None, Some("p")), with(3, 2, None, Some("q")), with(3, 2, None, None)];
    assert!(and(by_partners).contains(&false), "in both quarters");
    // Everybody of the first quarter stays, and five come in the second.
    let later = |household: Option<&str>| shown(vec![record("a", 3, 20), with(2, 5, household, None)]);
    assert!(later(Some("siblings"))[..2].contains(&false) || !later(Some("siblings"))[2], "25 − 20 is one family");
}
