//! Configuration: typed options from the command line and the environment. Unknown settings are refused.
//!
//! - [`storage`]: the database and its master key.
//! - [`serve`]: how the server runs and logs.
//! - [`private`], [`visible`]: who else may write the files, and who sees the secrets.
//! - [`policy`]: what is required of accounts with power.
//! - [`edge`]: trusted proxies, rate limits, timeouts, CORS origins.
//! - [`migrate`]: the role that owns the tables. [`audit`]: the journal. [`restore`], [`accounts`], [`release`], [`demo`]: the other commands.

mod accounts;
mod audit;
mod demo;
mod edge;
mod migrate;
mod policy;
mod private;
mod release;
mod restore;
mod serve;
mod storage;
mod visible;

use std::ffi::OsString;

use clap::{Command, CommandFactory, Parser, Subcommand};

pub use accounts::{ClientTask, ClientToCreate, KeysTask, OneClient, OneUser, UserTask};
pub use audit::AuditTask;
pub use demo::Demo;
pub use edge::EdgeSettings;
pub use migrate::Migrate;
pub use policy::PolicySettings;
pub(crate) use private::{private_directory, private_file};
pub use release::{ReleaseTask, ReleaseToBuild};
pub use restore::RestoreTask;
pub use serve::{Health, LogFormat, Serve};
pub use storage::Storage;
pub use visible::visible_secrets;

use crate::startup::StartupError;

/// The API of the pôles ressources handicap.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version, about)]
pub struct Cli {
    /// The command to run.
    #[command(subcommand)]
    pub command: Task,
}

/// The commands of the program.
#[derive(Debug, Subcommand)]
pub enum Task {
    /// Serve the API.
    Serve(Serve),
    /// Serve an invented history of two pôles.
    Demo(Demo),
    /// Migrate the database to the schema of this version.
    Migrate(Migrate),
    /// Print the OpenAPI document.
    Openapi,
    /// Print a new master key.
    Keygen,
    /// Check that a running server is ready; exit code 1 if it is not.
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
    /// Confirm the restore of a backup.
    #[command(subcommand)]
    Restore(RestoreTask),
    /// Make and verify releases of statistics, and manage the keys that sign them.
    #[command(subcommand)]
    Release(ReleaseTask),
}

/// Refuses an unknown `PASSERELLE_…` variable and suggests the nearest known one. A misspelt setting would otherwise be
/// ignored silently.
pub fn refuse_unknown_variables(present: impl Iterator<Item = OsString>) -> Result<(), StartupError> {
    let mut known = Vec::new();
    collect_variables(&Cli::command(), &mut known);
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

/// The variables of the environment that are settings of the program, but not of this command.
pub fn ignored_variables(command: &str, present: impl Iterator<Item = OsString>) -> Vec<String> {
    let program = Cli::command();
    let (mut known, mut taken) = (vec!["DATABASE_URL".to_owned()], Vec::new());
    collect_variables(&program, &mut known);
    if let Some(command) = program.find_subcommand(command) {
        collect_variables(command, &mut taken);
    }
    let is_ignored = |name: &String| known.contains(name) && !taken.contains(name);
    present.filter_map(|name| name.into_string().ok()).filter(is_ignored).collect()
}

/// Collects the `PASSERELLE_…` variables of a command and of its subcommands.
fn collect_variables(command: &Command, found: &mut Vec<String>) {
    let names = command.get_arguments().filter_map(|arg| arg.get_env()).filter_map(|name| name.to_str());
    found.extend(names.filter(|name| name.starts_with("PASSERELLE_")).map(str::to_owned));
    for subcommand in command.get_subcommands() {
        collect_variables(subcommand, found);
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
        let check = |name: &str| refuse_unknown_variables(vec![OsString::from(name)].into_iter());
        let message = check("PASSERELLE_LISTN").unwrap_err().to_string();
        assert!(message.contains("Did you mean PASSERELLE_LISTEN?"), "{message}");
        assert!(check("PASSERELLE_LISTEN").is_ok());
        assert!(check("PATH").is_ok());
    }

    #[test]
    fn the_demonstration_knows_which_settings_it_ignores() {
        let names = ["DATABASE_URL", "PASSERELLE_CORS_ORIGINS", "PASSERELLE_MASTER_KEY", "PATH"];
        let ignored = ignored_variables("demo", names.into_iter().map(OsString::from));
        assert_eq!(ignored, ["DATABASE_URL", "PASSERELLE_MASTER_KEY"]);
    }
}
