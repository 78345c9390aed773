//! The rule of certification in SQL: the conditions of [`crate::referents::model`], so that a list can be filtered and a
//! network counted without being loaded. A test on random referents holds the one to the other, on both databases.
//!
//! Days, identifiers and codes are written into the text: all are of types that hold nothing else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use crate::db::Id;
use crate::referents::model::{AttendanceKind, EXTERNAL_DAYS, OWN_DAYS, Standing};

/// A condition on a row of `referents`.
pub type Condition = SqlLiteral<Bool>;

/// Whether referents stand in one of these ways, each on the day that it is in their service.
pub fn among(days: &[(Id, NaiveDate)], standings: &[Standing]) -> Condition {
    let mut services: BTreeMap<NaiveDate, Vec<Id>> = BTreeMap::new();
    for (service, day) in days {
        services.entry(*day).or_default().push(*service);
    }
    let mut text = String::from("(1=0");
    for (day, services) in services {
        let services: Vec<String> = services.iter().map(|service| format!("'{service}'")).collect();
        let (services, is) = (services.join(", "), is_one_of(day, standings));
        let _ = write!(text, " OR (referents.service_id IN ({services}) AND {is})");
    }
    sql(&(text + ")"))
}

/// Whether referents stand in one of these ways on a day.
pub fn on(day: NaiveDate, standings: &[Standing]) -> Condition {
    sql(&is_one_of(day, standings))
}

/// Whether referents need something on a day: to be certified, or to be in order in a year that asks for it.
pub fn in_need(day: NaiveDate) -> Condition {
    let unfinished = is_one_of(day, &[Standing::InTraining, Standing::Lapsed]);
    let certified = is_one_of(day, &[Standing::Certified]);
    sql(&format!("({unfinished} OR ({certified} AND {}))", certified_by(end_of(day.year() - 1))))
}

fn is_one_of(day: NaiveDate, standings: &[Standing]) -> String {
    let standings: Vec<String> = standings.iter().map(|standing| format!("'{standing}'")).collect();
    format!("({} IN ({}))", standing(day), standings.join(", "))
}

/// Where a referent stands on a day.
fn standing(day: NaiveDate) -> String {
    let (this, last) = (day.year(), day.year() - 1);
    format!(
        "CASE WHEN referents.left_on < {today} THEN '{left}' WHEN NOT {certified} THEN '{in_training}' \
         WHEN {asked} AND {complete} THEN '{in_order}' \
         WHEN {asked_last} AND NOT {complete_last} THEN '{lapsed}' ELSE '{is_certified}' END",
        today = literal(day),
        certified = certified_by(day),
        asked = certified_by(end_of(last)),
        complete = complete(this, day),
        asked_last = certified_by(end_of(last - 1)),
        complete_last = complete(last, end_of(last)),
        left = Standing::Left,
        in_training = Standing::InTraining,
        in_order = Standing::InOrder,
        lapsed = Standing::Lapsed,
        is_certified = Standing::Certified,
    )
}

/// Whether the certification is of a day or an earlier one. Never NULL.
fn certified_by(day: NaiveDate) -> String {
    let day = literal(day);
    let signed = ["referent", "structure", "service"]
        .map(|by| format!("referents.signed_by_{by}_on IS NOT NULL AND referents.signed_by_{by}_on <= {day}"));
    let trained = [(AttendanceKind::ExternalTraining, EXTERNAL_DAYS), (AttendanceKind::OwnTraining, OWN_DAYS)]
        .map(|(kind, number)| format!("{} >= {number}", number_of(kind, &literal(NaiveDate::MIN), &day)));
    format!("({} AND {})", signed.join(" AND "), trained.join(" AND "))
}

/// Whether a year has its follow-up meeting and its themed day, until a day.
fn complete(year: i32, until: NaiveDate) -> String {
    let first = literal(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(until));
    let each = [AttendanceKind::FollowUpMeeting, AttendanceKind::ThemedDay]
        .map(|kind| format!("{} > 0", number_of(kind, &first, &literal(until))));
    format!("({})", each.join(" AND "))
}

/// How often something was attended from a day to another.
fn number_of(kind: AttendanceKind, from: &str, until: &str) -> String {
    format!(
        "(SELECT count(*) FROM referent_attendances WHERE referent_attendances.referent_id = referents.id \
         AND referent_attendances.kind = '{kind}' AND referent_attendances.held_on BETWEEN {from} AND {until})"
    )
}

/// The last day of a year.
fn end_of(year: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or(NaiveDate::MIN)
}

/// A day as both engines write it: no earlier than the first that they know alike.
fn literal(day: NaiveDate) -> String {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(day);
    format!("'{}'", day.max(first))
}
