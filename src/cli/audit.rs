//! `passerelle audit …`: checks that nobody has altered the audit journal, or the rows that give rights.

use std::path::PathBuf;

use crate::config::{AuditTask, Storage};
use crate::deployment;
use crate::journal::{self, Head, HeadFile};
use crate::opening::ReadOnly;
use crate::output::say;
use crate::startup::StartupError;

pub(super) fn audit(task: AuditTask) -> Result<(), StartupError> {
    let AuditTask::Verify { storage, heads, without_heads } = task;
    verify(&storage, heads, without_heads)
}

/// The heads before the database: events chained in the meantime only lengthen the chains.
fn verify(storage: &Storage, files: Vec<PathBuf>, without_heads: bool) -> Result<(), StartupError> {
    let (heads, missing) = if without_heads { (Vec::new(), 0) } else { read_heads(storage, files)? };
    let mut database = ReadOnly::open_of_any_version(storage)?;
    let report = database.read(|work| journal::verify(work, &heads))?;
    let forged = if database.is_current() { database.read(deployment::forged_rows)? } else { Vec::new() };
    say!(
        "{} event(s) in {} chain(s), {} head(s) compared, {} event(s) not chained yet.",
        report.events,
        report.chains,
        report.heads,
        report.unchained
    )?;
    let unproved = !without_heads && heads.is_empty() && report.events > 0;
    if unproved && missing == 0 {
        say!("No heads: the file is empty. A truncated journal would not be detected.")?;
    }
    for lost in &report.lost {
        say!("{lost}")?;
    }
    for tampering in &report.tampering {
        say!("{tampering}")?;
    }
    for (table, row) in &forged {
        say!("The program did not write the row {row} of {table}, which gives no right.")?;
    }
    let problem = match (report.tampering.len(), missing) {
        (0, 0) if !unproved && forged.is_empty() => return Ok(()),
        (0, 0) if !unproved => format!("{} row(s) that give rights were changed or added by hand", forged.len()),
        (0, _) => "the journal was not compared with all of its heads: bring back a copy of them with --heads, or \
                   verify the chains alone with --without-heads"
            .to_owned(),
        (number, _) => format!("the audit journal was tampered with in {number} place(s)"),
    };
    Err(StartupError::new(problem).with_exit_code(1))
}

/// The heads of the files, and how many files or lines are missing. Whoever can truncate the journal may also remove or
/// garble its heads: what is missing is not a success.
fn read_heads(storage: &Storage, files: Vec<PathBuf>) -> Result<(Vec<Head>, usize), StartupError> {
    let files = if files.is_empty() { vec![storage.heads()] } else { files };
    let (mut heads, mut missing) = (Vec::new(), 0);
    for file in files {
        match HeadFile::read(&file) {
            Ok((read, garbled)) => {
                if garbled > 0 {
                    say!("{}: {garbled} line(s) are not valid heads.", file.display())?;
                }
                missing += garbled;
                heads.extend(read);
            }
            Err(error) => {
                say!("No heads: {error}. A truncated journal would not be detected.")?;
                missing += 1;
            }
        }
    }
    Ok((heads, missing))
}
