//! Configuration of the audit journal.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Storage, private_directory};
use crate::journal::HeadFile;
use crate::startup::StartupError;

/// Where the heads of the journal's chains are stored.
#[derive(Clone, Debug, Args)]
pub struct Heads {
    /// File outside the database to which the heads of the audit journal's chains are appended; by default
    /// `audit-heads.jsonl` in the data directory.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS")]
    pub audit_heads: Option<PathBuf>,
}

/// The commands on the audit journal.
#[derive(Debug, Subcommand)]
pub enum AuditTask {
    /// Recompute every link of the journal; exit code 1 if an event was changed, moved, deleted or truncated.
    Verify {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
        /// File of heads to compare with: that of this machine, or a copy from elsewhere; can be repeated.
        #[arg(long = "heads", env = "PASSERELLE_AUDIT_HEADS")]
        heads: Vec<PathBuf>,
    },
}

impl Heads {
    /// Opens the file, and creates its directory if needed.
    pub fn open(&self, storage: &Storage) -> Result<HeadFile, StartupError> {
        let path = self.audit_heads.clone().unwrap_or_else(|| in_data_dir(&storage.data_dir));
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            private_directory(directory).map_err(|error| {
                StartupError::new(format!("cannot create the directory {}: {error}", directory.display()))
            })?;
        }
        HeadFile::open(&path)
    }
}

/// The default file of heads.
pub(crate) fn in_data_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("audit-heads.jsonl")
}
