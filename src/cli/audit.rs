//! `passerelle audit …`: checks that nobody has altered the audit journal.
#![allow(clippy::print_stdout, reason = "a command prints its result to standard output")]

use std::path::PathBuf;

use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::{AuditTask, Storage, heads_in_data_dir};
use crate::journal::{self, HeadFile};
use crate::opening::{open, startup_error};
use crate::startup::StartupError;

pub(super) fn audit(task: AuditTask) -> Result<(), StartupError> {
    let AuditTask::Verify { storage, heads } = task;
    verify(&storage, heads)
}

fn verify(storage: &Storage, mut files: Vec<PathBuf>) -> Result<(), StartupError> {
    if files.is_empty() {
        let file = heads_in_data_dir(&storage.data_dir);
        if file.exists() {
            files.push(file);
        } else {
            println!("No file of heads: a truncated journal would not be detected. Give one with --heads.");
        }
    }
    // The heads before the database: events chained in the meantime only lengthen the chains.
    let mut heads = Vec::new();
    for file in files {
        let (read, unreadable) = HeadFile::read(&file)?;
        if unreadable > 0 {
            println!("{}: {unreadable} line(s) are not valid heads.", file.display());
        }
        heads.extend(read);
    }
    let context = open(storage, Clock::System, "")?;
    let report = context
        .read_blocking(PrincipalId::Local, |work| journal::verify(work, &heads))
        .map_err(|error| startup_error(&error))?;
    println!(
        "{} event(s) in {} chain(s), {} head(s) compared, {} event(s) not chained yet.",
        report.events, report.chains, report.heads, report.unchained
    );
    for tampering in &report.tampering {
        println!("{tampering}");
    }
    match report.tampering.len() {
        0 => Ok(()),
        number => {
            Err(StartupError::new(format!("the audit journal was tampered with in {number} place(s)"))
                .with_exit_code(1))
        }
    }
}
