//! Recording a referral. It is recorded even if it breaks the eligibility rules.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::dto::new::{NewReferral, ReferredChild};
use super::dto::{PossibleDuplicate, RecordedReferral};
use super::model::ReferralStatus;
use super::ops::{self, Viewer};
use super::store::{self, EventRow, ReferralRow};
use crate::cases::model::Subject;
use crate::data_keys::{create_data_key, data_key};
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Text};
use crate::territories::CommuneCode;
use crate::trail::Resource;
use crate::work::Work;
use crate::{households, organisations, services};

/// How many likely duplicates the response to a creation proposes, and how many referrals of each.
const PROPOSED: usize = 10;

/// Records a referral, with its child and household if they are new, and returns the most likely duplicates.
pub fn create(work: &mut Work<'_>, viewer: &Viewer, new: NewReferral) -> Result<RecordedReferral, ApiError> {
    let service = services::ops::require(work, &viewer.scope, new.service_id, "/service_id")?;
    let today = service.date_of(work.now);
    let received_on = new.received_on.unwrap_or(today);
    check_dates(&new, received_on, today)?;
    check_external_id(work, &new)?;
    for (pointer, organisation) in [
        ("/origin_organisation_id", new.origin_organisation_id),
        ("/organisation_id", new.organisation_id),
        ("/current_childcare_organisation_id", new.current_childcare_organisation_id),
    ] {
        if let Some(organisation) = organisation {
            organisations::ops::require(work, new.service_id, organisation, pointer)?;
        }
    }
    let (home, commune_code) = resolve_subject(work, &new, today)?;
    let row = insert(work, new, received_on, home, commune_code)?;
    let (possible_duplicates, more_duplicates) = propose_duplicates(work, viewer, &row)?;
    Ok(RecordedReferral { referral: ops::to_referral(work, viewer, row)?, possible_duplicates, more_duplicates })
}

/// The most likely duplicates of a new referral, and whether there are more. The response is also stored, so what is not
/// in it must not make it larger: neither the others nor the layers of their keys.
fn propose_duplicates(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
) -> Result<(Vec<PossibleDuplicate>, bool), ApiError> {
    let before: HashSet<Id> = work.trail.returned().collect();
    let mut proposed = ops::duplicates_of(work, viewer, row)?;
    let others = proposed.split_off(proposed.len().min(PROPOSED));
    let mut more = !others.is_empty();
    for one in &mut proposed {
        more |= one.referral_ids.len() > PROPOSED;
        one.referral_ids.truncate(PROPOSED);
    }
    let household = |one: &PossibleDuplicate| one.candidate.as_ref().map(|candidate| candidate.child.household_id);
    let kept: HashSet<Id> = proposed.iter().filter_map(household).collect();
    for owner in others.iter().filter_map(household).filter(|owner| !kept.contains(owner) && !before.contains(owner)) {
        work.trail.leave_out(owner);
    }
    Ok((proposed, more))
}

fn check_dates(new: &NewReferral, received_on: NaiveDate, today: NaiveDate) -> Result<(), ApiError> {
    let agreements = new.family_agreements.iter().enumerate().filter_map(|(index, agreement)| {
        dates::not_in_the_future(format!("/family_agreements/{index}/given_on"), agreement.given_on, today)
    });
    ApiError::reject_if_any(dates::not_in_the_future("/received_on", received_on, today).into_iter().chain(agreements))
}

/// An external identifier is unique per author: a second creation gets a 409 that names the first, and waits for it if it
/// is concurrent.
fn check_external_id(work: &mut Work<'_>, new: &NewReferral) -> Result<(), ApiError> {
    let Some(external_id) = &new.external_id else { return Ok(()) };
    let author = work.author();
    work.conn.lock_text(Lock::ExternalId, &format!("{author} {external_id}"))?;
    match store::by_external_id(work.conn, &author, external_id)? {
        None => Ok(()),
        Some(existing) => Err(ApiError::new(Code::Conflict)
            .detail(
                "Une demande porte déjà cet identifiant externe (voir `existing_id`).",
                "A referral already has this `external_id`: see `existing_id`.",
            )
            .with("existing_id", existing.as_str())),
    }
}

/// The household and the child of the referral; none for a structure.
type Home = Option<(Id, Id)>;

