//! How far a hidden cell can vary at all: no further than a public total or fact of the service that holds its units.

use std::collections::BTreeSet;

use crate::document::{Class, Table};
use crate::figures::{Figures, Place};

impl Figures<'_> {
    /// The smallest count, public by its class, of a cell that holds all units which this place can have.
    pub(super) fn bound(&self, place: &Place) -> Option<u64> {
        let inside = self.possible(place);
        let tables = self.release.tables.iter().filter(|table| table.population == self.certificate.population);
        let cells = tables.flat_map(|table| table.cells.iter().map(move |cell| (table, cell)));
        let bounds = cells.filter_map(|(table, cell)| {
            let value = cell.value?;
            let around = self.place(table, &cell.coordinates).ok().filter(|around| self.is_given(table, around))?;
            self.holds(&around, place, &inside).then_some(value)
        });
        bounds.min()
    }

    /// Whether a place is not restricted, and the totals of the population are public by their class.
    pub(super) fn is_total(&self, place: &Place) -> bool {
        let all = |(dimension, parts): (&String, &Vec<u32>)| parts.len() >= self.parts(dimension) as usize;
        self.certificate.totals && place.parts.iter().all(all)
    }

    fn is_given(&self, table: &Table, place: &Place) -> bool {
        table.class == Some(Class::Service) || self.is_total(place)
    }

    /// The members of hub classes in which the place can have units.
    fn possible(&self, place: &Place) -> BTreeSet<(u32, u8, u8)> {
        let zeros = self.zeros();
        let spoke = self.spoke(place);
        let is_zero = |member: (u32, u8, u8)| {
            zeros.iter().any(|zero| {
                self.member(zero, member)
                    && match (self.spoke(zero), spoke) {
                        (None, _) => true,
                        (Some((of, parts)), Some((own, some))) => {
                            of == own && some.iter().all(|part| parts.contains(part))
                        }
                        (Some(_), None) => false,
                    }
            })
        };
        let members = self.certificate.classes.iter().flat_map(|class| class.members.iter().copied());
        members.filter(|member| self.member(place, *member) && !is_zero(*member)).collect()
    }

    /// Whether a cell holds all units that a place can have, given the members in which it can have units.
    fn holds(&self, around: &Place, place: &Place, inside: &BTreeSet<(u32, u8, u8)>) -> bool {
        let of_spoke = match (self.spoke(around), self.spoke(place)) {
            (None, _) => true,
            (Some((of, parts)), Some((own, some))) => of == own && some.iter().all(|part| parts.contains(part)),
            (Some(_), None) => false,
        };
        of_spoke && inside.iter().all(|member| self.member(around, *member))
    }
}
