//! The faults of a request, collected so that all of them are returned at once: those of the body alone and those that
//! need the database.

use super::{ApiError, Code, ENDS_BEFORE_START, Fault};

/// The faults that a use case finds, and the extension members of the problem document.
///
/// A use case checks everything that it can, adds what it finds, and calls [`Self::finish`] before it writes. What is in
/// conflict with another object (409) is checked afterwards.
#[derive(Debug, Default)]
#[must_use = "faults that are collected must be reported: call `finish`"]
pub struct Faults {
    found: Vec<Fault>,
    extra: Vec<(&'static str, serde_json::Value)>,
}

impl Faults {
    /// Adds faults.
    pub fn add(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.found.extend(faults);
    }

    /// Unwraps an outcome. If a rule was broken, adds its faults and returns `None`; any other error is returned.
    pub fn take<T>(&mut self, outcome: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_about_rules(&error) => {
                self.found.extend(error.faults.iter().cloned());
                self.extra.extend(error.extra.iter().cloned());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The faults found so far.
    pub fn as_slice(&self) -> &[Fault] {
        &self.found
    }

    /// Whether no fault was found so far.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Fails with all the faults, if there are any. The detail is the message of the only one.
    pub fn finish(self) -> Result<(), ApiError> {
        let only = match self.found.as_slice() {
            [] => return Ok(()),
            [only] => Some(only.message.clone()),
            _ => None,
        };
        let mut error = ApiError::broken(self.found);
        if let Some(message) = only {
            error = error.detail(message.fr, message.en);
        }
        Err(self.extra.into_iter().fold(error, |error, (member, value)| error.with(member, value)))
    }
}

/// Whether an error reports broken rules: see [`ApiError::broken`].
fn is_about_rules(error: &ApiError) -> bool {
    match error.code {
        Code::RuleBroken => !error.faults.is_empty(),
        Code::InvalidBody => error.faults.iter().any(|fault| fault.code == ENDS_BEFORE_START),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Faults;
    use crate::error::{ApiError, Code, Fault, Text};

    fn fault(pointer: &str) -> Fault {
        Fault::new(pointer, "a_rule", Text::new("Règle.", "Rule."))
    }

    #[test]
    fn faults_of_the_body_and_of_the_database_are_returned_together() {
        let mut faults = Faults::default();
        faults.add([fault("/day")]);
        let unknown: Result<(), _> =
            Err(ApiError::rule("/organisation_id", "unknown", Text::new("Inconnue.", "Unknown."))
                .with("would_cover", "commune:63032"));
        assert_eq!(faults.take(unknown).unwrap(), None);
        let error = faults.finish().unwrap_err();
        let pointers: Vec<_> = error.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!((error.code, pointers), (Code::RuleBroken, vec!["/day", "/organisation_id"]));
        assert_eq!(error.extra.len(), 1);
        assert!(error.detail.is_none(), "no single message says it all");
    }

    #[test]
    fn another_error_is_not_a_fault_and_one_fault_is_the_detail() {
        let mut faults = Faults::default();
        assert_eq!(faults.take::<()>(Err(ApiError::not_found())).unwrap_err().code, Code::NotFound);
        assert!(faults.is_empty());
        faults.add([fault("/day")]);
        let refused = faults.finish().unwrap_err();
        assert_eq!(refused.detail.as_ref().map(|text| text.en.as_ref()), Some("Rule."));
        Faults::default().finish().unwrap();
    }
}
