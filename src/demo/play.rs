//! Plays the story: each event runs the use case that the API calls, at the instant of the event.
//!
//! Each use case runs as the author of the event, so the history is what those users would have written. The context
//! keeps the machine's clock, so that the API can be served on it afterwards.

use std::sync::Arc;

use super::appointments;
use super::backdating::at;
use super::calls;
use super::collective_actions::ActionPlayback;
use super::conventions::{self, ConventionPlayback};
use super::loans::LoanPlayback;
use super::pathways::Pathways;
use super::placements::PlacementPlayback;
use super::setup::{self, Setup};
use super::states::PoleState;
use super::story::{Event, Story};
use super::tally::Tally;
use super::twins;
use super::work as team_work;
use super::writing;
use crate::auth::PrincipalId;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::Context;
use crate::trail::Call;

/// Events per transaction. The flush to disk is the main cost.
const BATCH: usize = 250;

/// The result of playing a story.
#[derive(Clone, Debug)]
pub struct Played {
    /// The services, users and clients.
    pub setup: Setup,
    /// The figures of each pôle, counted while the story was played.
    pub tallies: Vec<Tally>,
}

/// Plays a story on a migrated, empty database.
pub fn play(context: &Context, story: Story) -> Result<Played, ApiError> {
    let setup = setup::create(context, &story)?;
    let mut states: Vec<PoleState> = (0..story.poles.len()).map(|pole| PoleState::new(&setup, pole)).collect();
    let instants = Arc::new(instants(&story.events));
    let story = Arc::new(story);
    for first in (0..story.events.len()).step_by(BATCH) {
        let (story, instants) = (Arc::clone(&story), Arc::clone(&instants));
        states = context.write_blocking(PrincipalId::Local, move |work| {
            let last = (first + BATCH).min(story.events.len());
            for (event, minute) in story.events[first..last].iter().zip(&instants[first..last]) {
                let state = &mut states[event.pole];
                let by = state.principal(event.by);
                let call = Call { operation: event.kind.operation().to_owned(), ..by.into() };
                at(work, event.on, *minute, call, |work| {
                    calls::play_event(work, &story.poles[event.pole], state, event)
                })?;
            }
            Ok(states)
        })?;
    }
    for pole in 0..story.poles.len() {
        states = play_lending(context, &story, states, pole)?;
    }
    plan_appointments(context, &story, &states)?;
    states = play_work(context, &story, states)?;
    follow_placements(context, &story, &states)?;
    states = merge_twins(context, &story, states)?;
    play_conventions_and_actions(context, &story, &mut states)?;
    Ok(Played { setup, tallies: states.into_iter().map(|state| state.tally).collect() })
}

/// Plans appointments about the open cases of each pôle, and gives some of them a pathway, by its coordinator.
fn plan_appointments(context: &Context, story: &Story, states: &[PoleState]) -> Result<(), ApiError> {
    for state in states {
        let open = state.tally.cases.iter().filter(|(_, closed)| !**closed);
        let cases: Vec<Id> = open.filter_map(|(request, _)| state.ids.cases.get(request).copied()).collect();
        let (service, by, today) = (state.service, state.coordinator, story.today);
        context.write_blocking(PrincipalId::Local, move |work| {
            appointments::plan_ahead(work, service, by, today, &cases)?;
            appointments::declare_leave(work, service, by, today)?;
            Pathways { service, by, today, cases: &cases }.play(work)
        })?;
    }
    Ok(())
}

/// Merges a child of each pôle that was recorded twice.
fn merge_twins(context: &Context, story: &Arc<Story>, states: Vec<PoleState>) -> Result<Vec<PoleState>, ApiError> {
    let story = Arc::clone(story);
    context.write_blocking(PrincipalId::Local, move |work| {
        for (pole, state) in story.poles.iter().zip(&states) {
            twins::merge_one(work, pole, state, story.today)?;
        }
        Ok(states)
    })
}

