//! Configuration of the audit journal.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use super::{Storage, private_directory};
use crate::journal::HeadFile;
use crate::startup::StartupError;

/// Where the heads of the journal's chains are kept.
#[derive(Clone, Debug, Args)]
pub struct Heads {
    /// File outside the database to which the heads of the audit journal's chains are appended; `audit-heads.jsonl` in
    /// the data directory when absent.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS")]
    pub audit_heads: Option<PathBuf>,
}

/// What can be done with the audit journal.
#[derive(Debug, Subcommand)]
pub enum AuditTask {
    /// Compute every link of the journal again; exit code 1 when an event was changed, moved, deleted or cut.
    Verify {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// Files of heads to compare with: this machine's, and copies kept elsewhere.
        #[arg(long = "heads", env = "PASSERELLE_AUDIT_HEADS")]
        heads: Vec<PathBuf>,
    },
}

impl Heads {
    /// Opens the file, in a directory that is made for it if need be.
    pub fn open(&self, storage: &Storage) -> Result<HeadFile, StartupError> {
        let path = self.audit_heads.clone().unwrap_or_else(|| in_data_dir(&storage.data_dir));
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            private_directory(directory).map_err(|error| {
                StartupError::new(format!("cannot make the directory {}: {error}", directory.display()))
            })?;
        }
        HeadFile::open(&path)
    }
}

/// The file that is used when none is named.
pub(crate) fn in_data_dir(data_dir: &Path) -> PathBuf {
    data_dir.join("audit-heads.jsonl")
}
