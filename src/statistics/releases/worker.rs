//! Runs builds, one at a time, in a background job.
//!
//! Taking the figures and writing the outcome are short transactions; the proof runs between them, outside any
//! transaction. Any instance can claim a build. An instance that stops hands its build back, and another claims it at
//! once. A build whose worker died is claimed again after two minutes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::drafts::Drafts;
use super::dto::{StatisticsBuild, StatisticsBuildInput};
use super::model::BuildStatus;
use super::ops;
use super::prepare;
use super::refusals;
use super::store::{self, BuildRow};
use crate::auth::ServiceScope;
use crate::db::{Id, SystemScope, UtcTs};
use crate::error::ApiError;
use crate::http::Context;
use crate::trail::{Call, Resource};
use crate::work::Work;
use passerelle_disclosure::making::Withheld;
use passerelle_disclosure::question::{Refusal, Watch};

/// Time between two heartbeats: a heartbeat stores the progress and checks for cancellation.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// After this time without a heartbeat, another worker claims the build.
const TIMEOUT: chrono::Duration = chrono::Duration::minutes(2);

/// How many times a build is started. A build that never ends would otherwise be retried for ever.
const ATTEMPTS: i32 = 3;

/// The worker of an instance. Clones are the same worker.
#[derive(Clone, Debug, Default)]
pub struct Worker {
    /// Whether the instance is stopping. It claims no build then, and abandons the one that it makes.
    stopping: Arc<AtomicBool>,
    /// The build that is being made, as it was claimed. Locked while a build is claimed or handed back.
    claimed: Arc<Mutex<Option<BuildRow>>>,
}

impl Worker {
    /// Runs the queued builds, oldest first.
    pub fn run_queued(&self, context: &Context) -> Result<(), ApiError> {
        while let Some(row) = self.claim(context)? {
            let made = make(context, &row, &mut |_, _| !self.is_stopping(), &self.stopping);
            // When the instance is stopping, the build may still have to be handed back.
            if !self.is_stopping() {
                *self.claimed() = None;
            }
            made?;
        }
        Ok(())
    }

    /// Puts the build that is being made back into the queue, because the instance is stopping: another instance can
    /// claim it at once, and the attempt does not count. Returns whether there was one.
    pub fn hand_back(&self, context: &Context) -> Result<bool, ApiError> {
        self.stopping.store(true, Ordering::SeqCst);
        let Some(row) = self.claimed().take() else { return Ok(false) };
        context.write_blocking(Call::of_service(row.service_id), move |work| {
            let queued = BuildRow {
                status: BuildStatus::Queued,
                seen_at: None,
                attempts: row.attempts - 1,
                version: row.version + 1,
                updated_at: work.now,
                ..row.clone()
            };
            // Otherwise it has ended, or was cancelled, or another instance has claimed it.
            let handed_back = store::put_build(work.conn, row.version, &queued)?;
            if handed_back {
                work.changed(Resource::StatisticsBuild, row.service_id, row.id);
            }
            Ok(handed_back)
        })
    }