/// Finds the child of the referral, or records it if it is new. Returns it with the commune of the referral.
fn resolve_subject(work: &mut Work<'_>, new: &NewReferral, today: NaiveDate) -> Result<(Home, CommuneCode), ApiError> {
    match (&new.subject, &new.child, new.child_id, new.organisation_id) {
        (Subject::Child, Some(child), _, _) => {
            let (household, commune) = new_child(work, new, child, today)?;
            Ok((Some(household), commune))
        }
        (Subject::Child, None, Some(child), _) => {
            let (household, commune) = households::ops::home_of(work, new.service_id, child)?
                .ok_or_else(|| broken_rule("/child_id", "unknown_child", "Enfant introuvable.", "No such child."))?;
            Ok((Some((household, child)), new.commune_code.clone().unwrap_or(commune)))
        }
        (_, _, _, Some(structure)) => {
            let structure = organisations::ops::require(work, new.service_id, structure, "/organisation_id")?;
            Ok((None, new.commune_code.clone().unwrap_or(structure.commune_code)))
        }
        // The validation of the request has already rejected it.
        _ => Err(ApiError::new(Code::InvalidBody)),
    }
}

fn new_child(
    work: &mut Work<'_>,
    new: &NewReferral,
    child: &ReferredChild,
    today: NaiveDate,
) -> Result<((Id, Id), CommuneCode), ApiError> {
    households::ops::check_birth_date(&child.identity, today, "/child/identity/birth_date")?;
    let (household, commune) = if let Some(household) = child.household_id {
        let commune = households::ops::commune_of(work, new.service_id, household)?.ok_or_else(|| {
            broken_rule("/child/household_id", "unknown_household", "Foyer introuvable.", "No such household.")
        })?;
        (household, new.commune_code.clone().unwrap_or(commune))
    } else {
        let commune = new.commune_code.clone().ok_or_else(|| {
            broken_rule(
                "/commune_code",
                "commune_required",
                "Indiquer la commune du nouveau foyer.",
                "Give the commune of a new household.",
            )
        })?;
        (households::ops::insert(work, new.service_id, &commune, child.address.as_ref())?, commune)
    };
    let recorded = households::ops::insert_child(work, new.service_id, household, &child.identity)?;
    for contact in &child.contacts {
        households::ops::insert_contact(work, new.service_id, household, contact)?;
    }
    Ok(((household, recorded.id), commune))
}

fn insert(
    work: &mut Work<'_>,
    new: NewReferral,
    received_on: NaiveDate,
    home: Home,
    commune_code: CommuneCode,
) -> Result<ReferralRow, ApiError> {
    let id = Id::at(work.now);
    let key = match home {
        Some((household, _)) => data_key(work, household)?,
        None => create_data_key(work, new.service_id, id)?,
    };
    let description = new.description.as_ref().map(crate::privacy::Secret::reveal);
    let row = ReferralRow {
        id,
        service_id: new.service_id,
        status: ReferralStatus::Received,
        subject: new.subject,
        origin: new.origin,
        origin_organisation_id: new.origin_organisation_id,
        channel: new.channel,
        received_on,
        urgency: new.urgency,
        household_id: home.map(|(household, _)| household),
        child_id: home.map(|(_, child)| child),
        organisation_id: new.organisation_id,
        commune_code,
        current_childcare: new.current_childcare,
        current_childcare_organisation_id: new.current_childcare_organisation_id,
        recognition_status: new.recognition_status,
        need_domain: new.need_domain,
        disability_family: new.disability_family,
        concerns_school_time: new.concerns_school_time,
        description: key.seal_some(ops::description_at(&id), description)?,
        external_id: new.external_id,
        author: work.author(),
        waiting_since: None,
        decided_on: None,
        reason: None,
        redirected_to_id: None,
        case_id: None,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    store::insert_needs(work.conn, id, &new.needs)?;
    for agreement in &new.family_agreements {
        store::replace_agreement(work.conn, id, agreement)?;
    }
    let recorded = EventRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        referral_id: id,
        version: 1,
        action: "record".into(),
        from_status: None,
        to_status: ReferralStatus::Received,
        reason: None,
        overridden_rules: String::new(),
        note: None,
        author: work.author(),
        happened_on: received_on,
        created_at: work.now,
    };
    store::insert_event(work.conn, &recorded)?;
    work.created(Resource::Referral, row.service_id, id);
    Ok(row)
}

fn broken_rule(pointer: &str, rule: &'static str, fr: &'static str, en: &'static str) -> ApiError {
    ApiError::rule(pointer, rule, Text::new(fr, en))
}
