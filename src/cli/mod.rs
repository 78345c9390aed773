//! The commands of the program. A command that fails returns one sentence and an exit code.

mod accounts;
mod audit;
mod health;
mod release;
mod restore;
mod serve;

use crate::app::operations;
use crate::config::{Cli, Task, refuse_unknown_variables};
use crate::db::{DatabaseUrl, migrate_for};
use crate::journal::KnownHeads;
use crate::opening::{prepare_directory, refuse_lost_database};
use crate::output::say;
use crate::privacy::MasterKey;
use crate::startup::StartupError;

/// Runs a command.
pub fn execute(cli: Cli) -> Result<(), StartupError> {
    refuse_unknown_variables(std::env::vars_os().map(|(name, _)| name))?;
    match cli.command {
        Task::Serve(options) => serve::serve(&options),
        Task::Demo(options) => crate::demo::run(&options),
        Task::Migrate(options) => {
            let storage = options.as_owner();
            refuse_lost_database(&storage, &KnownHeads::read(&storage.heads())?)?;
            storage.refuse_writable_by_others()?;
            // An embedded database and its key are created together: `serve` refuses one without the other.
            if let DatabaseUrl::Sqlite(_) = storage.url()? {
                storage.master_key()?;
            }
            prepare_directory(&storage)?;
            let role = options.runtime_role.as_deref().filter(|role| !role.is_empty());
            let applied = migrate_for(&storage.url()?, role)?;
            say!("{} migration(s) applied.", applied.len())?;
            Ok(())
        }
        Task::Openapi => {
            say!("{}", document())?;
            Ok(())
        }
        Task::Keygen => {
            say!("{}", MasterKey::generate().to_text())?;
            Ok(())
        }
        Task::Health(options) => health::check(options.listen),
        Task::User(task) => accounts::user(task),
        Task::Client(task) => accounts::client(task),
        Task::Keys(task) => accounts::keys(task),
        Task::Audit(task) => audit::audit(task),
        Task::Restore(task) => restore::restore(task),
        Task::Release(task) => release::release(task),
    }
}

/// The OpenAPI document in its committed form: indented, with keys in a stable order.
pub fn document() -> String {
    serde_json::to_string_pretty(operations().contract().document()).unwrap_or_default()
}
