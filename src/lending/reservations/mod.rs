//! Reservations of kits, and the loans that they become.
//!
//! Invariants:
//! - No two reservations take one copy on one day, buffer included: see [`crate::lending::occupancy`]. The primary key
//!   (copy, day) of `kit_days` enforces it. While a reservation has a copy, it has one row in `kit_days` for each day
//!   from `starts_on` to `blocked_until`; otherwise it has none.
//! - A copy has at most one current loan. A partial unique index enforces it. While a loan is overdue, the next
//!   hand-out of the copy is refused, and the reservations that the loan affects are returned as endangered.
//! - Borrowing requires no convention, and is free of charge.
//!
//! A use case that changes the plan of a kit first takes the lock of the kit ([`crate::db::Lock::Kit`]), then reads the
//! plan, decides, and writes. The keys alone would refuse an overlap. The lock makes the refusal say exactly what is in
//! the way, and prevents deadlocks.
//!
//! ```text
//!              confirm              hand-out            return
//! requested ──────────► confirmed ──────────► on_loan ────────► returned
//!     │                  ▲   │  │ not-collected   └─ extend ─┐
//!     │ decline   confirm│   │  └─► not_collected    ▲────────┘
//!     ▼                  │   │ cancel
//! declined    waiting ─► proposed ─► expired
//!                │  (a copy is available)
//!                └─ cancel, decline
//! ```
//! Whether a loan is overdue is computed from the date, never stored.

mod act;
pub(super) mod assess;
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

/// Adds the operations on reservations.
pub(super) fn routes(ops: &mut Operations) {
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
