//! Reservations of kits: who asked for which kit, who has or will have which copy on which day.
//!
//! Invariants, all held by the database:
//! - a copy is promised to one reservation a day: the primary key (copy, day) of `kit_days`, buffer included. The days of a
//!   reservation are those from `starts_on` to `blocked_until`, as long as it holds a copy, and none otherwise;
//! - a copy is in one pair of hands: the partial unique index on loans that go on. A loan that is late keeps the copy, whatever
//!   the plan says: the next hand-out is refused, and what it was promised to is shown as endangered;
//! - no convention is needed to borrow, and nothing is paid.
//!
//! Whatever changes the plan of a kit waits for its turn ([`crate::db::Lock::Kit`]): it reads the plan, decides, and writes.
//! The turn makes refusals exact and deadlocks impossible; the keys would refuse an overlap without it.
//!
//! ```text
//!              confirm              hand-out            return
//! requested ──────────► confirmed ──────────► on_loan ────────► returned
//!     │                  ▲   │  │ not-collected   └─ extend ─┐
//!     │ decline   confirm│   │  └─► not_collected    ▲────────┘
//!     ▼                  │   │ cancel
//! declined    waiting ─► proposed ─► expired
//!                │  (a copy came free)
//!                └─ cancel, decline
//! ```
//! Being overdue is computed from the day, and never stored.

mod act;
pub(in crate::lending) mod assess;
pub mod book;
mod borrower;
pub mod dto;
mod handlers;
pub mod model;
pub mod ops;
pub mod plan;
pub mod receipt;
pub mod store;

pub use act::{Command, act};

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    crate::operations!(ops, handlers::{
            check_reservation,
            create_reservation,
            list_reservations,
            get_reservation,
            update_reservation,
            confirm_reservation,
            decline_reservation,
            cancel_reservation,
            move_reservation,
            hand_out_reservation,
            extend_reservation,
            return_reservation,
            mark_reservation_not_collected,
            get_reservation_receipt,
        }
    );
}
