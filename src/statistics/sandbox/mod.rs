//! The sandbox: a service whose every unit is invented, and whose releases are made, proved and signed like all others.
//!
//! It is there to build against: whoever may read any releases may read these, and nobody takes them for figures of a
//! pôle. Invariants:
//! - it is the service of [`service`], on every deployment, and no list shows its releases but to who names it;
//! - its units are told by the year alone (`records::sandbox`): what stands in the tables of a service counts nothing.

pub mod ops;

use crate::db::Id;

/// The service of the sandbox. The same everywhere, so that a program can have it written down.
pub fn service() -> Id {
    uuid::uuid!("00000000-0000-8000-8000-73616e64626f").into()
}
