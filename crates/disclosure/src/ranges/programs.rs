//! The least and the most that a hidden cell can be, over everything that a release shows of its population at once.
//!
//! The unknowns are the classes of the certificate. Every published cell, every sum of an earlier release and every known 0
//! is an equation over them; so is every group, whose parts are as many as its hub classes. What a cell holds is at least the
//! classes wholly inside it and at most those that it touches. A fraction is rounded to the next whole number inside the
//! bounds: counts are whole.

use std::collections::{BTreeMap, BTreeSet};

use super::interval::{Interval, Position};
use super::simplex::{Fraction, Least, Tableau};
use crate::certificate::Certificate;
use crate::document::Release;
use crate::figures::{Figures, Place};

/// The largest tableau: equations times equations and unknowns, after what they settle by themselves. A part of the system
/// that is larger keeps the ranges of sums.
const SIZE: usize = 400_000;

/// How many numbers of tableaus are changed in all, so that a hostile file cannot keep a checker busy. Ranges that would
/// take more are those of sums.
const WORK: usize = 400_000_000;

/// Classes, and the value of their sum less that of others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Equation {
    terms: BTreeMap<u32, i64>,
    value: i64,
}

/// Narrows the ranges of hidden cells.
pub(super) fn narrow(release: &Release, certificate: &Certificate, ranges: &mut BTreeMap<Position, Interval>) {
    let figures = Figures { release, certificate };
    let Some(mut system) = System::of(&figures) else { return };
    for (number, table) in release.tables.iter().enumerate() {
        for (at, cell) in table.cells.iter().enumerate() {
            let Some(range) = ranges.get_mut(&(number, at)) else { continue };
            let span = figures.place(table, &cell.coordinates).ok().and_then(|place| figures.span(&place));
            let Some((inside, touched)) = span else { continue };
            let (least, most) = (system.least(&inside), system.most(&touched));
            range.least = range.least.max(least.unwrap_or(0));
            range.most = match (range.most, most) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        }
    }
}

/// Classes whose number of units is settled, and the rest in parts that share no equation.
struct System {
    settled: BTreeMap<u32, i64>,
    /// The part of each other class. Classes in no equation have none.
    part_of: BTreeMap<u32, usize>,
    parts: Vec<Part>,
    /// What is left of [`WORK`].
    work: usize,
}

/// A part of the system.
struct Part {
    columns: BTreeMap<u32, usize>,
    /// `None` if it is too large.
    tableau: Option<Tableau>,
}

impl System {
    /// What a document states. `None` if it contradicts itself, which others report.
    fn of(figures: &Figures<'_>) -> Option<Self> {
        Self::solved(equations(figures))
    }

    fn solved(mut equations: BTreeSet<Equation>) -> Option<Self> {
        let settled = settle(&mut equations)?;
        let mut system = Self { settled, part_of: BTreeMap::new(), parts: Vec::new(), work: WORK };
        for equations in apart(equations) {
            let classes: BTreeSet<u32> = equations.iter().flat_map(|equation| equation.terms.keys().copied()).collect();
            let columns: BTreeMap<u32, usize> = classes.into_iter().zip(0..).collect();
            system.part_of.extend(columns.keys().map(|class| (*class, system.parts.len())));
            let row = |equation: &Equation| {
                let terms = equation.terms.iter().map(|(class, factor)| (columns[class], *factor));
                (terms.collect::<Vec<_>>(), equation.value)
            };
            let tableau = if (columns.len() + equations.len()).saturating_mul(equations.len()) > SIZE {
                None
            } else {
                Tableau::of(columns.len(), &equations.iter().map(row).collect::<Vec<_>>(), &mut system.work)
            };
            system.parts.push(Part { columns, tableau });
        }
        Some(system)
    }

    /// The least sum of these classes.
    fn least(&mut self, of: &[u32]) -> Option<u64> {
        self.bound(of, 1)
    }

    /// The largest sum of these classes; `None` if nothing bounds it.
    fn most(&mut self, of: &[u32]) -> Option<u64> {
        self.bound(of, -1)
    }

    /// The sum of the least numbers of units that each part can have in these classes or, if the sign is −1, the sum of
    /// the largest ones.
    fn bound(&mut self, of: &[u32], sign: i64) -> Option<u64> {
        let mut sum = 0i64;
        let mut open: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for class in of {
            if let Some(value) = self.settled.get(class) {
                sum = sum.checked_add(*value)?;
            } else if let Some(part) = self.part_of.get(class) {
                open.entry(*part).or_default().push(*class);
            } else if sign < 0 {
                return None;
            }
        }
        for (part, classes) in open {
            let Part { columns, tableau } = &mut self.parts[part];
            let terms: Vec<(usize, i64)> = classes.iter().map(|class| (columns[class], sign)).collect();
            match tableau.as_mut().and_then(|tableau| tableau.least_of(&terms, &mut self.work)) {
                Some(Least::At(Fraction { numerator, denominator })) => {
                    // Rounded up: the next whole number inside the bounds, for either sign.
                    let whole = numerator.checked_add(denominator - 1)?.div_euclid(denominator);
                    sum = sum.checked_add(whole.checked_mul(sign)?)?;
                }
                // Without an answer, a sum is at least 0, and nothing bounds it.
                _ if sign < 0 => return None,
                _ => {}
            }
        }
        u64::try_from(sum).ok()
    }
}

