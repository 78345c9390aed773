//! Steps away from what is known: rows to hide, and tables near a given one.

use super::super::classes::Span;
use super::super::solver::{NODES, Program, Unsolved};
use super::Attacker;
use super::sums::{Cost, Table, Wanted, exact, sum, terms};

impl Attacker {
    /// The rows to hide, at the least total weight, so that what is wanted becomes possible; rows without a weight
    /// stay. Fails if hiding all of them would not be enough, or if the solver does not know.
    pub(crate) fn relax(&mut self, wanted: Wanted<'_>, floor: Option<&[u64]>) -> Result<Vec<usize>, Unsolved> {
        let mut program = Program::default();
        let unknowns = self.columns(&mut program, &[], floor);
        self.equalities(&mut program, &unknowns);
        let mut slacks = Vec::new();
        for (number, known) in self.known.iter().enumerate().filter(|(_, known)| known.public) {
            let mut terms = terms(&unknowns, &known.classes, 1.0);
            if let Some(weight) = known.weight {
                let (more, less) = (program.unknown(weight, 0, self.most), program.unknown(weight, 0, self.most));
                terms.push((more, -1.0));
                terms.push((less, 1.0));
                slacks.push((number, more, less));
            }
            program.equal(terms, exact(known.value));
        }
        Self::want(&mut program, &unknowns, wanted);
        self.solved += 1;
        let solution = program.real()?;
        let moved = |column: u32| solution.get(column as usize).copied().unwrap_or(0.0) > 1e-6;
        Ok(slacks.into_iter().filter(|(_, more, less)| moved(*more) || moved(*less)).map(|(row, ..)| row).collect())
    }

    /// The least sum of these classes in real numbers, rounded up: with the rows published now or, if `hidden`, without
    /// every row that has a weight. `None` if the solver does not know.
    pub(crate) fn floor_of(&mut self, classes: &[u32], hidden: bool) -> Option<u64> {
        let units = self.extreme(classes, 1.0, hidden)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let least = (units - 1e-6).max(0.0).ceil() as u64;
        Some(least)
    }

    /// The largest sum of these classes in real numbers, rounded down, with the rows published now. `None` if the
    /// solver does not know.
    pub(crate) fn ceiling_of(&mut self, classes: &[u32]) -> Option<u64> {
        let units = self.extreme(classes, -1.0, false)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let most = (units + 1e-6).max(0.0).floor() as u64;
        Some(most)
    }

    /// The sum of these classes in the cheapest table, at this cost per unit.
    fn extreme(&mut self, classes: &[u32], cost: f64, hidden: bool) -> Option<f64> {
        let mut program = Program::default();
        let mut costs = vec![Cost::default(); self.unknowns];
        for class in classes {
            costs[*class as usize].each = cost;
        }
        let unknowns = self.columns(&mut program, &costs, None);
        self.equalities(&mut program, &unknowns);
        for known in self.known.iter().filter(|known| known.public && !(hidden && known.weight.is_some())) {
            program.equal(terms(&unknowns, &known.classes, 1.0), exact(known.value));
        }
        self.solved += 1;
        let solution = program.real().ok()?;
        Some(classes.iter().map(|class| solution[unknowns[*class as usize].any as usize]).sum())
    }

    /// A possible table near `from` (which is possible) that has at least the units of `floor` and in which the row
    /// differs.
    pub fn near(&mut self, from: &[u64], floor: &[u64], span: &Span) -> Option<Table> {
        let mut spokes: Vec<Option<u32>> = span.touched.iter().map(|class| self.spoke_of[*class as usize]).collect();
        spokes.dedup();
        if let [Some(spoke)] = spokes[..]
            && let Some(table) = self.moved(from, floor, span, Some(spoke))
        {
            return Some(table);
        }
        self.moved(from, floor, span, None)
    }

    /// The same, changing only the classes of one spoke if one is given.
    fn moved(&mut self, from: &[u64], floor: &[u64], span: &Span, spoke: Option<u32>) -> Option<Table> {
        let free = |class: usize| spoke.is_none() || self.spoke_of[class] == spoke;
        let spare = |class: u32| {
            if free(class as usize) { from[class as usize].saturating_sub(floor[class as usize]) } else { 0 }
        };
        for up in [true, false] {
            if !up && span.touched.iter().all(|class| spare(*class) == 0) {
                continue;
            }
            let mut program = Program::default();
            let more: Vec<Option<u32>> =
                (0..self.unknowns).map(|class| free(class).then(|| program.unknown(1.0, 0, self.most))).collect();
            let less: Vec<Option<u32>> = (0u32..)
                .take(self.unknowns)
                .map(|class| Some(spare(class)).filter(|spare| *spare > 0).map(|spare| program.unknown(1.0, 0, spare)))
                .collect();
            let change = |classes: &[u32], sign: f64| {
                let mut terms = Vec::with_capacity(classes.len() * 2);
                for class in classes {
                    terms.extend(more[*class as usize].map(|more| (more, sign)));
                    if let Some(less) = less[*class as usize] {
                        terms.push((less, -sign));
                    }
                }
                terms
            };
            for (parts, wholes) in &self.equalities {
                let mut terms = change(parts, 1.0);
                terms.extend(change(wholes, -1.0));
                if !terms.is_empty() {
                    program.equal(terms, 0.0);
                }
            }
            for known in self.known.iter().filter(|known| known.public) {
                let terms = change(&known.classes, 1.0);
                if !terms.is_empty() {
                    program.equal(terms, 0.0);
                }
            }
            program.at_least(change(&span.touched, if up { 1.0 } else { -1.0 }), 1.0);
            self.solved += 1;
            let Some(solution) = program.whole(NODES) else { continue };
            let table: Option<Table> = (0..self.unknowns)
                .map(|class| {
                    let of = |column: Option<u32>| column.map_or(0, |column| solution[column as usize]);
                    (from[class] + of(more[class])).checked_sub(of(less[class]))
                })
                .collect();
            if let Some(table) = table
                && self.possible(&table)
                && table.iter().zip(floor).all(|(value, least)| value >= least)
                && sum(&table, &span.touched) != sum(from, &span.touched)
            {
                return Some(table);
            }
        }
        None
    }
}
