//! Where the data is, and the key that reads it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::db::{DatabaseUrl, DbOptions};
use crate::privacy::MasterKey;
use crate::startup::StartupError;

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
