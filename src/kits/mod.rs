//! Kits: the *mallettes pédagogiques* of a service, what is in them, and their copies.
//!
//! Invariants: a kit belongs to one service; it is lent free of charge, to families and professionals, whether or not their
//! commune has a convention; two copies of a kit have different labels; a copy that is out of service says since when and
//! why. Which days a copy is promised for is not here: see `reservations`.
//!
//! ```text
//! kit ─┬─ items: what every copy should contain
//!      └─ copies: where they live, in which condition
//! checks: the contents of a copy, counted; defects: what they found missing or damaged
//! settings: how long, how clean, on which days the service lends
//! ```

pub mod catalogue;
pub mod checks;
pub mod copies;
pub mod defects;
pub mod items;
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
}
