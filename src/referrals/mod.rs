//! Referrals: requests for help sent to a service, for a child or for a structure.
//!
//! ```text
//!              qualify                accept
//!  received ───────────▶ qualified ───────────▶ accepted (a case opens)
//!     │                     │                      ▲
//!     │   put_on_waiting_list                      │ accept
//!     ├─────────────────────┴──▶ waiting_list ─────┘
//!     │                              │
//!     └── decline · redirect · withdraw (from any of the three) ──▶ reopen ──▶ received
//!
//!  any state ── annul ──▶ annulled (recorded or accepted by mistake: it counts nowhere; a case that it opened goes with it)
//! ```
//!
//! The table is [`model::TRANSITIONS`]: actions, `available_actions` and the text of the contract come from it.
//!
//! Invariants:
//! - a referral is about a child (with its household) or about a structure;
//! - every referral received is recorded. The eligibility rules (`services::public`) apply when it is accepted: a
//!   broken rule is named in the error, or overridden with a reason;
//! - each action is an event with its author, date and reason. Events never change;
//! - likely duplicates are proposed and never block anything (twins);
//! - an annulled referral is in no count and no list, unless it is asked for, and its `external_id` is free again. Published
//!   statistics do not change.

pub mod annul;
pub mod correct;
pub mod create;
pub mod decide;
pub mod dto;
mod expand;
mod handlers;
pub mod model;
mod note;
pub mod ops;
mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag(
        "referrals",
        &format!("Requests for help and the decisions taken on them.\n\n{}", model::transitions_as_text()),
    );
    crate::operations!(
        ops,
        handlers::{
            create_referral,
            create_referrals,
            list_referrals,
            get_referral,
            update_referral,
            list_referral_history,
            list_referral_duplicates,
            record_family_agreement,
            qualify_referral,
            accept_referral,
            put_referral_on_waiting_list,
            decline_referral,
            redirect_referral,
            withdraw_referral,
            reopen_referral,
            annul_referral,
            list_waiting_list,
        }
    );
}
