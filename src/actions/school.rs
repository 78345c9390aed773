//! Who and where a collective action involves: the organisations that it names, and the rule on schools
//! ([`crate::services::public`]).

use std::collections::HashMap;

use super::dto::new::{ActionPatch, ActionSpeakerInput};
use super::dto::{ActionParticipants, ActionSpeaker};
use super::store::{ActionRow, details};
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults};
use crate::nomenclatures::codes::{OrganisationKind, ParticipantType};
use crate::organisations;
use crate::services::public::model::school::{Around, Door};
use crate::work::Work;

/// The kinds of the organisations that a request names.
type Kinds = HashMap<Id, OrganisationKind>;

/// Checks whom a new action involves: unknown organisations, and what is out of scope around school.
pub(super) fn check_new(
    work: &mut Work<'_>,
    row: &ActionRow,
    speakers: &[ActionSpeakerInput],
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let kinds = kinds_of(work, row, row.organiser_id, speakers, faults)?;
    let around = organiser(Around::new(Door::Action(&row.kind)).place("/place", &row.place), row, &kinds);
    faults.add(with_speakers(around, speakers, &kinds).faults());
    Ok(())
}

/// Checks whom a corrected action involves: what the patch changes, or all of it if the kind of action changes.
pub(super) fn check_corrected(
    work: &mut Work<'_>,
    row: &ActionRow,
    new: &ActionRow,
    patch: &ActionPatch,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let given = patch.speakers.as_deref().unwrap_or_default();
    let changed = new.organiser_id.filter(|_| new.organiser_id != row.organiser_id);
    let kinds = kinds_of(work, new, changed, given, faults)?;
    let mut around = Around::new(Door::Action(&new.kind));
    if new.kind != row.kind {
        // Another kind of action makes the whole of it in or out of scope.
        faults.add(recorded(work, new, patch)?.faults());
    }
    if new.place != row.place {
        around = around.place("/place", &new.place);
    }
    if new.organiser_role != row.organiser_role || changed.is_some() {
        around = organiser(around, new, &kinds);
    }
    around = with_speakers(around, given, &kinds);
    faults.add(participants(around, patch.participants.as_deref().unwrap_or_default(), None).faults());
    Ok(())
}

/// What an action already involves and a patch does not change, at the pointer of the kind.
fn recorded<'a>(work: &mut Work<'_>, new: &'a ActionRow, patch: &ActionPatch) -> Result<Around<'a>, ApiError> {
    let mut had = details::of(work.conn, &[new.id])?;
    let speakers: Vec<ActionSpeaker> = match patch.speakers {
        Some(_) => Vec::new(),
        None => had.speakers.remove(&new.id).unwrap_or_default(),
    };
    let came: Vec<ActionParticipants> = match patch.participants {
        Some(_) => Vec::new(),
        None => had.participants.remove(&new.id).unwrap_or_default(),
    };
    let kind = || "/kind".to_owned();
    let mut around = Around::new(Door::Action(&new.kind));
    if patch.place.is_none() {
        around = around.place("/kind", &new.place);
    }
    let named = speakers.iter().filter_map(|speaker| speaker.organisation_id).chain(new.organiser_id);
    let named: Vec<Id> = named.collect();
    let kinds = organisations::store::find(work.conn, new.service_id, &named)?;
    around = around.people(speakers.iter().map(|speaker| (kind(), &speaker.role)));
    around = around.organisations(kinds.values().map(|organisation| (kind(), &organisation.kind)));
    if patch.organiser_role.is_none() {
        around = around.people([(kind(), &new.organiser_role)]);
    }
    Ok(participants(around, &came, Some("/kind")))
}

/// The faults of the people who came to an action, and of its place. `given` says whether the request
/// gives the participants: otherwise they were recorded before.
pub(super) fn held_faults(row: &ActionRow, came: &[ActionParticipants], given: bool) -> Vec<Fault> {
    let around = Around::new(Door::Action(&row.kind)).place("", &row.place);
    participants(around, came, (!given).then_some("/participants")).faults()
}

/// The faults of a registration for an action.
pub(super) fn registration_faults(
    row: &ActionRow,
    who: &ParticipantType,
    organisation: Option<&OrganisationKind>,
) -> Vec<Fault> {
    let around = Around::new(Door::Action(&row.kind)).people([("/participant_type".to_owned(), who)]);
    around.organisations(organisation.map(|kind| ("/organisation_id".to_owned(), kind))).faults()
}

fn kinds_of(
    work: &mut Work<'_>,
    row: &ActionRow,
    organiser: Option<Id>,
    speakers: &[ActionSpeakerInput],
    faults: &mut Faults,
) -> Result<Kinds, ApiError> {
    let of_speaker = |(rank, speaker): (usize, &ActionSpeakerInput)| {
        (format!("/speakers/{rank}/organisation_id"), speaker.organisation_id)
    };
    let named: Vec<(String, Option<Id>)> = [("/organiser_id".to_owned(), organiser)]
        .into_iter()
        .chain(speakers.iter().enumerate().map(of_speaker))
        .collect();
    let found = organisations::ops::find_named(work, row.service_id, &named, faults)?;
    Ok(found.into_iter().map(|(id, organisation)| (id, organisation.kind)).collect())
}

fn organiser<'a>(around: Around<'a>, row: &ActionRow, kinds: &Kinds) -> Around<'a> {
    let kind = row.organiser_id.and_then(|id| kinds.get(&id));
    around
        .people([("/organiser_role".to_owned(), &row.organiser_role)])
        .organisations(kind.map(|kind| ("/organiser_id".to_owned(), kind)))
}

fn with_speakers<'a>(around: Around<'a>, speakers: &[ActionSpeakerInput], kinds: &Kinds) -> Around<'a> {
    let numbered = || speakers.iter().enumerate();
    let kind = |(rank, speaker): (usize, &ActionSpeakerInput)| {
        let kind = kinds.get(&speaker.organisation_id?)?;
        Some((format!("/speakers/{rank}/organisation_id"), kind))
    };
    around
        .people(numbered().map(|(rank, speaker)| (format!("/speakers/{rank}/role"), &speaker.role)))
        .organisations(numbered().filter_map(kind))
}

fn participants<'a>(around: Around<'a>, came: &[ActionParticipants], at: Option<&str>) -> Around<'a> {
    let pointer = |rank| at.map_or_else(|| format!("/participants/{rank}/participant_type"), str::to_owned);
    around.people(came.iter().enumerate().map(|(rank, one)| (pointer(rank), &one.participant_type)))
}
