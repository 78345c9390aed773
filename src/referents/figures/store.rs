//! The SQL of the figures of the network.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::referents;
use crate::db::{AnyConn, IsAmong, together};
use crate::figures::Period;
use crate::nomenclatures::codes::ReferentDepartureReason;
use crate::referents::model::Standing;
use crate::referents::store::standing;

type Boxed<'a> = referents::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// Every referent except those entered by mistake.
fn not_by_mistake(scope: &ServiceScope) -> Boxed<'_> {
    let by_mistake = "entered_by_mistake";
    referents::table
        .filter(referents::service_id.among(scope.ids()))
        .filter(referents::departure_reason.is_null().or(referents::departure_reason.ne(by_mistake)))
        .into_boxed()
}

/// The referents at the end of a day: appointed on or before it, last day after it.
fn at_end_of(scope: &ServiceScope, day: NaiveDate) -> Boxed<'_> {
    not_by_mistake(scope)
        .filter(referents::appointed_on.le(day))
        .filter(referents::left_on.is_null().or(referents::left_on.gt(day)))
}

/// The standings that are counted.
pub(super) const STANDINGS: [Standing; 4] =
    [Standing::InTraining, Standing::Certified, Standing::InOrder, Standing::Lapsed];

/// What the figures of a period count.
pub(super) struct Counted {
    /// At the end of the day before the period.
    pub(super) at_start: i64,
    /// At the end of the period.
    pub(super) at_end: i64,
    /// At the end of the period, by [standing](STANDINGS) on a day that is not later.
    pub(super) by_standing: [i64; 4],
    /// Whose first day is in the period.
    pub(super) appointed: i64,
    /// Whose last day is in the period, by reason.
    pub(super) left: Vec<(Option<ReferentDepartureReason>, i64)>,
}

/// What the figures of a period count, read together.
pub(super) fn counted(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
    standing_on: NaiveDate,
) -> QueryResult<Counted> {
    let day_before = period.from.pred_opt().unwrap_or(period.from);
    let with =
        |which: usize| at_end_of(scope, period.to).filter(standing::on(standing_on, &[STANDINGS[which]])).count();
    let (at_start, at_end, first, second, third, fourth, appointed, left) = together!(
        conn,
        at_end_of(scope, day_before).count() => i64,
        at_end_of(scope, period.to).count() => i64,
        with(0) => i64,
        with(1) => i64,
        with(2) => i64,
        with(3) => i64,
        not_by_mistake(scope).filter(referents::appointed_on.between(period.from, period.to)).count() => i64,
        referents::table
            .filter(referents::service_id.among(scope.ids()))
            .filter(referents::left_on.between(period.from, period.to))
            .filter(referents::departure_reason.ne("entered_by_mistake"))
            .group_by(referents::departure_reason)
            .order(referents::departure_reason)
            .select((referents::departure_reason, count_star()))
            => (Option<ReferentDepartureReason>, i64),
    )?;
    let one = |rows: Vec<i64>| rows.first().copied().unwrap_or_default();
    Ok(Counted {
        at_start: one(at_start),
        at_end: one(at_end),
        by_standing: [first, second, third, fourth].map(one),
        appointed: one(appointed),
        left,
    })
}
