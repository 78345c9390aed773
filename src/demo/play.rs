//! Plays the story: each event through the use case that the API calls, at the event's own instant.
//!
//! The instant and the author are those of the unit of work, so the history reads as it would have been written; the
//! context keeps the machine's clock, and serves as soon as the story is played.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Duration, NaiveDate, NaiveTime};

use super::calls;
use super::collective_actions::Gathering;
use super::conventions::{self, Signing};
use super::kit_setup::Shelved;
use super::loan_tally::Lent;
use super::loans::Desk;
use super::setting::{self, Setting};
use super::story::{Event, Hand, Story};
use crate::auth::{PrincipalId, ServiceScope};
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::http::Context;
use crate::referrals::ops::Viewer;
use crate::trail::Call;
use crate::transactions::recorded;
use crate::work::Work;

/// Events of one transaction: the flush to disk is the cost.
const BATCH: usize = 250;

/// What was played.
#[derive(Clone, Debug)]
pub struct Played {
    /// The services, users and clients.
    pub setting: Setting,
    /// The figures of each pôle, counted while playing.
    pub tallies: Vec<Tally>,
}

/// What a pôle did, counted from the story and from nothing that is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Referrals recorded.
    pub referrals: i64,
    /// By who refers.
    pub by_origin: BTreeMap<&'static str, i64>,
    /// The state of each referral.
    pub status: BTreeMap<usize, &'static str>,
    /// Cases, by the request that opened them; whether each is closed.
    pub cases: BTreeMap<usize, bool>,
    /// Children with a case.
    pub children: BTreeSet<usize>,
    /// Households with a child with a case.
    pub households: BTreeSet<usize>,
    /// Structures with a case.
    pub structures: BTreeSet<usize>,
    /// Interventions: number, minutes, travel, by type.
    pub work: BTreeMap<&'static str, (i64, i64, i64)>,
    /// Attendances by kind.
    pub attendances: BTreeMap<&'static str, i64>,
    /// Placements.
    pub placements: i64,
    /// Kits and loans.
    pub lent: Lent,
    /// Conventions.
    pub conventions: usize,
    /// Collective actions, those to come included.
    pub actions: usize,
    /// Referents.
    pub referents: usize,
    /// Releases of statistics.
    pub releases: usize,
}

impl Tally {
    /// Referrals in a state.
    pub fn in_state(&self, status: &str) -> i64 {
        count(self.status.values().filter(|one| **one == status))
    }

    /// Interventions, their minutes, their travel.
    pub fn all_work(&self) -> (i64, i64, i64) {
        self.work.values().fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2))
    }

    /// Cases that are still open.
    pub fn open_cases(&self) -> i64 {
        count(self.cases.values().filter(|closed| !**closed))
    }
}

fn count<T>(of: impl Iterator<Item = T>) -> i64 {
    i64::try_from(of.count()).unwrap_or(i64::MAX)
}

/// The identifiers that the database gave to what the story names by rank.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) households: BTreeMap<usize, Id>,
    pub(super) children: BTreeMap<usize, Id>,
    pub(super) referrals: BTreeMap<usize, Id>,
    pub(super) cases: BTreeMap<usize, Id>,
}

/// Who acts in a pôle, and what is known so far.
pub(super) struct Stage {
    pub(super) service: Id,
    pub(super) places: Vec<Id>,
    pub(super) kits: Vec<Shelved>,
    pub(super) scope: ServiceScope,
    pub(super) viewer: Viewer,
    pub(super) known: Known,
    pub(super) tally: Tally,
    coordinator: PrincipalId,
    psychologist: PrincipalId,
    form: PrincipalId,
}

impl Stage {
    fn new(setting: &Setting, pole: usize) -> Self {
        let service = setting.services[pole].id;
        let scope = ServiceScope::one(service);
        Self {
            service,
            places: setting.places[pole].clone(),
            kits: setting.kits[pole].clone(),
            viewer: Viewer { scope: scope.clone(), identities: scope.clone() },
            scope,
            known: Known::default(),
            tally: Tally::default(),
            coordinator: setting.users[if pole == 0 { 0 } else { 3 }].id,
            psychologist: setting.users[1].id,
            form: PrincipalId::Client(setting.clients[0].client_id),
        }
    }

    fn who(&self, hand: Hand) -> PrincipalId {
        match hand {
            Hand::Coordinator => self.coordinator,
            Hand::Psychologist => self.psychologist,
            Hand::SiteForm => self.form,
        }
    }
}

