//! Automatic builds: a background job prepares the figures of a quarter as soon as they can be taken.
//!
//! It requests one draft per quarter. A user of the service reads the draft, then publishes or cancels it. Only the
//! sandbox is published automatically.

use chrono::Datelike;

use super::dto::StatisticsBuildInput;
use super::model::{LAST_QUARTER, latest_open};
use super::ops;
use super::store;
use crate::auth::ServiceScope;
use crate::db::{Id, Lock, SystemScope};
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::services;
use crate::statistics::{records, sandbox, specs};
use crate::trail::Call;
use crate::work::Work;

/// Requests the builds that are due and were never requested, for every service.
pub fn queue_due(context: &Context) -> Result<(), ApiError> {
    let services = context.read_blocking(SystemScope::Jobs, |work| Ok(services::store::all(work.conn)?))?;
    for service in services.into_iter().filter(|service| *service != sandbox::service()) {
        // One transaction per service: the lock of a service does not delay others, and a failure is retried in the
        // next run.
        if let Err(error) = context.write_blocking(Call::of_service(service), move |work| of_service(work, service)) {
            log::error!("the due build of the service {service} could not be requested: {error}");
        }
    }
    Ok(())
}

/// Requests what is due for a service: the latest quarter of this year, and of last year.
fn of_service(work: &mut Work<'_>, service: Id) -> Result<(), ApiError> {
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    for year in [today.year() - 1, today.year()] {
        let Some(quarter) = latest_open(year, today) else { continue };
        if was_requested(work, service, year, quarter)? || specs::ops::children_of(work, service, year)? == 0 {
            continue;
        }
        // A request would cancel an existing draft of the year. Only a user may do that, so the quarter waits until
        // the draft of the earlier quarter is published or cancelled.
        work.conn.lock_one(Lock::Statistics, service)?;
        if ops::has_draft(work, service, year)? {
            continue;
        }
        request(work, service, year, quarter)?;
    }
    Ok(())
}

/// The first unpublished quarter of last year or this year that can be taken.
pub fn next(work: &mut Work<'_>, service: Id) -> Result<Option<(i32, i32)>, ApiError> {
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    for year in [today.year() - 1, today.year()] {
        let next = i32::from(records::ops::year(work, service, year)?.published_through) + 1;
        if next <= LAST_QUARTER && latest_open(year, today).is_some_and(|latest| next <= latest) {
            return Ok(Some((year, next)));
        }
    }
    Ok(None)
}

/// Whether a quarter is published, or a build of it was ever requested, whatever became of the build.
pub fn was_requested(work: &mut Work<'_>, service: Id, year: i32, quarter: i32) -> Result<bool, ApiError> {
    let published = i32::from(records::ops::year(work, service, year)?.published_through);
    Ok(published >= quarter || store::was_requested(work.conn, service, year, quarter)?)
}

/// Requests a build of a quarter, unless the year is already being prepared.
pub fn request(work: &mut Work<'_>, service: Id, year: i32, quarter: i32) -> Result<Option<Id>, ApiError> {
    match ops::create(
        work,
        service,
        &StatisticsBuildInput { year, quarter, reason: None, records: None, trial_spec: None },
    ) {
        Ok(build) => Ok(Some(build.id)),
        Err(error) if error.code == Code::Conflict => Ok(None),
        Err(error) => Err(error),
    }
}
