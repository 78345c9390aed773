//! The sandbox: a service with invented units, whose releases are made, proved and signed like all others.
//!
//! Clients develop against it. Anybody who may read releases may read these, and nobody can mistake them for the
//! figures of a pôle. Invariants:
//! - it is the service [`service`] on every deployment, and lists show its releases only to callers who ask for that
//!   service;
//! - its units depend on the year alone (`records::sandbox`): rows in the live tables do not count.

pub mod ops;

use crate::db::Id;

/// The service of the sandbox. The same on every deployment, so that clients can hard-code it.
pub fn service() -> Id {
    uuid::uuid!("00000000-0000-8000-8000-73616e64626f").into()
}
