//! Requests that make or correct a reservation.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::http::Field;
use crate::lending::reservations::model::{BorrowerKind, IfTaken};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A reservation to make.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10",
    "borrower": {"kind": "household", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"},
    "starts_on": "2026-06-01"
}))]
pub struct ReservationInput {
    /// The service that lends.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// The copy. If absent, the API chooses one.
    pub copy_id: Option<Id>,
    /// The borrower.
    #[validate(nested)]
    pub borrower: BorrowerInput,
    /// The case that it is for, if any. If the borrower is a household, the case must be of that household. A school borrows
    /// only for a case whose need is a transition to school.
    pub case_id: Option<Id>,
    /// The day of the hand-out. The service must be open.
    pub starts_on: NaiveDate,
    /// The day of the return. The service must be open. If absent, the loan has the usual length of the kit or of the
    /// service, and ends on an open day.
    pub due_on: Option<NaiveDate>,
    /// What to do if no copy is free. Default: `refuse`.
    #[serde(default = "refuse")]
    #[schema(required = false)]
    pub if_taken: IfTaken,
    /// In the queue: the last day on which the loan may start. If absent, the day before the first day on which a copy
    /// is free now, since that day can be reserved directly.
    pub waits_until: Option<NaiveDate>,
    /// Note. Personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

fn refuse() -> IfTaken {
    IfTaken::Refuse
}

/// The borrower: a household of the service, an organisation of its directory, or a named professional.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "professional", "name": "Dominique Exemple", "phone": "06 39 98 00 00", "commune_code": "63300"
}))]
pub struct BorrowerInput {
    /// Kind of borrower.
    pub kind: BorrowerKind,
    /// The household, for a household.
    pub household_id: Option<Id>,
    /// The organisation; for a professional, the employer, if it is in the directory.
    pub organisation_id: Option<Id>,
    /// Name, for a professional.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone number, for a professional.
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address, for a professional.
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Option<Secret<String>>,
    /// INSEE code of the commune where a professional works. For a household or an organisation, the API knows it.
    pub commune_code: Option<CommuneCode>,
}

/// Changes to a reservation. A merge patch (RFC 7396): an absent field keeps its value, null removes it. Use `move` to
/// change its days or its copy.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "Passera prendre la mallette le matin.", "case_id": null}))]
pub struct ReservationPatch {
    /// The case that it is for; null if none.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub case_id: Field<Id>,
    /// Name, for a professional.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone number, for a professional; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$")]
    pub phone: Field<Secret<String>>,
    /// E-mail address, for a professional; null if unknown.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<Secret<String>>,
    /// Note; null for none.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}
