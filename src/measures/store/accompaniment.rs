//! The SQL of the facts about cases and placements.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wanted::{Wanted, or_none};
use crate::auth::ServiceScope;
use crate::cases::model::Subject;
use crate::cases::placements::model::{PlacementStage, due_on};
use crate::cases::placements::reviews::model::is_there;
use crate::db::schema::{cases, placement_reviews, placements, referrals};
use crate::db::{AnyConn, Id, IsAmong};
use crate::indicators::model::types::{Facts, IndicatorDimension};
use crate::measures::model::compute::Fact;
use crate::nomenclatures::codes::{CaseOutcome, ChildcareType, PlacementReviewAnswer};
use crate::nomenclatures::{self, lists};
use crate::territories::CommuneCode;

/// After how many months a place is said to be kept (Cnaf: "still there at six months").
const KEPT_MONTHS: i32 = 6;

#[derive(Queryable)]
struct CaseRow {
    id: Id,
    subject: Subject,
    child_id: Option<Id>,
    household_id: Option<Id>,
    organisation_id: Option<Id>,
    commune_code: CommuneCode,
    opened_on: NaiveDate,
    closed_on: Option<NaiveDate>,
    outcome: Option<CaseOutcome>,
}

/// The facts of the cases that were open on a day of the span.
pub(super) fn cases(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<CaseRow> = cases::table
        .filter(cases::service_id.among(scope.ids()))
        .filter(cases::opened_on.le(wanted.span.to))
        .filter(cases::closed_on.is_null().or(cases::closed_on.ge(wanted.span.from)))
        .select((
            cases::id,
            cases::subject,
            cases::child_id,
            cases::household_id,
            cases::organisation_id,
            cases::commune_code,
            cases::opened_on,
            cases::closed_on,
            cases::outcome,
        ))
        .load(conn)?;
    let fact = |row: CaseRow| {
        let category = match wanted.by {
            Some(IndicatorDimension::Outcome) => Some(or_none(row.outcome.as_ref())),
            _ => wanted.place(&row.commune_code),
        };
        let of_child = row.subject == Subject::Child;
        let lasting = |thing: Option<Id>| Some(Fact::lasting(thing?, row.opened_on, row.closed_on));
        let fact = match wanted.facts {
            Facts::Children => lasting(row.child_id.filter(|_| of_child)),
            Facts::Households => lasting(row.household_id.filter(|_| of_child)),
            // The case of a child can refer to a structure, but that structure is not the one accompanied.
            Facts::Structures => lasting(row.organisation_id.filter(|_| !of_child)),
            Facts::Closings => row.closed_on.map(|day| Fact::on(day, 1)),
            Facts::OpenCases => {
                let last_night = row.closed_on.map(|day| day.pred_opt().unwrap_or(day));
                Some(Fact::lasting(row.id, row.opened_on, last_night))
            }
            _ => Some(Fact::on(row.opened_on, 1)),
        };
        fact.map(|fact| fact.within(category))
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}

/// The days from the first referral of the cases opened in the span to their opening.
pub(super) fn delays(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<(Id, NaiveDate, NaiveDate)> = referrals::table
        .inner_join(cases::table)
        .filter(cases::service_id.among(scope.ids()))
        .filter(cases::opened_on.between(wanted.span.from, wanted.span.to))
        .filter(referrals::annulled_on.is_null())
        .select((cases::id, cases::opened_on, referrals::received_on))
        .load(conn)?;
    let mut first: BTreeMap<Id, (NaiveDate, NaiveDate)> = BTreeMap::new();
    for (case, opened_on, received_on) in rows {
        let known = first.entry(case).or_insert((opened_on, received_on));
        known.1 = known.1.min(received_on);
    }
    let delay = |(opened_on, received_on): (NaiveDate, NaiveDate)| {
        Fact::on(opened_on, (opened_on - received_on).num_days().max(0))
    };
    Ok(first.into_values().map(delay).collect())
}

/// The last day on which somebody said that the child still comes, by placement started in the span.
fn last_seen(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<BTreeMap<Id, NaiveDate>> {
    let rows: Vec<(Id, Option<PlacementReviewAnswer>, NaiveDate, Option<NaiveDate>)> = placement_reviews::table
        .inner_join(placements::table)
        .filter(placement_reviews::service_id.among(scope.ids()))
        .filter(placement_reviews::answer.is_not_null())
        .filter(placements::starts_on.between(wanted.span.from, wanted.span.to))
        .select((
            placement_reviews::placement_id,
            placement_reviews::answer,
            placement_reviews::due_on,
            placement_reviews::answered_on,
        ))
        .load(conn)?;
    let mut seen = BTreeMap::new();
    for (placement, _, due_on, answered_on) in
        rows.into_iter().filter(|(_, answer, ..)| answer.as_ref().is_some_and(is_there))
    {
        // An answer is about the day of its review, also when it comes a few days before.
        let on = answered_on.unwrap_or(due_on).max(due_on);
        let last = seen.entry(placement).or_insert(on);
        *last = on.max(*last);
    }
    Ok(seen)
}

type PlacementRow = (Id, Option<Id>, ChildcareType, CommuneCode, NaiveDate, Option<NaiveDate>);

/// The facts of the effective placements started in the span.
pub(super) fn placements(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let rows: Vec<PlacementRow> = placements::table
        .inner_join(cases::table)
        .filter(placements::service_id.among(scope.ids()))
        .filter(placements::starts_on.between(wanted.span.from, wanted.span.to))
        // Neither a planned place nor one that the child already had is an effective placement.
        .filter(placements::stage.eq(PlacementStage::Started).and(placements::starts_on.ge(cases::opened_on)))
        .select((
            placements::id,
            cases::child_id,
            placements::childcare_type,
            cases::commune_code,
            placements::starts_on,
            placements::ends_on,
        ))
        .load(conn)?;
    let last_seen = if wanted.facts == Facts::Kept { last_seen(conn, scope, wanted)? } else { BTreeMap::new() };
    let fact = |(placement, child, childcare, commune, starts_on, ends_on): PlacementRow| {
        let category = match wanted.by {
            Some(IndicatorDimension::ChildcareGroup) => {
                Some(or_none(nomenclatures::group_of(lists::CHILDCARE_TYPE, childcare.as_str())))
            }
            _ => wanted.place(&commune),
        };
        let fact = match wanted.facts {
            Facts::PlacedChildren => Fact::lasting(child?, starts_on, Some(starts_on)),
            Facts::Kept => {
                // What nobody has said is no answer: such a place is in neither part.
                let last = ends_on.or_else(|| last_seen.get(&placement).copied());
                let is_kept = last.zip(due_on(starts_on, KEPT_MONTHS)).map(|(last, day)| last >= day);
                let is_known = ends_on.is_some() || is_kept == Some(true);
                Fact::share(starts_on, i64::from(is_kept == Some(true)), i64::from(is_known))
            }
            _ => Fact::on(starts_on, 1),
        };
        Some(fact.within(category))
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}
