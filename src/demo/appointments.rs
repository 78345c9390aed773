//! The appointments of the demonstration: visits and meetings come from an appointment, some families miss one first, and
//! open cases have appointments in the weeks to come.

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use super::course::working_day;
use crate::absences;
use crate::absences::dto::AbsenceInput;
use crate::absences::ops::Declarer;
use crate::appointments::dto::acts::{AppointmentCancellation, AppointmentHolding, AppointmentMiss, AppointmentMove};
use crate::appointments::dto::new::AppointmentInput;
use crate::appointments::ops::{self, Command};
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::interventions::dto::InterventionInput;
use crate::db::Id;
use crate::error::ApiError;
use crate::trail::Call;
use crate::work::Work;

/// The types of intervention that a family or a team expects at a time.
const AGREED: &[&str] =
    &["family_interview", "home_observation", "accompanied_visit", "on_site_observation", "team_meeting"];

/// The times at which appointments begin.
const TIMES: [&str; 6] = ["09:00", "10:30", "11:15", "13:30", "14:45", "16:00"];

/// Open cases with an appointment to come, per pôle.
const UPCOMING: usize = 12;

/// Whether an intervention comes from an appointment.
pub(super) fn is_agreed(intervention: &InterventionInput) -> bool {
    AGREED.contains(&intervention.kind.as_str())
}

fn planned(service: Id, case: Id, intervention: &InterventionInput, day: NaiveDate, turn: usize) -> AppointmentInput {
    AppointmentInput {
        service_id: service,
        kind: intervention.kind.clone(),
        planned_on: day,
        starts_at: TIMES[turn % TIMES.len()].to_owned(),
        minutes: intervention.minutes,
        place: intervention.place.clone(),
        organisation_id: intervention.organisation_id,
        on_school_time: intervention.on_school_time,
        case_ids: vec![case],
        professional_ids: None,
        participants: intervention.participants.clone(),
        title: None,
        note: None,
    }
}

/// Plans an appointment, and says what became of it.
fn play(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    new: AppointmentInput,
    commands: impl IntoIterator<Item = Command>,
) -> Result<(), ApiError> {
    let id = ops::create(work, scope, new)?.id;
    for command in commands {
        let row = ops::find(work, scope, id)?;
        ops::act(work, &row, command)?;
    }
    Ok(())
}

/// Holds the appointment that an intervention comes from. One in eight was missed first, and one in eight moved.
pub(super) fn hold(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    (service, case): (Id, Id),
    intervention: &InterventionInput,
    turn: usize,
) -> Result<(), ApiError> {
    let (day, before) = (intervention.held_on, working_day(intervention.held_on - Duration::days(4)));
    let new = |on| planned(service, case, intervention, on, turn);
    let held = Command::Hold(AppointmentHolding {
        travel_minutes: intervention.travel_minutes,
        next_action_on: intervention.next_action_on,
        ..AppointmentHolding::default()
    });
    match turn % 8 {
        1 => {
            let excused = turn % 16 == 1;
            play(work, scope, new(before), [Command::Miss(AppointmentMiss { excused })])?;
            play(work, scope, new(day), [held])
        }
        3 => {
            let to = AppointmentMove {
                planned_on: day,
                starts_at: TIMES[(turn + 1) % TIMES.len()].to_owned(),
                minutes: None,
            };
            play(work, scope, new(before), [Command::Move(to), held])
        }
        5 => {
            let cancelled_by = code(if turn % 16 == 5 { "family" } else { "structure" })?;
            play(work, scope, new(before), [Command::Cancel(AppointmentCancellation { cancelled_by })])?;
            play(work, scope, new(day), [Command::Confirm, held])
        }
        _ => play(work, scope, new(day), [Command::Confirm, held]),
    }
}

/// Plans appointments about open cases in the weeks after today; every third is confirmed.
pub(super) fn plan_ahead(
    work: &mut Work<'_>,
    service: Id,
    by: PrincipalId,
    today: NaiveDate,
    cases: &[Id],
) -> Result<(), ApiError> {
    let scope = ServiceScope::one(service);
    for (rank, case) in cases.iter().take(UPCOMING).enumerate() {
        let ahead = Duration::days(i64::try_from(rank * 2).unwrap_or(0));
        let intervention = InterventionInput {
            kind: code(AGREED[rank % 3])?,
            held_on: working_day(today + ahead),
            minutes: 60,
            travel_minutes: 0,
            place: code(if rank % 3 == 2 { "childcare_setting" } else { "family_home" })?,
            mode: None,
            organisation_id: None,
            on_school_time: false,
            next_action_on: None,
            professional_ids: None,
            resource_person_ids: Vec::new(),
            participants: Vec::new(),
            note: None,
        };
        let new = planned(service, *case, &intervention, intervention.held_on, rank);
        let confirmed = (rank % 3 == 0).then_some(Command::Confirm);
        let call = Call { operation: "POST /v1/appointments".to_owned(), ..by.into() };
        let minute = i64::try_from(rank).unwrap_or(0);
        at(work, today, minute, call, |work| play(work, &scope, new, confirmed))?;
    }
    Ok(())
}

/// Declares the leave of the coordinator: a week that is over, and one to come.
pub(super) fn declare_leave(
    work: &mut Work<'_>,
    service: Id,
    by: PrincipalId,
    today: NaiveDate,
) -> Result<(), ApiError> {
    let declarer = Declarer::of_own(ServiceScope::one(service));
    for (rank, from) in [(0, today - Duration::days(40)), (1, today + Duration::days(20))] {
        let starts_on = working_day(from);
        let new =
            AbsenceInput { service_id: service, user_id: None, starts_on, ends_on: starts_on + Duration::days(4) };
        let call = Call { operation: "POST /v1/absences".to_owned(), ..by.into() };
        at(work, today, rank, call, |work| absences::ops::create(work, &declarer, &new).map(drop))?;
    }
    Ok(())
}