fn equations(figures: &Figures<'_>) -> BTreeSet<Equation> {
    let Figures { release, certificate } = figures;
    let mut equations = BTreeSet::new();
    for group in &certificate.groups {
        let mut terms: BTreeMap<u32, i64> = BTreeMap::new();
        group.parts.iter().for_each(|part| *terms.entry(part.class).or_default() += 1);
        group.hubs.iter().for_each(|hub| *terms.entry(*hub).or_default() -= 1);
        equations.insert(Equation { terms, value: 0 });
    }
    let mut state = |place: &Place, value: u64| {
        // A published cell is a sum of classes; a checker reports one that is not.
        let span = figures.span(place).filter(|(inside, touched)| inside.len() == touched.len());
        if let (Some((inside, _)), Ok(value)) = (span, i64::try_from(value)) {
            let mut terms: BTreeMap<u32, i64> = BTreeMap::new();
            for class in inside {
                *terms.entry(class).or_default() += 1;
            }
            equations.insert(Equation { terms, value });
        }
    };
    for table in release.tables.iter().filter(|table| table.population == certificate.population) {
        for cell in &table.cells {
            if let (Some(value), Ok(place)) = (cell.value, figures.place(table, &cell.coordinates)) {
                state(&place, value);
            }
        }
    }
    for known in &certificate.known {
        let (quarters, parts, of_replaced) = (known.quarters, known.parts.clone(), known.of_replaced);
        state(&Place { quarters, parts, of_replaced, ..Place::default() }, known.value);
    }
    figures.zeros().iter().for_each(|zero| state(zero, 0));
    equations
}

/// Takes out the classes that single equations settle: sums of 0, and those of one class. `None` if they contradict each
/// other.
fn settle(equations: &mut BTreeSet<Equation>) -> Option<BTreeMap<u32, i64>> {
    let mut settled: BTreeMap<u32, i64> = BTreeMap::new();
    loop {
        let mut found: BTreeMap<u32, i64> = BTreeMap::new();
        for Equation { terms, value } in equations.iter() {
            let one = terms.len() == 1;
            let zero =
                *value == 0 && (terms.values().all(|factor| *factor > 0) || terms.values().all(|factor| *factor < 0));
            if one || zero {
                for (class, factor) in terms {
                    let units = if zero { 0 } else { value.checked_div(*factor)? };
                    if units < 0 || *found.entry(*class).or_insert(units) != units {
                        return None;
                    }
                }
            }
        }
        if found.is_empty() {
            return Some(settled);
        }
        let mut left = BTreeSet::new();
        for Equation { mut terms, mut value } in std::mem::take(equations) {
            for (class, units) in &found {
                if let Some(factor) = terms.remove(class) {
                    value = value.checked_sub(factor.checked_mul(*units)?)?;
                }
            }
            terms.retain(|_, factor| *factor != 0);
            if terms.is_empty() && value != 0 {
                return None;
            }
            if !terms.is_empty() {
                left.insert(Equation { terms, value });
            }
        }
        *equations = left;
        settled.append(&mut found);
    }
}

/// The lowest number in the set of a class.
fn first(lower: &mut BTreeMap<u32, u32>, class: u32) -> u32 {
    let mut at = class;
    while let Some(next) = lower.get(&at).copied().filter(|next| *next != at) {
        at = next;
    }
    lower.insert(class, at);
    at
}

/// The equations in sets that share no class.
fn apart(equations: BTreeSet<Equation>) -> Vec<Vec<Equation>> {
    // Each class points to one with a lower or equal number in its set.
    let mut lower: BTreeMap<u32, u32> = BTreeMap::new();
    for equation in &equations {
        let mut classes = equation.terms.keys().copied();
        let Some(one) = classes.next() else { continue };
        for class in classes {
            let (one, other) = (first(&mut lower, one), first(&mut lower, class));
            lower.insert(one.max(other), one.min(other));
        }
    }
    let mut sets: BTreeMap<u32, Vec<Equation>> = BTreeMap::new();
    for equation in equations {
        if let Some(class) = equation.terms.keys().next().copied() {
            sets.entry(first(&mut lower, class)).or_default().push(equation);
        }
    }
    sets.into_values().collect()
}

#[cfg(test)]
mod tests {
    use crate::ranges::programs::*;

    /// sdcTable's case (see [`crate::cases`]): rows w, x, y, z by columns a, b, c, d. Every line has two hidden cells or more,
    /// and sums along one line leave from 0 to 139 for *wb*. All lines together leave from 0 to 78.
    #[test]
    fn all_lines_together_leave_less() {
        // wa, wb, wc, xa, xc, xd, yb, yd, zb, zd.
        let counts = [30, 47, 64, 90, 5, 31, 92, 85, 800, 685];
        let lines: [&[u32]; 8] = [&[0, 1, 2], &[3, 4, 5], &[6, 7], &[8, 9], &[0, 3], &[1, 6, 8], &[2, 4], &[5, 7, 9]];
        let equation = |line: &&[u32]| Equation {
            terms: line.iter().map(|cell| (*cell, 1)).collect(),
            value: line.iter().map(|cell| counts[*cell as usize]).sum(),
        };
        // Two classes apart: 3 together, one of them 1 by another equation.
        let apart = [(&[20, 21][..], 3), (&[21][..], 1)];
        let apart =
            apart.map(|(classes, value)| Equation { terms: classes.iter().map(|one| (*one, 1)).collect(), value });
        let mut system = System::solved(lines.iter().map(equation).chain(apart).collect()).unwrap();
        assert_eq!((system.least(&[1]), system.most(&[1])), (Some(0), Some(78)));
        assert_eq!((system.least(&[1, 20]), system.most(&[1, 20])), (Some(2), Some(80)));
        assert_eq!((system.least(&[30]), system.most(&[30])), (Some(0), None), "in no equation");
        assert_eq!(system.parts.len(), 1);
    }
}
