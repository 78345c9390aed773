//! The file of the embedded database: made for its owner alone, and opened by one connection at a time.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Held while a connection is opened and set up, by every process that opens the database.
///
/// Two first openers that switch the file to WAL at once would each hold what the other needs, and
/// SQLite refuses one of them at once, without waiting. The lock is on a file of its own: closing any
/// descriptor of the database's file would drop the locks that SQLite holds on it in this process.
pub(super) struct Opening(#[allow(dead_code, reason = "held, not read: the lock goes with the file")] File);

impl Opening {
    /// Waits for its turn, and makes the database's file if there is none: SQLite would let everybody
    /// read it, and the journals take its permissions.
    pub(super) fn begin(database: &Path) -> io::Result<Self> {
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

fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).create(true).mode(0o600);
    options
}
