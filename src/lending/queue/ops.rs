//! Use cases of the queue.

use chrono::Duration;

use crate::auth::ServiceScope;
use crate::clock;
use crate::db::{Id, Lock, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::page::List;
use crate::lending::catalogue::store::Audiences;
use crate::lending::occupancy::Span;
use crate::lending::reservations::dto::ReservationPage;
use crate::lending::reservations::dto::filter::QueueFilter;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::ops::{self, replace};
use crate::lending::reservations::plan::Plan;
use crate::lending::reservations::store::kit_state::kit_state;
use crate::lending::reservations::store::pages::{self, AsOf};
use crate::lending::reservations::store::{self, ReservationRow};
use crate::lending::{catalogue, settings};
use crate::trail::Call;
use crate::work::Work;

/// This unit of work holds the lock of a kit, whose expired proposals have ended.
#[derive(Clone, Copy)]
struct Locked;

/// The queue of a kit, in order.
#[derive(Clone)]
struct Queue(Vec<ReservationRow>);

/// Reads what a decision about a kit needs, in one round trip: its service, its rules, its audiences, its queue. They are
/// known for the rest of the unit of work. Returns the proposals that have expired and still hold a copy.
pub fn read_kit(work: &mut Work<'_>, service: Id, kit: Id) -> Result<Vec<ReservationRow>, ApiError> {
    let state = kit_state(work.conn, service, kit, work.now)?;
    settings::ops::learn(work, state.rules, state.settings);
    if let Some(row) = state.kit {
        work.learn(kit, row);
    }
    work.learn(kit, Audiences(state.audiences));
    work.learn(kit, Queue(state.waiting));
    Ok(state.expired)
}

/// Locks the plan of a kit until the end of the transaction, and reads it. Then expires the proposals of the kit that were
/// not accepted in time, and proposes their copies to the queue.
pub fn lock_kit(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    if work.known::<Locked>(kit).is_some() {
        return Ok(());
    }
    work.lock_one(Lock::Kit, kit)?;
    let expired = read_kit(work, service, kit)?;
    work.learn(kit, Locked);
    if expired.is_empty() {
        return Ok(());
    }
    let day = settings::ops::today(work, service)?;
    for row in expired {
        let mut new = row.clone();
        (new.status, new.decided_on) = row.state_at(work.now, &day);
        new.proposal_expires_at = None;
        replace(work, &row, new)?;
    }
    propose(work, service, kit)
}

/// Locks the plan of a kit and proposes the possible loans to its queue. To call when a copy may have become available.
pub fn propose_next(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    lock_kit(work, service, kit)?;
    propose(work, service, kit)
}

/// The reservations that wait for a kit now, in order. [`lock_kit`] or [`read_kit`] has read them.
pub fn waiting(work: &mut Work<'_>, service: Id, kit: Id) -> Result<Vec<ReservationRow>, ApiError> {
    let day = settings::ops::today(work, service)?;
    let Queue(mut rows) = work.known(kit).unwrap_or(Queue(Vec::new()));
    rows.retain(|row| row.state_at(work.now, &day).0 == ReservationStatus::Waiting);
    Ok(rows)
}

/// Records that a reservation was added or has changed, so that it is in the queue if it waits, and otherwise not.
pub fn update_queue(work: &mut Work<'_>, row: &ReservationRow) {
    let Some(Queue(mut rows)) = work.known(row.kit_id) else { return };
    rows.retain(|waiting| waiting.id != row.id);
    if row.status == ReservationStatus::Waiting {
        rows.push(row.clone());
    }
    work.learn(row.kit_id, Queue(rows));
}

/// Proposes the first possible loan to each reservation in the queue, in order. Expires those that have waited too long.
fn propose(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    let Some(Queue(rows)) = work.known(kit) else { return Ok(()) };
    let Some(from) = rows.iter().map(|row| row.starts_on).min() else { return Ok(()) };
    let day = settings::ops::today(work, service)?;
    let mut plan = Plan::read(work, kit, &day, from, None)?;
    for row in rows {
        let mut new = row.clone();
        if let (ReservationStatus::Expired, ended_on) = row.state_at(work.now, &day) {
            (new.status, new.decided_on) = (ReservationStatus::Expired, ended_on);
            replace_queued(work, &row, new)?;
            continue;
        }
        let last = row.waits_until.map_or(plan.last_start(), |last| last.min(plan.last_start()));
        let Some(free) = plan.first_free(row.starts_on.max(day.today), last, row.asked_days()) else { continue };
        new.status = ReservationStatus::Proposed;
        new.copy_id = Some(free.copy_id);
        new.set_span(Span { starts_on: free.starts_on, due_on: free.due_on, blocked_until: free.blocked_until });
        new.asked_days = Some(row.asked_days());
        new.buffer_days = day.rules.buffer_days;
        new.proposal_expires_at = Some(work.now.plus(Duration::hours(i64::from(day.rules.proposal_hours))));
        // The next reservation does not get these days.
        plan.take(free.copy_id, new.span());
        replace_queued(work, &row, new)?;
    }
    Ok(())
}

/// Replaces a reservation of the queue by its next version.
fn replace_queued(work: &mut Work<'_>, row: &ReservationRow, new: ReservationRow) -> Result<(), ApiError> {
    let new = replace(work, row, new)?;
    update_queue(work, &new);
    Ok(())
}

/// Expires the proposals that were not accepted in time and the reservations that have waited too long, of all kits.
pub fn serve_all(context: &Context) -> Result<(), ApiError> {
    let mut kits = Vec::new();
    while serve_next(context, &mut kits)? {}
    Ok(())
}

/// One step of the background job, which serves one kit. `kits` keeps the kits that are left, each with its service, for
/// the next step. Returns whether there are any. A kit that fails is tried again once the others are served.
pub fn serve_next(context: &Context, kits: &mut Vec<(Id, Id)>) -> Result<bool, ApiError> {
    if kits.is_empty() {
        *kits = context.read_blocking(SystemScope::Jobs, |work| {
            let yesterday = clock::date_in(chrono_tz::UTC, work.now).pred_opt();
            let day = yesterday.unwrap_or_else(|| clock::date_in(chrono_tz::UTC, work.now));
            Ok(store::kits_to_settle(work.conn, work.now, day)?)
        })?;
    }
    if let Some((service, kit)) = kits.pop() {
        context.write_blocking(Call::of_service(service), move |work| propose_next(work, service, kit))?;
    }
    Ok(!kits.is_empty())
}

/// A page of the queue of a kit in scope.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    kit: Id,
    list: &List<QueueFilter>,
) -> Result<ReservationPage, ApiError> {
    let service = catalogue::ops::find(work, scope, kit)?.service_id;
    let at = AsOf::new(work.now, &settings::ops::today_in(work, &[service])?);
    let (rows, info) = pages::queue(work.conn, scope, kit, &list.filter, &at, &list.page)?;
    Ok(ReservationPage { data: ops::show(work, scope, rows)?, page: info })
}
