//! Referents: trained professionals of a structure who signed the charter, and the network that they are.
//!
//! Invariants:
//! - a referent belongs to one service, and to one structure of its directory at a time;
//! - where a referent stands ([`model::Standing`]) is computed from what they attended and who signed, on a day: [`model`] has
//!   the rule, `store::standing` the same rule in SQL, and a test holds the one to the other;
//! - the same kind is attended once a day: a key of `referent_attendances`. Attendances of a service are recorded one at a
//!   time ([`crate::db::Lock::Referents`]), each gives its referent another version, and none moves a certification back;
//! - what a questionnaire was answered points to nobody: see [`surveys`].
//!
//! ```text
//!        leave
//! active ─────► left       sign: while active
//!    ▲            │
//!    └────────────┘
//!        return
//! ```

pub mod act;
pub mod attendances;
pub mod coverage;
pub mod dto;
pub mod figures;
mod handlers;
mod identity;
pub mod model;
pub mod ops;
pub mod reminders;
pub mod store;
pub mod surveys;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("referents", "Trained professionals in structures: training, charter, yearly meetings, coverage.");
    crate::operations!(ops, handlers::{
            create_referent,
            list_referents,
            get_referent,
            update_referent,
            delete_referent,
            sign_referent_charter,
            leave_referent_network,
            return_to_referent_network,
        }
    );
    attendances::routes(ops);
    reminders::routes(ops);
    figures::routes(ops);
    coverage::routes(ops);
    surveys::routes(ops);
}
