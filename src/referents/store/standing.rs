//! The standing of a referent in SQL: the rule of [`crate::referents::model`], so that lists are filtered and networks
//! counted in the database. A test compares both on random referents, on both databases.
//!
//! Days, identifiers and codes are formatted into the SQL text. This is safe: their types cannot hold anything else.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::{Datelike, NaiveDate};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Bool;

use crate::db::Id;
use crate::referents::model::{AttendanceKind, EXTERNAL_DAYS, OWN_DAYS, Standing, YEARLY};

/// A condition on a row of `referents`.
pub type Condition = SqlLiteral<Bool>;

/// Whether referents have one of these standings, each on today's date in their service.
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

/// Whether referents have one of these standings on a day.
pub fn on(day: NaiveDate, standings: &[Standing]) -> Condition {
    sql(&is_one_of(day, standings))
}

/// Whether referents have something left to do on a day, to be certified or to be in order this year.
pub fn in_need(day: NaiveDate) -> Condition {
    let unfinished = is_one_of(day, &[Standing::InTraining, Standing::Lapsed]);
    let certified = is_one_of(day, &[Standing::Certified]);
    sql(&format!("({unfinished} OR ({certified} AND {}))", certified_by(end_of(day.year() - 1))))
}

fn is_one_of(day: NaiveDate, standings: &[Standing]) -> String {
    let standings: Vec<String> = standings.iter().map(|standing| format!("'{standing}'")).collect();
    format!("({} IN ({}))", standing(day), standings.join(", "))
}

/// The standing of a referent on a day.
fn standing(day: NaiveDate) -> String {
    let (this, last) = (day.year(), day.year() - 1);
    format!(
        "CASE WHEN referents.left_on < {today} THEN '{left}' WHEN NOT {certified} THEN '{in_training}' \
         WHEN {required} AND {complete} THEN '{in_order}' \
         WHEN {required_last} AND NOT {complete_last} THEN '{lapsed}' ELSE '{is_certified}' END",
        today = literal(day),
        certified = certified_by(day),
        required = certified_by(end_of(last)),
        complete = complete(this, day),
        required_last = certified_by(end_of(last - 1)),
        complete_last = complete(last, end_of(last)),
        left = Standing::Left,
        in_training = Standing::InTraining,
        in_order = Standing::InOrder,
        lapsed = Standing::Lapsed,
        is_certified = Standing::Certified,
    )
}

/// Whether the referent is certified on a day. Never NULL.
fn certified_by(day: NaiveDate) -> String {
    let day = literal(day);
    let signed = ["referent", "structure", "service"]
        .map(|by| format!("referents.signed_by_{by}_on IS NOT NULL AND referents.signed_by_{by}_on <= {day}"));
    let trained = [(AttendanceKind::ExternalTraining, EXTERNAL_DAYS), (AttendanceKind::OwnTraining, OWN_DAYS)]
        .map(|(kind, number)| format!("{} >= {number}", number_of(kind, &literal(NaiveDate::MIN), &day)));
    format!("({} AND {})", signed.join(" AND "), trained.join(" AND "))
}

/// Whether the obligations of a year are met, up to and including a day.
fn complete(year: i32, until: NaiveDate) -> String {
    let first = literal(NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(until));
    let attended = YEARLY.map(|kind| format!("{} > 0", number_of(kind, &first, &literal(until))));
    format!("({})", attended.join(" AND "))
}

/// The number of attendances of a kind between two days, both included.
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

/// A day as an SQL literal, no earlier than the first one that both databases write in the same way.
fn literal(day: NaiveDate) -> String {
    let first = NaiveDate::from_ymd_opt(1, 1, 1).unwrap_or(day);
    format!("'{}'", day.max(first))
}