/// Plays a story on a migrated database that holds nothing yet.
pub fn play(context: &Context, story: Story) -> Result<Played, ApiError> {
    let setting = setting::set(context, &story)?;
    let mut stages: Vec<Stage> = (0..story.poles.len()).map(|pole| Stage::new(&setting, pole)).collect();
    let instants = Arc::new(instants(&story.events));
    let story = Arc::new(story);
    for first in (0..story.events.len()).step_by(BATCH) {
        let (story, instants) = (Arc::clone(&story), Arc::clone(&instants));
        stages = context.write_blocking(PrincipalId::Local, move |work| {
            let last = (first + BATCH).min(story.events.len());
            for (event, minute) in story.events[first..last].iter().zip(&instants[first..last]) {
                let stage = &mut stages[event.pole];
                let by = stage.who(event.by);
                let call = Call { operation: event.deed.operation().to_owned(), ..by.into() };
                at(work, event.on, *minute, call, |work| calls::play(work, &story.poles[event.pole], stage, event))?;
            }
            Ok(stages)
        })?;
    }
    for pole in 0..story.poles.len() {
        stages = lend(context, &story, stages, pole)?;
    }
    sign_and_gather(context, &story, &mut stages)?;
    Ok(Played { setting, tallies: stages.into_iter().map(|stage| stage.tally).collect() })
}

/// Plays the conventions of the first pôle, and whom it gathers: after everything else, as nothing of it is about a child.
fn sign_and_gather(context: &Context, story: &Arc<Story>, stages: &mut [Stage]) -> Result<(), ApiError> {
    let Some(stage) = stages.first_mut() else { return Ok(()) };
    let signing = Signing { service: stage.service, by: stage.coordinator, today: story.today };
    stage.tally.conventions =
        context.write_blocking(PrincipalId::Local, move |work| conventions::play(work, &signing))?;
    let (service, coordinator, psychologist) = (stage.service, stage.coordinator, stage.psychologist);
    let (places, story) = (stage.places.clone(), Arc::clone(story));
    (stage.tally.actions, stage.tally.referents) = context.write_blocking(PrincipalId::Local, move |work| {
        let pole = &story.poles[0];
        let nurseries = pole.places.iter().zip(&places).filter(|(place, _)| place.kind == "eaje").map(|(_, id)| *id);
        let nurseries: Vec<Id> = nurseries.collect();
        let (people, from, today) = (&pole.lending.professionals, story.from, story.today);
        let gathering = Gathering { service, coordinator, psychologist, from, today, nurseries: &nurseries, people };
        gathering.play(work)
    })?;
    Ok(())
}

/// Plays what a pôle lends, after everything else: families are known by then, and each step has its own instant.
fn lend(context: &Context, story: &Arc<Story>, mut stages: Vec<Stage>, pole: usize) -> Result<Vec<Stage>, ApiError> {
    let kits = &story.poles[pole].lending.kits;
    let lent = &mut stages[pole].tally.lent;
    (lent.kits, lent.copies) = (kits.len(), kits.iter().map(|kit| kit.copies.len()).sum());
    let mut desk = Desk::new(&story.poles[pole], story.today, stages[pole].coordinator);
    let mut open = true;
    while open {
        let story = Arc::clone(story);
        (stages, desk, open) = context.write_blocking(PrincipalId::Local, move |work| {
            let (told, stage) = (&story.poles[pole], &mut stages[pole]);
            for _ in 0..BATCH {
                if !desk.next(work, told, stage)? {
                    desk.close(work, stage)?;
                    return Ok((stages, desk, false));
                }
            }
            Ok((stages, desk, true))
        })?;
    }
    Ok(stages)
}

/// The minute of each event since the office opened: those of a day follow one another until the evening.
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

/// Acts in the same transaction at another instant and for another author, with changes and an event of its own. Never
/// after the present: today's events are brought back to it.
pub(super) fn at<T>(
    work: &mut Work<'_>,
    on: NaiveDate,
    minute: i64,
    call: impl Into<Call>,
    act: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    // Seven o'clock in UTC is the morning in metropolitan France, in summer and in winter.
    let morning = on.and_time(NaiveTime::MIN).and_utc() + Duration::minutes(7 * 60 + minute);
    let now = UtcTs::from(morning).min(work.now);
    recorded(Work::new(&mut *work.conn, work.vault, now, call), act)
}
