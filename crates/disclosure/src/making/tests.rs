//! What a release made from corrected records leaves open, against every pair of tables that agrees with both releases.

use proptest::prelude::*;

use crate::document::{FORMAT, Label, Licence, Policy, SpecReference, Tier};
use crate::making::*;
use crate::plan::Earlier;
use crate::population::{Domain, Record, Shown, TableSpec};
use crate::verify::verify;

/// The bar, and the most units that a table has of a kind here.
const THRESHOLD: u64 = 2;
const MOST: u64 = 6;

fn label(text: &str) -> Label {
    Label { fr: text.to_owned(), en: text.to_owned() }
}

fn header() -> Release {
    Release {
        format: FORMAT.to_owned(),
        id: String::new(),
        service_id: String::new(),
        service_name: String::new(),
        year: 2025,
        through: "2025-Q1".to_owned(),
        tier: Tier::Partner,
        number: 1,
        cut_off: String::new(),
        signed_at: String::new(),
        supersedes: None,
        predecessor_sha256: None,
        policy: Policy {
            threshold: THRESHOLD,
            household_threshold: THRESHOLD,
            without_two_referrers: 0,
            reason: String::new(),
        },
        spec: SpecReference { code: "small".to_owned(), version: 1, sha256: String::new() },
        definitions_version: String::new(),
        nomenclatures_version: String::new(),
        licence: Licence { name: String::new(), url: String::new() },
        notes: Vec::new(),
        dimensions: Vec::new(),
        tables: Vec::new(),
        facts: Vec::new(),
        certificates: Vec::new(),
    }
}

fn domain() -> Domain {
    let codes = ["a", "b"].map(str::to_owned);
    let shown =
        |code: &String| Shown { code: code.clone(), label: label(code), level: None, bases: vec![code.clone()] };
    Domain {
        id: "territory".to_owned(),
        label: label("territory"),
        definition: label("territory"),
        sensitive: false,
        values: codes.iter().map(shown).collect(),
        bases: codes.to_vec(),
    }
}

/// So many units in each of two places.
fn records(units: [u64; 2]) -> Vec<Record> {
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

fn order(records: Vec<Record>) -> Order {
    let table = |id: &str, dimensions: &[&str]| TableSpec {
        id: id.to_owned(),
        label: label(id),
        dimensions: dimensions.iter().map(|id| (*id).to_owned()).collect(),
        quarterly: true,
    };
    let population = Population {
        code: "children",
        dimensions: vec![domain()],
        hub: None,
        tables: vec![table("total", &[]), table("by_territory", &["territory"])],
        records,
    };
    Order {
        header: header(),
        populations: vec![population],
        through: 1,
        bars: Bars { units: THRESHOLD, households: THRESHOLD, without_two_referrers: 0 },
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    }
}

/// Total, first place, second place; what a release shows of them.
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

/// Every pair of numbers that can be.
fn pairs() -> impl Iterator<Item = [u64; 2]> + Clone {
    (0..=MOST).flat_map(|first| (0..=MOST).map(move |second| [first, second]))
}

fn agrees(units: [u64; 2], shown: [Option<u64>; 3]) -> bool {
    counts(units).iter().zip(shown).all(|(count, shown)| shown.is_none_or(|shown| shown == *count))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Neither what a correction adds nor what it takes away is learnt by comparing both releases while it is below the bar.
    #[test]
    fn a_correction_below_the_bar_stays_unknown(before in [0u64..4, 0u64..4], after in [0u64..4, 0u64..4]) {
        let first = make(&order(records(before)), &mut ()).unwrap().release;
        let units = BTreeMap::from([("children".to_owned(), records(before))]);
        let earlier = Earlier { dimensions: vec![domain()], tables: first.tables.clone(), of_replaced: true };
        let next = Order {
            earlier: vec![earlier],
            replaced: Some(ReplacedUnits { through: 1, units }),
            ..order(records(after))
        };
        let Made { release: second, utility } = make(&next, &mut ()).unwrap();
        prop_assert!(verify(&second).is_ok(), "{:?}", verify(&second));
        let (told, tells) = (shown(&first), shown(&second));
        for (before, after) in told.iter().zip(tells) {
            prop_assert!(before.is_some() || after.is_none(), "hidden before: {told:?} {tells:?}");
        }
        prop_assert_eq!(utility[0].already_disclosed, 0);
        let sum = |one: [u64; 2], other: [u64; 2]| [one[0] + other[0], one[1] + other[1]];
        // What is added and taken away in each possible history.
        let mut possible = Vec::new();
        for kept in pairs() {
            let fits = |shown| pairs().filter(move |units| agrees(sum(kept, *units), shown));
            let (removed, added): (Vec<_>, Vec<_>) = (fits(told).collect(), fits(tells).collect());
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
                    prop_assert!(values.contains(&0) && values.iter().any(|value| *value >= THRESHOLD), "{told:?} {tells:?}");
                }
            }
        }
        // The counts of both themselves.
        for (shown, units) in [(told, before), (tells, after)] {
            let agree: Vec<[u64; 2]> = pairs().filter(|units| agrees(*units, shown)).collect();
            for (at, count) in counts(units).into_iter().enumerate().filter(|(_, count)| *count < THRESHOLD) {
                let values: Vec<u64> = agree.iter().map(|units| counts(*units)[at]).collect();
                prop_assert!(values.contains(&0) && values.iter().any(|value| *value >= THRESHOLD), "{count}: {shown:?}");
            }
        }
    }
}

/// A dimension that no release of the replaced records had does not make another unit of one.
#[test]
fn what_was_never_shown_is_no_change() {
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
    let earlier = Earlier { dimensions: vec![domain()], tables: first.tables.clone(), of_replaced: true };
    let order = Order { earlier: vec![earlier], replaced: Some(ReplacedUnits { through: 1, units }), ..with_need("b") };
    let second = make(&order, &mut ()).unwrap().release;
    assert_eq!(shown(&second), shown(&first));
    assert_eq!(shown(&first), [Some(9), Some(4), Some(5)]);
}
