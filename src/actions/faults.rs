//! Faults of repeated values, and the wording of counts of seats.

use crate::error::{Fault, Text};

/// A fault for each value that repeats an earlier one; `at` gives the pointer from its rank.
pub(super) fn repeated<'a, T: PartialEq + 'a>(
    values: impl Iterator<Item = &'a T>,
    at: impl Fn(usize) -> String,
) -> Vec<Fault> {
    let (mut seen, mut faults) = (Vec::new(), Vec::new());
    for (rank, value) in values.enumerate() {
        if seen.contains(&value) {
            let message = Text::new("Valeur répétée : indiquer un seul total.", "Repeated value: give a single total.");
            faults.push(Fault::new(at(rank), "not_unique", message));
        }
        seen.push(value);
    }
    faults
}

/// Seats in French: `1 place`, `2 places`.
pub(super) fn seats_fr(number: i64) -> String {
    format!("{number} place{}", if number > 1 { "s" } else { "" })
}

/// Seats in English: `1 seat`, `2 seats`.
pub(super) fn seats_en(number: i64) -> String {
    format!("{number} seat{}", if number == 1 { "" } else { "s" })
}
