//! Correcting a referral, with an entry in its history.

use super::decide::{NewReferralEvent, refuse_annulled, replace};
use super::dto::Referral;
use super::dto::patch::ReferralPatch;
use super::note::Note;
use super::ops::{self, Viewer};
use super::store::{self, ReferralRow};
use crate::auth::ServiceScope;
use crate::data_keys::data_key;
use crate::dates;
use crate::error::{ApiError, Faults};
use crate::households::model::Birth;
use crate::households::resemblance;
use crate::http::Field;
use crate::privacy::Secret;
use crate::work::Work;
use crate::{organisations, services};

/// Corrects a referral. Its state does not change. The eligibility rules are checked again at the next decision.
pub fn correct(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    patch: ReferralPatch,
) -> Result<Referral, ApiError> {
    refuse_annulled(row)?;
    let today = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?.date_of(work.now);
    let received_on = patch.received_on.unwrap_or(row.received_on);
    let first_decision = store::first_decision_on(work.conn, &viewer.scope, row.id)?;
    let mut faults = Faults::default();
    faults.add(dates::not_in_the_future("/received_on", received_on, today));
    faults.add(
        first_decision.and_then(|decided| dates::not_before("/received_on", decided, received_on, "after_decision")),
    );
    if let Some(child) = row.child_id.filter(|_| received_on < row.received_on) {
        let family = resemblance::ops::family_of_child(work, row.service_id, child)?;
        let birth = family.and_then(|family| Birth::of(&family.child?.identity()));
        faults.add(birth.and_then(|birth| birth.request_fault("/received_on", received_on)));
    }
    let named = [
        ("/origin_organisation_id", patch.origin_organisation_id.value().copied()),
        ("/current_childcare_organisation_id", patch.current_childcare_organisation_id.value().copied()),
    ];
    organisations::ops::find_named(work, row.service_id, &named, &mut faults)?;
    faults.finish()?;
    let mut new = row.clone();
    new.origin = patch.origin.unwrap_or(new.origin);
    new.origin_organisation_id = patch.origin_organisation_id.over(new.origin_organisation_id);
    new.channel = patch.channel.unwrap_or(new.channel);
    new.received_on = received_on;
    new.urgency = patch.urgency.unwrap_or(new.urgency);
    new.commune_code = patch.commune_code.unwrap_or(new.commune_code);
    new.current_childcare = patch.current_childcare.over(new.current_childcare);
    new.current_childcare_organisation_id =
        patch.current_childcare_organisation_id.over(new.current_childcare_organisation_id);
    new.recognition_status = patch.recognition_status.over(new.recognition_status);
    new.need_domain = patch.need_domain.over(new.need_domain);
    new.disability_family = patch.disability_family.over(new.disability_family);
    new.concerns_school_time = patch.concerns_school_time.unwrap_or(new.concerns_school_time);
    if patch.description != Field::Keep {
        let key = data_key(work, row.key_owner())?;
        let at = ops::description_at(&row.id);
        let before: Option<Secret<String>> = key.open_some(at, row.description.as_deref())?;
        let after = patch.description.over(before.clone());
        if after != before {
            new.description = after.map(|text| key.seal(at, &text)).transpose()?;
        }
    }
    if new == *row {
        let unchanged = ops::to_referral(work, viewer, row.clone())?;
        if patch.needs.as_ref().is_none_or(|needs| *needs == unchanged.needs) {
            return Ok(unchanged);
        }
    }
    let event = NewReferralEvent { action: "correct", to: row.state(), reason: None, on: today, note: Note::default() };
    let new = replace(work, row, new, event)?;
    if let Some(needs) = &patch.needs {
        store::replace_needs(work.conn, row.id, needs)?;
    }
    ops::to_referral(work, viewer, new)
}
