//! The public proof: the attacker once more, who knows nothing but what is published.
//!
//! Its tables are a function of the published counts and of which cells are suppressed. Every suppressed cell is first asked for a table in
//! which it is 0 and one in which it reaches the threshold, whatever the reason it is suppressed for; only where
//! that is impossible, which anybody can find, for two tables in which it differs by the threshold.

use super::attacker::{Attacker, Table, Wanted};
use super::classes::Classes;
use super::prover::{Guarded, Prover};
use super::question::{Refusal, Watch};
use super::star::{Row, Star};

/// Tables and, for each suppressed row, the two that it uses.
#[derive(Clone, Debug)]
pub struct Proven {
    /// What nothing published tells apart.
    pub classes: Classes,
    /// The tables.
    pub tables: Vec<Table>,
    /// The least and the most of each row, in their order; `None` for those that could not be proved.
    pub proofs: Vec<Option<(usize, usize)>>,
}

/// Proves that rows stay unknown to whoever knows the published ones.
pub fn certify(
    star: &Star,
    published: &[(&Row, u64)],
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
    let guarded: Vec<Guarded> = suppressed
        .iter()
        .enumerate()
        .map(|(number, row)| Guarded { number, span: classes.span(row), target: false })
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
    // Where nothing is hidden, one table still shows that the published counts add up.
    if tables.is_empty() {
        let any = attacker.find(Wanted::AtLeast(&[], 0), &[]).ok_or(Refusal::Contradiction)?;
        tables.push(attacker.pool()[any].clone());
    }
    Ok(Proven { classes, tables, proofs })
}
