//! The public proof, made by a second attacker who knows only what is published.
//!
//! Its tables depend on nothing but the published counts and on which cells are suppressed. For every suppressed cell,
//! whatever the reason for its suppression, it first looks for a table in which the cell is 0 and one in which it
//! reaches the threshold. Only if these do not exist, which anybody can compute, it looks for two tables in which the
//! cell differs by the threshold. Where the figures that are public by their class exclude that by themselves, it looks
//! for as much as they allow.

use super::attacker::{Attacker, Table, Wanted};
use super::bars::Bars;
use super::classes::Classes;
use super::prover::{Guarded, Prover};
use super::question::{Refusal, Watch};
use super::star::{Row, Star};

/// Possible tables and, for each suppressed row, the two that prove it unknown.
#[derive(Clone, Debug)]
pub struct Proven {
    /// The unknowns, merged where no published row distinguishes them.
    pub classes: Classes,
    /// The tables.
    pub tables: Vec<Table>,
    /// For each row, in order, the indices of the tables in which it is least and most; `None` if it could not be
    /// proved.
    pub proofs: Vec<Option<(usize, usize)>>,
}

/// Proves that rows stay unknown to anybody who knows the published ones. Those that are `given` are public by their
/// class.
pub fn certify(
    star: &Star,
    published: &[(&Row, u64)],
    given: &[(&Row, u64)],
    suppressed: &[&Row],
    threshold: u64,
    watch: &mut dyn Watch,
) -> Result<Proven, Refusal> {
    let rows: Vec<&Row> = published.iter().map(|(row, _)| *row).collect();
    let classes = Classes::of(star, &rows, suppressed.iter().copied());
    let largest = published.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let mut attacker = Attacker::new(star, &classes, (largest + threshold) * 4);
    for (row, value) in published {
        attacker.row(&classes.span(row), *value, true);
    }
    let mut bars = Bars::new(star, given, suppressed.iter().copied(), threshold);
    let guarded: Vec<Guarded> = suppressed
        .iter()
        .enumerate()
        .map(|(number, row)| Guarded { number, span: classes.span(row), target: false, bar: bars.of(row) })
        .collect();
    let mut prover = Prover::new(&mut attacker, &guarded, threshold);
    prover.look_alike(watch)?;
    let found = prover.proofs();
    let mut tables: Vec<Table> = Vec::new();
    let mut place = std::collections::HashMap::new();
    let mut keep = |number: usize| {
        *place.entry(number).or_insert_with(|| {
            tables.push(attacker.pool()[number].clone());
            tables.len() - 1
        })
    };
    let proofs = found.into_iter().map(|proof| proof.map(|(low, high)| (keep(low), keep(high)))).collect();
    // If nothing is hidden, one table still proves that the published counts add up.
    if tables.is_empty() {
        let any = attacker.find(Wanted::AtLeast(&[], 0), &[]).ok_or(Refusal::Contradiction)?;
        tables.push(attacker.pool()[any].clone());
    }
    Ok(Proven { classes, tables, proofs })
}
