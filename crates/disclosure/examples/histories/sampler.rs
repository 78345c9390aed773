//! What the choice of the hidden cells tells whoever knows the rules.
//!
//! A reader sees which cells of a table are hidden, and their sum. They try every way to divide that sum among them, invent
//! families and referring partners, and run the protection: a division that would have hidden other cells is discarded. A small
//! cell is *told* if at least half, four in five or nearly all of what is left has it below the threshold. For comparison, the same without the last step.

use passerelle_disclosure::document::{Class, Release, TOTAL, Tier};
use passerelle_disclosure::making::{Order, make};
use passerelle_disclosure::policy::Thresholds;
use passerelle_disclosure::population::{Population, Record};

use crate::invented::{Dice, Spec, all_children, children};

const THRESHOLD: u64 = 5;

/// How sure the reader is of what is told, in percent.
const SURE: [u64; 3] = [50, 80, 95];

/// Each division of a sum is tried with so many inventions of families and partners.
const INVENTED: u64 = 4;

/// Divisions beyond so many are drawn at random.
const DIVISIONS: usize = 400;

/// What is told of some services.
#[derive(Debug, Default)]
struct Told {
    small: u64,
    /// By how sure the reader is.
    by_counts: [u64; 3],
    with_pattern: [u64; 3],
    /// Tables whose pattern no invention reproduced: nothing is told of them.
    never: u64,
}

/// What is told of so many services of so many children.
pub(crate) fn measure(services: u64, number: u64) -> Result<String, String> {
    let mut told = Told::default();
    for seed in 1..=services {
        let mut dice = Dice(seed);
        let population = children(Spec::Yearly, false, all_children(&mut dice, number));
        let release = release_of(&population)?;
        for table in 1..population.tables.len() {
            told.add(&population, table, &release, &mut dice)?;
        }
    }
    let Told { small, by_counts, with_pattern, never } = told;
    Ok(format!(
        "{number} children, {services} services: {small} small hidden cells; told at {SURE:?} % by the counts {by_counts:?}, with the pattern {with_pattern:?}; {never} tables not reproduced"
    ))
}

impl Told {
    fn add(&mut self, all: &Population, table: usize, release: &Release, dice: &mut Dice) -> Result<(), String> {
        let seen: Vec<Option<u64>> = shown(release, table);
        let hidden: Vec<usize> = (0..seen.len()).filter(|cell| seen[*cell].is_none()).collect();
        if hidden.is_empty() {
            return Ok(());
        }
        let at = dimension(all, table);
        let codes: Vec<&str> = all.dimensions[at].values.iter().map(|value| value.code.as_str()).collect();
        let count = |cell: usize| {
            let bases = &all.dimensions[at].values[cell].bases;
            all.records.iter().filter(|record| bases.contains(&record.values[at])).count() as u64
        };
        let truth: Vec<u64> = (0..codes.len()).map(count).collect();
        let sum = hidden.iter().map(|cell| truth[*cell]).sum();
        let mut all_divisions = divisions(sum, hidden.len());
        while all_divisions.len() > DIVISIONS {
            let at = usize::try_from(dice.below(all_divisions.len() as u64)).unwrap_or(0);
            all_divisions.swap_remove(at);
        }
        let (mut plain, mut fitting) = (vec![0u64; hidden.len()], vec![0u64; hidden.len()]);
        let (mut tried, mut fit) = (0, 0);
        for division in all_divisions {
            let mut counts = truth.clone();
            hidden.iter().zip(&division).for_each(|(cell, units)| counts[*cell] = *units);
            let below = |sums: &mut Vec<u64>| {
                sums.iter_mut().zip(&division).for_each(|(sum, units)| *sum += u64::from(*units < THRESHOLD));
            };
            for _ in 0..INVENTED {
                tried += 1;
                below(&mut plain);
                let invented = invented(all, table, &counts, dice);
                if shown(&release_of(&invented)?, 1)
                    .iter()
                    .zip(&seen)
                    .all(|(one, other)| one.is_some() == other.is_some())
                {
                    fit += 1;
                    below(&mut fitting);
                }
            }
        }
        self.never += u64::from(fit == 0);
        for (place, cell) in hidden.iter().enumerate() {
            if truth[*cell] < THRESHOLD {
                self.small += 1;
                for (level, sure) in SURE.into_iter().enumerate() {
                    self.by_counts[level] += u64::from(plain[place] * 100 >= tried * sure);
                    self.with_pattern[level] += u64::from(fit > 0 && fitting[place] * 100 >= fit * sure);
                }
            }
        }
        Ok(())
    }
}

/// The dimension of a table.
fn dimension(population: &Population, table: usize) -> usize {
    let id = &population.tables[table].dimensions[0];
    population.dimensions.iter().position(|domain| domain.id == *id).unwrap_or(0)
}

/// The counts of the values of a table over the year; none for those that are hidden.
fn shown(release: &Release, table: usize) -> Vec<Option<u64>> {
    let cells = release.tables[table].cells.iter();
    let yearly = cells.filter(|cell| cell.coordinates[0].len() == 4 && cell.coordinates[1] != TOTAL);
    yearly.map(|cell| cell.value).collect()
}

/// A population of one dimension with these counts by value.
fn invented(all: &Population, table: usize, counts: &[u64], dice: &mut Dice) -> Population {
    let at = dimension(all, table);
    let domain = all.dimensions[at].clone();
    let number: u64 = counts.iter().sum();
    let like = all_children(dice, number);
    let codes =
        domain.values.iter().zip(counts).flat_map(|(value, units)| (0..*units).map(move |_| value.bases[0].clone()));
    let records = codes.zip(like).map(|(code, like)| Record { values: vec![code], quarters: 0b1111, ..like }).collect();
    Population {
        impossible: Vec::new(),
        dimensions: vec![domain],
        tables: vec![all.tables[0].clone(), all.tables[table].clone()],
        records,
        total: Class::Total,
        ..all.clone()
    }
}

fn release_of(population: &Population) -> Result<Release, String> {
    let thresholds = Thresholds::of(THRESHOLD);
    let order = Order {
        header: Release::draft(2025, 4, Tier::Partner, thresholds),
        populations: vec![population.clone()],
        through: 4,
        thresholds,
        earlier: Vec::new(),
        facts: Vec::new(),
        replaced: None,
    };
    make(&order, &mut ()).map(|made| made.release).map_err(|withheld| format!("{withheld:?}"))
}

/// Every way to divide a sum among so many cells.
fn divisions(sum: u64, cells: usize) -> Vec<Vec<u64>> {
    match cells {
        0 => Vec::new(),
        1 => vec![vec![sum]],
        _ => (0..=sum)
            .flat_map(|first| {
                divisions(sum - first, cells - 1).into_iter().map(move |mut rest| {
                    rest.insert(0, first);
                    rest
                })
            })
            .collect(),
    }
}
