//! Authentication and rights: from a token to the services that the caller may see.
//!
//! The `http::authenticate` middleware verifies the token of a request and reads its principal from the database
//! (cached for five seconds). The first argument of the handler states the required access: `http::Can<P>`,
//! `http::SignedIn` or `http::Public`. A `Can` holds the [`ServiceScope`], which every query of tenant data has in its
//! SQL.

mod claims;
mod hashing_queue;
mod keys;
pub mod password;
mod permission;
mod policy;
mod principal;
mod principals;
mod revocations;
mod shared_read;
mod store;
mod verified;
mod vouching;
mod weak_password;

pub use claims::{AUDIENCE, Claims, TOKEN_SECONDS};
pub use keys::{KEY_RELOAD_INTERVAL, KeyRing, PublicKey};
pub use permission::{
    Grant, Permission, Permissions, Role, administrator_permissions, client_permissions, grants, partner_permissions,
    tenant_permissions,
};
pub use policy::AccountPolicy;
pub use principal::{Principal, PrincipalId, ServiceScope};
pub use principals::Principals;
pub use revocations::Revocations;
pub use shared_read::SharedRead;
pub use store::{delete_expired_revocations, list_keys, principal, revoke};
pub use vouching::{
    Vouched, VouchedClient, VouchedInvitation, VouchedKey, VouchedMembership, VouchedReset, VouchedRevocation,
    VouchedService, VouchedSettings, VouchedToken, VouchedUser, forged, forged_read, vouch_for_all,
};
pub use weak_password::refuse_weak;
