//! Authentication and rights: from a token to the services that a call may see.
//!
//! A request's token is verified by [`authenticate`] and its principal read from the database (kept
//! five seconds). The handler's first argument says what it demands: [`Can<P>`](Can), [`SignedIn`] or
//! [`Public`]; a `Can` carries the [`ServiceScope`] that every query of tenant data puts in its SQL.

mod claims;
mod keys;
pub mod password;
mod permission;
mod principal;
mod principals;
mod revocations;
mod store;
mod verified;

pub use claims::{AUDIENCE, Claims, TOKEN_SECONDS};
pub use keys::{KEYS_READ_EVERY, KeyRing, PublicKey};
pub use permission::{
    Grant, Permission, Permissions, Role, administrator_permissions, client_permissions, grants, partner_permissions,
};
pub use principal::{Principal, PrincipalId, ServiceScope};
pub use principals::Principals;
pub use revocations::Revocations;
pub use store::StoredKey;
pub use store::{list_keys, principal, revoke, sweep_revocations};
