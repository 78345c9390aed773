//! One event, as the call that the API would have received.

use super::play::Stage;
use super::setting::code;
use super::story::{About, Event, EventKind, Piece, Pole, Request};
use crate::cases::dto::CaseClosure;
use crate::cases::interventions::dto::{NewIntervention, Participants};
use crate::cases::model::Subject;
use crate::cases::placements::dto::NewPlacement;
use crate::cases::steps::dto::NewStep;
use crate::cases::{interventions, placements, steps};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::households::dto::{NewChild, NewContact};
use crate::privacy::Secret;
use crate::referrals::decide::{decide, record_agreement};
use crate::referrals::dto::decisions::{
    Acceptance, Qualification, Redirection, Refusal, Reopening, WaitingListEntry, Withdrawal,
};
use crate::referrals::dto::new::{NewReferral, ReferredChild};
use crate::referrals::dto::{FamilyAgreement, Override, Referral};
use crate::work::Work;
use crate::{cases, referrals};

/// Plays one event and counts it.
pub(super) fn play(work: &mut Work<'_>, pole: &Pole, stage: &mut Stage, event: &Event) -> Result<(), ApiError> {
    match &event.deed {
        EventKind::Record => record(work, pole, stage, event),
        EventKind::Step(step) => {
            let new = NewStep { step: code(step)?, reached_on: event.on, note: None };
            let case = cases::ops::find(work, &stage.scope, case(stage, event)?)?;
            steps::ops::record(work, &stage.scope, &case, &new).map(drop)
        }
        EventKind::Work(piece) => intervene(work, stage, event, piece),
        EventKind::Settle { place, childcare } => {
            let new = NewPlacement {
                organisation_id: stage.places[*place],
                childcare_type: code(childcare)?,
                starts_on: event.on,
                ends_on: None,
            };
            let case = cases::ops::find(work, &stage.scope, case(stage, event)?)?;
            placements::ops::record(work, &stage.scope, &case, &new)?;
            stage.tally.placements += 1;
            Ok(())
        }
        EventKind::Close(outcome) => {
            let closure = CaseClosure { outcome: code(outcome)?, closed_on: Some(event.on) };
            let case = cases::ops::find(work, &stage.scope, case(stage, event)?)?;
            cases::ops::close(work, &stage.scope, &case, &closure)?;
            stage.tally.cases.insert(event.request, true);
            Ok(())
        }
        _ => {
            let referral = act(work, stage, event)?;
            stage.tally.status.insert(event.request, referral.status.as_str());
            if let Some(case) = referral.case_id {
                opened(pole, stage, event, case);
            }
            Ok(())
        }
    }
}

fn act(work: &mut Work<'_>, stage: &Stage, event: &Event) -> Result<Referral, ApiError> {
    let row = referrals::ops::find(work, &stage.scope, referral(stage, event)?)?;
    let on = Some(event.on);
    let decision = match event.deed {
        EventKind::Agree(purpose) => {
            let agreement = FamilyAgreement { purpose: code(purpose)?, given_by: code("parent")?, given_on: event.on };
            return record_agreement(work, &stage.viewer, &row, &agreement);
        }
        EventKind::Qualify => Qualification { decided_on: on, ..Qualification::default() }.into(),
        EventKind::Accept(aside) => {
            let overrides = match aside {
                Some((rule, reason)) => vec![Override { rule: code(rule)?, reason: secret(reason) }],
                None => Vec::new(),
            };
            Acceptance { decided_on: on, overrides, ..Acceptance::default() }.into()
        }
        EventKind::Wait => WaitingListEntry { decided_on: on, ..WaitingListEntry::default() }.into(),
        EventKind::Decline(reason) => Refusal { reason: code(reason)?, comment: None, decided_on: on }.into(),
        EventKind::Redirect(place) => Redirection {
            organisation_id: stage.places[place],
            reason: None,
            comment: None,
            decided_on: on,
            overrides: Vec::new(),
        }
        .into(),
        EventKind::Withdraw => Withdrawal { decided_on: on, ..Withdrawal::default() }.into(),
        _ => Reopening { decided_on: on, comment: None }.into(),
    };
    decide(work, &stage.viewer, &row, decision)
}

fn record(work: &mut Work<'_>, pole: &Pole, stage: &mut Stage, event: &Event) -> Result<(), ApiError> {
    let request = &pole.requests[event.request];
    let new = new_referral(pole, stage, event, request)?;
    let recorded = referrals::create::create(work, &stage.viewer, new)?.referral;
    stage.known.referrals.insert(event.request, recorded.id);
    if let (About::Child(child), Some(id), Some(household)) = (request.about, recorded.child_id, recorded.household_id)
    {
        stage.known.children.insert(child, id);
        stage.known.households.insert(pole.children[child].family, household);
    }
    stage.tally.referrals += 1;
    *stage.tally.by_origin.entry(request.origin).or_default() += 1;
    stage.tally.status.insert(event.request, recorded.status.as_str());
    Ok(())
}

