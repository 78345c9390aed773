//! Which cells can be published together, by Gaussian elimination (Langsrud's suppression): exact against addition and
//! subtraction.
//!
//! The published rows span everything that can be computed from them. A cell that the others imply is published with
//! them. A cell that would make a protected row computable is suppressed. Any other cell is published and joins the
//! basis. Only the order of the candidates decides, never their counts.

use std::collections::HashMap;

use super::classes::{Classes, Span};
use super::field::{Sparse, add, inverse, minus, mul, neg, normalised};

/// What publishing a row would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it follows from what is published.
    Implied,
    /// Reveal a protected row.
    Reveals,
    /// Add information, and reveal no protected row by elimination.
    New,
}

/// The rows published so far, and the rows that they must not reveal.
#[derive(Clone, Debug)]
pub struct Elimination {
    /// Each with its pivot column, in which its coefficient is 1; reduced by the pivots before it.
    pivots: Vec<(u32, Sparse)>,
    /// The protected rows, reduced by all pivots. An empty one is revealed; a row that divides a class is `None`.
    protected: Vec<Option<Sparse>>,
    /// How many protected rows have each direction.
    directions: HashMap<Sparse, u32>,
    scratch: Vec<u64>,
}

impl Elimination {
    /// Starts with the equalities that hold for every table.
    pub fn new(classes: &Classes) -> Self {
        let mut elimination = Self {
            pivots: Vec::new(),
            protected: Vec::new(),
            directions: HashMap::new(),
            scratch: vec![0; classes.unknowns()],
        };
        for (parts, wholes) in classes.equalities() {
            let mut vector: Sparse = parts.iter().map(|part| (*part, 1)).collect();
            vector.extend(wholes.iter().map(|whole| (*whole, neg(1))));
            vector.sort_unstable();
            elimination.insert(&vector);
        }
        elimination
    }

    /// Protects a row. Returns false if it is already revealed. A row that divides a class can never be computed.
    pub fn protect(&mut self, span: &Span) -> bool {
        if !span.is_exact() {
            self.protected.push(None);
            return true;
        }
        let reduced = self.reduced(&unit(&span.inside));
        let open = !reduced.is_empty();
        self.count(&reduced, true);
        self.protected.push(Some(reduced));
        open
    }

    /// The protected rows that can be computed, by index in the order in which they were protected.
    pub fn revealed(&self) -> impl Iterator<Item = usize> {
        let rows = self.protected.iter().enumerate();
        rows.filter(|(_, row)| row.as_ref().is_some_and(Sparse::is_empty)).map(|(number, _)| number)
    }

    /// What publishing a row would do.
    pub fn judge(&mut self, span: &Span) -> Verdict {
        let reduced = self.reduced(&unit(&span.inside));
        self.verdict(&reduced)
    }

    /// Publishes a row, whatever it reveals.
    pub fn force(&mut self, span: &Span) {
        let reduced = self.reduced(&unit(&span.inside));
        if !reduced.is_empty() {
            self.add_pivot(&reduced);
        }
    }

    /// Publishes a row unless it reveals a protected one. Returns whether it is published.
    pub fn publish(&mut self, span: &Span) -> bool {
        let reduced = self.reduced(&unit(&span.inside));
        let verdict = self.verdict(&reduced);
        if verdict == Verdict::New {
            self.add_pivot(&reduced);
        }
        verdict != Verdict::Reveals
    }

    fn verdict(&self, reduced: &Sparse) -> Verdict {
        if reduced.is_empty() {
            Verdict::Implied
        } else if self.directions.contains_key(&normalised(reduced)) {
            Verdict::Reveals
        } else {
            Verdict::New
        }
    }

    fn insert(&mut self, vector: &Sparse) {
        let reduced = self.reduced(vector);
        if !reduced.is_empty() {
            self.add_pivot(&reduced);
        }
    }

    /// The vector reduced by every pivot.
    fn reduced(&mut self, vector: &Sparse) -> Sparse {
        let mut touched: Vec<u32> = Vec::with_capacity(vector.len() * 4);
        for (index, value) in vector {
            if let Some(place) = self.scratch.get_mut(*index as usize) {
                *place = *value;
                touched.push(*index);
            }
        }
        for (column, pivot) in &self.pivots {
            let factor = self.scratch[*column as usize];
            if factor == 0 {
                continue;
            }
            let factor = neg(factor);
            for (index, value) in pivot {
                let place = &mut self.scratch[*index as usize];
                if *place == 0 {
                    touched.push(*index);
                }
                *place = add(*place, mul(factor, *value));
            }
        }
        touched.sort_unstable();
        touched.dedup();
        let mut result = Sparse::new();
        for index in touched {
            let place = &mut self.scratch[index as usize];
            if *place != 0 {
                result.push((index, *place));
                *place = 0;
            }
        }
        result
    }

    fn add_pivot(&mut self, reduced: &Sparse) {
        // The last column: those of spokes come after those of hubs, so what remains is about hubs.
        let Some((column, value)) = reduced.last().copied() else { return };
        let scale = inverse(value);
        let pivot: Sparse = reduced.iter().map(|(index, value)| (*index, mul(*value, scale))).collect();
        for number in 0..self.protected.len() {
            let Some(row) = &self.protected[number] else { continue };
            let Ok(at) = row.binary_search_by_key(&column, |(index, _)| *index) else { continue };
            let next = minus(row, row[at].1, &pivot);
            self.count(&next, true);
            if let Some(before) = self.protected[number].replace(next) {
                self.count(&before, false);
            }
        }
        self.pivots.push((column, pivot));
    }

    fn count(&mut self, row: &Sparse, more: bool) {
        if row.is_empty() {
            return;
        }
        let direction = normalised(row);
        if more {
            *self.directions.entry(direction).or_insert(0) += 1;
        } else if let Some(number) = self.directions.get_mut(&direction) {
            *number -= 1;
            if *number == 0 {
                self.directions.remove(&direction);
            }
        }
    }
}

fn unit(classes: &[u32]) -> Sparse {
    classes.iter().map(|class| (*class, 1)).collect()
}
