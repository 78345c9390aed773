//! Publishes the statistics of the first pôle: a release for every quarter within the story, on the first possible day.

use chrono::{Datelike, NaiveDate};

use super::backdating::at;
use super::play::Played;
use super::setup::MANAGER;
use crate::auth::{PrincipalId, ServiceScope};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Context;
use crate::statistics::releases;
use crate::statistics::releases::dto::StatisticsBuildInput;
use crate::statistics::releases::model::{LAST_QUARTER, opens_on};
use crate::trail::Call;
use crate::work::Work;

/// The quarters that begin within the story and can be published by its end, with the first day on which they can be.
fn quarters(from: NaiveDate, today: NaiveDate) -> Vec<(i32, i32, NaiveDate)> {
    let all = (from.year()..=today.year()).flat_map(|year| (1..=LAST_QUARTER).map(move |quarter| (year, quarter)));
    let within = all.filter(|(year, quarter)| {
        let month = u32::try_from(quarter * 3 - 2).unwrap_or(1);
        NaiveDate::from_ymd_opt(*year, month, 1).is_some_and(|first| first >= from)
    });
    let dated = within.filter_map(|(year, quarter)| Some((year, quarter, opens_on(year, quarter)?)));
    dated.filter(|(.., opens)| *opens <= today).collect()
}

/// Publishes the quarters as the manager of the first pôle, and counts the releases. The whole story is played before,
/// so a quarter also includes what was recorded after its publication day.
pub fn publish(context: &Context, played: &mut Played, from: NaiveDate, today: NaiveDate) -> Result<(), ApiError> {
    let setup = &played.setup;
    let manager = setup.users.iter().find(|user| user.role == MANAGER).map_or(PrincipalId::Local, |user| user.id);
    let (Some(service), Some(tally)) = (setup.services.first(), played.tallies.first_mut()) else { return Ok(()) };
    let service = service.id;
    for (year, quarter, opens) in quarters(from, today) {
        tally.releases += context.write_blocking(PrincipalId::Local, move |work| {
            let call = |operation: &str| Call { operation: operation.to_owned(), ..manager.into() };
            let scope = ServiceScope::one(service);
            let new = StatisticsBuildInput { year, quarter, reason: None, records: None, trial_spec: None };
            let create = call("POST /v1/services/{id}/statistics-builds");
            let build = at(work, opens, 0, create, |work| releases::ops::create(work, service, &new))?.id;
            at(work, opens, 1, PrincipalId::Local, |work| {
                let row = releases::ops::find(work, &scope, build)?;
                releases::worker::run_in_transaction(work, &row)
            })?;
            let publish = call("POST /v1/statistics-builds/{id}/publish");
            at(work, opens, 120, publish, |work| publish_build(work, &scope, build))
        })?;
    }
    Ok(())
}

/// Publishes a build, and returns the number of releases.
fn publish_build(work: &mut Work<'_>, scope: &ServiceScope, build: Id) -> Result<usize, ApiError> {
    let row = releases::ops::find(work, scope, build)?;
    if !row.is_ready() {
        log::error!("a release of the demonstration is withheld");
        return Err(ApiError::new(Code::Internal));
    }
    releases::ops::publish(work, &row)?;
    Ok(releases::model::TIERS.len())
}

#[cfg(test)]
mod tests {
    use crate::demo::releases::*;

    #[test]
    fn a_quarter_is_published_if_it_began_in_the_story_and_ended_at_least_two_weeks_ago() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let codes = |from: &str, today: &str| -> Vec<String> {
            let quarters = quarters(day(from), day(today));
            quarters.into_iter().map(|(year, quarter, _)| format!("{year}-Q{quarter}")).collect()
        };
        assert_eq!(codes("2025-02-10", "2026-01-15"), ["2025-Q2", "2025-Q3"]);
        assert_eq!(codes("2025-01-01", "2026-01-16"), ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]);
    }
}
