//! Making builds, one at a time, on a thread that nothing else waits for.
//!
//! Taking the figures and writing the outcome are short transactions; the proof runs between them, without any. Any instance can
//! take a build; one whose maker died is taken again.

use std::time::{Duration, Instant};

use super::dto::{NewStatisticsBuild, StatisticsBuild};
use super::model::BuildStatus;
use super::ops;
use super::prepare::{self, Drafts};
use super::store::{self, BuildRow};
use crate::auth::{PrincipalId, ServiceScope};
use crate::db::{Id, UtcTs};
use crate::error::ApiError;
use crate::http::Context;
use crate::trail::Resource;
use crate::work::Work;
use passerelle_disclosure::making::Withheld;
use passerelle_disclosure::question::{Refusal, Watch};

/// How often a build says how far it is, and looks whether it should stop.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

/// A build whose maker was silent for so long is taken by another.
const SILENCE: chrono::Duration = chrono::Duration::minutes(2);

/// How often a build is begun before it is given up: what stops it every time would stop it for ever.
const ATTEMPTS: i32 = 3;

/// Makes the builds that wait, the first asked for first.
pub fn make_waiting(context: &Context) -> Result<(), ApiError> {
    while let Some(row) = claim(context)? {
        if row.status == BuildStatus::Running {
            make(context, &row, &mut |_, _| true)?;
        }
    }
    Ok(())
}

/// Asks for figures and makes them here and now, whatever waits: how it ended. Who watches is told how many counts of how many are
/// proved, and may stop it.
pub fn make_now(
    context: &Context,
    service: Id,
    new: NewStatisticsBuild,
    watch: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<StatisticsBuild, ApiError> {
    let row = context.write_blocking(PrincipalId::Local, move |work| {
        // Nobody else would end what a maker that is gone left.
        ops::end_left(work, service, new.year, work.now.plus(-SILENCE))?;
        let asked = ops::create(work, service, &new)?.id;
        let row = store::build(work.conn, &ServiceScope::one(service), asked)?;
        let next = BuildRow { status: BuildStatus::Running, seen_at: Some(work.now), attempts: 1, ..row.clone() };
        store::put_build(work.conn, row.version, &next)?;
        Ok(next)
    })?;
    let made = make(context, &row, watch);
    let id = row.id;
    if let Err(error) = made {
        context.write_blocking(PrincipalId::Local, move |work| {
            let row = ops::find(work, &ServiceScope::one(service), id)?;
            ops::cancel(work, &row).map(drop)
        })?;
        return Err(error);
    }
    context.read_blocking(PrincipalId::Local, |work| ops::get(work, &ServiceScope::one(service), id))
}

/// Takes the build that has waited longest, or gives it up.
fn claim(context: &Context) -> Result<Option<BuildRow>, ApiError> {
    let now = context.now();
    context.write_blocking(PrincipalId::Local, move |work| {
        let Some(row) = store::next(work.conn, now.plus(-SILENCE))? else { return Ok(None) };
        let over = row.attempts >= ATTEMPTS;
        let taken = BuildRow {
            status: if over { BuildStatus::Withheld } else { BuildStatus::Running },
            refusal: over
                .then(|| format!("it was begun {ATTEMPTS} times and never ended: the service's own log says why")),
            seen_at: Some(now),
            attempts: row.attempts + i32::from(!over),
            version: row.version + 1,
            updated_at: now,
            ..row.clone()
        };
        // Of two instances one is first; the other comes back for the next.
        if !store::put_build(work.conn, row.version, &taken)? {
            return Ok(None);
        }
        work.changed(Resource::StatisticsBuild, taken.service_id, taken.id);
        Ok(Some(taken))
    })
}

fn make(context: &Context, row: &BuildRow, watch: &mut dyn FnMut(usize, usize) -> bool) -> Result<(), ApiError> {
    let taking = row.clone();
    let (taken, facts) = context.write_blocking(PrincipalId::Local, move |work| prepare::take(work, &taking))?;
    let of = (taken.published_through, taken.cut_off);
    let mut progress = Progress { context, id: row.id, last: None, watch };
    let outcome = prepare::draft(&taken, facts, &mut progress);
    let (id, service) = (row.id, row.service_id);
    context.write_blocking(PrincipalId::Local, move |work| settle(work, service, id, of, outcome))
}

/// Makes a build that waits within one transaction, for whoever has the database alone: it stays shut meanwhile.
pub fn make_here(work: &mut Work<'_>, row: &BuildRow) -> Result<(), ApiError> {
    let running =
        BuildRow { status: BuildStatus::Running, version: row.version + 1, updated_at: work.now, ..row.clone() };
    if !store::put_build(work.conn, row.version, &running)? {
        return Err(ApiError::overtaken());
    }
    let (taken, facts) = prepare::take(work, &running)?;
    let of = (taken.published_through, taken.cut_off);
    let outcome = prepare::draft(&taken, facts, &mut ());
    settle(work, row.service_id, row.id, of, outcome)
}

/// Writes what became of a build, unless it was stopped meanwhile.
fn settle(
    work: &mut Work<'_>,
    service: Id,
    id: Id,
    (published_through, cut_off): (i32, UtcTs),
    outcome: Result<Drafts, Withheld>,
) -> Result<(), ApiError> {
    let row = store::build(work.conn, &ServiceScope::one(service), id)?;
    if row.status != BuildStatus::Running {
        return Ok(());
    }
    let proved = i32::try_from(outcome.as_ref().map_or(0, proved)).unwrap_or(i32::MAX);
    let (status, result, refusal) = settled(outcome)?;
    let next = BuildRow {
        status,
        result,
        refusal,
        published_through: Some(published_through),
        cut_off: Some(cut_off),
        proved,
        to_prove: proved,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    if store::put_build(work.conn, row.version, &next)? {
        work.changed(Resource::StatisticsBuild, next.service_id, next.id);
    }
    Ok(())
}

fn proved(drafts: &Drafts) -> usize {
    drafts.open.utility.iter().chain(&drafts.partner.utility).map(|utility| utility.proved).sum()
}

type Settled = (BuildStatus, Option<String>, Option<String>);

fn settled(outcome: Result<Drafts, Withheld>) -> Result<Settled, ApiError> {
    match outcome {
        Ok(drafts) => {
            let result = serde_json::to_string(&drafts).map_err(|error| {
                log::error!("a draft could not be written: {error}");
                ApiError::new(crate::error::Code::Internal)
            })?;
            Ok((BuildStatus::Ready, Some(result), None))
        }
        Err(withheld) if withheld.refusal == Refusal::Cancelled => Ok((BuildStatus::Cancelled, None, None)),
        Err(withheld) => Ok((BuildStatus::Withheld, None, Some(prepare::sentence(&withheld)))),
    }
}

/// Tells how far a build is, and stops it when somebody asked for that.
struct Progress<'a> {
    context: &'a Context,
    id: Id,
    last: Option<Instant>,
    watch: &'a mut dyn FnMut(usize, usize) -> bool,
}

impl Watch for Progress<'_> {
    fn progress(&mut self, proved: usize, of: usize) -> bool {
        if !(self.watch)(proved, of) {
            return false;
        }
        if self.last.is_some_and(|last| last.elapsed() < SIGN_OF_LIFE) {
            return true;
        }
        self.last = Some(Instant::now());
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let (id, how_far, now) = (self.id, (number(proved), number(of)), self.context.now());
        let noted = self
            .context
            .write_blocking(PrincipalId::Local, move |work| Ok(store::note_progress(work.conn, id, how_far, now)?));
        // A database that is busy does not stop the proof.
        noted.unwrap_or(true)
    }
}
