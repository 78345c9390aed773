//! The commands on users, API clients and signing keys.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::Storage;
use crate::accounts::clients::dto::Network;
use crate::auth::{Permission, Role};
use crate::db::Id;
use crate::networks::Networks;
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::TerritoryKey;

/// The commands on users.
#[derive(Debug, Subcommand)]
pub enum UserTask {
    /// Print a one-time invitation.
    Invite {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
        /// Identifier of the service in which the role holds.
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
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
    },
    /// Disable a user; their tokens stop working within five seconds.
    Disable(OneUser),
    /// Enable a disabled user.
    Enable(OneUser),
    /// Print a one-time token to set a new password.
    ResetPassword(OneUser),
    /// Remove the second factor of a user who has lost it.
    ResetSecondFactor(OneUser),
}

/// The user that a command acts on.
#[derive(Debug, Args)]
pub struct OneUser {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// The user's e-mail address.
    pub email: String,
}

/// The commands on API clients.
#[derive(Debug, Subcommand)]
pub enum ClientTask {
    /// Create a client and print its secret. The secret cannot be read again.
    Create(ClientToCreate),
    /// List the clients.
    List {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
    },
    /// Disable a client; its tokens stop working within five seconds.
    Disable(OneClient),
    /// Enable a disabled client.
    Enable(OneClient),
    /// Give a client a new secret and print it. The secret cannot be read again.
    RotateSecret {
        /// The client.
        #[command(flatten)]
        client: OneClient,
        /// Hours during which the previous secret also works.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(0..=168))]
        overlap_hours: i64,
    },
}

/// A client to create.
#[derive(Debug, Args)]
pub struct ClientToCreate {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// Name of the client.
    #[arg(long)]
    pub name: String,
    /// Identifier of a service in which its permissions hold; can be repeated.
    #[arg(long = "service", required = true)]
    pub services: Vec<Id>,
    /// A permission, such as `referrals:write`; can be repeated.
    #[arg(long = "permission", required = true)]
    pub permissions: Vec<Permission>,
    /// Expiry date and time, such as `2027-03-01T00:00:00Z`; never expires if absent.
    #[arg(long)]
    pub expires_at: Option<DateTime<Utc>>,
    /// An address or network from which it may call; can be repeated; any address if absent.
    #[arg(long = "network", value_parser = parse_network)]
    pub networks: Vec<Network>,
    /// Name of the partner institution that owns the client.
    #[arg(long, requires_all = ["partner_kind", "partner_territory"])]
    pub partner: Option<String>,
    /// Kind of the partner institution: a code of `organisation_kind`.
    #[arg(long, requires = "partner")]
    pub partner_kind: Option<OrganisationKind>,
    /// Territory that the partner institution is responsible for, such as `departement:63`.
    #[arg(long, requires = "partner")]
    pub partner_territory: Option<TerritoryKey>,
}

/// Parses one address or network. Without this check, a misspelt network would be stored, and would allow no address.
fn parse_network(text: &str) -> Result<Network, String> {
    // `Networks` parses a list, which may be empty.
    if text.is_empty() || text.contains([',', ' ']) {
        return Err("expected one address or network".to_owned());
    }
    text.parse::<Networks>()?;
    text.parse()
}

/// The client that a command acts on.
#[derive(Debug, Args)]
pub struct OneClient {
    /// The database and its key.
    #[command(flatten)]
    pub storage: Storage,
    /// The client's identifier.
    pub id: Id,
}

/// The commands on the keys that sign access tokens.
#[derive(Debug, Subcommand)]
pub enum KeysTask {
    /// List the keys, oldest first.
    List {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
    },
    /// Create a new key. It signs within half a minute; previous keys still verify.
    Rotate {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
    },
    /// Retire a previous key, once no valid token can have been signed by it.
    Retire {
        /// The database and its key.
        #[command(flatten)]
        storage: Storage,
        /// The key's identifier, as listed.
        kid: String,
        /// Retire the key immediately, for example after a leak. Holders of its tokens must sign in again.
        #[arg(long)]
        at_once: bool,
    },
}
