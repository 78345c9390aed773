//! Reference data as open data. It needs no token and no database.

pub mod forms;
pub mod nomenclatures;
pub mod territories;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    territories::routes(ops);
    nomenclatures::routes(ops);
    forms::routes(ops);
}
