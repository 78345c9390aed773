//! A release made from corrected records, checked against every pair of tables that agrees with both releases.

use proptest::prelude::*;

use crate::document::{Class, Tier};
use crate::making::*;
use crate::policy::Thresholds;
use crate::population::{Domain, Record, ReplacedUnits, TableSpec};
use crate::task::Earlier;
use crate::verify::verify;

/// The threshold, and the most units of one kind in the tables tried here.
pub(super) const THRESHOLD: u64 = 2;
pub(super) const MOST: u64 = 6;

const THRESHOLDS: Thresholds = Thresholds { units: THRESHOLD, households: THRESHOLD, without_two_referrers: 0 };

fn domain() -> Domain {
    Domain::of_codes("territory", &["a", "b"])
}

/// Records with this number of units in each of two places.
pub(super) fn records(units: [u64; 2]) -> Vec<Record> {
    let one = |place: &str| Record {
        values: vec![place.to_owned()],
        quarters: 1,
        number: 1,
        household: None,
        referrer: None,
    };
    ["a", "b"]
        .iter()
        .zip(units)
        .flat_map(|(place, number)| (0..number).map(|_| one(place)).collect::<Vec<_>>())
        .collect()
}

pub(super) fn order(records: Vec<Record>) -> Order {
    let table = |id: &str, dimensions: &[&str]| TableSpec { quarterly: true, ..TableSpec::yearly(id, dimensions) };
    let population = Population {
        code: "children",
        total: Class::Breakdown,
        one_quarter: false,
        impossible: Vec::new(),
        dimensions: vec![domain()],
        hub: None,
        tables: vec![table("total", &[]), table("by_territory", &["territory"])],
        records,
    };
    Order {
        header: Release::draft(2025, 1, Tier::Partner, THRESHOLDS),
        populations: vec![population],
        through: 1,
        thresholds: THRESHOLDS,
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    }
}

/// What a release shows: the total, the first place, the second place.
fn shown(release: &Release) -> [Option<u64>; 3] {
    let of = |table: usize, place: &str| {
        let cells = &release.tables[table].cells;
        cells.iter().find(|cell| cell.coordinates.last().is_some_and(|code| code == place)).and_then(|cell| cell.value)
    };
    [of(0, "2025-Q1"), of(1, "a"), of(1, "b")]
}

fn counts(units: [u64; 2]) -> [u64; 3] {
    [units[0] + units[1], units[0], units[1]]
}

/// Every possible pair of counts.
fn pairs() -> impl Iterator<Item = [u64; 2]> + Clone {
    (0..=MOST).flat_map(|first| (0..=MOST).map(move |second| [first, second]))
}

/// The range of each of these counts that a release shows: one value, or that of a suppressed cell.
fn ranges(release: &Release) -> [(u64, u64); 3] {
    let of = |table: usize, place: &str| {
        let cells = &release.tables[table].cells;
        let cell = cells.iter().find(|cell| cell.coordinates.last().is_some_and(|code| code == place)).unwrap();
        let value = cell.value.map(|value| (value, value));
        value.unwrap_or((cell.at_least.unwrap_or(0), cell.at_most.unwrap_or(u64::MAX)))
    };
    [of(0, "2025-Q1"), of(1, "a"), of(1, "b")]
}

