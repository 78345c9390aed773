//! What the command line does with users, API clients and signing keys.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use super::Storage;
use crate::auth::{Permission, Role};
use crate::db::Id;
use crate::nomenclatures::codes::OrganisationKind;
use crate::territories::TerritoryKey;

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
    Disable(OneUser),
    /// Enable a user that was disabled.
    Enable(OneUser),
    /// Print a one-time token to set a new password with.
    ResetPassword(OneUser),
    /// Remove the second factor of a user who has lost it.
    ResetSecondFactor(OneUser),
}

/// A user.
#[derive(Debug, Args)]
pub struct OneUser {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// The user's e-mail address.
    pub email: String,
}

/// What can be done with API clients.
#[derive(Debug, Subcommand)]
pub enum ClientTask {
    /// Create a client and print its secret, once.
    Create(ClientToCreate),
    /// List the clients.
    List {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
    /// Disable a client: its tokens stop working within five seconds.
    Disable(OneClient),
    /// Enable a client that was disabled.
    Enable(OneClient),
    /// Print a new secret of a client, once.
    RotateSecret {
        /// Which.
        #[command(flatten)]
        client: OneClient,
        /// Hours for which the former secret works too.
        #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(i64).range(0..=168))]
        overlap_hours: i64,
    },
}

/// A client to be created.
#[derive(Debug, Args)]
pub struct ClientToCreate {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// What the client is.
    #[arg(long)]
    pub name: String,
    /// Services in which its permissions hold.
    #[arg(long = "service", required = true)]
    pub services: Vec<Id>,
    /// What it may do, such as `referrals:write`.
    #[arg(long = "permission", required = true)]
    pub permissions: Vec<Permission>,
    /// From when on it does not work any more: an instant, `2027-03-01T00:00:00Z`.
    #[arg(long)]
    pub expires_at: Option<DateTime<Utc>>,
    /// An address or a network that it may call from; any unless one is given.
    #[arg(long = "network")]
    pub networks: Vec<String>,
    /// The name of the partner institution whose client it is.
    #[arg(long, requires_all = ["partner_kind", "partner_territory"])]
    pub partner: Option<String>,
    /// What that institution is: a code of `organisation_kind`.
    #[arg(long, requires = "partner")]
    pub partner_kind: Option<OrganisationKind>,
    /// The territory that it answers for, such as `departement:63`.
    #[arg(long, requires = "partner")]
    pub partner_territory: Option<TerritoryKey>,
}

/// A client.
#[derive(Debug, Args)]
pub struct OneClient {
    /// Where the data is.
    #[command(flatten)]
    pub storage: Storage,
    /// The client's identifier.
    pub id: Id,
}

/// What can be done with the keys that sign access tokens.
#[derive(Debug, Subcommand)]
pub enum KeysTask {
    /// List the keys, the oldest first.
    List {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
    /// Make a new key: it signs within half a minute, and the former ones still verify.
    Rotate {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
    },
    /// Retire a former key, once no valid token can have been signed by it.
    Retire {
        /// Where the data is.
        #[command(flatten)]
        storage: Storage,
        /// The key's identifier, as listed.
        kid: String,
        /// Whatever tokens it has signed: for a key that others know. Whoever holds one has to sign in again.
        #[arg(long)]
        at_once: bool,
    },
}
