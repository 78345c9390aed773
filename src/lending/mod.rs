//! Lending: the *mallettes pédagogiques* of a service, and who has or will have which copy on which day.
//!
//! Invariants: a kit belongs to one service; it is lent free of charge, to families and professionals, whether or not their
//! commune has a convention; two copies of a kit have different labels; a copy that is out of service says since when and
//! why. A copy is promised to one reservation a day and is lent to one borrower at a time: see [`reservations`].
//!
//! ```text
//! catalogue: kits ─┬─ items: what every copy should contain
//!                  └─ copies: where they are kept, in which condition
//! checks: the contents of a copy, counted; defects: what they found missing or damaged
//! settings: how long, how clean, on which days the service lends
//! reservations ── availability: free days; queue: who waits; reminders: who is late; calendar: for other programs
//! figures: how often each kit was lent
//! ```

pub mod availability;
pub mod calendar;
pub mod catalogue;
pub mod checks;
pub mod copies;
pub mod defects;
pub mod figures;
pub mod items;
pub mod queue;
pub mod reminders;
pub mod reservations;
pub mod settings;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("kits", "The kits that a service lends: catalogue, content, copies, rules of lending.");
    catalogue::routes(ops);
    items::routes(ops);
    copies::routes(ops);
    checks::routes(ops);
    defects::routes(ops);
    settings::routes(ops);
    ops.tag("reservations", "Who asked for which kit, who has it, who waits; availability, reminders, figures.");
    availability::routes(ops);
    reservations::routes(ops);
    queue::routes(ops);
    reminders::routes(ops);
    figures::routes(ops);
    calendar::routes(ops);
}
