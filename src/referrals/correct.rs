//! Correcting a referral, with an entry in its history.

use super::decide::{NewReferralEvent, record};
use super::dto::Referral;
use super::dto::patch::ReferralPatch;
use super::note::Note;
use super::ops::{self, Viewer};
use super::store::{self, ReferralRow};
use crate::auth::ServiceScope;
use crate::data_keys::data_key;
use crate::dates;
use crate::error::ApiError;
use crate::http::Field;
use crate::work::Work;
use crate::{organisations, services};

/// Corrects a referral. Its state does not change. The eligibility rules are checked again at the next decision.
pub fn correct(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    patch: ReferralPatch,
) -> Result<Referral, ApiError> {
    let today =
        services::store::settings(work.conn, &ServiceScope::one(row.service_id), row.service_id)?.date_of(work.now);
    let received_on = patch.received_on.unwrap_or(row.received_on);
    let first_decision = store::first_decision_on(work.conn, &viewer.scope, row.id)?;
    let faults = [
        dates::not_in_the_future("/received_on", received_on, today),
        first_decision.and_then(|decided| dates::not_before("/received_on", decided, received_on, "after_decision")),
    ];
    ApiError::unless_none(faults.into_iter().flatten())?;
    for (pointer, organisation) in [
        ("/origin_organisation_id", &patch.origin_organisation_id),
        ("/current_childcare_organisation_id", &patch.current_childcare_organisation_id),
    ] {
        if let Some(organisation) = organisation.value() {
            organisations::ops::require(work, row.service_id, *organisation, pointer)?;
        }
    }
    let description = match &patch.description {
        Field::Keep => row.description.clone(),
        Field::Clear => None,
        Field::Set(text) => Some(data_key(work, row.key_owner())?.seal(ops::description_at(&row.id), text)?),
    };
    let correction = store::Correction {
        origin: patch.origin.unwrap_or_else(|| row.origin.clone()),
        origin_organisation_id: patch.origin_organisation_id.over(row.origin_organisation_id),
        channel: patch.channel.unwrap_or_else(|| row.channel.clone()),
        received_on,
        urgency: patch.urgency.unwrap_or(row.urgency),
        commune_code: patch.commune_code.unwrap_or_else(|| row.commune_code.clone()),
        current_childcare: patch.current_childcare.over(row.current_childcare.clone()),
        current_childcare_organisation_id: patch
            .current_childcare_organisation_id
            .over(row.current_childcare_organisation_id),
        recognition_status: patch.recognition_status.over(row.recognition_status.clone()),
        need_domain: patch.need_domain.over(row.need_domain.clone()),
        disability_family: patch.disability_family.over(row.disability_family.clone()),
        concerns_school_time: patch.concerns_school_time.unwrap_or(row.concerns_school_time),
        description,
        version: row.version + 1,
        updated_at: work.now,
    };
    ApiError::unless_first(store::correct(work.conn, row, &correction, patch.needs.as_deref())?)?;
    let event = NewReferralEvent { action: "correct", to: row.status, reason: None, on: today, note: Note::default() };
    record(work, row, event)?;
    ops::get(work, viewer, row.id)
}
