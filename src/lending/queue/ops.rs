//! Use cases of the queue.

use chrono::Duration;

use crate::auth::ServiceScope;
use crate::clock;
use crate::db::{Id, Lock, SystemScope};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::page::List;
use crate::lending::occupancy::Span;
use crate::lending::reservations::dto::ReservationPage;
use crate::lending::reservations::dto::filter::QueueFilter;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::ops::{self, replace};
use crate::lending::reservations::plan::Plan;
use crate::lending::reservations::store::{self, days, pages};
use crate::lending::{catalogue, settings};
use crate::services;
use crate::trail::Call;
use crate::work::Work;

/// This unit of work holds the lock of a kit, whose expired proposals have ended.
#[derive(Clone, Copy)]
struct Locked;

/// Locks the plan of a kit until the end of the transaction. Then expires the proposals of the kit that were not
/// accepted in time, and proposes their copies to the queue.
pub fn lock_kit(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    if work.known::<Locked>(kit).is_some() {
        return Ok(());
    }
    work.conn.lock_one(Lock::Kit, kit)?;
    work.learn(kit, Locked);
    let expired = store::expired_proposals(work.conn, kit, work.now)?;
    if expired.is_empty() {
        return Ok(());
    }
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    for row in expired {
        let mut new = row.clone();
        (new.status, new.proposal_expires_at) = (ReservationStatus::Expired, None);
        new.decided_on = Some(today);
        days::release(work.conn, row.id)?;
        replace(work, &row, new)?;
    }
    propose(work, service, kit)
}

/// Locks the plan of a kit and proposes the possible loans to its queue. To call when a copy may have become available.
pub fn propose_next(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    lock_kit(work, service, kit)?;
    propose(work, service, kit)
}

/// Proposes the first possible loan to each reservation in the queue, in order. Expires those that have waited too long.
fn propose(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    let waiting = store::waiting(work.conn, &[kit])?;
    if waiting.is_empty() {
        return Ok(());
    }
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    let rules = settings::ops::rules(work, service)?;
    for row in waiting {
        let mut new = row.clone();
        if row.waits_until.is_some_and(|last| last < today) {
            (new.status, new.decided_on) = (ReservationStatus::Expired, Some(today));
            replace(work, &row, new)?;
            continue;
        }
        // Read again each time: the previous reservation may have taken the copy.
        let plan = Plan::read(work, kit, &rules, today, row.starts_on, None)?;
        let last = row.waits_until.map_or(plan.last_start(), |last| last.min(plan.last_start()));
        let days = i32::try_from((row.due_on - row.starts_on).num_days()).unwrap_or(rules.loan_days);
        let Some(free) = plan.first_free(row.starts_on.max(today), last, days) else { continue };
        new.status = ReservationStatus::Proposed;
        new.copy_id = Some(free.copy_id);
        new.set_span(Span { starts_on: free.starts_on, due_on: free.due_on, blocked_until: free.blocked_until });
        new.buffer_days = rules.buffer_days;
        new.proposal_expires_at = Some(work.now.plus(Duration::hours(i64::from(rules.proposal_hours))));
        let span = new.span();
        replace(work, &row, new)?;
        days::take(work.conn, free.copy_id, row.id, span.days())?;
    }
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
    catalogue::ops::find(work, scope, kit)?;
    let (rows, info) = pages::queue(work.conn, scope, kit, &list.filter, &list.page)?;
    Ok(ReservationPage { data: ops::show(work, scope, rows)?, page: info })
}
