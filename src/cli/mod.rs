//! The commands of the program. Each returns its exit code; what stops it is one sentence.

mod accounts;
mod audit;
mod health;
mod release;
mod serve;

use crate::app::operations;
use crate::clock::Clock;
use crate::config::{Cli, Storage, Task, private_directory, refuse_unknown_variables};
use crate::db::{DatabaseUrl, Db, migrate};
use crate::error::ApiError;
use crate::http::Context;
use crate::privacy::{MasterKey, Vault};
use crate::startup::StartupError;

pub use serve::{bind, serve_on, start_jobs};

/// Runs a command.
#[allow(clippy::print_stdout, reason = "what a command answers goes to standard output")]
pub fn execute(cli: Cli) -> Result<(), StartupError> {
    refuse_unknown_variables(std::env::vars_os().map(|(name, _)| name))?;
    match cli.command {
        Task::Serve(options) => serve::serve(&options),
        Task::Demo(options) => crate::demo::run(&options),
        Task::Migrate(storage) => {
            // An embedded database and its key are made together: `serve` refuses one without the other.
            if let DatabaseUrl::Sqlite(_) = storage.url()? {
                storage.master_key()?;
            }
            prepare_directory(&storage)?;
            let applied = migrate(&storage.url()?)?;
            println!("{} migration(s) applied.", applied.len());
            Ok(())
        }
        Task::Openapi => {
            println!("{}", document());
            Ok(())
        }
        Task::Keygen => {
            println!("{}", MasterKey::generate().to_text());
            Ok(())
        }
        Task::Health(options) => health::check(options.listen),
        Task::User(task) => accounts::user(task),
        Task::Client(task) => accounts::client(task),
        Task::Keys(task) => accounts::keys(task),
        Task::Audit(task) => audit::audit(task),
        Task::Release(task) => release::release(task),
    }
}

/// The OpenAPI document, as it is committed: indented, keys in a stable order.
pub fn document() -> String {
    serde_json::to_string_pretty(operations().contract().document()).unwrap_or_default()
}

/// Opens the database of a command, migrated, with its keys.
pub fn open(storage: &Storage, clock: Clock, public_url: &str) -> Result<Context, StartupError> {
    // The key first: a database must never be made without the key that will read it.
    let master = storage.master_key()?;
    prepare_directory(storage)?;
    let url = storage.url()?;
    for version in migrate(&url)? {
        log::info!("migration {version} applied");
    }
    let vault = Vault::new(&master).map_err(|_| StartupError::new("the master key is unusable"))?;
    Context::new(Db::open(&url, &storage.db_options())?, vault, clock, public_url)
}

/// The directory of an embedded database must exist; SQLite would only say "unable to open".
fn prepare_directory(storage: &Storage) -> Result<(), StartupError> {
    let DatabaseUrl::Sqlite(file) = storage.url()? else { return Ok(()) };
    let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) else { return Ok(()) };
    private_directory(directory)
        .map_err(|error| StartupError::new(format!("cannot make the directory {}: {error}", directory.display())))
}

/// An error of a use case, as the sentence of a command.
pub(crate) fn sentence(error: &ApiError) -> StartupError {
    let mut words: Vec<&str> = error.faults.iter().map(|fault| fault.message.en.as_ref()).collect();
    if words.is_empty() {
        words.push(error.detail.as_ref().map_or(error.code.title().1, |detail| detail.en.as_ref()));
    }
    StartupError::new(words.join(" "))
}
