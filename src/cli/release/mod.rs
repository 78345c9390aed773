//! `passerelle release …`: makes and checks releases of statistics, and rotates the key that signs them.

mod audit;
mod build;
mod service;

use std::path::{Path, PathBuf};

use passerelle_disclosure::checking::{File, check};
use passerelle_disclosure::envelope::keys_of;

use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::ReleaseTask;
use crate::opening::{open, startup_error};
use crate::output::say;
use crate::startup::StartupError;
use crate::statistics::signing;

pub(super) fn release(task: ReleaseTask) -> Result<(), StartupError> {
    match task {
        ReleaseTask::Verify { files, keys } => verify(&files, keys.as_deref()),
        ReleaseTask::Build(options) => build::build(options),
        ReleaseTask::Audit { storage, service, year } => audit::audit(&storage, service.as_deref(), year),
        ReleaseTask::RotateKey { storage } => {
            let context = open(&storage, Clock::System, "")?;
            let kid = context
                .write_blocking(PrincipalId::Local, signing::ops::rotate)
                .map_err(|error| startup_error(&error))?;
            say!("{kid} signs the next release; earlier signatures can still be verified")?;
            Ok(())
        }
    }
}

fn verify(files: &[PathBuf], keys: Option<&Path>) -> Result<(), StartupError> {
    let keys = match keys {
        None => None,
        Some(file) => {
            Some(keys_of(&read(file)?).map_err(|flaw| StartupError::new(format!("{}: {flaw}", file.display())))?)
        }
    };
    let files = files
        .iter()
        .map(|file| Ok(File { name: file.display().to_string(), bytes: read(file)? }))
        .collect::<Result<Vec<_>, StartupError>>()?;
    let mut flaws = 0;
    for report in check(&files, keys.as_deref()) {
        say!("{}", report.to_string().trim_end_matches('\n'))?;
        flaws += report.flaws.len();
    }
    match flaws {
        0 => Ok(()),
        number => Err(StartupError::new(format!("{number} error(s) found")).with_exit_code(1)),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, StartupError> {
    std::fs::read(file).map_err(|error| StartupError::new(format!("cannot read {}: {error}", file.display())))
}
