//! The faults of a request, collected so that all of them are returned at once; and the wording of their counts.

use crate::error::{ApiError, Code, Fault, Text};

/// The faults of a request, and the extension members of the problem document.
#[derive(Debug, Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
    extra: Vec<(&'static str, serde_json::Value)>,
}

impl Faults {
    /// Adds faults.
    pub(super) fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.found.extend(faults);
    }

    /// Unwraps an outcome. If a rule was violated, adds its faults and returns `None`; any other error is returned.
    pub(super) fn take<T>(&mut self, outcome: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code == Code::RuleBroken => {
                self.found.extend(error.faults.iter().cloned());
                self.extra.extend(error.extra.iter().cloned());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Fails with all the faults, if there are any.
    pub(super) fn into_result(self) -> Result<(), ApiError> {
        let only = match self.found.as_slice() {
            [] => return Ok(()),
            [only] => Some(only.message.clone()),
            _ => None,
        };
        let mut error = ApiError::faults(Code::RuleBroken, self.found);
        if let Some(message) = only {
            error = error.detail(message.fr, message.en);
        }
        Err(self.extra.into_iter().fold(error, |error, (member, value)| error.with(member, value)))
    }
}

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