fn new_referral(pole: &Pole, stage: &Stage, event: &Event, request: &Request) -> Result<NewReferral, ApiError> {
    let (subject, child_id, organisation_id) = match request.about {
        About::Child(child) => (Subject::Child, stage.known.children.get(&child).copied(), None),
        About::Place(place) => (Subject::Structure, None, Some(stage.places[place])),
    };
    let (child, commune_code) = match request.about {
        About::Child(child) if child_id.is_none() => {
            let family = &pole.families[pole.children[child].family];
            (Some(new_child(pole, stage, child)?), Some(code(family.commune)?))
        }
        _ => (None, None),
    };
    let agreement = |purpose: &&'static str| {
        Ok(FamilyAgreement { purpose: code(purpose)?, given_by: code("parent")?, given_on: request.received_on })
    };
    Ok(NewReferral {
        service_id: stage.service,
        subject,
        origin: code(request.origin)?,
        origin_organisation_id: request.origin_place.map(|place| stage.places[place]),
        channel: code(request.channel)?,
        received_on: Some(request.received_on),
        urgency: code(request.urgency)?,
        child,
        child_id,
        organisation_id,
        commune_code,
        needs: request.needs.iter().map(|need| code(need)).collect::<Result<_, _>>()?,
        need_domain: request.domain.map(code).transpose()?,
        disability_family: None,
        recognition_status: request.recognition.map(code).transpose()?,
        current_childcare: request.childcare.map(|(kind, _)| code(kind)).transpose()?,
        current_childcare_organisation_id: request
            .childcare
            .and_then(|(_, place)| place)
            .map(|place| stage.places[place]),
        concerns_school_time: request.school_time,
        description: request.words.map(secret),
        family_agreements: request.agreements.iter().map(agreement).collect::<Result<_, ApiError>>()?,
        external_id: (request.channel == "web_form")
            .then(|| format!("formulaire-{}-{}", event.pole + 1, event.request + 1)),
    })
}

fn new_child(pole: &Pole, stage: &Stage, rank: usize) -> Result<ReferredChild, ApiError> {
    let child = &pole.children[rank];
    let family = &pole.families[child.family];
    let household_id = stage.known.households.get(&child.family).copied();
    let parent = NewContact {
        relation: code("parent")?,
        name: secret(&family.parent),
        phone: Some(secret(&family.phone)),
        email: family.email.as_deref().map(secret),
        holds_parental_authority: Some(true),
    };
    Ok(ReferredChild {
        identity: NewChild {
            given_name: child.given.map(secret),
            family_name: secret(&family.name),
            birth_date: child.given.map(|_| child.born),
            expected_on: child.given.is_none().then_some(child.born),
        },
        household_id,
        address: household_id.is_none().then(|| secret(&family.address)),
        contacts: if household_id.is_none() { vec![parent] } else { Vec::new() },
    })
}

fn intervene(work: &mut Work<'_>, stage: &mut Stage, event: &Event, piece: &Piece) -> Result<(), ApiError> {
    let participants = piece.with.iter().map(|(kind, number)| Ok(Participants { kind: code(kind)?, number: *number }));
    let new = NewIntervention {
        kind: code(piece.kind)?,
        held_on: piece.held_on,
        minutes: piece.minutes,
        travel_minutes: piece.travel,
        place: code(piece.at)?,
        mode: None,
        organisation_id: piece.place.map(|place| stage.places[place]),
        on_school_time: piece.on_school_time,
        next_action_on: piece.next_on,
        participants: participants.collect::<Result<_, ApiError>>()?,
        note: None,
    };
    let case = cases::ops::find(work, &stage.scope, case(stage, event)?)?;
    interventions::ops::record(work, &stage.scope, &case, &new)?;
    let sum = stage.tally.work.entry(piece.kind).or_default();
    *sum = (sum.0 + 1, sum.1 + i64::from(piece.minutes), sum.2 + i64::from(piece.travel));
    for (kind, number) in &piece.with {
        *stage.tally.attendances.entry(kind).or_default() += i64::from(*number);
    }
    Ok(())
}

/// Counts whom a case is about, once it is open.
fn opened(pole: &Pole, stage: &mut Stage, event: &Event, case: Id) {
    stage.known.cases.insert(event.request, case);
    stage.tally.cases.insert(event.request, false);
    match pole.requests[event.request].about {
        About::Child(child) => {
            stage.tally.children.insert(child);
            stage.tally.households.insert(pole.children[child].family);
        }
        About::Place(place) => drop(stage.tally.structures.insert(place)),
    }
}

fn referral(stage: &Stage, event: &Event) -> Result<Id, ApiError> {
    stage.known.referrals.get(&event.request).copied().ok_or_else(|| untold(event))
}

fn case(stage: &Stage, event: &Event) -> Result<Id, ApiError> {
    stage.known.cases.get(&event.request).copied().ok_or_else(|| untold(event))
}

/// The story tells something of what it has not told of yet.
fn untold(event: &Event) -> ApiError {
    log::error!("request {} of pôle {} is not there yet: {:?}", event.request, event.pole, event.deed);
    ApiError::new(Code::Internal)
}

fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}
