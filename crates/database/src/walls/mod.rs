//! The walls of PostgreSQL between services, and between the role that owns the tables and the role that serves.
//!
//! - [`tables`]: what each table is: whose rows it has, and whether they change.
//! - [`policies`]: row-level security, from the tables and the scopes.
//! - [`grants`]: what the role that serves may do.
//! - [`role`]: which role a connection has, and whether the walls hold for it.

pub(crate) mod grants;
pub(crate) mod policies;
pub(crate) mod role;
mod tables;

pub use policies::NOTICES_THAT_WAIT;
pub(crate) use role::{Role, unwalled};
pub use tables::{APPEND_ONLY, Rows, TABLES};
