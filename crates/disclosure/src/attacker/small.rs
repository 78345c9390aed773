//! Small integer programs: most variables are fixed to a known table's values.

use std::collections::BTreeSet;

use super::super::solver::{NODES, Program};
use super::sums::{Columns, Cost, Table, Wanted, exact, sum, terms};
use super::{Attacker, BASES, BLOCKS};

impl Attacker {
    /// Finds a possible table that shows what is wanted, by small programs alone.
    ///
    /// With the hub held as in a known table, the spokes are independent of each other: one small program for each,
    /// whose solutions together are one table. The whole program is solved only if no known table allows what is
    /// wanted.
    pub fn find_within(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<usize> {
        let spokes: BTreeSet<u32> =
            wanted.classes().iter().filter_map(|class| self.spoke_of[*class as usize]).collect();
        if let Some(spoke) = spokes.first().copied().filter(|_| spokes.len() == 1) {
            for at in self.promising(wanted) {
                let base = self.pool[at].clone();
                let free = |attacker: &Self, class: usize| attacker.spoke_of[class] == Some(spoke);
                let Some(mut table) = self.within(&base, free, wanted, costs, None) else { continue };
                self.fill(&mut table, |other| other != spoke, costs);
                self.pool.push(table);
                return Some(self.pool.len() - 1);
            }
        }
        // Then everything outside the blocks concerned is held.
        let mut blocks: Vec<Option<u32>> =
            wanted.classes().iter().map(|class| self.block_of[*class as usize]).collect();
        blocks.sort_unstable();
        blocks.dedup();
        if blocks.is_empty() || blocks.len() > BLOCKS || blocks.contains(&None) {
            return None;
        }
        for at in self.promising(wanted) {
            let base = self.pool[at].clone();
            let free = |attacker: &Self, class: usize| blocks.contains(&attacker.block_of[class]);
            if let Some(table) = self.within(&base, free, wanted, costs, None) {
                self.pool.push(table);
                self.bases.push(self.pool.len() - 1);
                return Some(self.pool.len() - 1);
            }
        }
        None
    }

    /// Makes a table cheaper, spoke by spoke.
    pub(super) fn fill(&mut self, table: &mut Table, spokes: impl Fn(u32) -> bool, costs: &[Cost]) {
        let priced: BTreeSet<u32> = costs
            .iter()
            .zip(&self.spoke_of)
            .filter_map(|(cost, of)| of.filter(|of| spokes(*of) && (cost.each > 0.0 || cost.worth > 0.0)))
            .collect();
        for spoke in priced {
            let free = |attacker: &Self, class: usize| attacker.spoke_of[class] == Some(spoke);
            if let Some(better) = self.within(table, free, Wanted::AtLeast(&[], 0), costs, None) {
                *table = better;
            }
        }
    }

    /// Finds a feasible table that differs from `from` in as many rows as possible and is at least `floor` everywhere.
    ///
    /// Costs without a pattern lead to a vertex that has little in common with the start of the search.
    pub(crate) fn scattered(&mut self, from: &[u64], floor: &[u64], round: u64) -> Table {
        let costs: Vec<Cost> = (0..self.unknowns as u64)
            .map(|class| {
                #[allow(clippy::cast_precision_loss)]
                let each = (mixed(class, round) % 1000) as f64 / 1000.0;
                Cost { each, ..Cost::default() }
            })
            .collect();
        if round == 0
            && let Some(table) = self.within(from, |_, _| true, Wanted::AtLeast(&[], 0), &costs, Some(floor))
        {
            return table;
        }
        let mut table = from.to_vec();
        let spokes: BTreeSet<Option<u32>> = self.spoke_of.iter().copied().collect();
        for spoke in spokes.into_iter().flatten() {
            let free = |attacker: &Self, class: usize| attacker.spoke_of[class] == Some(spoke);
            if let Some(other) = self.within(&table, free, Wanted::AtLeast(&[], 0), &costs, Some(floor)) {
                table = other;
            }
        }
        table
    }

    /// The known tables to try: largest hub totals first when maximising, smallest first when minimising.
    fn promising(&self, wanted: Wanted<'_>) -> Vec<usize> {
        let mut hubs: Vec<u32> =
            wanted.classes().iter().flat_map(|class| &self.hubs_of[*class as usize]).copied().collect();
        hubs.sort_unstable();
        hubs.dedup();
        let mut bases: Vec<(u64, usize)> =
            self.bases.iter().map(|base| (sum(&self.pool[*base], &hubs), *base)).collect();
        match wanted {
            Wanted::AtMost(..) => bases.sort_by_key(|(units, base)| (*units, *base)),
            Wanted::AtLeast(_, value) => {
                bases.retain(|(units, _)| *units >= value);
                bases.sort_by_key(|(units, base)| (std::cmp::Reverse(*units), *base));
            }
        }
        bases.into_iter().map(|(_, base)| base).take(BASES).collect()
    }

    /// The table with other values in the free classes, so that it shows what is wanted.
    pub(super) fn within(
        &mut self,
        base: &[u64],
        free: impl Fn(&Self, usize) -> bool,
        wanted: Wanted<'_>,
        costs: &[Cost],
        floor: Option<&[u64]>,
    ) -> Option<Table> {
        let mut program = Program::default();
        let free: Vec<bool> = (0..self.unknowns).map(|class| free(self, class)).collect();
        let unknowns: Vec<Columns> = (0..self.unknowns)
            .map(|class| {
                if !free[class] {
                    return Columns { any: u32::MAX, worth: None };
                }
                let cost = costs.get(class).copied().unwrap_or_default();
                let worth = (cost.worth > 0.0).then(|| program.unknown(-cost.worth, 0, cost.up_to));
                let least = floor.map_or(0, |floor| floor[class]);
                Columns { any: program.unknown(cost.each, least, self.most), worth }
            })
            .collect();
        let split = |classes: &[u32]| -> (Vec<u32>, u64) {
            let (inner, outer): (Vec<u32>, Vec<u32>) = classes.iter().partition(|class| free[**class as usize]);
            (inner, sum(base, &outer))
        };
        for (parts, wholes) in &self.equalities {
            let ((inner, fixed), (outer, held)) = (split(parts), split(wholes));
            if !inner.is_empty() || !outer.is_empty() {
                let mut sides = terms(&unknowns, &inner, 1.0);
                sides.extend(terms(&unknowns, &outer, -1.0));
                program.equal(sides, exact(held) - exact(fixed));
            }
        }
        for known in self.known.iter().filter(|known| known.public) {
            let (inner, fixed) = split(&known.classes);
            if !inner.is_empty() {
                program.equal(terms(&unknowns, &inner, 1.0), exact(known.value) - exact(fixed));
            }
        }
        let (inner, fixed) = split(wanted.classes());
        match wanted {
            Wanted::AtMost(_, value) => {
                Self::want(&mut program, &unknowns, Wanted::AtMost(&inner, value.checked_sub(fixed)?));
            }
            Wanted::AtLeast(_, value) => {
                Self::want(&mut program, &unknowns, Wanted::AtLeast(&inner, value.saturating_sub(fixed)));
            }
        }
        self.solved += 1;
        let found = program.whole(NODES)?;
        let table: Table = unknowns
            .iter()
            .zip(base)
            .map(|(columns, value)| match found.get(columns.any as usize) {
                Some(any) => any + columns.worth.map_or(0, |worth| found[worth as usize]),
                None => *value,
            })
            .collect();
        (self.possible(&table) && wanted.holds(&table)).then_some(table)
    }
}

/// A pseudo-random number (`SplitMix64`), the same in every run.
fn mixed(number: u64, round: u64) -> u64 {
    let mut mixed = (number + (round << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
