//! Procedures in the contract.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::model::ProcedureState;
use crate::cases::model::CaseStatus;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::nomenclatures::codes::{ProcedureKind, ProcedureOutcome};
use crate::privacy::Secret;

/// A procedure to be recorded. What has not happened yet has no day.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "mdph_file", "filed_on": "2026-03-02", "next_on": "2026-06-15"}))]
pub struct ProcedureInput {
    /// Kind.
    pub kind: ProcedureKind,
    /// The organisation that decides or admits, in the service's directory.
    pub organisation_id: Option<Id>,
    /// Day since which the child is on a waiting list: required for the kinds with `waits` in the code list, and only for
    /// them. Not in the future.
    pub waiting_since: Option<NaiveDate>,
    /// Day on which it was filed: not in the future. It can be before the case was opened.
    pub filed_on: Option<NaiveDate>,
    /// Day on which the file was declared complete: not before it was filed.
    pub complete_on: Option<NaiveDate>,
    /// Day of the decision, or on which the family gave it up: not in the future. With an outcome.
    pub decided_on: Option<NaiveDate>,
    /// Day on which the family was notified of the decision: not before it.
    pub notified_on: Option<NaiveDate>,
    /// Last day of what was granted: not before the decision. It can be given without a decision, for a right that the family
    /// had before.
    pub expires_on: Option<NaiveDate>,
    /// Outcome, with the day of the decision. Only the outcomes with `grants` in the code list can expire.
    pub outcome: Option<ProcedureOutcome>,
    /// Day on which something is to be done about it, today or later: it is in the agenda.
    pub next_on: Option<NaiveDate>,
    /// Free text: personal data, encrypted at rest.
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Option<Secret<String>>,
}

/// Changes to a procedure. A merge patch (RFC 7396): an absent field keeps its value, null removes it. The result must meet the
/// rules of a new procedure.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"complete_on": "2026-03-02", "next_on": null}))]
pub struct ProcedurePatch {
    /// Kind.
    #[serde(default)]
    #[schema(value_type = ProcedureKind, required = false)]
    pub kind: Option<ProcedureKind>,
    /// The organisation that decides or admits, in the service's directory.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub organisation_id: Field<Id>,
    /// Day since which the child is on a waiting list.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub waiting_since: Field<NaiveDate>,
    /// Day on which it was filed.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub filed_on: Field<NaiveDate>,
    /// Day on which the file was declared complete.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub complete_on: Field<NaiveDate>,
    /// Day of the decision.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub decided_on: Field<NaiveDate>,
    /// Day on which the family was notified of the decision.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub notified_on: Field<NaiveDate>,
    /// Last day of what was granted.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub expires_on: Field<NaiveDate>,
    /// Outcome, with the day of the decision.
    #[serde(default)]
    #[schema(value_type = Option<ProcedureOutcome>)]
    pub outcome: Field<ProcedureOutcome>,
    /// Day on which something is to be done about it. Today or later, if it changes.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    pub next_on: Field<NaiveDate>,
    /// Free text: personal data, encrypted at rest.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub note: Field<Secret<String>>,
}

/// A procedure about a child.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c86", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "case_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70", "case_status": "open",
    "child_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c72", "child_name": "Zoé Exemple",
    "case_referent_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c63", "case_referent_name": "La coordinatrice",
    "kind": "mdph_file", "kind_label": "Dossier MDPH", "state": "filed", "organisation_id": null, "organisation_name": null,
    "waiting_since": null, "filed_on": "2026-03-02", "complete_on": null, "decided_on": null, "notified_on": null,
    "expires_on": null, "outcome": null, "outcome_label": null, "next_on": "2026-06-15", "note": null,
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "La coordinatrice", "version": 1,
    "created_at": "2026-03-02T09:00:00.000000Z", "updated_at": "2026-03-02T09:00:00.000000Z"
}))]
pub struct Procedure {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The case.
    pub case_id: Id,
    /// State of the case.
    pub case_status: CaseStatus,
    /// The child.
    pub child_id: Option<Id>,
    /// Name of the child; null without `households:read`, and once the data of the family are erased.
    #[schema(value_type = Option<String>)]
    pub child_name: Option<Secret<String>>,
    /// The user account of the référent de parcours of the case; null if it has none.
    pub case_referent_id: Option<Id>,
    /// Name of the référent; null for API clients.
    pub case_referent_name: Option<String>,
    /// Kind.
    pub kind: ProcedureKind,
    /// Label of the kind, in the language of the response.
    pub kind_label: Option<&'static str>,
    /// State today, which follows from the days.
    pub state: ProcedureState,
    /// The organisation that decides or admits.
    pub organisation_id: Option<Id>,
    /// Its name; null if the caller does not hold `organisations:read`.
    pub organisation_name: Option<String>,
    /// Day since which the child is on a waiting list.
    pub waiting_since: Option<NaiveDate>,
    /// Day on which it was filed.
    pub filed_on: Option<NaiveDate>,
    /// Day on which the file was declared complete.
    pub complete_on: Option<NaiveDate>,
    /// Day of the decision.
    pub decided_on: Option<NaiveDate>,
    /// Day on which the family was notified.
    pub notified_on: Option<NaiveDate>,
    /// Last day of what was granted.
    pub expires_on: Option<NaiveDate>,
    /// Outcome; null while nothing is decided.
    pub outcome: Option<ProcedureOutcome>,
    /// Label of the outcome, in the language of the response.
    pub outcome_label: Option<&'static str>,
    /// Day on which something is to be done about it.
    pub next_on: Option<NaiveDate>,
    /// Free text; null if there is none, or once the data of the family are erased.
    #[schema(format = "lines", value_type = Option<String>, max_length = 4000)]
    pub note: Option<Secret<String>>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Procedure at "/v1/procedures/");

crate::page! {
    /// A page of procedures.
    ProcedurePage of Procedure
}

text_enum! {
    /// Sort order of the list of procedures.
    pub enum ProcedureSort {
        /// Earliest next date first, then those without one.
        NextOn = "next_on",
        /// Those without a next date, then latest next date first.
        NextOnDesc = "-next_on",
        /// Earliest expiry first, then those without one.
        ExpiresOn = "expires_on",
        /// Those without an expiry, then latest expiry first.
        ExpiresOnDesc = "-expires_on",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
    }
}

/// Filters on procedures: all the given ones apply.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct ProcedureFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub id: Option<Vec<Id>>,
    /// Only this service. By default, every service that the caller can access.
    pub service_id: Option<Id>,
    /// States, separated by commas.
    #[param(explode = false, style = Form, example = json!(["filed", "complete"]))]
    pub state: Option<Vec<ProcedureState>>,
    /// Kinds, separated by commas.
    #[param(explode = false, style = Form, example = json!(["mdph_file"]))]
    pub kind: Option<Vec<ProcedureKind>>,
    /// Only those of cases in this state.
    pub case_status: Option<CaseStatus>,
    /// Only those that concern this organisation.
    pub organisation_id: Option<Id>,
    /// What was granted expires on this day or later.
    pub expires_from: Option<NaiveDate>,
    /// What was granted expires on this day or earlier, or has expired.
    pub expires_before: Option<NaiveDate>,
    /// Something is to be done on this day or earlier.
    pub next_before: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp: to miss
    /// none, let consecutive requests overlap by one minute.
    pub updated_since: Option<UtcTs>,
    /// Sort order. Default: earliest next date first.
    pub sort: Option<ProcedureSort>,
}
