//! Use cases of the queue.

use chrono::Duration;

use crate::auth::{PrincipalId, ServiceScope};
use crate::clock;
use crate::db::{Id, Lock};
use crate::error::ApiError;
use crate::http::Context;
use crate::http::page::List;
use crate::lending::reservations::dto::ReservationPage;
use crate::lending::reservations::dto::filter::QueueFilter;
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::ops::{self, replace};
use crate::lending::reservations::plan::Plan;
use crate::lending::reservations::store::{self, days, pages};
use crate::lending::settings;
use crate::work::Work;
use crate::{lending, services};

/// Takes the turn to change the plan of a kit: nobody else does until the end of the transaction. Proposals that nobody
/// answered in time are over, and go to the next in the queue.
pub fn turn(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::Kit, kit)?;
    let expired = store::expired_proposals(work.conn, kit, work.now)?;
    if expired.is_empty() {
        return Ok(());
    }
    let today = services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now);
    for row in expired {
        let mut new = row.clone();
        (new.status, new.proposal_expires_at) = (ReservationStatus::Expired, None);
        new.decided_on = Some(today);
        days::give_back(work.conn, row.id)?;
        replace(work, &row, new)?;
    }
    propose(work, service, kit)
}

/// A copy may have come free: takes the turn, and proposes what is possible to those who wait.
pub fn serve(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    turn(work, service, kit)?;
    propose(work, service, kit)
}

/// Proposes to those who wait, in their order, the first loan that is possible for each. Who has waited too long is let go.
fn propose(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    let waiting = store::waiting(work.conn, &[kit])?;
    if waiting.is_empty() {
        return Ok(());
    }
    let today = services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now);
    let rules = settings::ops::rules(work, service)?;
    for row in waiting {
        let mut new = row.clone();
        if row.waits_until.is_some_and(|last| last < today) {
            (new.status, new.decided_on) = (ReservationStatus::Expired, Some(today));
            replace(work, &row, new)?;
            continue;
        }
        // Read again for each: the one before may have got the copy.
        let plan = Plan::read(work, kit, &rules, today, row.starts_on, None)?;
        let last = row.waits_until.map_or(plan.horizon(), |last| last.min(plan.horizon()));
        let days = i32::try_from((row.due_on - row.starts_on).num_days()).unwrap_or(rules.loan_days);
        let Some(free) = plan.first_free(row.starts_on.max(today), last, days) else { continue };
        new.status = ReservationStatus::Proposed;
        new.copy_id = Some(free.copy_id);
        (new.starts_on, new.due_on, new.blocked_until) = (free.starts_on, free.due_on, free.blocked_until);
        new.buffer_days = rules.buffer_days;
        new.proposal_expires_at = Some(work.now.plus(Duration::hours(i64::from(rules.proposal_hours))));
        let span = new.span();
        replace(work, &row, new)?;
        days::keep(work.conn, free.copy_id, row.id, span.days())?;
    }
    Ok(())
}

/// Lets go of proposals that nobody answered in time and of those who have waited too long, kit by kit: a job.
pub fn settle(context: &Context) -> Result<(), ApiError> {
    let kits = context.read_blocking(PrincipalId::Local, |work| {
        let yesterday = clock::date_in(chrono_tz::UTC, work.now).pred_opt();
        let day = yesterday.unwrap_or_else(|| clock::date_in(chrono_tz::UTC, work.now));
        Ok(store::kits_to_settle(work.conn, work.now, day)?)
    })?;
    for (service, kit) in kits {
        context.write_blocking(PrincipalId::Local, move |work| serve(work, service, kit))?;
    }
    Ok(())
}

/// A page of who waits for a kit of the scope.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    kit: Id,
    list: &List<QueueFilter>,
) -> Result<ReservationPage, ApiError> {
    lending::catalogue::ops::find(work, scope, kit)?;
    let (rows, info) = pages::queue(work.conn, scope, kit, &list.filter, &list.page)?;
    Ok(ReservationPage { data: ops::show(work, scope, rows)?, page: info })
}
