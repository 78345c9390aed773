//! The `passerelle` program: reads the command line, runs the command, says in one sentence what
//! stopped it (exit code 2; 1 when a health check says no).

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
