//! Asking for a kit, and correcting what was recorded, in the contract.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::db::Id;
use crate::http::Field;
use crate::lending::reservations::model::{BorrowerKind, IfTaken};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A kit that somebody asks for.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10",
    "borrower": {"kind": "household", "household_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63"},
    "starts_on": "2026-06-01"
}))]
pub struct NewReservation {
    /// The service that lends.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// The copy, if it matters which: picked otherwise.
    pub copy_id: Option<Id>,
    /// Who borrows.
    #[validate(nested)]
    pub borrower: NewBorrower,
    /// The case that it is for, if any: of the same household, when a household borrows.
    pub case_id: Option<Id>,
    /// The day of the hand-out: an open one.
    pub starts_on: NaiveDate,
    /// The day of the return: an open one. Unless said, the kit's or the service's days of a loan later, or the next open
    /// day.
    pub due_on: Option<NaiveDate>,
    /// What is to be done when no copy is free.
    #[serde(default = "refuse")]
    #[schema(required = false, default = "refuse")]
    pub if_taken: IfTaken,
    /// In the queue: the last day on which the loan may begin. Unless said, the eve of the first day on which a copy is free
    /// now; whoever waits for that day can reserve it.
    pub waits_until: Option<NaiveDate>,
    /// What the author notes: personal data, sealed at rest.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

fn refuse() -> IfTaken {
    IfTaken::Refuse
}

/// Who borrows: a household of the service, an organisation of its directory, or a professional by name.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "professional", "name": "Dominique Exemple", "phone": "06 39 98 00 00", "commune_code": "63300"
}))]
pub struct NewBorrower {
    /// What it is.
    pub kind: BorrowerKind,
    /// The family, for a household.
    pub household_id: Option<Id>,
    /// The organisation; for a professional, the one that they work for, if it is in the directory.
    pub organisation_id: Option<Id>,
    /// Name, for a professional.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone, for a professional.
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Option<Secret<String>>,
    /// E-mail address, for a professional.
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Option<Secret<String>>,
    /// INSEE code of the commune where a professional works. A household's and an organisation's are known.
    pub commune_code: Option<CommuneCode>,
}

/// A correction of a reservation, as a merge patch: what is absent stays. Its days and its copy change with `move`.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "Passera prendre la mallette le matin.", "case_id": null}))]
pub struct ReservationPatch {
    /// The case that it is for; null when it is for none.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub case_id: Field<Id>,
    /// Name, for a professional.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub name: Option<Secret<String>>,
    /// Telephone, for a professional; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 4, max_length = 30, pattern = "^[+]?[0-9][0-9 .()-]*$")]
    pub phone: Field<Secret<String>>,
    /// E-mail address, for a professional; null when it is not known.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = Email)]
    pub email: Field<Secret<String>>,
    /// What the author notes; null for nothing.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}
