//! Whoever reads everything that is published and computes: which tables are possible, in whole numbers from 0 on.

mod lasting;
mod moves;
mod small;

use lasting::WarmStart;

use super::classes::{Classes, Span};
use super::solver::{NODES, NODES_OF_THE_FIRST, Program, Unsolved};
use super::star::Star;

/// How many tables of the hub are tried before the whole program.
const BASES: usize = 3;

/// How many blocks may be free at once in a small program.
const BLOCKS: usize = 3;

/// Up to how many unknowns the whole program costs less than the many that would serve as much.
const FEW: usize = 2000;

/// A possible table: how many units each class has.
pub type Table = Vec<u64>;

/// What is known of the tables, and those found so far.
#[derive(Debug)]
pub struct Attacker {
    unknowns: usize,
    equalities: Vec<(Vec<u32>, Vec<u32>)>,
    known: Vec<Known>,
    /// The spoke of each class; none for those of the hub.
    spoke_of: Vec<Option<u32>>,
    /// The block of each class; none for those of several.
    block_of: Vec<Option<u32>>,
    /// The hub classes of which each class has units.
    hubs_of: Vec<Vec<u32>>,
    pool: Vec<Table>,
    /// Tables whose hub classes are tried before any others, by number in the pool.
    bases: Vec<usize>,
    most: u64,
    lasting: Option<WarmStart>,
    /// Programs solved.
    pub solved: usize,
}

/// A sum of classes and what it is said to be.
#[derive(Clone, Debug)]
struct Known {
    classes: Vec<u32>,
    value: u64,
    public: bool,
    /// What hiding it costs; none if it cannot be hidden.
    weight: Option<f64>,
}

/// What an attacker knew and had found at some moment.
pub(super) struct Mark {
    pool: Vec<Table>,
    bases: Vec<usize>,
    lasting: Option<WarmStart>,
    public: Vec<bool>,
}

/// What a possible table should show.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// These classes add up to at most so much.
    AtMost(&'a [u32], u64),
    /// These classes add up to at least so much.
    AtLeast(&'a [u32], u64),
}

impl Wanted<'_> {
    fn classes(&self) -> &[u32] {
        match self {
            Self::AtMost(classes, _) | Self::AtLeast(classes, _) => classes,
        }
    }

    /// Whether a table shows it.
    pub fn holds(self, table: &[u64]) -> bool {
        match self {
            Self::AtMost(classes, value) => sum(table, classes) <= value,
            Self::AtLeast(classes, value) => sum(table, classes) >= value,
        }
    }
}

/// What the units of a class cost, and what the first of them are worth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Each unit.
    pub each: f64,
    /// Each of the first units.
    pub worth: f64,
    /// How many these are.
    pub up_to: u64,
}

/// The columns of a class.
#[derive(Clone, Copy, Debug)]
struct Columns {
    any: u32,
    worth: Option<u32>,
}

/// How many units these classes have.
pub fn sum(table: &[u64], classes: &[u32]) -> u64 {
    classes.iter().map(|class| table.get(*class as usize).copied().unwrap_or(0)).sum()
}

impl Attacker {
    /// Somebody who knows nothing yet but what holds of every table. Figures are at most `most`.
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
            lasting: None,
            solved: 0,
        }
    }

    /// Adds a row that may become known; it must be a sum of classes. Its number.
    pub fn row(&mut self, span: &Span, value: u64, public: bool) -> usize {
        self.known.push(Known { classes: span.inside.clone(), value, public, weight: None });
        self.known.len() - 1
    }

    /// Says what hiding a row costs.
    pub fn weigh(&mut self, row: usize, weight: f64) {
        self.known[row].weight = Some(weight);
        self.lasting = None;
    }

    /// Publishes or hides a row. Tables that contradict it are forgotten.
    pub fn publish(&mut self, row: usize, public: bool) {
        let known = &mut self.known[row];
        if known.public == public {
            return;
        }
        known.public = public;
        self.lasting = self.lasting.take().and_then(|lasting| lasting.publish(row, known, public));
        if public {
            let known = known.clone();
            // Numbers of tables are kept by nobody between two audits.
            self.pool.retain(|table| sum(table, &known.classes) == known.value);
            self.bases.clear();
        }
    }

    /// How many classes there are.
    pub fn unknowns(&self) -> usize {
        self.unknowns
    }

    /// The tables found so far.
    pub fn pool(&self) -> &[Table] {
        &self.pool
    }

    /// What is known and found at this moment, to come back to.
    pub(super) fn mark(&self) -> Mark {
        let public = self.known.iter().map(|known| known.public).collect();
        Mark { pool: self.pool.clone(), bases: self.bases.clone(), lasting: self.lasting.clone(), public }
    }

    /// As it was.
    pub(super) fn back(&mut self, mark: Mark) {
        (self.pool, self.bases, self.lasting) = (mark.pool, mark.bases, mark.lasting);
        for (known, public) in self.known.iter_mut().zip(mark.public) {
            known.public = public;
        }
    }

    /// A new possible table that shows what is wanted, cheap by these costs: its number in the pool.
    pub fn find(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<usize> {
        let table = self.solve(wanted, costs)?;
        Some(self.keep(table))
    }

    /// The same, unless there is none even in fractions.
    pub fn find_if_thinkable(&mut self, wanted: Wanted<'_>, costs: &[Cost]) -> Option<usize> {
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

    /// A table whose hub is tried before others.
    fn keep(&mut self, table: Table) -> usize {
        self.pool.push(table);
        self.bases.push(self.pool.len() - 1);
        self.pool.len() - 1
    }

    /// The least that classes can add up to, by a table of the pool or a new one.
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

    /// The best of the pool: the table with the least, and that with the most.
    pub fn extremes(&self, span: &Span) -> Option<(usize, usize)> {
        let numbers = 0..self.pool.len();
        let low = numbers.clone().min_by_key(|number| (sum(&self.pool[*number], &span.inside), *number))?;
        let high = numbers.max_by_key(|number| (sum(&self.pool[*number], &span.touched), usize::MAX - *number))?;
        Some((low, high))
    }

    /// Whether a table agrees with everything known, in whole numbers.
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

    /// One column a class; a class whose units are worth something up to a number has a second one, for them.
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
            terms.extend(self::terms(unknowns, wholes, -1.0));
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

fn terms(unknowns: &[Columns], classes: &[u32], sign: f64) -> Vec<(u32, f64)> {
    let columns = classes.iter().map(|class| unknowns[*class as usize]);
    columns.flat_map(|columns| std::iter::once(columns.any).chain(columns.worth)).map(|column| (column, sign)).collect()
}

/// Counts are far below 2^53.
fn exact(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}
