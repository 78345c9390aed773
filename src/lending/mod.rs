//! Lending: the kits (*mallettes pédagogiques*) of a service, and which borrower has which copy on which day.
//!
//! Invariants: a kit belongs to one service; kits are lent free of charge, to families and professionals, whether or
//! not their commune has a convention; no two copies of a kit have the same label; a copy that is out of service has a
//! date and a reason. No two loans of one copy share a day: the rule is in [`occupancy`].
//!
//! ```text
//! catalogue: kits ─┬─ items: what every copy should contain
//!                  └─ copies: their home, their condition
//! checks: counts of the contents of a copy; defects: the missing or damaged parts that they found
//! settings: length of a loan, buffer, open days
//! occupancy: the days that a loan takes of a copy (a rule, without operations)
//! past: who may ask about days that have passed
//! reservations ── availability: free days; queue: waiting borrowers; reminders: due and overdue loans; calendar: iCalendar
//! timetable: all kits, copies and borrowers of some weeks; figures: how often each kit was lent
//! ```

pub mod availability;
pub mod calendar;
pub mod catalogue;
pub mod checks;
pub mod copies;
pub mod defects;
pub mod figures;
pub mod items;
pub mod occupancy;
mod past;
pub mod queue;
pub mod reminders;
pub mod reservations;
pub mod settings;
pub mod timetable;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("kits", "The kits that a service lends: catalogue, contents, copies, lending rules.");
    catalogue::routes(ops);
    items::routes(ops);
    copies::routes(ops);
    checks::routes(ops);
    defects::routes(ops);
    settings::routes(ops);
    ops.tag("reservations", "Reservations and loans of kits; queue, availability, reminders, figures.");
    availability::routes(ops);
    reservations::routes(ops);
    queue::routes(ops);
    reminders::routes(ops);
    figures::routes(ops);
    calendar::routes(ops);
    timetable::routes(ops);
}
