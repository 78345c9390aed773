//! Decisions on a referral: the table of transitions, the eligibility rules, the event of the history.

use chrono::NaiveDate;

use super::dto::decisions::Decision;
use super::dto::{FamilyAgreement, Referral, RuleOverride};
use super::model::{ReferralAction, ReferralRule, ReferralStatus};
use super::note::Note;
use super::ops::{self, Related, Viewer};
use super::store::{self, EventRow, ReferralRow};
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::cases::store::NewCase;
use crate::data_keys::data_key;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::nomenclatures::codes::OrganisationKind;
use crate::services::model::Settings;
use crate::services::public::model::{agreement, breaches};
use crate::trail::Resource;
use crate::work::Work;
use crate::{cases, organisations, services};

/// Takes a decision on a referral. Fails with a 409 that names the state if the action is not allowed in it, and with a
/// 422 that names the rules if an eligibility rule is broken and not overridden.
pub fn decide(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    decision: Decision,
) -> Result<Referral, ApiError> {
    let to = row.state().after(decision.action).ok_or_else(|| wrong_state(row))?;
    let service = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
    let mut faults = Faults::default();
    let decided_on = date_of(&service, work, row, decision.decided_on, &mut faults);
    let partner = [("/organisation_id", decision.organisation_id)];
    let partner = organisations::ops::find_named(work, row.service_id, &partner, &mut faults)?;
    let mut related = ops::related(work, viewer, std::slice::from_ref(row))?;
    if viewer.directory.contains(row.service_id) {
        related.organisations.extend(partner.into_values().map(|partner| (partner.id, partner.name)));
    }
    let broken_rules = check_rules(&service, row, &decision, &related)?;
    // The detail says how to override a rule, unless something else is wrong too.
    if faults.is_empty() && !broken_rules.faults.is_empty() {
        return Err(ApiError::faults(Code::RuleBroken, broken_rules.faults).detail(
            "Une règle du service n'est pas respectée : y déroger en donnant un motif dans `overrides`, ou refuser la demande.",
            "A rule of the service is broken: override it with a reason in `overrides`, or decline the referral.",
        ));
    }
    faults.add(broken_rules.faults);
    faults.finish()?;
    let overrides = broken_rules.overridden;
    let case_id = match to {
        ReferralStatus::Accepted => Some(open_case(work, row, decided_on)?),
        _ => None,
    };
    let new = ReferralRow {
        status: to,
        waiting_since: (to == ReferralStatus::WaitingList).then_some(decided_on),
        decided_on: Some(decided_on),
        reason: decision.reason.clone(),
        redirected_to_id: decision.organisation_id,
        case_id,
        ..row.clone()
    };
    let note = Note { comment: decision.comment, overrides };
    let action = decision.action.as_str();
    let event = NewReferralEvent { action, to, reason: decision.reason, on: decided_on, note };
    let new = replace(work, row, new, event)?;
    ops::show_one(work, viewer, new, related)
}

/// Records an agreement of the family. It replaces an earlier agreement for the same purpose.
pub fn record_agreement(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    agreement: &FamilyAgreement,
) -> Result<Referral, ApiError> {
    refuse_annulled(row)?;
    let service = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
    let no_family = (row.subject == Subject::Structure).then(|| {
        let message = Text::new("Cette demande ne concerne pas une famille.", "This referral is not about a family.");
        Fault::new("/purpose", "no_family", message)
    });
    let mut faults = Faults::default();
    faults.add(no_family);
    faults.add(agreement::giver_fault(&agreement.given_by, "/given_by"));
    faults.add(dates::not_in_the_future("/given_on", agreement.given_on, service.date_of(work.now)));
    faults.finish()?;
    let event = NewReferralEvent {
        action: "record_agreement",
        to: row.state(),
        reason: None,
        on: agreement.given_on,
        note: Note::default(),
    };
    // The version first: it decides between concurrent requests.
    let new = replace(work, row, row.clone(), event)?;
    store::replace_agreement(work.conn, row.id, agreement)?;
    ops::to_referral(work, viewer, new)
}

/// The date of a decision, today by default: not in the future, and not before the previous decision or the referral.
pub(super) fn date_of(
    service: &Settings,
    work: &Work<'_>,
    row: &ReferralRow,
    given: Option<NaiveDate>,
    faults: &mut Faults,
) -> NaiveDate {
    let today = service.date_of(work.now);
    let date = given.unwrap_or(today);
    let earliest = row.decided_on.map_or(row.received_on, |last| last.max(row.received_on));
    faults.add(dates::not_in_the_future("/decided_on", date, today));
    faults.add(dates::not_before("/decided_on", date, earliest, "before_last_event"));
    date
}

