//! Suspensions of cases in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::db::{Id, UtcTs};
use crate::http::Field;
use crate::nomenclatures::codes::CaseSuspensionReason;

/// The suspension of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "waiting_for_decision", "starts_on": "2026-03-02"}))]
pub struct CaseSuspend {
    /// Reason.
    pub reason: CaseSuspensionReason,
    /// First day: not in the future, not before the case was opened, not within another suspension. Default: today.
    pub starts_on: Option<NaiveDate>,
    /// Day on which the resumption is planned, today or later: it is in the agenda. Null if it is not known.
    pub resumes_on: Option<NaiveDate>,
}

/// The resumption of a case.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"resumed_on": "2026-03-02"}))]
pub struct CaseResume {
    /// Day of the resumption: not in the future, not before the suspension started. Default: today.
    pub resumed_on: Option<NaiveDate>,
    /// Day of the next follow-up, today or later. Default: the one that was set aside; if it passed meanwhile, the day of the
    /// resumption.
    pub next_follow_up_on: Option<NaiveDate>,
}

/// A period during which a case was suspended.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c87", "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70",
    "reason": "waiting_for_decision", "reason_label": "Décision ou place en attente", "starts_on": "2026-03-02",
    "resumes_on": "2026-06-01", "resumed_on": null, "follow_up_set_aside_on": "2026-04-15",
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-02T09:00:00.000000Z"
}))]
pub struct CaseSuspension {
    /// Identifier.
    pub id: Id,
    /// The case.
    pub case_id: Id,
    /// Reason.
    pub reason: CaseSuspensionReason,
    /// Label of the reason, in the language of the response.
    pub reason_label: Option<&'static str>,
    /// First day.
    pub starts_on: NaiveDate,
    /// Day on which the resumption was planned.
    pub resumes_on: Option<NaiveDate>,
    /// Day of the resumption; null while the case is suspended.
    pub resumed_on: Option<NaiveDate>,
    /// Day of the next follow-up that was set aside.
    pub follow_up_set_aside_on: Option<NaiveDate>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
}

crate::resource!(CaseSuspension at "/v1/case-suspensions/");

crate::page! {
    /// A page of the suspensions of a case.
    CaseSuspensionPage of CaseSuspension
}

/// Changes to a suspension. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must meet
/// the rules of a new suspension.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "family_request"}))]
pub struct CaseSuspensionPatch {
    /// Reason.
    #[serde(default)]
    #[schema(value_type = CaseSuspensionReason, required = false)]
    pub reason: Option<CaseSuspensionReason>,
    /// First day.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub starts_on: Option<NaiveDate>,
    /// Day on which the resumption is planned. Today or later, if it changes.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub resumes_on: Field<NaiveDate>,
    /// Day of the resumption, of a suspension that has ended. To end one, resume the case.
    #[serde(default)]
    #[schema(value_type = NaiveDate, required = false)]
    pub resumed_on: Option<NaiveDate>,
}
