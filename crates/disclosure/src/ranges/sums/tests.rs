//! Bounds that follow from sums.

use crate::ranges::sums::*;

fn units(quarters: u8, place: &[u32], age: &[u32]) -> Units {
    let mut units = Units { quarters, ..Units::default() };
    let sizes = BTreeMap::from([("age", 2), ("place", 4)]);
    units.restrict("place", place.iter().copied().collect(), &sizes);
    units.restrict("age", age.iter().copied().collect(), &sizes);
    units
}

/// The bounds of the last of these units, given those of the others.
fn found(one_quarter: bool, known: &[(Units, u64, u64)], asked: Units) -> (u64, u64) {
    let mut system = System::default();
    for (units, least, most) in known {
        let node = system.node(units.clone());
        system.bound(node, *least, *most);
    }
    let node = system.node(asked);
    system.relate(one_quarter, &BTreeMap::from([("age", 2), ("place", 4)]));
    system.narrow();
    system.bounds[node]
}

const ALL: &[u32] = &[0, 1, 2, 3];
const BOTH: &[u32] = &[0, 1];
const NONE: u64 = u64::MAX;

#[test]
fn what_values_leave_of_their_total_bounds_the_others() {
    let total = (units(1, ALL, BOTH), 29, 29);
    let north = (units(1, &[0], BOTH), 12, 12);
    let others = [units(1, &[1], BOTH), units(1, &[2], BOTH)];
    let rest = (units(1, &[3], BOTH), 0, NONE);
    let open = |more: &[(Units, u64, u64)], asked: &Units| {
        let hidden = others.iter().map(|units| (units.clone(), 0, NONE));
        let mut known: Vec<_> = [total.clone(), north.clone(), rest.clone()].into_iter().chain(hidden).collect();
        known.extend(more.iter().cloned());
        found(false, &known, asked.clone())
    };
    assert_eq!(open(&[], &others[0]), (0, 17));
    // What bounds one of them narrows the others: at most 17 - 10.
    let bounded = (others[1].clone(), 10, 19);
    assert_eq!(open(std::slice::from_ref(&bounded), &others[0]), (0, 7));
    assert_eq!(open(std::slice::from_ref(&bounded), &others[1]), (10, 17));
    // Two values that make up a published one: the third has what is left.
    let pair = (units(1, &[1, 2], BOTH), 9, 9);
    assert_eq!(open(std::slice::from_ref(&pair), &rest.0), (8, 8));
    assert_eq!(open(&[pair], &others[0]), (0, 9));
}

/// Values that leave out a part of their total do not add up to it.
#[test]
fn values_that_do_not_divide_a_total_only_bound_it() {
    let known = [(units(1, &[0], BOTH), 12, 12), (units(1, &[1, 2], BOTH), 9, 9)];
    assert_eq!(found(false, &known, units(1, ALL, BOTH)), (21, NONE));
    assert_eq!(found(false, &known, units(1, &[0, 1, 2], BOTH)), (21, 21));
}

#[test]
fn a_cell_of_two_dimensions_is_bounded_by_both_totals() {
    let known = [
        (units(1, ALL, BOTH), 20, 20),
        (units(1, &[0], BOTH), 14, 14),
        (units(1, ALL, &[0]), 17, 17),
        (units(1, ALL, &[1]), 3, 3),
        (units(1, &[0], &[1]), 0, NONE),
    ];
    assert_eq!(found(false, &known, units(1, &[0], &[0])), (11, 14));
}

/// A child can count in several quarters, a loan in one.
#[test]
fn periods_cover_a_longer_one() {
    let known = [(units(1, ALL, BOTH), 8, 8), (units(3, ALL, BOTH), 15, 15)];
    assert_eq!(found(false, &known, units(2, ALL, BOTH)), (7, 15));
    assert_eq!(found(true, &known, units(2, ALL, BOTH)), (7, 7));
}
