//! The SQL of the facts about conventions and referents.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;

use super::wanted::{Wanted, or_none};
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::ConventionStatus;
use crate::db::schema::{contributions, convention_suspensions, conventions, instalments, referents};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::indicators::model::types::Facts;
use crate::measures::model::compute::Fact;
use crate::nomenclatures::codes::ReferentDepartureReason;

type ConventionRow = (Id, NaiveDate, NaiveDate, Option<NaiveDate>);

/// The days on which signed conventions are in effect: between their first and last days, outside of suspensions.
pub(super) fn in_effect(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let signed = || {
        conventions::table
            .filter(conventions::service_id.among(scope.ids()))
            .filter(conventions::status.among(ConventionStatus::SIGNED))
            .filter(conventions::starts_on.le(wanted.span.to).and(conventions::ends_on.ge(wanted.span.from)))
    };
    let (rows, suspended) = together!(
        conn,
        signed().select((conventions::id, conventions::starts_on, conventions::ends_on, conventions::terminated_on))
            => ConventionRow,
        convention_suspensions::table
            .filter(convention_suspensions::convention_id.eq_any(signed().select(conventions::id)))
            .order((convention_suspensions::convention_id, convention_suspensions::starts_on))
            .select((
                convention_suspensions::convention_id,
                convention_suspensions::starts_on,
                convention_suspensions::ends_on,
            ))
            => (Id, NaiveDate, Option<NaiveDate>),
    )?;
    let mut suspensions: HashMap<Id, Vec<(NaiveDate, Option<NaiveDate>)>> = HashMap::new();
    for (convention, from, to) in suspended {
        suspensions.entry(convention).or_default().push((from, to));
    }
    let mut facts = Vec::new();
    for (id, starts_on, ends_on, terminated_on) in rows {
        let last = terminated_on.unwrap_or(ends_on);
        let mut from = Some(starts_on);
        for (first, until) in suspensions.remove(&id).unwrap_or_default() {
            facts.extend(from.zip(first.pred_opt()).map(|(from, to)| Fact::lasting(id, from, Some(to.min(last)))));
            from = until.and_then(|until| until.succ_opt());
        }
        facts.extend(from.map(|from| Fact::lasting(id, from, Some(last))));
    }
    Ok(facts)
}

/// The contributions of the years of the span under signed conventions, due net of waivers or received. Each concerns the
/// whole of its year.
pub(super) fn contributions(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let signed = conventions::table
        .filter(conventions::service_id.among(scope.ids()).and(conventions::status.among(ConventionStatus::SIGNED)))
        .select(conventions::id);
    // Summed later: on PostgreSQL the sum of bigints is a numeric, and the rows are few.
    let rows: Vec<(i32, i64, i64, i64)> = instalments::table
        .inner_join(contributions::table)
        .filter(contributions::year.between(wanted.span.from.year(), wanted.span.to.year()))
        .filter(contributions::convention_id.eq_any(signed))
        .select((
            contributions::year,
            instalments::amount_cents,
            instalments::received_cents,
            instalments::waived_cents,
        ))
        .load(conn)?;
    let fact = |(year, amount, received, waived): (i32, i64, i64, i64)| {
        let cents = if wanted.facts == Facts::Due { amount - waived } else { received };
        Some(Fact::on(NaiveDate::from_ymd_opt(year, 1, 1)?, cents))
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}

type ReferentRow = (Id, NaiveDate, Option<NaiveDate>, Option<ReferentDepartureReason>);

/// The facts of the referents who were in the network on a day of the span. Those entered by mistake count nowhere.
pub(super) fn referents(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let by_mistake = "entered_by_mistake";
    let rows: Vec<ReferentRow> = referents::table
        .filter(referents::service_id.among(scope.ids()))
        .filter(referents::departure_reason.is_null().or(referents::departure_reason.ne(by_mistake)))
        .filter(referents::appointed_on.le(wanted.span.to))
        .filter(referents::left_on.is_null().or(referents::left_on.ge(wanted.span.from)))
        .select((referents::id, referents::appointed_on, referents::left_on, referents::departure_reason))
        .load(conn)?;
    let fact = |(id, appointed_on, left_on, reason): ReferentRow| match wanted.facts {
        Facts::Appointed => Some(Fact::on(appointed_on, 1)),
        Facts::Left => Some(Fact::on(left_on?, 1).within(wanted.by.map(|_| or_none(reason)))),
        _ => Some(Fact::lasting(id, appointed_on, left_on.map(|day| day.pred_opt().unwrap_or(day)))),
    };
    Ok(rows.into_iter().filter_map(fact).collect())
}
