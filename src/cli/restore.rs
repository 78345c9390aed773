//! `passerelle restore confirm`: the operator confirms that the database was restored from a backup.
#![allow(clippy::print_stdout, reason = "a command prints its result to standard output")]

use crate::clock::Clock;
use crate::config::{RestoreTask, Storage};
use crate::opening::{open_restored, startup_error};
use crate::recovery;
use crate::startup::StartupError;

pub(super) fn restore(task: RestoreTask) -> Result<(), StartupError> {
    let RestoreTask::Confirm(storage) = task;
    confirm(&storage)
}

fn confirm(storage: &Storage) -> Result<(), StartupError> {
    let context = open_restored(storage, Clock::System)?;
    let mut heads = storage.open_heads()?;
    let (restore, gaps) = recovery::confirm(&context, &mut heads).map_err(|error| startup_error(&error))?;
    for gap in &gaps {
        println!("lost: {gap}");
    }
    if gaps.is_empty() {
        println!("No event of {} is missing.", heads.path().display());
    }
    println!(
        "The restore is confirmed ({}). Readers of the change feed who are past position {} will begin again there.",
        restore.id, restore.feed_position
    );
    Ok(())
}
