//! The work of the demonstration that is not about one case: a meeting about three children, and a week of work about no case.

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use super::course::working_day;
use super::states::PoleState;
use crate::cases::interventions::dto::Participants;
use crate::cases::interventions::dto::act::ActInput;
use crate::cases::interventions::ops;
use crate::db::Id;
use crate::error::ApiError;
use crate::trail::Call;
use crate::work::Work;

/// The children whom the meeting is about.
const CHILDREN: usize = 3;

/// A week of work about no case: how many days ago, type, minutes, minutes of travel, place.
const WEEK: [(i64, &str, i32, i32, &str); 7] = [
    (9, "network", 120, 45, "municipal_premises"),
    (8, "preparation", 90, 0, "pole_office"),
    (8, "media", 45, 0, "pole_office"),
    (7, "administration", 150, 0, "pole_office"),
    (6, "travel", 70, 0, "other"),
    (5, "supervision", 120, 60, "partner_premises"),
    (5, "network", 60, 0, "video"),
];

/// Records the meeting and the week, by the coordinator of a pôle.
pub(super) fn play(
    work: &mut Work<'_>,
    state: &mut PoleState,
    (opened_on, today): (NaiveDate, NaiveDate),
    cases: &[Id],
) -> Result<(), ApiError> {
    for (rank, (ago, kind, minutes, travel_minutes, place)) in (0..).zip(WEEK) {
        let day = working_day(today - Duration::days(ago));
        if day >= opened_on && day <= today {
            let act = act(state.service, kind, day, (minutes, travel_minutes), place)?;
            record(work, state, rank, kind, &act)?;
        }
    }
    if cases.len() >= CHILDREN {
        let mut meeting = act(state.service, "synthesis_meeting", today, (50, 20), "partner_premises")?;
        meeting.case_ids = cases[..CHILDREN].to_vec();
        meeting.participants = vec![Participants { kind: code("childcare_professional")?, number: 4 }];
        record(work, state, 60, "synthesis_meeting", &meeting)?;
        *state.tally.attendances.entry("childcare_professional").or_default() += 4;
    }
    Ok(())
}

pub(super) fn act(
    service: Id,
    kind: &str,
    day: NaiveDate,
    (minutes, travel_minutes): (i32, i32),
    place: &str,
) -> Result<ActInput, ApiError> {
    Ok(ActInput {
        service_id: service,
        case_ids: Vec::new(),
        kind: code(kind)?,
        held_on: day,
        minutes,
        travel_minutes,
        place: code(place)?,
        mode: None,
        organisation_id: None,
        on_school_time: false,
        next_action_on: None,
        professional_ids: None,
        resource_person_ids: Vec::new(),
        participants: Vec::new(),
        note: None,
        notes: Vec::new(),
    })
}

pub(super) fn record(
    work: &mut Work<'_>,
    state: &mut PoleState,
    minute: i64,
    kind: &'static str,
    act: &ActInput,
) -> Result<(), ApiError> {
    let call = Call { operation: "POST /v1/interventions".to_owned(), ..state.coordinator.into() };
    let viewer = &state.viewer;
    at(work, act.held_on, minute, call, |work| ops::record_work(work, viewer, act).map(drop))?;
    let sum = state.tally.interventions.entry(kind).or_default();
    *sum = (sum.0 + 1, sum.1 + i64::from(act.minutes), sum.2 + i64::from(act.travel_minutes));
    Ok(())
}
