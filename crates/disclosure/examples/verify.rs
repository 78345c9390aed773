//! Checks files of releases offline: signature, figures, proofs, chain. It needs this crate and nothing else.
//!
//! ```text
//! cargo run -p passerelle-disclosure --example verify -- FILE… [--keys FILE]
//! ```
//!
//! `--keys` is a JWKS: what the publisher serves at `/v1/statistics/keys`. Without it, no signature is checked. The
//! exit code is 0 if everything is valid, 1 if an error was found, and 2 if a file cannot be read or an argument is
//! invalid.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use passerelle_disclosure::checking::{File, check};
use passerelle_disclosure::envelope::keys_of;

const USAGE: &str = "usage: verify FILE… [--keys FILE]";

/// The files to check, and the file of keys.
struct Arguments {
    files: Vec<PathBuf>,
    keys: Option<PathBuf>,
}

impl Arguments {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut files, mut keys) = (Vec::new(), None);
        while let Some(argument) = arguments.next() {
            if argument == "--keys" && keys.is_none() {
                keys = Some(PathBuf::from(arguments.next().ok_or(USAGE)?));
            } else if argument.starts_with("--") {
                return Err(USAGE.to_owned());
            } else {
                files.push(PathBuf::from(argument));
            }
        }
        if files.is_empty() { Err(USAGE.to_owned()) } else { Ok(Self { files, keys }) }
    }
}

fn main() -> ExitCode {
    match Arguments::parse(std::env::args().skip(1)).and_then(|arguments| verify(&arguments)) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(flaws) => {
            let _ = writeln!(std::io::stderr(), "verify: {flaws} error(s) found");
            ExitCode::from(1)
        }
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "verify: {message}");
            ExitCode::from(2)
        }
    }
}

/// Prints what was found, and returns the number of flaws.
fn verify(arguments: &Arguments) -> Result<usize, String> {
    let keys = match &arguments.keys {
        None => None,
        Some(file) => Some(keys_of(&read(file)?).map_err(|flaw| format!("{}: {flaw}", file.display()))?),
    };
    let file = |path: &PathBuf| Ok(File { name: path.display().to_string(), bytes: read(path)? });
    let files = arguments.files.iter().map(file).collect::<Result<Vec<_>, String>>()?;
    let reports = check(&files, keys.as_deref());
    for report in &reports {
        write!(std::io::stdout(), "{report}").map_err(|error| format!("cannot write the result: {error}"))?;
    }
    Ok(reports.iter().map(|report| report.flaws.len()).sum())
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(file).map_err(|error| format!("cannot read {}: {error}", file.display()))
}
