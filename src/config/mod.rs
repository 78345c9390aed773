//! Configuration: the command line and the environment, typed, nothing ignored.
//!
//! - [`storage`]: where the data is, and its key.
//! - [`serve`]: how the server runs and logs.
//! - [`edge`]: what it takes from the network: proxies, rates, limits, origins.
//! - [`audit`]: the journal. [`accounts`], [`demo`]: the other commands.

mod accounts;
mod audit;
mod demo;
mod edge;
mod release;
mod serve;
mod storage;

use std::ffi::OsString;

use clap::{Command, CommandFactory, Parser, Subcommand};

pub use accounts::{ClientTask, ClientToCreate, KeysTask, OneClient, OneUser, UserTask};
pub(crate) use audit::in_data_dir as heads_in_data_dir;
pub use audit::{AuditTask, Heads};
pub use demo::Demo;
pub use edge::EdgeSettings;
pub use release::{ReleaseTask, ReleaseToBuild};
pub use serve::{Health, LogFormat, Serve};
pub use storage::Storage;
pub(crate) use storage::private_directory;

use crate::startup::StartupError;

/// The API of the pôles ressources handicap.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Task,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Serve the API.
    Serve(Serve),
    /// Play an invented history of two pôles and serve it.
    Demo(Demo),
    /// Bring the database to this program's schema.
    Migrate(Storage),
    /// Print the OpenAPI document.
    Openapi,
    /// Print a new master key.
    Keygen,
    /// Ask a running server whether it is ready; exit code 1 when it is not.
    Health(Health),
    /// Manage users.
    #[command(subcommand)]
    User(UserTask),
    /// Manage API clients.
    #[command(subcommand)]
    Client(ClientTask),
    /// Manage the keys that sign access tokens.
    #[command(subcommand)]
    Keys(KeysTask),
    /// Verify the audit journal.
    #[command(subcommand)]
    Audit(AuditTask),
    /// Verify releases of statistics, and manage the keys that sign them.
    #[command(subcommand)]
    Release(ReleaseTask),
}

/// Refuses a `PASSERELLE_…` variable that means nothing, naming the nearest that does: a misspelt
/// setting would be ignored in silence.
pub fn refuse_unknown_variables(present: impl Iterator<Item = OsString>) -> Result<(), StartupError> {
    let mut known = Vec::new();
    variables(&Cli::command(), &mut known);
    for name in present.filter_map(|name| name.into_string().ok()) {
        if name.starts_with("PASSERELLE_") && !known.contains(&name) {
            let nearest =
                known.iter().max_by(|a, b| strsim::jaro_winkler(a, &name).total_cmp(&strsim::jaro_winkler(b, &name)));
            let nearest = nearest.map(|nearest| format!(" Did you mean {nearest}?")).unwrap_or_default();
            return Err(StartupError::new(format!("{name} is not a setting of passerelle.{nearest}")));
        }
    }
    Ok(())
}

fn variables(command: &Command, found: &mut Vec<String>) {
    let named = command.get_arguments().filter_map(|arg| arg.get_env()).filter_map(|name| name.to_str());
    found.extend(named.filter(|name| name.starts_with("PASSERELLE_")).map(str::to_owned));
    for inner in command.get_subcommands() {
        variables(inner, found);
    }
}

#[cfg(test)]
mod tests {
    use crate::config::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_misspelt_variable_is_refused_with_the_nearest_name() {
        let with = |name: &str| refuse_unknown_variables(vec![OsString::from(name)].into_iter());
        let message = with("PASSERELLE_LISTN").unwrap_err().to_string();
        assert!(message.contains("Did you mean PASSERELLE_LISTEN?"), "{message}");
        assert!(with("PASSERELLE_LISTEN").is_ok());
        assert!(with("PATH").is_ok());
    }
}
