//! `passerelle release …`: whether releases of statistics are what was signed, and the keys that sign them.
#![allow(clippy::print_stdout, reason = "what a command answers goes to standard output")]

use std::path::{Path, PathBuf};

mod audit;
mod build;

use super::{open, sentence};
use crate::auth::{PrincipalId, ServiceScope};
use crate::clock::Clock;
use crate::config::ReleaseTask;
use crate::db::Id;
use crate::http::Context;
use crate::services;
use crate::startup::StartupError;
use crate::statistics::signing;
use passerelle_disclosure::checking::{File, check};
use passerelle_disclosure::envelope::keys_of;

pub(super) fn release(task: ReleaseTask) -> Result<(), StartupError> {
    match task {
        ReleaseTask::Verify { files, keys } => verify(&files, keys.as_deref()),
        ReleaseTask::Build(asked) => build::build(asked),
        ReleaseTask::Audit { storage, service, year } => audit::audit(&storage, service.as_deref(), year),
        ReleaseTask::RotateKey { storage } => {
            let context = open(&storage, Clock::System, "")?;
            let kid =
                context.write_blocking(PrincipalId::Local, signing::ops::rotate).map_err(|error| sentence(&error))?;
            println!("{kid} signs the next release; what the former ones signed stays verifiable");
            Ok(())
        }
    }
}

/// The service of an identifier or of a name.
fn service(context: &Context, asked: &str) -> Result<Id, StartupError> {
    let name = asked.to_owned();
    let named = move |work: &mut crate::work::Work<'_>| match name.parse::<Id>() {
        Ok(id) => services::ops::find(work, &ServiceScope::All, id).map(|service| vec![service.id()]),
        Err(_) => Ok(services::store::named(work.conn, &ServiceScope::All, &name)?),
    };
    match context.read_blocking(PrincipalId::Local, named).map_err(|error| sentence(&error))?[..] {
        [one] => Ok(one),
        [] => Err(StartupError::new(format!("no service is called {asked:?}"))),
        _ => Err(StartupError::new(format!("several services are called {asked:?}: give the identifier of one"))),
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
        println!("{}", report.name);
        report.checked.iter().for_each(|line| println!("  {line}"));
        report.flaws.iter().for_each(|line| println!("  WRONG: {line}"));
        flaws += report.flaws.len();
    }
    match flaws {
        0 => Ok(()),
        number => Err(StartupError::new(format!("{number} thing(s) wrong")).with_exit_code(1)),
    }
}

fn read(file: &Path) -> Result<Vec<u8>, StartupError> {
    std::fs::read(file).map_err(|error| StartupError::new(format!("cannot read {}: {error}", file.display())))
}
