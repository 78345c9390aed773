//! The placements of the demonstration: hours and days, planned places, places that children already had, and the answers to
//! the reviews that were due, but for some.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use super::course::working_day;
use super::states::{PoleState, Started};
use super::story::{About, Pole};
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::placements::dto::{PlacementCancellation, PlacementInput};
use crate::cases::placements::model::due_on;
use crate::cases::placements::reviews::dto::PlacementReviewInput;
use crate::cases::placements::reviews::ops as reviews;
use crate::cases::placements::{act, found, ops};
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::Secret;
use crate::services::model::FIRST_YEAR;
use crate::trail::Call;
use crate::work::Work;

/// A placement: the hours and days change with its rank.
pub(super) fn place(
    organisation_id: Id,
    childcare: &str,
    starts_on: NaiveDate,
    rank: usize,
) -> Result<PlacementInput, ApiError> {
    let days: [&[u8]; 4] = [&[1, 2, 4], &[1, 2, 3, 4, 5], &[2, 4], &[1, 3, 5]];
    let weekdays: BTreeSet<u8> = days[rank % days.len()].iter().copied().collect();
    let adaptation = ["adapted_schedule", "gradual_start", "adapted_equipment", "smaller_group", "additional_staff"];
    let number = i32::try_from(weekdays.len()).unwrap_or(1);
    Ok(PlacementInput {
        organisation_id,
        childcare_type: code(childcare)?,
        starts_on,
        ends_on: None,
        end_reason: None,
        weekly_minutes: Some(number * if rank.is_multiple_of(2) { 240 } else { 420 }),
        weekdays,
        adaptations: std::iter::once(code(adaptation[rank % adaptation.len()])?).collect(),
        is_main: None,
    })
}

/// What follows the story of a pôle: it is played after the requests.
pub(super) struct PlacementPlayback {
    scope: ServiceScope,
    by: PrincipalId,
    from: NaiveDate,
    today: NaiveDate,
    /// The open cases of children without a place.
    waiting: Vec<Id>,
    nurseries: Vec<Id>,
    started: Vec<(Started, bool)>,
}

impl PlacementPlayback {
    pub(super) fn new(pole: &Pole, state: &PoleState, (from, today): (NaiveDate, NaiveDate)) -> Self {
        let is_open = |request: usize| state.tally.cases.get(&request) == Some(&false);
        let is_placed = |request: usize| state.started.iter().any(|started| started.request == request);
        let about_child = |request: usize| matches!(pole.requests[request].about, About::Child(_));
        let waiting = state
            .ids
            .cases
            .iter()
            .filter(|(request, _)| is_open(**request) && !is_placed(**request) && about_child(**request));
        let known = pole.organisations.iter().zip(&state.organisations);
        Self {
            scope: state.scope.clone(),
            by: state.coordinator,
            from,
            today,
            waiting: waiting.map(|(_, case)| *case).collect(),
            nurseries: known.filter(|(one, _)| one.kind == "eaje").map(|(_, id)| *id).collect(),
            started: state.started.iter().map(|started| (*started, is_open(started.request))).collect(),
        }
    }

    pub(super) fn play(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        self.answer(work)?;
        for (rank, case) in self.waiting.iter().take(8).enumerate() {
            let Some(nursery) = self.nurseries.get(rank % self.nurseries.len().max(1)) else { return Ok(()) };
            // Two planned places, one that did not come about, and places that children had before their case.
            let starts_on = match rank {
                0..=2 => working_day(self.today + Duration::days(20 + 15 * i64::try_from(rank).unwrap_or(0))),
                _ => self.from - Duration::days(30 * i64::try_from(rank).unwrap_or(1)),
            };
            let new = place(*nursery, "creche", starts_on, rank)?;
            let id = at(work, self.today, minute(rank), self.call("POST /v1/cases/{id}/placements"), |work| {
                let found = ops::find_case(work, &self.scope, *case)?;
                let born_on = found.born_on().unwrap_or(new.starts_on);
                let new = PlacementInput { starts_on: new.starts_on.max(born_on), ..new };
                Ok(ops::record(work, &self.scope, &found, &new)?.id)
            })?;
            if rank == 2 {
                let why = PlacementCancellation { reason: code("setting_withdrew")? };
                at(work, self.today, minute(rank + 1), self.call("POST /v1/placements/{id}/cancel"), |work| {
                    let found = found::find(work, &self.scope, id)?;
                    act::cancel(work, &self.scope, &found, &why)
                })?;
            }
        }
        Ok(())
    }

    /// Answers the reviews that were due. One placement in six waits for its last answer; of those of open cases, one in nine
    /// has ended.
    fn answer(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        for (rank, (started, is_open)) in self.started.iter().enumerate() {
            let due: Vec<(i32, NaiveDate)> = FIRST_YEAR
                .into_iter()
                .filter_map(|months| Some((months, due_on(started.on, months)?)))
                .filter(|(_, on)| *on < self.today)
                .collect();
            let Some(((last, _), _)) = due.split_last() else { continue };
            for (months, on) in &due {
                let is_last = months == last;
                if is_last && rank % 6 == 4 {
                    continue;
                }
                let left = is_last && *is_open && rank % 9 == 2;
                let answer = match (left, rank % 7) {
                    (true, _) => "left",
                    (false, 3) if *months == 3 => "changed",
                    (false, 5) if *months == 12 => "unknown",
                    _ => "still_there",
                };
                let new = PlacementReviewInput {
                    months: *months,
                    answer: code(answer)?,
                    answered_on: None,
                    informed_by: code(if rank % 3 == 0 { "childcare_professional" } else { "parent" })?,
                    ends_on: left.then_some(*on),
                    end_reason: if left { Some(code("other_childcare")?) } else { None },
                    note: (answer == "changed")
                        .then(|| Secret::new("Deux jours de plus depuis la rentrée.".to_owned())),
                };
                let day = working_day(*on + Duration::days(3)).min(self.today);
                at(work, day, minute(rank), self.call("POST /v1/placements/{id}/reviews"), |work| {
                    let placement = found::find(work, &self.scope, started.id)?;
                    reviews::create(work, &self.scope, &placement, &new)
                })?;
            }
        }
        Ok(())
    }

    fn call(&self, operation: &str) -> Call {
        Call { operation: operation.to_owned(), ..self.by.into() }
    }
}

fn minute(rank: usize) -> i64 {
    i64::try_from(rank % 480).unwrap_or(0)
}
