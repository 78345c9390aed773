//! Referents in the contract: responses.

pub mod filter;
pub mod new;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::identity::Identity;
use super::model::{ReferentAction, Standing, StandingReason};
use crate::db::{Id, UtcTs};
use crate::naming::model::{Named, Names};
use crate::nomenclatures::codes::{OrganisationKind, ReferentDepartureReason};
use crate::privacy::Secret;
use crate::territories::CommuneCode;

/// A referent of the network.
///
/// A referent is certified once they have attended three days of training (two by an external trainer, one by the
/// service) and all three parties have signed the charter. Each calendar year after the year of certification requires
/// one follow-up meeting and one themed day. `standing` is computed for `standing_on`, which is today.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7e10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "organisation_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c62", "organisation_name": "Multi-accueil Les Lutins",
    "organisation_kind": "eaje", "commune_code": "63032", "commune_name": "Riom",
    "identity": {
        "name": "Dominique Exemple", "phone": null, "email": "dominique@example.org", "role": "Éducatrice de jeunes enfants"
    },
    "appointed_on": "2024-01-15", "left_on": null, "departure_reason": null, "charter_version": "2024",
    "signed_by_referent_on": "2024-05-02", "signed_by_structure_on": "2024-05-05", "signed_by_service_on": "2024-05-03",
    "external_training_days": 2, "own_training_days": 1, "trained_on": "2024-04-01", "signed_on": "2024-05-05",
    "certified_on": "2024-05-05", "standing": "certified", "standing_on": "2026-03-02", "reasons": ["themed_day"],
    "changes_on": "2027-01-01", "changes_to": "lapsed", "follow_up_meeting_this_year_on": "2026-02-10",
    "themed_day_this_year_on": null, "available_actions": ["sign", "leave"],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c10", "author_name": "Dominique Exemple", "version": 9,
    "created_at": "2024-01-15T08:15:00.000000Z", "updated_at": "2026-02-10T16:02:00.000000Z"
}))]
pub struct Referent {
    /// Identifier.
    pub id: Id,
    /// The service that runs the network.
    pub service_id: Id,
    /// The structure of the referent.
    pub organisation_id: Id,
    /// Name of the structure.
    pub organisation_name: String,
    /// Kind of structure.
    pub organisation_kind: OrganisationKind,
    /// INSEE code of the commune of the structure.
    pub commune_code: CommuneCode,
    /// Name of the commune.
    pub commune_name: Option<&'static str>,
    /// Name, contact details and role: personal data, encrypted at rest.
    pub identity: ReferentIdentity,
    /// First day in the network.
    pub appointed_on: NaiveDate,
    /// Last day in the network; null while they are in it.
    pub left_on: Option<NaiveDate>,
    /// Reason of the departure.
    pub departure_reason: Option<ReferentDepartureReason>,
    /// Version of the charter that was signed.
    pub charter_version: Option<String>,
    /// Date of the referent's signature.
    pub signed_by_referent_on: Option<NaiveDate>,
    /// Date of the structure's signature.
    pub signed_by_structure_on: Option<NaiveDate>,
    /// Date of the service's signature.
    pub signed_by_service_on: Option<NaiveDate>,
    /// Days of training by an external trainer: two are required.
    pub external_training_days: usize,
    /// Days of training by the service: one is required.
    pub own_training_days: usize,
    /// Day on which the required training was complete.
    pub trained_on: Option<NaiveDate>,
    /// Day of the last of the three signatures.
    pub signed_on: Option<NaiveDate>,
    /// Day of certification: the later of `trained_on` and `signed_on`.
    pub certified_on: Option<NaiveDate>,
    /// Standing.
    pub standing: Standing,
    /// Day of the standing: today in the service's time zone.
    pub standing_on: NaiveDate,
    /// Reasons of the standing: what is missing, or what was missed.
    pub reasons: Vec<StandingReason>,
    /// Date on which the standing changes if nothing is recorded; null if it does not.
    pub changes_on: Option<NaiveDate>,
    /// Standing from that date.
    pub changes_to: Option<Standing>,
    /// Day of this year's follow-up meeting.
    pub follow_up_meeting_this_year_on: Option<NaiveDate>,
    /// Day of this year's themed day.
    pub themed_day_this_year_on: Option<NaiveDate>,
    /// Actions allowed in the current state.
    pub available_actions: Vec<ReferentAction>,
    /// Who recorded it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was recorded.
    pub created_at: UtcTs,
    /// When the referent or one of their attendances last changed.
    pub updated_at: UtcTs,
}

impl Named for Referent {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

/// Name, contact details and role of a referent. All null once they are erased.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"name": "Dominique Exemple", "phone": null, "email": "dominique@example.org", "role": null}))]
pub struct ReferentIdentity {
    /// Name.
    #[schema(value_type = Option<String>)]
    pub name: Option<Secret<String>>,
    /// Telephone at work.
    #[schema(value_type = Option<String>)]
    pub phone: Option<Secret<String>>,
    /// E-mail address at work.
    #[schema(value_type = Option<String>)]
    pub email: Option<Secret<String>>,
    /// Role in the structure.
    #[schema(value_type = Option<String>)]
    pub role: Option<Secret<String>>,
}

impl From<Identity> for ReferentIdentity {
    fn from(identity: Identity) -> Self {
        Self { name: identity.name, phone: identity.phone, email: identity.email, role: identity.role }
    }
}

crate::resource!(Referent at "/v1/referents/");

crate::page! {
    /// A page of referents.
    ReferentPage of Referent
}
