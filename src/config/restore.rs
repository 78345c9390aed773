//! The commands on restores.

use clap::Subcommand;

use super::Storage;

/// The commands on restores.
#[derive(Debug, Subcommand)]
pub enum RestoreTask {
    /// Confirm that the database was restored from a backup. The program then starts on it, and readers of the change feed
    /// are told where to begin again.
    Confirm(Storage),
}
