//! The SQL of the facts: one statement per indicator, whatever the number of periods.

mod accompaniment;
mod actions;
mod lending;
mod network;
mod referrals;
mod wanted;
mod work;

use diesel::prelude::*;

pub(super) use lending::{copies, kit_titles};
pub(super) use wanted::Wanted;

use super::model::compute::Fact;
use crate::auth::ServiceScope;
use crate::db::AnyConn;
use crate::indicators::model::types::Facts;

/// The facts of the services of a scope.
pub(super) fn facts(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    use Facts as F;
    match wanted.facts {
        F::Children | F::Households | F::Structures | F::Openings | F::Closings | F::OpenCases => {
            accompaniment::cases(conn, scope, wanted)
        }
        F::DelaysToOpening => accompaniment::delays(conn, scope, wanted),
        F::Placements | F::PlacedChildren | F::Kept => accompaniment::placements(conn, scope, wanted),
        F::Received | F::Accepted | F::Declined | F::Decided | F::DelaysToDecision => {
            referrals::referrals(conn, scope, wanted)
        }
        F::Waiting => referrals::waiting(conn, scope, wanted),
        F::Interventions | F::InterventionMinutes | F::TravelMinutes | F::IndirectMinutes => {
            work::interventions(conn, scope, wanted)
        }
        F::Attendances => work::attendances(conn, scope, wanted),
        F::Appointments | F::MissedWithoutNotice | F::Missed => work::appointments(conn, scope, wanted),
        F::Actions | F::ActionMinutes | F::PreparationMinutes | F::ActionTravelMinutes => {
            actions::held(conn, scope, wanted)
        }
        F::ActionParticipants => actions::participants(conn, scope, wanted),
        F::Cancelled => actions::cancelled(conn, scope, wanted),
        F::Seats => actions::seats(conn, scope, wanted),
        F::Loans | F::NightsOut | F::LateReturns => lending::loans(conn, scope, wanted),
        F::Refusals => lending::refusals(conn, scope, wanted),
        F::WaitsWithoutCopy => lending::waits(conn, scope, wanted),
        F::InEffect => network::in_effect(conn, scope, wanted),
        F::Due | F::Paid => network::contributions(conn, scope, wanted),
        F::Appointed | F::Left | F::InNetwork => network::referents(conn, scope, wanted),
    }
}
