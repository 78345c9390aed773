//! The `passerelle` program: parses the command line and runs the command. A failure is printed in one sentence, with
//! exit code 2, or 1 if the command is a check that did not pass.

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use passerelle::cli;
use passerelle::config::{Cli, visible_secrets};

fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    for warning in visible_secrets(&matches) {
        let _ = writeln!(std::io::stderr(), "passerelle: {warning}");
    }
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match cli::execute(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Standard error itself: the log may not have started. If it cannot be written to, the exit code says enough.
            let _ = writeln!(std::io::stderr(), "passerelle: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}
