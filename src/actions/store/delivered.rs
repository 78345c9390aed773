//! The actions held and planned under conventions, for their statements and quotas.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::details;
use crate::actions::model::{self, ActionStatus};
use crate::db::schema::actions;
use crate::db::{AnyConn, Id, IsAmong};
use crate::nomenclatures::codes::{CollectiveActionType, ComplementaryService};

/// The actions of a complementary service, held and planned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Number of actions held.
    pub held: i64,
    /// Number of actions planned.
    pub planned: i64,
    /// Total duration of those held, without preparation and travel.
    pub minutes: i64,
    /// Professionals and representatives of institutions who came; never members of a family
    /// ([`model::OF_THE_FAMILY`]).
    pub professionals: i64,
}

/// The actions under a convention, by complementary service.
pub type Deliveries = BTreeMap<ComplementaryService, Delivered>;

/// The actions held and planned under several conventions between two days. A complementary service without any action
/// is absent.
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
        // A kind that is no longer reserved belongs to no complementary service.
        let (Some(convention), Some(service)) = (convention, model::reserved_for(&kind)) else { continue };
        let sum = found.entry(convention).or_default().entry(service).or_default();
        if status == ActionStatus::Planned {
            sum.planned += 1;
            continue;
        }
        let came = participants.get(&id).map(Vec::as_slice).unwrap_or_default();
        let professionals = came.iter().filter(|one| model::is_professional(&one.participant_type));
        sum.held += 1;
        sum.minutes += i64::from(minutes);
        sum.professionals += professionals.map(|one| i64::from(one.number)).sum::<i64>();
    }
    Ok(found)
}
