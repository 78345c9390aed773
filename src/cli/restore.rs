//! `passerelle restore confirm`: the operator confirms that the database was restored from a backup.

use crate::clock::Clock;
use crate::config::{RestoreTask, Storage};
use crate::opening::{open_restored, startup_error};
use crate::output::say;
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
        say!("lost: {gap}")?;
    }
    if gaps.is_empty() {
        say!("No event of {} is missing.", heads.path().display())?;
    }
    say!(
        "The restore is confirmed ({}). Readers of the change feed who are past position {} will begin again there.",
        restore.id,
        restore.feed_position
    )?;
    Ok(())
}
