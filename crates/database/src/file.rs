//! The file of the embedded database: only its owner may read it, and one connection at a time opens it.

use std::fs::{File, OpenOptions, remove_file};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A lock that every process holds while it opens and configures a connection.
///
/// Without it, two processes that switch a new file to WAL concurrently would deadlock, and SQLite would make one
/// of them fail at once instead of waiting. The lock is on a separate file: closing any descriptor of the database
/// file would release the locks that SQLite holds on it in this process.
pub(super) struct OpenLock(#[allow(dead_code, reason = "held, never read: closing the file releases the lock")] File);

impl OpenLock {
    /// Waits for the lock, then creates the database file if it does not exist. SQLite would create a file that
    /// everybody can read, and its journals copy the permissions of the file.
    pub(super) fn acquire(database: &Path) -> io::Result<Self> {
        let mut beside = database.as_os_str().to_owned();
        beside.push(".lock");
        let lock = private().truncate(false).open(PathBuf::from(beside))?;
        lock.lock()?;
        if !database.exists() {
            private().open(database)?;
        }
        Ok(Self(lock))
    }
}

/// Writes and deletes a file beside the database: whether the directory accepts files, and the disk these bytes.
pub(super) fn write_beside(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut beside = file.as_os_str().to_owned();
    beside.push(".probe");
    let path = PathBuf::from(beside);
    let mut probe = private().truncate(true).open(&path)?;
    let written = probe.write_all(bytes).and_then(|()| probe.sync_all());
    match remove_file(path) {
        // Another process that starts at the same time has removed it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => written,
        removed => written.and(removed),
    }
}

fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create(true).mode(0o600);
    options
}
