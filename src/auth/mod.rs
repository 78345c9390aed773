//! Authentication and rights: from a token to the services that a call may see.
//!
//! A request's token is verified by [`authenticate`] and its principal read from the database (kept
//! five seconds). The handler's first argument says what it demands: [`Can<P>`](Can), [`SignedIn`] or
//! [`Public`]; a `Can` carries the [`ServiceScope`] that every query of tenant data puts in its SQL.

mod access;
mod authenticate;
mod keys;
pub mod password;
mod permission;
mod principal;
mod revocations;
mod store;
mod verified;

pub use access::{Access, Can, Demand, Public, SignedIn};
pub(crate) use access::{Credentials, call_of, elsewhere};
pub use authenticate::{Principals, authenticate};
pub use keys::{AUDIENCE, Claims, KEYS_READ_EVERY, KeyRing, PublicKey, StoredKey, TOKEN_SECONDS};
pub use permission::{
    Grant, Permission, Permissions, Role, administrator_permissions, client_permissions, grants, partner_permissions,
};
pub use principal::{Principal, PrincipalId, ServiceScope};
pub use revocations::Revocations;
pub(crate) use store::{list_keys, principal, revoke, sweep_revocations};
