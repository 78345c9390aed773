//! Use cases of organisations.

use super::store::{self, OrganisationRow};
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Text};

/// The organisation that a request names at `pointer`: it must be in the directory of that service. One of another
/// service and one that does not exist are refused in the same words.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<OrganisationRow, ApiError> {
    store::find(work.conn, service, id)?.ok_or_else(|| {
        ApiError::rule(
            pointer,
            "unknown_organisation",
            Text::new("Organisation absente de l'annuaire du service.", "Not in the directory of the service."),
        )
    })
}
