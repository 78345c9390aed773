//! Errors that stop the program before it serves: one clear sentence and exit code 2.

use std::fmt;

/// A reason not to start, written for the operator.
#[derive(Debug)]
pub struct StartupError {
    sentence: String,
    exit_code: u8,
}

impl StartupError {
    /// A sentence that says what is wrong and what to do.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), exit_code: 2 }
    }

    /// The same sentence with another exit code. A failed health check exits with 1.
    #[must_use]
    pub fn with_exit_code(mut self, exit_code: u8) -> Self {
        self.exit_code = exit_code;
        self
    }

    /// The exit code of the process.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

impl fmt::Display for StartupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl std::error::Error for StartupError {}
