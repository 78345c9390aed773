//! What was delivered under a convention in a year: for its statement.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::details;
use crate::actions::model::{self, ActionStatus};
use crate::db::schema::actions;
use crate::db::{AnyConn, Id};
use crate::nomenclatures::codes::{CollectiveActionType, ComplementaryService};

/// What was delivered of a complementary service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// The complementary service.
    pub complementary_service: ComplementaryService,
    /// Actions that were held.
    pub actions: i64,
    /// How long they lasted, without preparation and travel.
    pub minutes: i64,
    /// Professionals who came, and people of institutions: nobody of a family (see [`model::OF_THE_FAMILY`]).
    pub professionals: i64,
}

/// What was delivered under a convention that was read in scope, in a calendar year, by complementary service, in code
/// order. A service of which nothing was delivered is absent.
pub fn delivered(conn: &mut AnyConn, convention: Id, year: i32) -> QueryResult<Vec<Delivered>> {
    let (Some(first), Some(last)) = (NaiveDate::from_ymd_opt(year, 1, 1), NaiveDate::from_ymd_opt(year, 12, 31)) else {
        return Ok(Vec::new());
    };
    let held: Vec<(Id, CollectiveActionType, i32)> = actions::table
        .filter(actions::convention_id.eq(convention).and(actions::status.eq(ActionStatus::Held)))
        .filter(actions::held_on.between(first, last))
        .select((actions::id, actions::kind, actions::duration_minutes))
        .load(conn)?;
    let ids: Vec<Id> = held.iter().map(|(id, _, _)| *id).collect();
    let participants = details::participants(conn, &ids)?;
    let mut sums: BTreeMap<ComplementaryService, (i64, i64, i64)> = BTreeMap::new();
    for (id, kind, minutes) in held {
        // A kind that is reserved no more names no complementary service.
        let Some(service) = model::reserved_for(&kind) else { continue };
        let who = participants.get(&id).map(Vec::as_slice).unwrap_or_default();
        let professionals = who.iter().filter(|one| model::is_professional(&one.participant_type));
        let sum = sums.entry(service).or_default();
        sum.0 += 1;
        sum.1 += i64::from(minutes);
        sum.2 += professionals.map(|one| i64::from(one.number)).sum::<i64>();
    }
    let one = |(complementary_service, (actions, minutes, professionals))| Delivered {
        complementary_service,
        actions,
        minutes,
        professionals,
    };
    Ok(sums.into_iter().map(one).collect())
}
