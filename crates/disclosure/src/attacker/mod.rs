//! The attacker: reads everything that is published and computes which tables of non-negative integers are possible.

mod lasting;
mod moves;
mod small;
mod sums;
mod warm_start;

use sums::{Columns, Known, exact, terms};
pub use sums::{Cost, Table, Wanted, sum};
use warm_start::WarmStart;

use super::classes::{Classes, Span};
use super::solver::{NODES, NODES_OF_THE_FIRST, Program, Unsolved};
use super::star::Star;

/// How many known tables are tried, with their hub held, before the whole program.
const BASES: usize = 3;

/// The largest number of blocks that are free at once in a small program.
const BLOCKS: usize = 3;

/// Up to this many unknowns, the whole program costs less than the small programs that would find as much.
const FEW: usize = 2000;

/// What is known about the table, and the possible tables found so far.
#[derive(Debug)]
pub struct Attacker {
    unknowns: usize,
    equalities: Vec<(Vec<u32>, Vec<u32>)>,
    known: Vec<Known>,
    /// The spoke of each class; `None` for classes of the hub.
    spoke_of: Vec<Option<u32>>,
    /// The block of each class; `None` for a class of several blocks.
    block_of: Vec<Option<u32>>,
    /// The hub classes whose units each class counts.
    hubs_of: Vec<Vec<u32>>,
    pool: Vec<Table>,
    /// Numbers in the pool of the tables whose hub is tried first.
    bases: Vec<usize>,
    most: u64,
    warm_start: Option<WarmStart>,
    /// The number of programs solved.
    pub solved: usize,
}

/// A saved state of the attacker: what was published, and what had been found.
pub(super) struct Mark {
    pool: Vec<Table>,
    bases: Vec<usize>,
    warm_start: Option<WarmStart>,
    public: Vec<bool>,
}

impl Attacker {
    /// An attacker who knows only what holds for every table. No class has more than `most` units.
    pub fn new(star: &Star, classes: &Classes, most: u64) -> Self {
        Self {
            unknowns: classes.unknowns(),
            equalities: classes.equalities().map(|(parts, wholes)| (parts, wholes.to_vec())).collect(),
            spoke_of: classes.spokes(),
            block_of: classes.blocks(star),
            hubs_of: classes.hubs(),
            known: Vec::new(),
            pool: Vec::new(),
            bases: Vec::new(),
            most,
            warm_start: None,
            solved: 0,
        }
    }

    /// Adds a row that may be published, and returns its number. The row must be a sum of classes.
    pub fn row(&mut self, span: &Span, value: u64, public: bool) -> usize {
        self.known.push(Known { classes: span.inside.clone(), value, public, weight: None });
        self.known.len() - 1
    }

    /// Sets what hiding a row costs. A row without a weight cannot be hidden.
    pub fn weigh(&mut self, row: usize, weight: f64) {
        self.known[row].weight = Some(weight);
        self.warm_start = None;
    }

    /// Publishes or hides a row. Publishing drops the tables that contradict it from the pool.
    pub fn publish(&mut self, row: usize, public: bool) {
        let known = &mut self.known[row];
        if known.public == public {
            return;
        }
        known.public = public;
        self.warm_start = self.warm_start.take().and_then(|warm_start| warm_start.publish(row, known, public));
        if public {
            let known = known.clone();
            // Numbers in the pool change here. Nothing stores them between two audits.
            self.pool.retain(|table| sum(table, &known.classes) == known.value);
            self.bases.clear();
        }
    }

    /// The number of classes.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// The tables found so far.
    pub fn pool(&self) -> &[Table] {
        &self.pool
    }

    /// Saves the state, for [`Self::back`].
    pub(super) fn mark(&self) -> Mark {
        let public = self.known.iter().map(|known| known.public).collect();
        Mark { pool: self.pool.clone(), bases: self.bases.clone(), warm_start: self.warm_start.clone(), public }
    }

    /// Restores a saved state.
    pub(super) fn back(&mut self, mark: Mark) {
        (self.pool, self.bases, self.warm_start) = (mark.pool, mark.bases, mark.warm_start);
        for (known, public) in self.known.iter_mut().zip(mark.public) {
            known.public = public;
        }
    }

