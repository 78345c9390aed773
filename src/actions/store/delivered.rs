//! What was delivered under conventions, and what is planned: for their statements and quotas.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::details;
use crate::actions::model::{self, ActionStatus};
use crate::db::schema::actions;
use crate::db::{AnyConn, Id, IsAmong};
use crate::nomenclatures::codes::{CollectiveActionType, ComplementaryService};

/// What was delivered of a complementary service, and what is planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Actions that were held.
    pub held: i64,
    /// Actions that are planned.
    pub planned: i64,
    /// How long those that were held lasted, without preparation and travel.
    pub minutes: i64,
    /// Professionals who came, and people of institutions: nobody of a family (see [`model::OF_THE_FAMILY`]).
    pub professionals: i64,
}

/// What was delivered of each complementary service under a convention.
pub type Deliveries = BTreeMap<ComplementaryService, Delivered>;

/// What was delivered under several conventions from a day to a day. A service of which nothing was delivered or planned is
/// absent.
pub fn delivered(
    conn: &mut AnyConn,
    conventions: &[Id],
    from: NaiveDate,
    to: NaiveDate,
) -> QueryResult<HashMap<Id, Deliveries>> {
    let wanted: Vec<Option<Id>> = conventions.iter().copied().map(Some).collect();
    let rows: Vec<(Id, Option<Id>, CollectiveActionType, ActionStatus, i32)> = actions::table
        .filter(actions::convention_id.eq_any(wanted))
        .filter(actions::status.among(&[ActionStatus::Held, ActionStatus::Planned]))
        .filter(actions::held_on.between(from, to))
        .select((actions::id, actions::convention_id, actions::kind, actions::status, actions::duration_minutes))
        .load(conn)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.0).collect();
    let participants = details::participants(conn, &ids)?;
    let mut found: HashMap<Id, Deliveries> = HashMap::new();
    for (id, convention, kind, status, minutes) in rows {
        // A kind that is reserved no more names no complementary service.
        let (Some(convention), Some(service)) = (convention, model::reserved_for(&kind)) else { continue };
        let sum = found.entry(convention).or_default().entry(service).or_default();
        if status == ActionStatus::Planned {
            sum.planned += 1;
            continue;
        }
        let who = participants.get(&id).map(Vec::as_slice).unwrap_or_default();
        let professionals = who.iter().filter(|one| model::is_professional(&one.participant_type));
        sum.held += 1;
        sum.minutes += i64::from(minutes);
        sum.professionals += professionals.map(|one| i64::from(one.number)).sum::<i64>();
    }
    Ok(found)
}
