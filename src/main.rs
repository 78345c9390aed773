//! The `passerelle` program: parses the command line and runs the command. A failure is printed in one sentence, with
//! exit code 2, or 1 if the command is a check that did not pass.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use passerelle::cli;
use passerelle::config::Cli;

fn main() -> ExitCode {
    match cli::execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error itself: the log may not have started. If it cannot be written to, the exit code says enough.
            let _ = writeln!(std::io::stderr(), "passerelle: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
