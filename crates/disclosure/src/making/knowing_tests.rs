//! Figures made public elsewhere, checked against every table that agrees with a release.

use proptest::prelude::*;

use super::tests::{MOST, THRESHOLD, order, records};
use crate::making::*;
use crate::population::{Domain, Record};
use crate::verify::verify;

const PLACES: [&str; 4] = ["a", "b", "c", "d"];

/// Units in four places; the release shows the total and two groups of them.
fn of_groups(units: [u64; 4]) -> Order {
    let mut domain = Domain::of_codes("territory", &PLACES);
    let mut groups = Domain::of_codes("territory", &["ab", "cd"]).values;
    for (group, bases) in groups.iter_mut().zip([["a", "b"], ["c", "d"]]) {
        group.bases = bases.map(str::to_owned).into();
    }
    domain.values = groups;
    let one = |place: &str| Record { values: vec![place.to_owned()], ..records([1, 0])[0].clone() };
    let all = PLACES.iter().zip(units).flat_map(|(place, number)| (0..number).map(move |_| one(place)));
    let mut order = order(all.collect());
    order.populations[0].dimensions = vec![domain];
    order
}

/// The same, when a figure about some places was made public elsewhere.
fn knowing(order: Order, places: &[&str]) -> Order {
    let of = places.iter().map(|place| (*place).to_owned()).collect();
    let bases = BTreeMap::from([("territory".to_owned(), of)]);
    Order { facts: vec![("children".to_owned(), KnownFact { quarters: 1, bases })], ..order }
}

/// What a release shows: the total and both groups.
fn shown(release: &Release) -> [Option<u64>; 3] {
    [0, 1, 2].map(|at| release.tables[1].cells[at].value)
}

fn counts(one: &[u64; 4]) -> [u64; 3] {
    [one.iter().sum(), one[0] + one[1], one[2] + one[3]]
}

fn known(one: &[u64; 4], of: &[&str]) -> u64 {
    PLACES.iter().zip(one).filter(|(place, _)| of.contains(place)).map(|(_, units)| units).sum()
}

/// Every table of four counts up to a number.
fn all(most: u64) -> impl Iterator<Item = [u64; 4]> {
    let next = move || 0..=most;
    next().flat_map(move |a| next().flat_map(move |b| next().flat_map(move |c| next().map(move |d| [a, b, c, d]))))
}

/// Whether a count can be 0 and can reach the threshold in some tables.
fn is_unknown<'a>(at: usize, tables: impl Iterator<Item = &'a [u64; 4]>) -> bool {
    let values: BTreeSet<u64> = tables.map(|one| counts(one)[at]).collect();
    values.contains(&0) && values.iter().any(|value| *value >= THRESHOLD)
}

/// A newspaper says how many of a group of three live in one commune: one lives elsewhere.
#[test]
fn what_a_fact_leaves_of_a_group_is_protected() {
    let order = of_groups([2, 1, 3, 3]);
    assert_eq!(shown(&make(&order, &mut ()).unwrap().release), [Some(9), Some(3), Some(6)]);
    let with = shown(&make(&knowing(order, &["a"]), &mut ()).unwrap().release);
    assert_eq!(with[1], None);
    assert!(with.iter().flatten().count() <= 1, "one more gives the group by subtraction: {with:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A fact only hides more, and adds nothing to a release: neither a part of a dimension nor a sum.
    #[test]
    fn a_fact_only_hides_and_is_nowhere(
        units in [0u64..5, 0u64..5, 0u64..5, 0u64..5],
        of in prop::sample::subsequence(PLACES.to_vec(), 1..4),
    ) {
        let order = of_groups(units);
        let without = make(&order, &mut ()).unwrap().release;
        let with = make(&knowing(order, &of), &mut ()).unwrap().release;
        prop_assert!(verify(&with).is_ok(), "{:?}", verify(&with));
        prop_assert_eq!(&with.dimensions, &without.dimensions);
        let (proof, before) = (&with.certificates[0], &without.certificates[0]);
        prop_assert_eq!((&proof.known, &proof.already_disclosed), (&before.known, &before.already_disclosed));
        prop_assert!(with.facts.is_empty() && proof.known.is_empty());
        for (with, without) in shown(&with).iter().zip(shown(&without)) {
            prop_assert!(*with == without || with.is_none());
        }
        let cells = shown(&with);
        let agrees = |one: &[u64; 4]| counts(one).iter().zip(cells).all(|(count, cell)| cell.is_none_or(|cell| cell == *count));
        let possible: Vec<[u64; 4]> = all(MOST * 2).filter(agrees).collect();
        let said = known(&units, &of);
        for (at, _) in counts(&units).iter().enumerate().filter(|(_, value)| **value < THRESHOLD) {
            prop_assert!(is_unknown(at, possible.iter()), "{cells:?} {at}");
            // The fact may tell a count by itself. If it does not, the release must not.
            let told: Vec<[u64; 4]> = all(MOST * 2).filter(|one| known(one, &of) == said).collect();
            let knowing = possible.iter().filter(|one| known(one, &of) == said);
            prop_assert!(!is_unknown(at, told.iter()) || is_unknown(at, knowing), "{cells:?} {at} {of:?}");
        }
    }

    /// Two services whose hidden counts differ give the same release: with one of them a rumour agrees, with the other not.
    #[test]
    fn a_release_does_not_tell_whether_a_rumour_is_right(other in 2u64..9, rest in [0u64..9, 0u64..9]) {
        let releases = [0, 1].map(|few| {
            let order = of_groups([few, 1 + other - few, rest[0], rest[1]]);
            make(&knowing(order, &["a"]), &mut ()).unwrap().release
        });
        prop_assert_eq!(&releases[0], &releases[1]);
    }
}