/// Records the work of each pôle that is about several cases or about none.
fn play_work(context: &Context, story: &Arc<Story>, mut states: Vec<PoleState>) -> Result<Vec<PoleState>, ApiError> {
    let story = Arc::clone(story);
    context.write_blocking(PrincipalId::Local, move |work| {
        for (rank, (pole, state)) in story.poles.iter().zip(&mut states).enumerate() {
            let open = state.tally.cases.iter().filter(|(_, closed)| !**closed);
            let cases: Vec<Id> = open.filter_map(|(request, _)| state.ids.cases.get(request).copied()).collect();
            team_work::play(work, state, (pole.opened_on, story.today), &cases)?;
            // The psychologist is one of the first pôle.
            let reader = (rank == 0).then_some(state.psychologist);
            writing::play(work, state, (pole.opened_on, story.today), &cases, reader)?;
        }
        Ok(states)
    })
}

/// Follows the placements of each pôle, by its coordinator.
fn follow_placements(context: &Context, story: &Story, states: &[PoleState]) -> Result<(), ApiError> {
    for (pole, state) in story.poles.iter().zip(states) {
        let playback = PlacementPlayback::new(pole, state, (story.from, story.today));
        context.write_blocking(PrincipalId::Local, move |work| playback.play(work))?;
    }
    Ok(())
}

/// Plays the conventions, collective actions and referents of the first pôle. They come last: they depend on no child.
fn play_conventions_and_actions(
    context: &Context,
    story: &Arc<Story>,
    states: &mut [PoleState],
) -> Result<(), ApiError> {
    let Some(state) = states.first_mut() else { return Ok(()) };
    let playback = ConventionPlayback { service: state.service, by: state.coordinator, today: story.today };
    state.tally.conventions =
        context.write_blocking(PrincipalId::Local, move |work| conventions::play(work, &playback))?;
    let (service, coordinator, psychologist) = (state.service, state.coordinator, state.psychologist);
    let (ids, story) = (state.organisations.clone(), Arc::clone(story));
    (state.tally.actions, state.tally.referents) = context.write_blocking(PrincipalId::Local, move |work| {
        let pole = &story.poles[0];
        let nurseries = pole
            .organisations
            .iter()
            .zip(&ids)
            .filter(|(organisation, _)| organisation.kind == "eaje")
            .map(|(_, id)| *id);
        let nurseries: Vec<Id> = nurseries.collect();
        let (people, from, today) = (&pole.lending.professionals, story.from, story.today);
        let playback =
            ActionPlayback { service, coordinator, psychologist, from, today, nurseries: &nurseries, people };
        playback.play(work)
    })?;
    Ok(())
}

/// Plays the lending of a pôle, after the requests: all families are known by then, and each step has its own instant.
fn play_lending(
    context: &Context,
    story: &Arc<Story>,
    mut states: Vec<PoleState>,
    pole: usize,
) -> Result<Vec<PoleState>, ApiError> {
    let kits = &story.poles[pole].lending.kits;
    let tally = &mut states[pole].tally.loans;
    (tally.kits, tally.copies) = (kits.len(), kits.iter().map(|kit| kit.copies.len()).sum());
    let mut playback = LoanPlayback::new(&story.poles[pole], story.today, states[pole].coordinator);
    let mut unfinished = true;
    while unfinished {
        let story = Arc::clone(story);
        (states, playback, unfinished) = context.write_blocking(PrincipalId::Local, move |work| {
            let (written, state) = (&story.poles[pole], &mut states[pole]);
            for _ in 0..BATCH {
                if !playback.next(work, written, state)? {
                    playback.close(work, state)?;
                    return Ok((states, playback, false));
                }
            }
            Ok((states, playback, true))
        })?;
    }
    Ok(states)
}

/// The minute of each event since the morning of its day. The events of a day are spread out until the evening.
fn instants(events: &[Event]) -> Vec<i64> {
    let mut minutes = Vec::with_capacity(events.len());
    let mut start = 0;
    while start < events.len() {
        let day = events[start].on;
        let length = events[start..].iter().take_while(|event| event.on == day).count();
        let step = (480 / i64::try_from(length).unwrap_or(480)).clamp(1, 40);
        minutes.extend((0..length).map(|rank| (i64::try_from(rank).unwrap_or(0) * step).min(480)));
        start += length;
    }
    minutes
}
