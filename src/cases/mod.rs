//! Cases: what the pôle does once a referral is accepted, until the effective place and after.
//!
//! Invariants: a child has at most one open case (the active file counts nobody twice; a partial
//! unique index decides races); a case is about a child, whose household's key seals its notes, or
//! about a structure, with a key of its own; being found a place does not close it (Cnaf: the
//! integration is followed).

pub mod model;
pub mod ops;
pub mod store;
