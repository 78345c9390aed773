//! What stops the program before it serves: one clear sentence, exit code 2.

use std::fmt;

/// A reason not to start, written for the operator.
#[derive(Debug)]
pub struct StartupError(String);

impl StartupError {
    /// A sentence that says what is wrong and what to do.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for StartupError {}
