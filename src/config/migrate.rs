//! How the database is migrated, where one role of PostgreSQL owns the tables and another one serves.

use clap::Args;

use super::Storage;

/// Options of `migrate`.
#[derive(Clone, Debug, Args)]
pub struct Migrate {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// PostgreSQL URL of the role that owns the tables; by default `DATABASE_URL`. Only `migrate` uses it.
    #[arg(long, env = "DATABASE_OWNER_URL", hide_env_values = true)]
    pub database_owner_url: Option<String>,
    /// The PostgreSQL role that serves, which gets the privileges it needs. It must exist. Roles that have them keep them.
    #[arg(long, env = "PASSERELLE_RUNTIME_ROLE")]
    pub runtime_role: Option<String>,
}

impl Migrate {
    /// The database as its owner.
    pub fn as_owner(&self) -> Storage {
        let owner = self.database_owner_url.clone().filter(|url| !url.is_empty());
        let database_url = owner.or_else(|| self.storage.database_url.clone());
        Storage { database_url, ..self.storage.clone() }
    }
}
