//! Whether the program wrote a row that gives rights: who can write the database must not own it.
//!
//! Rows of accounts, roles, clients, invitations, password resets, sessions, revocations, signing keys and settings of
//! statistics have a MAC of the columns that give rights, under a key that the database does not hold. It is checked
//! wherever such a row decides something. A row whose MAC is missing or wrong is treated as if it did not exist: it gives
//! nothing, the log names it, and a metric counts it.
//!
//! Invariant: a MAC is only made of values that the program was given, or of a row whose own MAC was checked in the same
//! transaction. Otherwise the next change of a forged row would vouch for it.
//!
//! Rows of earlier versions get their MAC at the first start, once: see `deployment`. A row that was deleted, or replaced by
//! an older copy of itself, is not detected here.

mod mac;
mod store;

pub use mac::{Vouched, forged_read};
pub use store::{
    VouchedClient, VouchedInvitation, VouchedKey, VouchedMembership, VouchedReset, VouchedRevocation, VouchedService,
    VouchedSettings, VouchedToken, VouchedUser, forged, vouch_for_all,
};
