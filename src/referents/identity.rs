//! Who a referent is: what is kept of them, sealed.

use serde::{Deserialize, Serialize};

use crate::db::Id;
use crate::privacy::{Place, Secret};

/// The document of `referents.identity`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Identity {
    /// Name.
    pub(super) name: Option<Secret<String>>,
    /// Telephone at work.
    pub(super) phone: Option<Secret<String>>,
    /// E-mail address at work.
    pub(super) email: Option<Secret<String>>,
    /// What they do in the structure.
    pub(super) role: Option<Secret<String>>,
}

/// Where an identity is sealed.
pub(super) fn identity_at(id: &Id) -> Place<'_> {
    Place { table: "referents", column: "identity", row: id.as_str() }
}