fn agrees(units: [u64; 2], ranges: [(u64, u64); 3]) -> bool {
    counts(units).iter().zip(ranges).all(|(count, (least, most))| (least..=most).contains(count))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Comparing both releases does not reveal what a correction added or removed, if it is below the threshold.
    #[test]
    fn a_correction_below_the_threshold_stays_unknown(before in [0u64..4, 0u64..4], after in [0u64..4, 0u64..4]) {
        let first = make(&order(records(before)), &mut ()).unwrap().release;
        let units = BTreeMap::from([("children".to_owned(), records(before))]);
        let earlier = Earlier::of(&first, vec![domain()], true);
        let next = Order {
            earlier: vec![earlier],
            replaced: Some(ReplacedUnits { through: 1, units }),
            ..order(records(after))
        };
        let Made { release: second, utility } = make(&next, &mut ()).unwrap();
        prop_assert!(verify(&second).is_ok(), "{:?}", verify(&second));
        let (former, latter) = (shown(&first), shown(&second));
        for (before, after) in former.iter().zip(latter) {
            prop_assert!(before.is_some() || after.is_none(), "hidden before: {former:?} {latter:?}");
        }
        prop_assert_eq!(utility[0].already_disclosed, 0);
        let (former, latter) = (ranges(&first), ranges(&second));
        for (ranges, units) in [(former, before), (latter, after)] {
            prop_assert!(agrees(units, ranges), "the true counts are in their ranges: {ranges:?}");
        }
        let sum = |one: [u64; 2], other: [u64; 2]| [one[0] + other[0], one[1] + other[1]];
        // What was removed and added in each possible history.
        let mut possible = Vec::new();
        for kept in pairs() {
            let fits = |shown| pairs().filter(move |units| agrees(sum(kept, *units), shown));
            let (removed, added): (Vec<_>, Vec<_>) = (fits(former).collect(), fits(latter).collect());
            if !removed.is_empty() && !added.is_empty() {
                possible.push((removed, added));
            }
        }
        let truth = |from: [u64; 2], to: [u64; 2]| counts([to[0].saturating_sub(from[0]), to[1].saturating_sub(from[1])]);
        for at in 0..3 {
            let of = |all: &[[u64; 2]]| all.iter().map(|units| counts(*units)[at]).collect::<Vec<_>>();
            let removed: Vec<u64> = possible.iter().flat_map(|(removed, _)| of(removed)).collect();
            let added: Vec<u64> = possible.iter().flat_map(|(_, added)| of(added)).collect();
            for (values, count) in [(removed, truth(after, before)[at]), (added, truth(before, after)[at])] {
                if count < THRESHOLD {
                    prop_assert!(values.contains(&0) && values.iter().any(|value| *value >= THRESHOLD), "{former:?} {latter:?}");
                }
            }
        }
        // The counts of each release.
        for (shown, units) in [(former, before), (latter, after)] {
            let agree: Vec<[u64; 2]> = pairs().filter(|units| agrees(*units, shown)).collect();
            for (at, count) in counts(units).into_iter().enumerate().filter(|(_, count)| *count < THRESHOLD) {
                let values: Vec<u64> = agree.iter().map(|units| counts(*units)[at]).collect();
                prop_assert!(values.contains(&0) && values.iter().any(|value| *value >= THRESHOLD), "{count}: {shown:?}");
            }
        }
    }
}

/// A unit that differs only in a dimension that no release from former records had is the same unit.
#[test]
fn a_change_in_a_dimension_that_was_never_published_is_no_change() {
    let all = |need: &str| -> Vec<Record> {
        let with = |record: Record| Record { values: vec![record.values[0].clone(), need.to_owned()], ..record };
        records([4, 5]).into_iter().map(with).collect()
    };
    let with_need = |need: &str| {
        let mut order = order(all(need));
        let population = &mut order.populations[0];
        let mut second = domain();
        second.id = "need".to_owned();
        population.dimensions.push(second);
        order
    };
    let first = make(&with_need("a"), &mut ()).unwrap().release;
    let units = BTreeMap::from([("children".to_owned(), all("a"))]);
    let earlier = Earlier::of(&first, vec![domain()], true);
    let order = Order { earlier: vec![earlier], replaced: Some(ReplacedUnits { through: 1, units }), ..with_need("b") };
    let second = make(&order, &mut ()).unwrap().release;
    assert_eq!(shown(&second), shown(&first));
    assert_eq!(shown(&first), [Some(9), Some(4), Some(5)]);
}
