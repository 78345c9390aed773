//! Referents: trained professionals of a structure who signed the charter, and the network that they form.
//!
//! Invariants:
//! - a referent belongs to one service, and to one structure of its directory at a time;
//! - the standing of a referent ([`model::Standing`]) is computed for a day from attendances and signatures: [`model`] is the
//!   rule, `store::standing` is the same rule in SQL, and a test checks that they agree;
//! - a referent attends each kind at most once per day: a unique key of `referent_attendances`. Writes of attendances take
//!   one lock per service ([`crate::db::Lock::Referents`]), each gives its referent a new version, and none moves a
//!   certification to an earlier date;
//! - answers to a questionnaire identify nobody: see [`surveys`].
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
