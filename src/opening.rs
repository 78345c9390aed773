//! Opening the database of a deployment, for the commands and for the demonstration.
//!
//! Opening migrates, if the role may change the tables. Commands that only read use [`ReadOnly`], which changes nothing, not even a file.

use std::path::PathBuf;

use crate::auth::PrincipalId;
use crate::clock::Clock;
use crate::config::{Storage, private_directory};
use crate::db::{
    AnyConn, DatabaseUrl, Db, Prepared, is_empty, open_read_only, pending_on, prepare, refuse_damaged,
    refuse_read_only_directory,
};
use crate::error::ApiError;
use crate::http::Context;
use crate::journal::{HeadFile, KnownHeads};
use crate::privacy::Vault;
use crate::referents::surveys;
use crate::startup::StartupError;
use crate::work::Work;
use crate::{deployment, recovery};

/// Opens the database with its keys, after applying its migrations. Refuses one that lacks what its heads know.
pub fn open(storage: &Storage, clock: Clock, public_url: &str) -> Result<Context, StartupError> {
    let (file, known) = known_heads(storage)?;
    let context = migrated(storage, clock, public_url)?;
    recovery::refuse_older(&context, &known, &file)?;
    vouched(context)
}

/// [`open`] for the server: first checks the file of an embedded database. Also opens the file of heads.
pub fn open_to_serve(storage: &Storage, clock: Clock, public_url: &str) -> Result<(Context, HeadFile), StartupError> {
    refuse_read_only_directory(&storage.url()?)?;
    refuse_damaged(&storage.url()?)?;
    let (file, known) = known_heads(storage)?;
    let context = migrated(storage, clock, public_url)?;
    recovery::refuse_older(&context, &known, &file)?;
    let context = vouched(context)?;
    let mut heads = storage.open_heads_knowing(known)?;
    if heads.known().is_empty() && context.journal.has_chains().map_err(|error| startup_error(&error))? {
        log::warn!(
            "there were no heads in {}: if the database is older than it should be, this instance cannot tell",
            file.display()
        );
    }
    context.journal.mark_restores(&mut heads).map_err(|error| startup_error(&error))?;
    heads.send_to(storage.heads_elsewhere()?)?;
    Ok((context, heads))
}

/// Opens a database that may lack what its heads know, to confirm that it was restored.
pub fn open_restored(storage: &Storage, clock: Clock) -> Result<Context, StartupError> {
    known_heads(storage)?;
    let url = storage.url()?;
    if is_empty(&url)? {
        return Err(StartupError::new(format!(
            "there is no database at {url}: check DATABASE_URL and PASSERELLE_DATA_DIR"
        )));
    }
    migrated(storage, clock, "")
}

/// The heads of the journal, beside which the database must not be empty.
fn known_heads(storage: &Storage) -> Result<(PathBuf, KnownHeads), StartupError> {
    let file = storage.heads();
    let known = KnownHeads::read(&file)?;
    refuse_lost_database(storage, &known)?;
    Ok((file, known))
}

fn migrated(storage: &Storage, clock: Clock, public_url: &str) -> Result<Context, StartupError> {
    storage.refuse_writable_by_others()?;
    // The key first: a database must never be created without the key that will read it.
    let master = storage.master_key()?;
    prepare_directory(storage)?;
    let url = storage.url()?;
    if let Prepared::Migrated(versions) = prepare(&url)? {
        for version in versions {
            log::info!("migration {version} applied");
        }
    }
    let vault = Vault::new(&master).map_err(|_| StartupError::new("the master key is unusable"))?;
    let context = Context::new(Db::open(&url, &storage.db_options())?, vault, clock, public_url)?;
    context.journal.record_cut_over(context.now()).map_err(|error| startup_error(&error))?;
    // What a migration cannot compute in SQL.
    context.write_blocking(PrincipalId::Local, surveys::ops::store_closings).map_err(|error| startup_error(&error))?;
    Ok(context)
}

/// Gives the rows of an earlier version that give rights their MAC. The keys of access tokens are among them.
fn vouched(context: Context) -> Result<Context, StartupError> {
    deployment::vouch_for_rows(&context)?;
    context.reload_keys_blocking().map_err(|error| startup_error(&error))?;
    Ok(context)
}

/// Refuses a directory that cannot be written to, and an empty database beside heads of events: a new deployment would
/// begin, with a new administrator.
pub(crate) fn refuse_lost_database(storage: &Storage, known: &KnownHeads) -> Result<(), StartupError> {
    let url = storage.url()?;
    refuse_read_only_directory(&url)?;
    if known.is_empty() || !is_empty(&url)? {
        return Ok(());
    }
    Err(StartupError::new(format!(
        "the database {url} does not exist or is empty, but {} holds the heads of its audit journal: check DATABASE_URL \
         and PASSERELLE_DATA_DIR, or restore a backup; a new deployment needs another data directory",
        storage.heads().display()
    )))
}

/// A database opened to read only: it is not migrated, and nothing is created or written.
pub struct ReadOnly {
    conn: AnyConn,
    vault: Vault,
    pending: Vec<String>,
}

impl ReadOnly {
    /// Opens a database of this program's schema.
    pub fn open(storage: &Storage) -> Result<Self, StartupError> {
        let opened = Self::open_of_any_version(storage)?;
        match opened.pending.len() {
            0 => Ok(opened),
            pending => Err(StartupError::new(format!(
                "the database {} lacks {pending} migration(s) of this program: apply them with `passerelle migrate`",
                storage.url()?
            ))),
        }
    }

    /// Opens a database that may have the schema of an earlier version.
    pub fn open_of_any_version(storage: &Storage) -> Result<Self, StartupError> {
        let url = storage.url()?;
        let mut conn = open_read_only(&url)?;
        let pending = pending_on(&mut conn)?;
        let has_events = conn.has_table("audit_events");
        if !has_events.map_err(|error| StartupError::new(format!("cannot read the database {url}: {error}")))? {
            return Err(StartupError::new(format!("the database {url} has no data of this program")));
        }
        let master = storage.existing_master_key()?;
        let vault = Vault::new(&master).map_err(|_| StartupError::new("the master key is unusable"))?;
        deployment::check_key(&mut Work::new(&mut conn, &vault, Clock::System.now(), PrincipalId::Local))?;
        Ok(Self { conn, vault, pending })
    }

    /// Whether the database has the schema of this program.
    pub fn is_current(&self) -> bool {
        self.pending.is_empty()
    }

    /// Runs a use case that reads, as the local principal. The read is not journaled.
    pub fn read<T>(&mut self, f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>) -> Result<T, StartupError> {
        let mut work = Work::new(&mut self.conn, &self.vault, Clock::System.now(), PrincipalId::Local);
        f(&mut work).map_err(|error| startup_error(&error))
    }
}

/// Creates the directory of an embedded database. Without it, SQLite would only report "unable to open".
pub(crate) fn prepare_directory(storage: &Storage) -> Result<(), StartupError> {
    let DatabaseUrl::Sqlite(file) = storage.url()? else { return Ok(()) };
    let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) else { return Ok(()) };
    private_directory(directory)
        .map_err(|error| StartupError::new(format!("cannot create the directory {}: {error}", directory.display())))
}

/// The error of a use case, in one English sentence for the terminal.
pub(crate) fn startup_error(error: &ApiError) -> StartupError {
    let mut messages: Vec<&str> = error.faults.iter().map(|fault| fault.message.en.as_ref()).collect();
    if messages.is_empty() {
        messages.push(error.detail.as_ref().map_or(error.code.title().1, |detail| detail.en.as_ref()));
    }
    StartupError::new(messages.join(" "))
}
