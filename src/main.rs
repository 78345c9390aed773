//! The `passerelle` program: parses the command line and runs the command. A failure is printed in one sentence, with
//! exit code 2, or 1 if the command is a check that did not pass.

use std::process::ExitCode;

use clap::Parser;
use passerelle::cli;
use passerelle::config::Cli;

fn main() -> ExitCode {
    match cli::execute(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "the log may not have started")]
            {
                eprintln!("passerelle: {error}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
