//! Opening a database to read only: nothing is migrated, locked or created, so that a copy on a read-only file system can
//! be read as it is.

use std::ffi::OsStr;
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, ConnectionError, SqliteConnection};

use super::DbOptions;
use super::conn::AnyConn;
use super::errors::{one_line, unreachable};
use super::pool::Manager;
use super::scope::{DbScope, SystemScope};
use super::url::DatabaseUrl;
use passerelle_base::startup::StartupError;

/// Opens a database that exists. A write on the connection fails.
pub fn open_read_only(url: &DatabaseUrl) -> Result<AnyConn, StartupError> {
    match url {
        DatabaseUrl::Postgres(_) => {
            let mut conn = Manager::new(url.clone(), DbOptions::default().slow_after)
                .open()
                .map_err(|error| unreachable(url, &error))?;
            // A command on the machine itself reads every row.
            let scope = DbScope::from(SystemScope::Operator).set();
            conn.batch(&format!("SET default_transaction_read_only = on; {scope}"))
                .map_err(|error| unreachable(url, &error))?;
            Ok(conn)
        }
        DatabaseUrl::Sqlite(file) => {
            if !file.exists() {
                return Err(StartupError::new(format!("there is no database {url}")));
            }
            let journal = journal(file);
            let opened = match journal {
                Journal::None => open_file(file, IMMUTABLE),
                Journal::Empty => open_file(file, READ_ONLY).or_else(|_| open_file(file, IMMUTABLE)),
                Journal::HasPages => open_file(file, READ_ONLY),
            };
            opened.map(AnyConn::Sqlite).map_err(|error| {
                let hint = if journal == Journal::HasPages {
                    ": its last changes are in the file -wal beside it, which SQLite can only read where it can create \
                     the file -shm: copy the database with its -wal file to a directory that can be written to"
                } else {
                    ""
                };
                StartupError::new(format!("cannot read the database {url}: {}{hint}", one_line(&error.to_string())))
            })
        }
    }
}

const READ_ONLY: &str = "mode=ro";

/// The file does not change, and nothing is beside it: SQLite then needs neither the journal nor the lock that it would
/// create even for a reader.
const IMMUTABLE: &str = "mode=ro&immutable=1";

/// The journal beside the file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Journal {
    /// There is none: the file is the whole database.
    None,
    /// It is empty: a program may run on the database.
    Empty,
    /// It has the last changes: a program runs on the database, or ended without copying them to the file.
    HasPages,
}

fn journal(file: &Path) -> Journal {
    let length = |suffix: &str| beside(file, suffix).metadata().map(|file| file.len()).ok();
    match (length("-wal"), length("-journal")) {
        (None | Some(0), Some(1..)) | (Some(1..), _) => Journal::HasPages,
        (Some(0), _) => Journal::Empty,
        (None, _) => Journal::None,
    }
}

fn beside(file: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn open_file(file: &Path, mode: &str) -> Result<SqliteConnection, ConnectionError> {
    let mut conn = SqliteConnection::establish(&format!("file:{}?{mode}", escaped(file.as_os_str())))?;
    conn.batch_execute(
        "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA trusted_schema = OFF; \
         SELECT count(*) FROM sqlite_master",
    )
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

/// A path in a `file:` URI.
fn escaped(path: &OsStr) -> String {
    let mut text = String::new();
    for byte in path.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::read_only::*;

    #[test]
    fn a_path_is_escaped_in_a_uri() {
        assert_eq!(escaped(OsStr::new("/data/a b?c=#1%/é.sqlite3")), "/data/a%20b%3Fc%3D%231%25/%C3%A9.sqlite3");
    }
}
