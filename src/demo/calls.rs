//! Plays one event of the story: runs the use case that the API would call.

use super::appointments;
use super::codes::code;
use super::placements as placements_of_demo;
use super::states::{PoleState, Started};
use super::story::{About, Event, EventKind, Intervention, Pole, Request};
use crate::cases::dto::CaseClosure;
use crate::cases::interventions::dto::{InterventionInput, Participants};
use crate::cases::model::Subject;
use crate::cases::steps::dto::StepInput;
use crate::cases::{interventions, placements, steps};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::households::dto::{ChildInput, ContactInput};
use crate::privacy::Secret;
use crate::referrals::decide::{decide, record_agreement};
use crate::referrals::dto::decisions::{
    Acceptance, Qualification, Redirection, Refusal, Reopening, WaitingListEntry, Withdrawal,
};
use crate::referrals::dto::new::{ReferralInput, ReferredChild};
use crate::referrals::dto::{FamilyAgreement, Referral, RuleOverride};
use crate::work::Work;
use crate::{cases, referrals};

/// Plays one event and counts it.
pub(super) fn play_event(
    work: &mut Work<'_>,
    pole: &Pole,
    state: &mut PoleState,
    event: &Event,
) -> Result<(), ApiError> {
    match &event.kind {
        EventKind::Record => record(work, pole, state, event),
        EventKind::Step(step) => {
            let new = StepInput { step: code(step)?, reached_on: event.on, note: None };
            let found = placements::ops::find_case(work, &state.scope, case(state, event)?)?;
            steps::ops::record(work, &state.scope, &found, &new).map(drop)
        }
        EventKind::Intervene(intervention) => intervene(work, state, event, intervention),
        EventKind::StartPlacement { organisation, childcare } => {
            let rank = state.started.len();
            let new = placements_of_demo::place(state.organisations[*organisation], childcare, event.on, rank)?;
            let found = placements::ops::find_case(work, &state.scope, case(state, event)?)?;
            let id = placements::ops::record(work, &state.scope, &found, &new)?.id;
            state.started.push(Started { id, on: event.on, request: event.request });
            state.tally.placements += 1;
            Ok(())
        }
        EventKind::Close(outcome) => {
            let closure = CaseClosure { outcome: code(outcome)?, closed_on: Some(event.on) };
            let case = cases::ops::find(work, &state.scope, case(state, event)?)?;
            cases::ending::close(work, &state.viewer, &case, &closure)?;
            state.tally.cases.insert(event.request, true);
            Ok(())
        }
        _ => {
            let referral = decide_referral(work, state, event)?;
            state.tally.status.insert(event.request, referral.status.as_str());
            if let Some(case) = referral.case_id {
                count_case(pole, state, event, case);
            }
            Ok(())
        }
    }
}

fn decide_referral(work: &mut Work<'_>, state: &PoleState, event: &Event) -> Result<Referral, ApiError> {
    let row = referrals::ops::find(work, &state.scope, referral(state, event)?)?;
    let on = Some(event.on);
    let decision = match event.kind {
        EventKind::Agree(purpose) => {
            let agreement = FamilyAgreement { purpose: code(purpose)?, given_by: code("parent")?, given_on: event.on };
            return record_agreement(work, &state.viewer, &row, &agreement);
        }
        EventKind::Qualify => Qualification { decided_on: on, ..Qualification::default() }.into(),
        EventKind::Accept(overridden) => {
            let overrides = match overridden {
                Some((rule, reason)) => vec![RuleOverride { rule: code(rule)?, reason: secret(reason) }],
                None => Vec::new(),
            };
            Acceptance { decided_on: on, overrides, ..Acceptance::default() }.into()
        }
        EventKind::Wait => WaitingListEntry { decided_on: on, ..WaitingListEntry::default() }.into(),
        EventKind::Decline(reason) => Refusal { reason: code(reason)?, comment: None, decided_on: on }.into(),
        EventKind::Redirect(partner) => Redirection {
            organisation_id: state.organisations[partner],
            reason: None,
            comment: None,
            decided_on: on,
            overrides: Vec::new(),
        }
        .into(),
        EventKind::Withdraw => Withdrawal { decided_on: on, ..Withdrawal::default() }.into(),
        _ => Reopening { decided_on: on, comment: None }.into(),
    };
    decide(work, &state.viewer, &row, decision)
}

fn record(work: &mut Work<'_>, pole: &Pole, state: &mut PoleState, event: &Event) -> Result<(), ApiError> {
    let request = &pole.requests[event.request];
    let new = new_referral(pole, state, event, request)?;
    let recorded = referrals::create::create(work, &state.viewer, new)?.referral;
    state.ids.referrals.insert(event.request, recorded.id);
    if let (About::Child(child), Some(id), Some(household)) = (request.about, recorded.child_id, recorded.household_id)
    {
        state.ids.children.insert(child, id);
        state.ids.households.insert(pole.children[child].family, household);
    }
    state.tally.referrals += 1;
    *state.tally.by_origin.entry(request.origin).or_default() += 1;
    state.tally.status.insert(event.request, recorded.status.as_str());
    Ok(())
}

