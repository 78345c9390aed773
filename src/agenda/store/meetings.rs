//! The SQL of the entries that have a time: appointments and collective actions.

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::scopes::{Boxed, Days, Scopes, columns_of, first_day};
use crate::actions::model::ActionStatus;
use crate::appointments::model::AppointmentStatus;
use crate::db::schema::{actions, appointment_professionals, appointments};
use crate::db::{Id, IsAmong};
use crate::nomenclatures::codes::{CollectiveActionType, InterventionPlace, InterventionType};
use crate::territories::CommuneCode;

diesel::define_sql_function! {
    /// The first value that is not null.
    fn coalesce(first: Nullable<Text>, second: Text) -> Text;
}

/// An appointment: itself, service, day, time, minutes, state, type, place, organisation.
pub(in crate::agenda) type AppointmentColumns =
    (Id, Id, NaiveDate, String, i32, AppointmentStatus, InterventionType, InterventionPlace, Option<Id>);

columns_of! {
    /// What an entry shows of an appointment.
    APPOINTMENT = appointments::id, appointments::service_id, appointments::planned_on, appointments::starts_at,
        appointments::minutes, appointments::status, appointments::type_, appointments::place,
        appointments::organisation_id
}

/// A collective action: itself, service, day, time, minutes, state, kind, title, place, commune, organiser.
pub(in crate::agenda) type ActionColumns = (
    Id,
    Id,
    NaiveDate,
    Option<String>,
    i32,
    ActionStatus,
    CollectiveActionType,
    String,
    InterventionPlace,
    CommuneCode,
    Option<Id>,
);

columns_of! {
    /// What an entry shows of a collective action.
    ACTION = actions::id, actions::service_id, actions::held_on, actions::starts_at, actions::duration_minutes,
        actions::status, actions::kind, actions::title, actions::place, actions::commune_code, actions::organiser_id
}

/// The appointments of the period that were not cancelled, or those before it that are open.
pub(super) fn appointments_of<'a>(scopes: &Scopes, days: &Days, overdue: bool) -> Boxed<'a, appointments::table> {
    use AppointmentStatus::{Confirmed, Held, Missed, Planned};
    let query = appointments::table.filter(appointments::service_id.among(scopes.appointments.ids())).into_boxed();
    let mut query = match (overdue, days.overdue) {
        (false, _) => query
            .filter(appointments::status.among(&[Planned, Confirmed, Held, Missed]))
            .filter(appointments::planned_on.between(days.from, days.to)),
        (true, true) => query
            .filter(appointments::status.among(AppointmentStatus::OPEN))
            .filter(appointments::planned_on.lt(days.from)),
        (true, false) => query.filter(appointments::planned_on.lt(first_day())),
    };
    if let Some(user) = scopes.whose.person() {
        let theirs = appointment_professionals::appointment_id
            .eq(appointments::id)
            .and(appointment_professionals::user_id.eq(user));
        query = query.filter(exists(appointment_professionals::table.filter(theirs)));
    }
    query
}

/// The collective actions of the period that were not cancelled, or those before it of which nobody has said what became.
pub(super) fn actions_of<'a>(scopes: &Scopes, days: &Days, overdue: bool) -> Boxed<'a, actions::table> {
    let query = actions::table.filter(actions::service_id.among(scopes.actions.ids())).into_boxed();
    match (overdue, days.overdue) {
        (false, _) => query
            .filter(actions::status.among(&[ActionStatus::Planned, ActionStatus::Held]))
            .filter(actions::held_on.between(days.from, days.to)),
        (true, true) => query.filter(actions::status.eq(ActionStatus::Planned).and(actions::held_on.lt(days.from))),
        (true, false) => query.filter(actions::held_on.lt(first_day())),
    }
}
