//! Referents in the contract.

pub mod filter;
pub mod new;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use super::identity::Identity;
use super::model::{AttendanceKind, Facts, ReferentAction, Standing, StandingReason};
use super::store::{ReferentRow, StructureRow};
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
use crate::nomenclatures::codes::{OrganisationKind, ReferentDepartureReason};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A referent of the network.
///
/// Certified on the later of two days: that by which two external days of training and one of the service's own were
/// attended, and that of the last of the three signatures of the charter. Each calendar year after that of certification asks
/// for one follow-up meeting and one themed day. `standing` is computed on `standing_on`, which is today.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "organisation_name": "Multi-accueil Les Lutins",
    "organisation_kind": "eaje", "commune_code": "63032",
    "identity": {
        "name": "Dominique Exemple", "phone": null, "email": "dominique@example.org", "role": "Éducatrice de jeunes enfants"
    },
    "appointed_on": "2024-01-15", "left_on": null, "departure_reason": null, "charter_version": "2024",
    "signed_by_referent_on": "2024-05-02", "signed_by_structure_on": "2024-05-05", "signed_by_service_on": "2024-05-03",
    "external_training_days": 2, "own_training_days": 1, "trained_on": "2024-04-01", "signed_on": "2024-05-05",
    "certified_on": "2024-05-05", "standing": "certified", "standing_on": "2026-03-02", "reasons": ["themed_day"],
    "changes_on": "2027-01-01", "changes_to": "lapsed", "follow_up_meeting_this_year_on": "2026-02-10",
    "themed_day_this_year_on": null, "available_actions": ["sign", "leave"],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "version": 9,
    "created_at": "2024-01-15T08:15:00.000000Z", "updated_at": "2026-02-10T16:02:00.000000Z"
}))]
pub struct Referent {
    /// Identifier.
    pub id: Id,
    /// The service whose network it is.
    pub service_id: Id,
    /// The structure.
    pub organisation_id: Id,
    /// Its name.
    pub organisation_name: String,
    /// What it is.
    pub organisation_kind: OrganisationKind,
    /// INSEE code of the commune where it is.
    pub commune_code: CommuneCode,
    /// Who they are: personal data, sealed at rest.
    pub identity: ReferentIdentity,
    /// The first day in the network.
    pub appointed_on: NaiveDate,
    /// The last one, once they left.
    #[schema(required = true)]
    pub left_on: Option<NaiveDate>,
    /// Why they left.
    #[schema(required = true)]
    pub departure_reason: Option<ReferentDepartureReason>,
    /// The version of the charter that was signed.
    #[schema(required = true)]
    pub charter_version: Option<String>,
    /// When the referent signed it.
    #[schema(required = true)]
    pub signed_by_referent_on: Option<NaiveDate>,
    /// When the structure did.
    #[schema(required = true)]
    pub signed_by_structure_on: Option<NaiveDate>,
    /// When the service did.
    #[schema(required = true)]
    pub signed_by_service_on: Option<NaiveDate>,
    /// Days of training by an external trainer: two are needed.
    pub external_training_days: usize,
    /// Days of training by the service: one is needed.
    pub own_training_days: usize,
    /// The day by which all days of training were attended.
    #[schema(required = true)]
    pub trained_on: Option<NaiveDate>,
    /// The day by which all three had signed.
    #[schema(required = true)]
    pub signed_on: Option<NaiveDate>,
    /// The day of certification: the later of the two.
    #[schema(required = true)]
    pub certified_on: Option<NaiveDate>,
    /// Where they stand.
    pub standing: Standing,
    /// On which day: today, where the service is.
    pub standing_on: NaiveDate,
    /// Why: what is missing, what was missed.
    pub reasons: Vec<StandingReason>,
    /// The day on which the standing will change by the calendar alone; null when it will not.
    #[schema(required = true)]
    pub changes_on: Option<NaiveDate>,
    /// What it will be then.
    #[schema(required = true)]
    pub changes_to: Option<Standing>,
    /// This year's follow-up meeting.
    #[schema(required = true)]
    pub follow_up_meeting_this_year_on: Option<NaiveDate>,
    /// This year's themed day.
    #[schema(required = true)]
    pub themed_day_this_year_on: Option<NaiveDate>,
    /// What can be done with them now.
    pub available_actions: Vec<ReferentAction>,
    /// Who recorded it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When it, or what was attended, last changed.
    pub updated_at: UtcTs,
}

/// Who a referent is. All null once it was erased.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"name": "Dominique Exemple", "phone": null, "email": "dominique@example.org", "role": null}))]
pub struct ReferentIdentity {
    /// Name.
    #[schema(required = true, value_type = Option<String>)]
    pub name: Option<Secret<String>>,
    /// Telephone at work.
    #[schema(required = true, value_type = Option<String>)]
    pub phone: Option<Secret<String>>,
    /// E-mail address at work.
    #[schema(required = true, value_type = Option<String>)]
    pub email: Option<Secret<String>>,
    /// What they do in the structure.
    #[schema(required = true, value_type = Option<String>)]
    pub role: Option<Secret<String>>,
}

impl From<Identity> for ReferentIdentity {
    fn from(identity: Identity) -> Self {
        Self { name: identity.name, phone: identity.phone, email: identity.email, role: identity.role }
    }
}

impl Referent {
    /// A row with its structure, its identity and the facts of the rule, on a day.
    pub(super) fn new(
        row: ReferentRow,
        structure: StructureRow,
        identity: Identity,
        facts: &Facts,
        today: NaiveDate,
    ) -> Self {
        let next = facts.next_change(today);
        let this_year = |kind| facts.first_in_year(kind, today.year(), today);
        Self {
            id: row.id,
            service_id: row.service_id,
            organisation_id: row.organisation_id,
            organisation_name: structure.name,
            organisation_kind: structure.kind,
            commune_code: structure.commune_code,
            identity: identity.into(),
            appointed_on: row.appointed_on,
            available_actions: row.available_actions(),
            left_on: row.left_on,
            departure_reason: row.departure_reason,
            charter_version: row.charter_version,
            signed_by_referent_on: row.signed_by_referent_on,
            signed_by_structure_on: row.signed_by_structure_on,
            signed_by_service_on: row.signed_by_service_on,
            external_training_days: facts.number_of(AttendanceKind::ExternalTraining),
            own_training_days: facts.number_of(AttendanceKind::OwnTraining),
            trained_on: facts.trained_on(),
            signed_on: facts.signed_on(),
            certified_on: facts.certified_on(),
            standing: facts.standing(today),
            standing_on: today,
            reasons: facts.reasons(today),
            changes_on: next.map(|(day, _)| day),
            changes_to: next.map(|(_, standing)| standing),
            follow_up_meeting_this_year_on: this_year(AttendanceKind::FollowUpMeeting),
            themed_day_this_year_on: this_year(AttendanceKind::ThemedDay),
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Referent);

impl Located for Referent {
    fn location(&self) -> String {
        format!("/v1/referents/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of referents.
    ReferentPage of Referent
}
