//! Configuration: the command line and the environment, typed, nothing ignored.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Command, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::auth::{Permission, Role};
use crate::db::{DatabaseUrl, DbOptions, Id};
use crate::privacy::MasterKey;
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
}

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub struct Storage {
    /// `postgres://…` or `sqlite:PATH`; a SQLite file in the data directory when absent.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Directory of the embedded database and of the generated master key.
    #[arg(long, env = "PASSERELLE_DATA_DIR", default_value = "passerelle-data")]
    pub data_dir: PathBuf,
    /// File that holds the master key. Generated in the data directory at the first start on SQLite.
    #[arg(long, env = "PASSERELLE_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The master key itself, where secrets come by the environment.
    #[arg(long, env = "PASSERELLE_MASTER_KEY", hide_env_values = true, conflicts_with = "master_key_file")]
    pub master_key: Option<String>,
    /// Database connections, and closures that may run at once.
    #[arg(long, env = "PASSERELLE_DB_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub db_connections: u32,
    /// Statements slower than this many milliseconds are logged, without their values.
    #[arg(long, env = "PASSERELLE_SLOW_QUERY_MS", default_value_t = 200)]
    pub slow_query_ms: u64,
}

/// Options of `serve`.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// Address to listen on.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address under which clients know this API; `http://` and the listen address when absent.
    #[arg(long, env = "PASSERELLE_PUBLIC_URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Threads that serve requests; one a core when absent.
    #[arg(long, env = "PASSERELLE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,
    /// Form of the log lines.
    #[arg(long, env = "PASSERELLE_LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, or a `target=level` list.
    #[arg(long, env = "PASSERELLE_LOG", default_value = "info")]
    pub log: String,
    /// Seconds given to running requests when the process is told to stop.
    #[arg(long, env = "PASSERELLE_DRAIN_SECONDS", default_value_t = 20)]
    pub drain_seconds: u64,
}

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// Children of the main pôle.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub children: u32,
    /// Years of history, the last one ending today.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=10))]
    pub years: u32,
    /// Seed of the synthetic story: the same seed tells the same story.
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Print what a script needs as one JSON object instead of the page for people.
    #[arg(long)]
    pub json: bool,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder of the database; a temporary one, removed at the end, when absent.
    #[arg(long)]
    pub data_dir: Option<PathBuf>,
}

/// Form of the log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Options of `health`.
#[derive(Clone, Debug, Args)]
pub struct Health {
    /// Address that the server listens on.
    #[arg(long, env = "PASSERELLE_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum UserTask {
    /// Print a one-time invitation.
    Invite {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// Service in which the role holds.
        #[arg(long, requires = "role")]
        service: Option<Id>,
        /// Role in that service: coordinator, professional or manager.
        #[arg(long, requires = "service")]
        role: Option<Role>,
        /// Invite an administrator of the deployment.
        #[arg(long, required_unless_present = "role")]
        administrator: bool,
    },
    /// List the users.
    List {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
    /// Disable a user: its tokens stop working within five seconds.
    Disable {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The user's e-mail address.
        email: String,
    },
}

/// What can be done with API clients.
#[derive(Debug, Subcommand)]
pub enum ClientTask {
    /// Create a client and print its secret, once.
    Create {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// What the client is.
        #[arg(long)]
        name: String,
        /// Services in which its permissions hold.
        #[arg(long = "service", required = true)]
        services: Vec<Id>,
        /// What it may do, such as `referrals:write`.
        #[arg(long = "permission", required = true)]
        permissions: Vec<Permission>,
    },
    /// List the clients.
    List {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
    /// Disable a client: its tokens stop working within five seconds.
    Disable {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The client's identifier.
        id: Id,
    },
}

impl Storage {
    /// The database's address.
    pub fn url(&self) -> Result<DatabaseUrl, StartupError> {
        match self.database_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => DatabaseUrl::parse(url),
            None => Ok(DatabaseUrl::in_data_dir(&self.data_dir)),
        }
    }

    /// Sizes and waits of the database layer.
    pub fn db_options(&self) -> DbOptions {
        DbOptions {
            connections: self.db_connections,
            slow_after: Duration::from_millis(self.slow_query_ms),
            ..DbOptions::default()
        }
    }

    /// The master key: given, or read from its file, or made beside a new embedded database.
    pub fn master_key(&self) -> Result<MasterKey, StartupError> {
        if let Some(text) = &self.master_key {
            return MasterKey::from_text(text).ok_or_else(|| {
                StartupError::new("PASSERELLE_MASTER_KEY is not a master key: expected the base64 text of 32 bytes")
            });
        }
        if let Some(path) = &self.master_key_file {
            return MasterKey::read(path);
        }
        let path = self.data_dir.join("master.key");
        match self.url()? {
            DatabaseUrl::Sqlite(file) if path.exists() || !file.exists() => {
                if path.exists() {
                    return MasterKey::read(&path);
                }
                private_directory(&self.data_dir).map_err(|error| {
                    StartupError::new(format!("cannot make the data directory {}: {error}", self.data_dir.display()))
                })?;
                MasterKey::create(&path)
            }
            DatabaseUrl::Sqlite(_) => Err(StartupError::new(format!(
                "the database exists and its master key {} does not: give the original with PASSERELLE_MASTER_KEY_FILE",
                path.display()
            ))),
            // Each instance would make its own and read nothing of the others'.
            DatabaseUrl::Postgres(_) => Err(StartupError::new(
                "PostgreSQL needs a master key of its own: make one with `passerelle keygen > master.key` and give it with PASSERELLE_MASTER_KEY_FILE",
            )),
        }
    }
}

/// Makes a directory that its owner alone can enter, and those above it; one that exists is left as it is.
pub(crate) fn private_directory(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn public_url(text: &str) -> Result<String, String> {
    let valid = (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(['?', '#', ' ']);
    if valid { Ok(text.trim_end_matches('/').to_owned()) } else { Err("expected https://host[/path]".into()) }
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
    use super::*;

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

    #[test]
    fn a_public_url_has_no_query_and_no_final_slash() {
        assert_eq!(public_url("https://api.example/"), Ok("https://api.example".into()));
        assert!(public_url("api.example").is_err());
        assert!(public_url("https://api.example/?x").is_err());
    }
}
