//! What a caller sees in the rows of cases and of referrals.

use crate::auth::{Permission, ServiceScope};
use crate::http::Can;

/// The access of a caller to rows, and to what the rows show of other objects.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The services whose rows the caller can access.
    pub scope: ServiceScope,
    /// The services in which the caller holds `households:read`: rows show the child's identity.
    pub identities: ServiceScope,
    /// The services in which the caller holds `organisations:read`: rows show the names of organisations.
    pub directory: ServiceScope,
}

impl Viewer {
    /// The access granted by a permission of the request.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self {
            scope: can.scope.clone(),
            identities: can.principal.scope_of(Permission::HouseholdsRead),
            directory: can.principal.scope_of(Permission::OrganisationsRead),
        }
    }
}
