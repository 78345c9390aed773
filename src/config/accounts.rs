//! What the command line does with users and API clients.

use clap::Subcommand;

use super::Storage;
use crate::auth::{Permission, Role};
use crate::db::Id;

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