    /// Finds a possible table that shows what is wanted, cheap by these costs. Returns its number in the pool.
    pub fn find(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<usize> {
        let table = self.solve(wanted, costs)?;
        Some(self.keep(table))
    }

    /// The same, but asks for a fractional table first. Most of what is not found is impossible even in real numbers.
    pub fn find_unless_impossible(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<usize> {
        let reply = self.ask(wanted);
        match reply {
            Ok(reply) if reply.hide.is_empty() && self.unknowns <= FEW => self.find(wanted, costs),
            Ok(reply) if reply.hide.is_empty() => match self.whole(&reply.units, wanted, costs) {
                Some(mut table) => {
                    let spokes: Vec<u32> =
                        wanted.classes().iter().filter_map(|class| self.spoke_of[*class as usize]).collect();
                    self.fill(&mut table, |spoke| !spokes.contains(&spoke), costs);
                    Some(self.keep(table))
                }
                None => self.find(wanted, costs),
            },
            Ok(_) | Err(Unsolved::Impossible) => None,
            Err(Unsolved::Unknown) => self.find(wanted, costs),
        }
    }

    /// Adds a table to the pool, as one whose hub is tried first.
    fn keep(&mut self, table: Table) -> usize {
        self.pool.push(table);
        self.bases.push(self.pool.len() - 1);
        self.pool.len() - 1
    }

    /// A table in which the sum of these classes is least: one of the pool, or a new one.
    pub fn least(&mut self, classes: &[u32]) -> Option<usize> {
        let mut costs = vec![Cost::default(); self.unknowns];
        for class in classes {
            costs[*class as usize].each = 1.0;
        }
        let table = self.solve(Wanted::AtLeast(&[], 0), &costs)?;
        let found = sum(&table, classes);
        if let Some(known) = self.pool.iter().position(|table| sum(table, classes) <= found) {
            return Some(known);
        }
        self.pool.push(table);
        Some(self.pool.len() - 1)
    }

    /// The tables of the pool in which a row is least and most.
    pub fn extremes(&self, span: &Span) -> Option<(usize, usize)> {
        let numbers = 0..self.pool.len();
        let low = numbers.clone().min_by_key(|number| (sum(&self.pool[*number], &span.inside), *number))?;
        let high = numbers.max_by_key(|number| (sum(&self.pool[*number], &span.touched), usize::MAX - *number))?;
        Some((low, high))
    }

    /// Whether a table agrees with everything published. Integer arithmetic, so the solver need not be trusted.
    pub fn possible(&self, table: &[u64]) -> bool {
        table.len() == self.unknowns
            && self.equalities.iter().all(|(parts, wholes)| sum(table, parts) == sum(table, wholes))
            && self.known.iter().all(|known| !known.public || sum(table, &known.classes) == known.value)
    }

    fn solve(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<Table> {
        let mut program = Program::default();
        let unknowns = self.columns(&mut program, costs, None);
        self.equalities(&mut program, &unknowns);
        for known in self.known.iter().filter(|known| known.public) {
            program.equal(terms(&unknowns, &known.classes, 1.0), exact(known.value));
        }
        Self::want(&mut program, &unknowns, wanted);
        self.solved += 1;
        let found = program.whole(if self.pool.is_empty() { NODES_OF_THE_FIRST } else { NODES })?;
        let table: Table = unknowns
            .iter()
            .map(|columns| found[columns.any as usize] + columns.worth.map_or(0, |worth| found[worth as usize]))
            .collect();
        (self.possible(&table) && wanted.holds(&table)).then_some(table)
    }

    /// One column per class. A class whose first units are worth something has a second column, for these.
    fn columns(&self, program: &mut Program, costs: &[Cost], floor: Option<&[u64]>) -> Vec<Columns> {
        (0..self.unknowns)
            .map(|class| {
                let least = floor.map_or(0, |floor| floor[class]);
                let cost = costs.get(class).copied().unwrap_or_default();
                let worth = (cost.worth > 0.0).then(|| program.unknown(-cost.worth, 0, cost.up_to));
                Columns { any: program.unknown(cost.each, least, self.most), worth }
            })
            .collect()
    }

    fn equalities(&self, program: &mut Program, unknowns: &[Columns]) {
        for (parts, wholes) in &self.equalities {
            let mut terms = terms(unknowns, parts, 1.0);
            terms.extend(sums::terms(unknowns, wholes, -1.0));
            program.equal(terms, 0.0);
        }
    }

    fn want(program: &mut Program, unknowns: &[Columns], wanted: Wanted<'_>) {
        match wanted {
            Wanted::AtMost(classes, value) if !classes.is_empty() => {
                program.at_least(terms(unknowns, classes, -1.0), -exact(value));
            }
            Wanted::AtLeast(classes, value) if !classes.is_empty() => {
                program.at_least(terms(unknowns, classes, 1.0), exact(value));
            }
            Wanted::AtMost(..) | Wanted::AtLeast(..) => {}
        }
    }
}
