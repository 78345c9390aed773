//! Opening the database of a deployment, for the commands and for the demonstration.

use crate::clock::Clock;
use crate::config::{Storage, private_directory};
use crate::db::{DatabaseUrl, Db, migrate};
use crate::error::ApiError;
use crate::http::Context;
use crate::privacy::Vault;
use crate::startup::StartupError;

/// Opens the database with its keys, after applying its migrations.
pub fn open(storage: &Storage, clock: Clock, public_url: &str) -> Result<Context, StartupError> {
    // The key first: a database must never be created without the key that will read it.
    let master = storage.master_key()?;
    prepare_directory(storage)?;
    let url = storage.url()?;
    for version in migrate(&url)? {
        log::info!("migration {version} applied");
    }
    let vault = Vault::new(&master).map_err(|_| StartupError::new("the master key is unusable"))?;
    Context::new(Db::open(&url, &storage.db_options())?, vault, clock, public_url)
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
