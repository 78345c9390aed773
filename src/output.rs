//! What a command prints. A result that cannot be written (a full disk, a closed pipe) is an error of the command, in one
//! sentence, and not a panic.

use std::fmt;
use std::io::Write;

use crate::startup::StartupError;

/// Prints a line to standard output, as `println!` does. The macro is [`say!`].
pub(crate) fn line(text: fmt::Arguments<'_>) -> Result<(), StartupError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| {
        StartupError::new(format!(
            "cannot write to standard output: {error}; what the command has done stays done, but its result is incomplete"
        ))
    })
}

/// Prints a line of progress to standard error. That it cannot be written changes nothing.
pub(crate) fn progress(text: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// `println!` that returns an error instead of a panic.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::line(format_args!($($text)*)) };
}
pub(crate) use say;
