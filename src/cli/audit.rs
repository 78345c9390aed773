//! `passerelle audit …`: checks that nobody has altered the audit journal.
#![allow(clippy::print_stdout, reason = "a command prints its result to standard output")]

use std::path::PathBuf;

use crate::config::{AuditTask, Storage};
use crate::journal::{self, HeadFile};
use crate::opening::ReadOnly;
use crate::startup::StartupError;

pub(super) fn audit(task: AuditTask) -> Result<(), StartupError> {
    let AuditTask::Verify { storage, heads } = task;
    verify(&storage, heads)
}

fn verify(storage: &Storage, mut files: Vec<PathBuf>) -> Result<(), StartupError> {
    if files.is_empty() {
        let file = storage.heads();
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
    let report = ReadOnly::open_of_any_version(storage)?.read(|work| journal::verify(work, &heads))?;
    println!(
        "{} event(s) in {} chain(s), {} head(s) compared, {} event(s) not chained yet.",
        report.events, report.chains, report.heads, report.unchained
    );
    for lost in &report.lost {
        println!("{lost}");
    }
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
