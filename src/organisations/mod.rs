//! Organisations: the directory of a service, with nurseries, childminders, hospitals, town halls…
//!
//! Invariants: an organisation belongs to one service and is located in a commune of the map; two organisations of a service
//! never share a SIRET or a FINESS number. A childminder is an organisation too, because a placement requires one.

pub mod dto;
mod handlers;
pub mod ops;
pub mod store;

use crate::http::Operations;

/// Adds the slice's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("organisations", "The directory of a service: nurseries, childminders, hospitals, town halls.");
    crate::operations!(ops, handlers::{
            create_organisation,
            create_organisations,
            list_organisations,
            get_organisation,
            update_organisation,
            delete_organisation,
        }
    );
}
