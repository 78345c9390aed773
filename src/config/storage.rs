//! The database, the master key that decrypts it, and the heads that its journal is compared with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::private::{private_directory, refuse_writable_by_others};
use crate::db::{DatabaseUrl, DbOptions};
use crate::journal::{Elsewhere, HeadFile, KnownHeads, Place};
use crate::privacy::MasterKey;
use crate::startup::StartupError;

/// The database and its key.
#[derive(Clone, Debug, Args)]
pub struct Storage {
    /// `postgres://…` or `sqlite:PATH`; by default a SQLite file in the data directory. As a flag, a password in it is
    /// visible to every user of the machine.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Directory of the embedded database and of the generated master key.
    #[arg(long, env = "PASSERELLE_DATA_DIR", default_value = "passerelle-data")]
    pub data_dir: PathBuf,
    /// File that contains the master key. With SQLite, the first start generates one in the data directory.
    #[arg(long, env = "PASSERELLE_MASTER_KEY_FILE")]
    pub master_key_file: Option<PathBuf>,
    /// The master key itself, for deployments that pass secrets in the environment. As a flag, it is visible to every user
    /// of the machine.
    #[arg(long, env = "PASSERELLE_MASTER_KEY", hide_env_values = true, conflicts_with = "master_key_file")]
    pub master_key: Option<String>,
    /// File outside the database to which the heads of the audit journal's chains are appended; by default
    /// `audit-heads.jsonl` in the data directory.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS")]
    pub audit_heads: Option<PathBuf>,
    /// Other places to which the heads are sent, with commas: `file:/path`, `syslog:/dev/log`, `syslog+udp://host:514`,
    /// `syslog+tcp://host:601`, `https://host/path`, `http://host/path`.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS_TO", value_delimiter = ',')]
    pub audit_heads_to: Vec<Place>,
    /// Bearer token for the HTTP endpoints among them. As a flag, it is visible to every user of the machine.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS_TOKEN", hide_env_values = true, value_parser = bearer)]
    pub audit_heads_token: Option<String>,
    /// File of certificates of authorities (PEM) by which those of `https` endpoints are verified; by default that of the system.
    #[arg(long, env = "PASSERELLE_AUDIT_HEADS_CA")]
    pub audit_heads_ca: Option<PathBuf>,
    /// Number of database connections, and of concurrent database operations.
    #[arg(long, env = "PASSERELLE_DB_CONNECTIONS", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub db_connections: u32,
    /// Log SQL statements slower than this many milliseconds, without their values.
    #[arg(long, env = "PASSERELLE_SLOW_QUERY_MS", default_value_t = 200)]
    pub slow_query_ms: u64,
}

