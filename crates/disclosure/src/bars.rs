//! How small and how large a guarded row can be as far as the figures that are public by their class tell: nobody can
//! protect a count from these.

use std::collections::HashMap;

use super::attacker::Attacker;
use super::classes::{Classes, Span};
use super::star::{Row, Star};

/// What must be possible for a guarded row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bar {
    /// The value that a protected row must be able to fall to: 0, or what the public figures imply.
    pub(super) least: u64,
    /// The value that it must be able to reach: the threshold, or less if the public figures exclude that.
    pub(super) reach: u64,
    /// By how much any other hidden row must be able to differ.
    pub(super) apart: u64,
}

impl Bar {
    /// The bar without any public figure.
    pub(super) fn of(threshold: u64) -> Self {
        Self { least: 0, reach: threshold, apart: threshold }
    }
}

/// The bars of rows, by what the public figures distinguish of them.
pub(super) struct Bars {
    threshold: u64,
    /// Nothing if no figure is public.
    known: Option<(Classes, Attacker)>,
    found: HashMap<Span, Bar>,
}

impl Bars {
    pub(super) fn new<'a>(
        star: &Star,
        given: &[(&'a Row, u64)],
        guarded: impl Iterator<Item = &'a Row>,
        threshold: u64,
    ) -> Self {
        let known = (!given.is_empty()).then(|| {
            let rows: Vec<&Row> = given.iter().map(|(row, _)| *row).collect();
            let classes = Classes::of(star, &rows, guarded);
            let largest = given.iter().map(|(_, value)| *value).max().unwrap_or(0);
            let mut attacker = Attacker::new(star, &classes, (largest + threshold) * 4);
            for (row, value) in given {
                attacker.row(&classes.span(row), *value, true);
            }
            (classes, attacker)
        });
        Self { threshold, known, found: HashMap::new() }
    }

    /// The bar of a row. If the solver does not know, it is the highest.
    pub(super) fn of(&mut self, row: &Row) -> Bar {
        let threshold = self.threshold;
        let Some((classes, attacker)) = &mut self.known else { return Bar::of(threshold) };
        let span = classes.span(row);
        if let Some(known) = self.found.get(&span) {
            return *known;
        }
        let bar = match (attacker.floor_of(&span.inside, false), attacker.ceiling_of(&span.touched)) {
            (Some(least), Some(most)) => {
                Bar { least, reach: threshold.min(most), apart: threshold.min(most.saturating_sub(least)) }
            }
            _ => Bar::of(threshold),
        };
        self.found.insert(span, bar);
        bar
    }
}

#[cfg(test)]
mod tests {
    use crate::bars::*;

    /// Seven units in all, three of them in the second half: a part has at most seven, and in the second half at most
    /// three. The total itself has one value.
    #[test]
    fn a_row_cannot_be_larger_than_the_totals_around_it() {
        let star = Star { hubs: 2, spokes: vec![3], block: 2 };
        let (all, second) = (star.row(vec![0, 1], None), star.row(vec![1], None));
        let given = [(&all, 7), (&second, 3)];
        let part = |hubs: &[u32]| star.row(hubs.to_vec(), Some((0, vec![1])));
        let rows = [part(&[0, 1]), part(&[1]), part(&[0]), star.row(vec![0], None)];
        let mut bars = Bars::new(&star, &given, rows.iter(), 5);
        let found: Vec<Bar> = rows.iter().map(|row| bars.of(row)).collect();
        let bar = |least, reach, apart| Bar { least, reach, apart };
        assert_eq!(found, [bar(0, 5, 5), bar(0, 3, 3), bar(0, 4, 4), bar(4, 4, 0)]);
        assert_eq!(Bars::new(&star, &[], rows.iter(), 5).of(&rows[1]), Bar::of(5));
    }
}
