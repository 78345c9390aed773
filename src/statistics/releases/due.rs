//! What the program prepares by itself: the figures of a quarter, once they can be taken.
//!
//! A draft is asked for once, by the program; whoever works there reads it and publishes it, or gives it up. Nothing is
//! published by itself but what the sandbox invents.

use chrono::Datelike;

use super::dto::NewStatisticsBuild;
use super::model::{LAST_QUARTER, latest_open};
use super::ops;
use super::store;
use crate::auth::{PrincipalId, ServiceScope};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::services;
use crate::statistics::{records, sandbox, specs};
use crate::work::Work;

/// Asks for the figures of every service that can be taken and were never asked for.
pub fn ask(context: &Context) -> Result<(), ApiError> {
    let services = context.read_blocking(PrincipalId::Local, |work| Ok(services::store::all(work.conn)?))?;
    for service in services.into_iter().filter(|service| *service != sandbox::service()) {
        // A transaction each: one service's turn keeps nobody else waiting, and what fails for one is tried again with the next run.
        if let Err(error) = context.write_blocking(PrincipalId::Local, move |work| of_service(work, service)) {
            log::error!("what is due of the service {service} could not be asked for: {error}");
        }
    }
    Ok(())
}

/// Asks for what is due of a service: the latest quarter of this year, and of the last while it is not closed.
fn of_service(work: &mut Work<'_>, service: Id) -> Result<(), ApiError> {
    let today = services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now);
    for year in [today.year() - 1, today.year()] {
        let Some(quarter) = latest_open(year, today) else { continue };
        if was_asked(work, service, year, quarter)? || specs::ops::children_of(work, service, year)? == 0 {
            continue;
        }
        // What is asked for ends a draft that stands in its place. That is for a person to do: the quarter waits until the draft of
        // an earlier one is published or given up.
        work.conn.lock_one(Lock::Statistics, service)?;
        if ops::has_draft(work, service, year)? {
            continue;
        }
        request(work, service, year, quarter)?;
    }
    Ok(())
}

/// The first quarter of the last year and of this one that can be taken and is not published.
pub fn next(work: &mut Work<'_>, service: Id) -> Result<Option<(i32, i32)>, ApiError> {
    let today = services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now);
    for year in [today.year() - 1, today.year()] {
        let next = i32::from(records::ops::year(work, service, year)?.published_through) + 1;
        if next <= LAST_QUARTER && latest_open(year, today).is_some_and(|latest| next <= latest) {
            return Ok(Some((year, next)));
        }
    }
    Ok(None)
}

/// Whether the figures of a quarter are published, or were asked for already, whatever became of that.
pub fn was_asked(work: &mut Work<'_>, service: Id, year: i32, quarter: i32) -> Result<bool, ApiError> {
    let published = i32::from(records::ops::year(work, service, year)?.published_through);
    Ok(published >= quarter || store::was_asked(work.conn, service, year, quarter)?)
}

/// Asks for the figures of a quarter, unless the year is being prepared by somebody.
pub fn request(work: &mut Work<'_>, service: Id, year: i32, quarter: i32) -> Result<Option<Id>, ApiError> {
    match ops::create(
        work,
        service,
        &NewStatisticsBuild { year, quarter, reason: None, records: None, trial_spec: None },
    ) {
        Ok(build) => Ok(Some(build.id)),
        Err(error) if error.code == Code::Conflict => Ok(None),
        Err(error) => Err(error),
    }
}
