//! The identity of a referent: the sealed document of their personal data.

use serde::{Deserialize, Serialize};

use crate::db::Id;
use crate::privacy::{Place, Secret};

/// The document of `referents.identity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    /// Name.
    pub(super) name: Option<Secret<String>>,
    /// Telephone at work.
    pub(super) phone: Option<Secret<String>>,
    /// E-mail address at work.
    pub(super) email: Option<Secret<String>>,
    /// Role in the structure.
    pub(super) role: Option<Secret<String>>,
}

/// The column and row that an identity is sealed for.
pub(super) fn identity_at(id: &Id) -> Place<'_> {
    Place { table: "referents", column: "identity", row: id.as_str() }
}