impl Storage {
    /// The URL of the database.
    pub fn url(&self) -> Result<DatabaseUrl, StartupError> {
        match self.database_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => DatabaseUrl::parse(url),
            None => Ok(DatabaseUrl::in_data_dir(&self.data_dir)),
        }
    }

    /// The file of heads of the audit journal.
    pub fn heads(&self) -> PathBuf {
        self.audit_heads.clone().unwrap_or_else(|| self.data_dir.join("audit-heads.jsonl"))
    }

    /// Opens the file of heads, and creates it and its directory if needed.
    pub fn open_heads(&self) -> Result<HeadFile, StartupError> {
        self.open_heads_knowing(KnownHeads::read(&self.heads())?)
    }

    /// [`Self::open_heads`] where the file has just been read.
    pub(crate) fn open_heads_knowing(&self, known: KnownHeads) -> Result<HeadFile, StartupError> {
        let path = self.heads();
        if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
            private_directory(directory).map_err(|error| {
                StartupError::new(format!("cannot create the directory {}: {error}", directory.display()))
            })?;
        }
        HeadFile::open_knowing(&path, known)
    }

    /// Starts to send heads to the other places.
    pub(crate) fn heads_elsewhere(&self) -> Result<Elsewhere, StartupError> {
        Elsewhere::start(&self.audit_heads_to, self.audit_heads_token.as_deref(), self.audit_heads_ca.as_deref())
            .map_err(|error| StartupError::new(format!("cannot start to send the heads of the journal: {error}")))
    }

    /// The options of the database layer.
    pub fn db_options(&self) -> DbOptions {
        DbOptions {
            connections: self.db_connections,
            slow_after: Duration::from_millis(self.slow_query_ms),
            ..DbOptions::default()
        }
    }

    /// The master key: given as a setting, read from its file, or generated for a new embedded database.
    pub fn master_key(&self) -> Result<MasterKey, StartupError> {
        if let Some(given) = self.given_master_key()? {
            return Ok(given);
        }
        let path = self.own_master_key();
        match self.url()? {
            DatabaseUrl::Sqlite(file) if !file.exists() => {
                private_directory(&self.data_dir).map_err(|error| {
                    StartupError::new(format!("cannot create the data directory {}: {error}", self.data_dir.display()))
                })?;
                MasterKey::create(&path)
            }
            url => Err(self.without_master_key(&url)),
        }
    }

    /// [`Self::master_key`] of a database that exists: none is generated.
    pub fn existing_master_key(&self) -> Result<MasterKey, StartupError> {
        self.given_master_key()?.ok_or_else(|| match self.url() {
            Ok(url) => self.without_master_key(&url),
            Err(error) => error,
        })
    }

    fn given_master_key(&self) -> Result<Option<MasterKey>, StartupError> {
        if let Some(text) = &self.master_key {
            return MasterKey::from_text(text).map(Some).ok_or_else(|| {
                StartupError::new("PASSERELLE_MASTER_KEY is not a master key: expected the base64 text of 32 bytes")
            });
        }
        if let Some(path) = &self.master_key_file {
            return read_key(path).map(Some);
        }
        let path = self.own_master_key();
        match self.url()? {
            DatabaseUrl::Sqlite(_) if path.exists() => read_key(&path).map(Some),
            _ => Ok(None),
        }
    }

    /// Refuses a data directory, or a file in it, that others may write. For commands that write.
    pub(crate) fn refuse_writable_by_others(&self) -> Result<(), StartupError> {
        refuse_writable_by_others("data directory", &self.data_dir)?;
        refuse_writable_by_others("file of heads", &self.heads())?;
        for place in &self.audit_heads_to {
            if let Place::File(file) = place {
                refuse_writable_by_others("file of heads", file)?;
            }
        }
        if let DatabaseUrl::Sqlite(file) = self.url()? {
            if let Some(directory) = file.parent().filter(|directory| !directory.as_os_str().is_empty()) {
                refuse_writable_by_others("directory of the database", directory)?;
            }
            refuse_writable_by_others("database", &file)?;
        }
        Ok(())
    }

    /// The file for the invitation of the first administrator.
    pub(crate) fn first_invitation(&self) -> PathBuf {
        self.data_dir.join("first-invitation")
    }

    /// The file of the key that is generated for a new embedded database.
    fn own_master_key(&self) -> PathBuf {
        self.data_dir.join("master.key")
    }

    fn without_master_key(&self, url: &DatabaseUrl) -> StartupError {
        match url {
            DatabaseUrl::Sqlite(_) => StartupError::new(format!(
                "the database exists but its master key {} does not: give the original with PASSERELLE_MASTER_KEY_FILE",
                self.own_master_key().display()
            )),
            // Otherwise each instance would generate its own key, and could not read the data of the others.
            DatabaseUrl::Postgres(_) => StartupError::new(
                "PostgreSQL needs its own master key: create one with `passerelle keygen > master.key` and give it with PASSERELLE_MASTER_KEY_FILE",
            ),
        }
    }
}

/// A token without what would end its header.
fn bearer(text: &str) -> Result<String, String> {
    let valid = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if valid { Ok(text.to_owned()) } else { Err("expected characters without spaces".into()) }
}

/// Reads a key file. One that others may write is refused: they would choose the key.
fn read_key(path: &Path) -> Result<MasterKey, StartupError> {
    refuse_writable_by_others("key file", path)?;
    MasterKey::read(path)
}