    /// Claims the next build that is to be made.
    fn claim(&self, context: &Context) -> Result<Option<BuildRow>, ApiError> {
        let mut claimed = self.claimed();
        while !self.is_stopping() {
            let Some(row) = claim(context)? else { break };
            if row.status == BuildStatus::Running {
                *claimed = Some(row.clone());
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn claimed(&self) -> MutexGuard<'_, Option<BuildRow>> {
        self.claimed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}

/// Runs the queued builds, oldest first, to the end.
pub fn run_queued(context: &Context) -> Result<(), ApiError> {
    Worker::default().run_queued(context)
}

/// Requests a build and runs it at once, ahead of the queue. Returns the finished build. `watch` gets the number of
/// counts proved and to prove, and returns false to cancel.
pub fn run_now(
    context: &Context,
    service: Id,
    new: StatisticsBuildInput,
    watch: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<StatisticsBuild, ApiError> {
    let row = context.write_blocking(Call::of_service(service), move |work| {
        // Without a server, nobody else cancels what a dead worker left.
        ops::cancel_abandoned(work, service, new.year, work.now.plus(-TIMEOUT))?;
        let asked = ops::create(work, service, &new)?.id;
        let row = store::build(work.conn, &ServiceScope::one(service), asked)?;
        let next = BuildRow { status: BuildStatus::Running, seen_at: Some(work.now), attempts: 1, ..row.clone() };
        store::put_build(work.conn, row.version, &next)?;
        Ok(next)
    })?;
    let made = make(context, &row, watch, &Arc::default());
    let id = row.id;
    if let Err(error) = made {
        context.write_blocking(Call::of_service(service), move |work| {
            let row = ops::find(work, &ServiceScope::one(service), id)?;
            ops::cancel(work, &row).map(drop)
        })?;
        return Err(error);
    }
    context.read_blocking(Call::of_service(service), |work| ops::get(work, &ServiceScope::one(service), id))
}

/// Claims the build that has waited longest; withholds it after too many attempts.
fn claim(context: &Context) -> Result<Option<BuildRow>, ApiError> {
    let now = context.now();
    let next = context
        .read_blocking(SystemScope::Jobs, |work| Ok::<_, ApiError>(store::next(work.conn, now.plus(-TIMEOUT))?))?;
    let Some(row) = next else { return Ok(None) };
    context.write_blocking(Call::of_service(row.service_id), move |work| {
        let over = row.attempts >= ATTEMPTS;
        let taken = BuildRow {
            status: if over { BuildStatus::Withheld } else { BuildStatus::Running },
            refusal: over.then(|| refusals::never_ended(ATTEMPTS)),
            seen_at: Some(now),
            attempts: row.attempts + i32::from(!over),
            version: row.version + 1,
            updated_at: now,
            ..row.clone()
        };
        // Another instance claimed it first. The next run looks again.
        if !store::put_build(work.conn, row.version, &taken)? {
            return Ok(None);
        }
        work.changed(Resource::StatisticsBuild, taken.service_id, taken.id);
        Ok(Some(taken))
    })
}

/// Makes a claimed build and writes its outcome. Once the instance is `stopping`, the build is handed back: nothing of what
/// was done for it is kept.
fn make(
    context: &Context,
    row: &BuildRow,
    watch: &mut dyn FnMut(usize, usize) -> bool,
    stopping: &Arc<AtomicBool>,
) -> Result<(), ApiError> {
    let is_abandoned = || stopping.load(Ordering::SeqCst);
    let (claimed, taking, interrupt) = (row.clone(), row.clone(), Arc::clone(stopping));
    let taken = context.write_blocking(Call::of_service(row.service_id), move |work| {
        work.interrupted_by(interrupt);
        prepare::take(work, &taking)
    });
    if taken.is_err() && is_abandoned() {
        return Ok(());
    }
    let (taken, facts) = taken?;
    let of = (taken.published_through, taken.cut_off);
    let mut progress = Progress { context, claimed: row, last: None, watch };
    let outcome = prepare::draft(&taken, facts, &mut progress);
    if outcome.as_ref().is_err_and(is_cancelled) && is_abandoned() {
        return Ok(());
    }
    context.write_blocking(Call::of_service(row.service_id), move |work| write_outcome(work, &claimed, of, outcome))
}

/// Runs a queued build within one transaction, for a caller that has the database to itself: it is locked meanwhile.
pub fn run_in_transaction(work: &mut Work<'_>, row: &BuildRow) -> Result<(), ApiError> {
    let running =
        BuildRow { status: BuildStatus::Running, version: row.version + 1, updated_at: work.now, ..row.clone() };
    ApiError::require_first(store::put_build(work.conn, row.version, &running)?)?;
    let (taken, facts) = prepare::take(work, &running)?;
    let of = (taken.published_through, taken.cut_off);
    let outcome = prepare::draft(&taken, facts, &mut ());
    write_outcome(work, &running, of, outcome)
}

/// Writes the outcome of a build, unless it was cancelled or claimed by another worker meanwhile.
fn write_outcome(
    work: &mut Work<'_>,
    claimed: &BuildRow,
    (published_through, cut_off): (i32, UtcTs),
    outcome: Result<Drafts, Withheld>,
) -> Result<(), ApiError> {
    let row = store::build(work.conn, &ServiceScope::one(claimed.service_id), claimed.id)?;
    if row.status != BuildStatus::Running || row.version != claimed.version {
        return Ok(());
    }
    let proved = i32::try_from(outcome.as_ref().map_or(0, proved)).unwrap_or(i32::MAX);
    let (status, result, refusal) = columns(outcome)?;
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

/// The status, the drafts as JSON, and the refusal.
type Outcome = (BuildStatus, Option<String>, Option<String>);

fn columns(outcome: Result<Drafts, Withheld>) -> Result<Outcome, ApiError> {
    match outcome {
        Ok(drafts) => {
            let result = serde_json::to_string(&drafts).map_err(|error| {
                log::error!("a draft cannot be serialised: {error}");
                ApiError::new(crate::error::Code::Internal)
            })?;
            Ok((BuildStatus::Ready, Some(result), None))
        }
        Err(withheld) if is_cancelled(&withheld) => Ok((BuildStatus::Cancelled, None, None)),
        Err(withheld) => Ok((BuildStatus::Withheld, None, Some(refusals::stored(&withheld)))),
    }
}

fn is_cancelled(withheld: &Withheld) -> bool {
    withheld.refusal == Refusal::Cancelled
}

/// Stores the progress of a build, and stops it if it was cancelled or claimed by another worker.
struct Progress<'a> {
    context: &'a Context,
    claimed: &'a BuildRow,
    last: Option<Instant>,
    watch: &'a mut dyn FnMut(usize, usize) -> bool,
}

impl Watch for Progress<'_> {
    fn progress(&mut self, proved: usize, of: usize) -> bool {
        if !(self.watch)(proved, of) {
            return false;
        }
        if self.last.is_some_and(|last| last.elapsed() < HEARTBEAT) {
            return true;
        }
        self.last = Some(Instant::now());
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let claim = (self.claimed.id, self.claimed.version);
        let (progress, now) = ((number(proved), number(of)), self.context.now());
        let noted = self.context.write_blocking(Call::of_service(self.claimed.service_id), move |work| {
            Ok(store::note_progress(work.conn, claim, progress, now)?)
        });
        // A busy database does not stop the proof.
        noted.unwrap_or(true)
    }
}
