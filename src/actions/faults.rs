//! What is wrong with a request, gathered so that all of it is said at once.

use crate::error::{ApiError, Code, Fault, Text};

/// The faults of a request, and what their problem document says besides.
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

    /// What was found, or nothing when a rule refuses it: its faults are added to the others.
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

    /// Refuses the request for every fault; passes when there is none.
    pub(super) fn settle(self) -> Result<(), ApiError> {
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

/// A fault for each value that was there before, at the place that its rank gives.
pub(super) fn repeated<'a, T: PartialEq + 'a>(
    values: impl Iterator<Item = &'a T>,
    at: impl Fn(usize) -> String,
) -> Vec<Fault> {
    let (mut known, mut faults) = (Vec::new(), Vec::new());
    for (rank, value) in values.enumerate() {
        if known.contains(&value) {
            let message = Text::new("Répété : donnez un seul total.", "Repeated: give one total.");
            faults.push(Fault::new(at(rank), "not_unique", message));
        }
        known.push(value);
    }
    faults
}
