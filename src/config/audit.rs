//! The commands on the audit journal.

use std::path::PathBuf;

use clap::Subcommand;

use super::Storage;

/// The commands on the audit journal.
#[derive(Debug, Subcommand)]
pub enum AuditTask {
    /// Recompute every link of the journal; exit code 1 if an event was changed, moved, deleted or truncated. Reads only:
    /// a copy of the database on a read-only file system can be verified.
    Verify {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
        /// File of heads to compare with, such as a copy from elsewhere; can be repeated. By default that of this
        /// machine.
        #[arg(long = "heads")]
        heads: Vec<PathBuf>,
        /// Verify the chains alone. A truncated journal is then not detected. Otherwise a file of heads that is missing
        /// or unreadable, and a line that is not a head, are exit code 1.
        #[arg(long, conflicts_with = "heads")]
        without_heads: bool,
    },
}