/// The rules that a decision breaks.
#[derive(Default)]
struct BrokenRules {
    /// Those that it does not override.
    faults: Vec<Fault>,
    /// The overrides that were needed: the history does not name a rule that was not broken.
    overridden: Vec<RuleOverride>,
}

/// The rules that a decision breaks.
fn check_rules(
    service: &Settings,
    row: &ReferralRow,
    decision: &Decision,
    related: &Related,
) -> Result<BrokenRules, ApiError> {
    if !matches!(decision.action, ReferralAction::Accept | ReferralAction::PutOnWaitingList | ReferralAction::Redirect)
    {
        return Ok(BrokenRules::default());
    }
    let needs = related.needs.get(&row.id).map(Vec::as_slice).unwrap_or_default();
    let born_on = match row.child_id {
        Some(child) => {
            let child = related.children.get(&child).ok_or_else(ApiError::not_found)?;
            child.birth_date.or(child.expected_on)
        }
        None => None,
    };
    let kind = |id: Option<Id>| id.and_then(|id| related.kinds.get(&id)).map(OrganisationKind::as_str);
    let kinds = [kind(row.organisation_id), kind(row.origin_organisation_id)];
    let facts = ops::facts(row, needs, born_on, kinds);
    let broken = if decision.action == ReferralAction::Redirect {
        let agreements = related.agreements.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let purposes: Vec<_> = agreements.iter().map(|agreement| agreement.purpose).collect();
        let missing = agreement::is_missing(row.child_id.is_some(), &purposes);
        missing.then_some(ReferralRule::FamilyAgreementMissing).into_iter().collect()
    } else {
        breaches(service, &facts)
    };
    let is_overridden = |rule: &ReferralRule| decision.overrides.iter().any(|one| one.rule == *rule);
    let faults = broken
        .iter()
        .filter(|rule| !is_overridden(rule))
        .map(|rule| Fault::new("/overrides", rule.as_str(), rule.message(service, &facts)))
        .collect();
    let overridden = decision.overrides.iter().filter(|one| broken.contains(&one.rule)).cloned().collect();
    Ok(BrokenRules { faults, overridden })
}

fn open_case(work: &mut Work<'_>, row: &ReferralRow, opened_on: NaiveDate) -> Result<Id, ApiError> {
    let new = NewCase {
        service_id: row.service_id,
        subject: row.subject,
        household_id: row.household_id,
        child_id: row.child_id,
        organisation_id: row.organisation_id,
        commune_code: row.commune_code.clone(),
        opened_on,
    };
    cases::ops::open(work, new)
}

/// An event to be added to the history of a referral.
pub(super) struct NewReferralEvent {
    pub(super) action: &'static str,
    pub(super) to: ReferralStatus,
    pub(super) reason: Option<crate::nomenclatures::codes::ReferralReason>,
    pub(super) on: NaiveDate,
    pub(super) note: Note,
}

/// Replaces a referral by its next version, and adds an event to its history under that version.
pub(super) fn replace(
    work: &mut Work<'_>,
    row: &ReferralRow,
    mut new: ReferralRow,
    event: NewReferralEvent,
) -> Result<ReferralRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    let id = Id::at(work.now);
    let rules: Vec<&str> = event.note.overrides.iter().map(|one| one.rule.as_str()).collect();
    let overridden_rules = rules.join(",");
    let note = if event.note.is_empty() {
        None
    } else {
        Some(data_key(work, row.key_owner())?.seal(ops::note_at(&id), &event.note)?)
    };
    let event = EventRow {
        id,
        service_id: row.service_id,
        referral_id: row.id,
        version: row.version + 1,
        action: event.action.to_owned(),
        from_status: Some(row.state()),
        to_status: event.to,
        reason: event.reason,
        overridden_rules,
        note,
        author: work.author(),
        happened_on: event.on,
        created_at: work.now,
    };
    ApiError::require_first(store::update(work.conn, row, &new, &event)?)?;
    work.changed(Resource::Referral, row.service_id, row.id);
    Ok(new)
}

/// What is annulled does not change any more.
pub(super) fn refuse_annulled(row: &ReferralRow) -> Result<(), ApiError> {
    if row.annulled_on.is_some() { Err(wrong_state(row)) } else { Ok(()) }
}

pub(super) fn wrong_state(row: &ReferralRow) -> ApiError {
    let state = row.state();
    let actions = state.available_actions();
    ApiError::wrong_state(state.as_str(), actions.iter().map(ReferralAction::as_str))
}
