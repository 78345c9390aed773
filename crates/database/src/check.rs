//! Checks of a database before it is used: it exists, its file is intact, it accepts writes.

use std::path::Path;
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::{QueryResult, QueryableByName, RunQueryDsl, sql_query};

use super::conn::AnyConn;
use super::errors::{one_line, unreachable};
use super::file::write_beside;
use super::pool::Manager;
use super::read_only::open_read_only;
use super::url::DatabaseUrl;
use crate::each;
use passerelle_base::startup::StartupError;

/// Larger files are not checked at the start: it would take longer than an operator waits.
const CHECKED_BYTES: u64 = 4 << 30;

/// How many faults of a damaged file the error names.
const FAULTS: usize = 3;

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    counted: i64,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Integer)]
    user_version: i32,
}

#[derive(QueryableByName)]
struct Fault {
    #[diesel(sql_type = Text)]
    quick_check: String,
}

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Bool)]
    standby: bool,
    #[diesel(sql_type = Bool)]
    read_only: bool,
}

impl AnyConn {
    /// Whether the database has a table.
    pub fn has_table(&mut self, name: &str) -> QueryResult<bool> {
        let found: Found = match self {
            Self::Pg(pg) => {
                sql_query("SELECT to_regclass($1) IS NOT NULL AS found").bind::<Text, _>(name).get_result(pg)?
            }
            Self::Sqlite(sqlite) => {
                sql_query("SELECT count(*) > 0 AS found FROM sqlite_master WHERE type = 'table' AND name = ?")
                    .bind::<Text, _>(name)
                    .get_result(sqlite)?
            }
        };
        Ok(found.found)
    }
}

/// Whether no program has ever started on this database: it does not exist, or it has no deployment.
pub fn is_empty(url: &DatabaseUrl) -> Result<bool, StartupError> {
    if let DatabaseUrl::Sqlite(file) = url
        && file.metadata().map_or(true, |file| file.len() == 0)
    {
        return Ok(true);
    }
    let mut conn = open_read_only(url)?;
    let mut count = || {
        if !conn.has_table("deployment")? {
            return Ok(0);
        }
        let counted: Counted =
            each!(&mut conn, c => sql_query("SELECT count(*) AS counted FROM deployment").get_result(c))?;
        Ok::<_, diesel::result::Error>(counted.counted)
    };
    count().map(|rows| rows == 0).map_err(|error| unreachable(url, &error))
}

/// Refuses an embedded database whose file is damaged. It reads every page of the file.
pub fn refuse_damaged(url: &DatabaseUrl) -> Result<(), StartupError> {
    let DatabaseUrl::Sqlite(file) = url else { return Ok(()) };
    let Ok(bytes) = file.metadata().map(|file| file.len()) else { return Ok(()) };
    if bytes == 0 {
        return Ok(());
    }
    if bytes > CHECKED_BYTES {
        log::warn!("the database is larger than 4 GiB and was not checked: run `PRAGMA quick_check` on a copy of it");
        return Ok(());
    }
    let started = Instant::now();
    let faults = match Manager::new(url.clone(), Duration::MAX).open() {
        Ok(mut conn) => faults(&mut conn).unwrap_or_else(|error| vec![one_line(&error.to_string())]),
        Err(error) if is_damage(&error.to_string()) => vec![one_line(&error.to_string())],
        Err(error) => return Err(unreachable(url, &error)),
    };
    if faults == ["ok"] {
        log::info!(ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX); "the database file is intact");
        return Ok(());
    }
    Err(StartupError::new(format!(
        "the database {url} is damaged: {}; keep the file and restore a backup",
        faults.join("; ")
    )))
}

fn faults(conn: &mut AnyConn) -> QueryResult<Vec<String>> {
    let faults: Vec<Fault> = each!(conn, c => sql_query(format!("PRAGMA quick_check({FAULTS})")).load(c))?;
    Ok(faults.into_iter().map(|fault| one_line(&fault.quick_check)).collect())
}

/// Whether SQLite says that a file is damaged.
fn is_damage(message: &str) -> bool {
    ["malformed", "not a database"].iter().any(|word| message.contains(word))
}

/// Refuses a directory in which SQLite cannot create its journal.
pub fn refuse_read_only_directory(url: &DatabaseUrl) -> Result<(), StartupError> {
    let DatabaseUrl::Sqlite(file) = url else { return Ok(()) };
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !directory.exists() {
        return Ok(());
    }
    write_beside(file, b"probe\n").map_err(|error| {
        StartupError::new(format!(
            "cannot write to the directory {} of the database: {error}: SQLite keeps its journal there",
            directory.display()
        ))
    })
}

/// Refuses a database that does not accept writes. On SQLite it writes the header of the file; on PostgreSQL it asks the
/// server, and the migrations, which follow, write at each start.
pub(super) fn refuse_read_only(conn: &mut AnyConn, url: &DatabaseUrl) -> Result<(), StartupError> {
    match conn {
        AnyConn::Pg(pg) => {
            let mode: Mode = sql_query(
                "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') = 'on' AS read_only",
            )
            .get_result(pg)
            .map_err(|error| unreachable(url, &error))?;
            if mode.standby {
                return Err(StartupError::new(format!(
                    "the database {url} is a standby, which accepts no writes: give the address of the primary server"
                )));
            }
            if mode.read_only {
                return Err(StartupError::new(format!(
                    "the database {url} is read-only: `default_transaction_read_only` is on for the server, the database or the user"
                )));
            }
            Ok(())
        }
        AnyConn::Sqlite(_) => write_header(conn).map_err(|error| {
            StartupError::new(format!(
                "the database {url} does not accept writes: {}: check the permissions of the file and the space on its disk",
                one_line(&error.to_string())
            ))
        }),
    }
}

/// Writes the version of the file again, which no other part of the program uses, and waits until it is on disk.
fn write_header(conn: &mut AnyConn) -> QueryResult<()> {
    let version: Version = each!(&mut *conn, c => sql_query("PRAGMA user_version").get_result(c))?;
    conn.batch(&format!("PRAGMA user_version = {}", version.user_version))
}