fn new_referral(pole: &Pole, state: &PoleState, event: &Event, request: &Request) -> Result<ReferralInput, ApiError> {
    let (subject, child_id, organisation_id) = match request.about {
        About::Child(child) => (Subject::Child, state.ids.children.get(&child).copied(), None),
        About::Structure(structure) => (Subject::Structure, None, Some(state.organisations[structure])),
    };
    let (child, commune_code) = match request.about {
        About::Child(child) if child_id.is_none() => {
            let family = &pole.families[pole.children[child].family];
            (Some(new_child(pole, state, child)?), Some(code(family.commune)?))
        }
        _ => (None, None),
    };
    let agreement = |purpose: &&'static str| {
        Ok(FamilyAgreement { purpose: code(purpose)?, given_by: code("parent")?, given_on: request.received_on })
    };
    Ok(ReferralInput {
        service_id: state.service,
        subject,
        origin: code(request.origin)?,
        origin_organisation_id: request.origin_organisation.map(|rank| state.organisations[rank]),
        channel: code(request.channel)?,
        received_on: Some(request.received_on),
        urgency: code(request.urgency)?,
        child,
        child_id,
        organisation_id,
        commune_code,
        needs: request.needs.iter().map(|need| code(need)).collect::<Result<_, _>>()?,
        need_domain: request.need_domain.map(code).transpose()?,
        disability_family: None,
        recognition_status: request.recognition.map(code).transpose()?,
        current_childcare: request.childcare.map(|(kind, _)| code(kind)).transpose()?,
        current_childcare_organisation_id: request
            .childcare
            .and_then(|(_, organisation)| organisation)
            .map(|rank| state.organisations[rank]),
        concerns_school_time: request.school_time,
        description: request.description.map(secret),
        family_agreements: request.agreements.iter().map(agreement).collect::<Result<_, ApiError>>()?,
        external_id: (request.channel == "web_form")
            .then(|| format!("formulaire-{}-{}", event.pole + 1, event.request + 1)),
    })
}

fn new_child(pole: &Pole, state: &PoleState, rank: usize) -> Result<ReferredChild, ApiError> {
    let child = &pole.children[rank];
    let family = &pole.families[child.family];
    let household_id = state.ids.households.get(&child.family).copied();
    let parent = ContactInput {
        relation: code("parent")?,
        name: secret(&family.parent),
        phone: Some(secret(&family.phone)),
        email: family.email.as_deref().map(secret),
        holds_parental_authority: Some(true),
    };
    Ok(ReferredChild {
        identity: ChildInput {
            given_name: child.given_name.map(secret),
            family_name: secret(&family.name),
            birth_date: child.given_name.map(|_| child.born),
            expected_on: child.given_name.is_none().then_some(child.born),
        },
        household_id,
        address: household_id.is_none().then(|| secret(&family.address)),
        contacts: if household_id.is_none() { vec![parent] } else { Vec::new() },
    })
}

fn intervene(
    work: &mut Work<'_>,
    state: &mut PoleState,
    event: &Event,
    intervention: &Intervention,
) -> Result<(), ApiError> {
    let participants =
        intervention.participants.iter().map(|(kind, number)| Ok(Participants { kind: code(kind)?, number: *number }));
    let new = InterventionInput {
        kind: code(intervention.kind)?,
        held_on: intervention.held_on,
        minutes: intervention.minutes,
        travel_minutes: intervention.travel_minutes,
        place: code(intervention.place)?,
        mode: None,
        organisation_id: intervention.organisation.map(|rank| state.organisations[rank]),
        on_school_time: intervention.on_school_time,
        next_action_on: intervention.next_action_on,
        professional_ids: None,
        resource_person_ids: Vec::new(),
        participants: participants.collect::<Result<_, ApiError>>()?,
        note: None,
    };
    let case = cases::ops::find(work, &state.scope, case(state, event)?)?;
    if appointments::is_agreed(&new) {
        let turn = state.tally.agreed;
        state.tally.agreed += 1;
        appointments::hold(work, &state.scope, (state.service, case.id()), &new, turn)?;
    } else {
        interventions::ops::record(work, &state.viewer, &case, &new)?;
    }
    let sum = state.tally.interventions.entry(intervention.kind).or_default();
    *sum = (sum.0 + 1, sum.1 + i64::from(intervention.minutes), sum.2 + i64::from(intervention.travel_minutes));
    for (kind, number) in &intervention.participants {
        *state.tally.attendances.entry(kind).or_default() += i64::from(*number);
    }
    Ok(())
}

/// Counts a new case, and the child and household, or the structure, that it is about.
fn count_case(pole: &Pole, state: &mut PoleState, event: &Event, case: Id) {
    state.ids.cases.insert(event.request, case);
    state.tally.cases.insert(event.request, false);
    match pole.requests[event.request].about {
        About::Child(child) => {
            state.tally.children.insert(child);
            state.tally.households.insert(pole.children[child].family);
        }
        About::Structure(structure) => drop(state.tally.structures.insert(structure)),
    }
}

fn referral(state: &PoleState, event: &Event) -> Result<Id, ApiError> {
    state.ids.referrals.get(&event.request).copied().ok_or_else(|| not_played_yet(event))
}

fn case(state: &PoleState, event: &Event) -> Result<Id, ApiError> {
    state.ids.cases.get(&event.request).copied().ok_or_else(|| not_played_yet(event))
}

/// An error of the story: an event about a request or case that has not been played yet.
fn not_played_yet(event: &Event) -> ApiError {
    log::error!("request {} of pôle {} has not been played yet: {:?}", event.request, event.pole, event.kind);
    ApiError::new(Code::Internal)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}
