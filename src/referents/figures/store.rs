//! The SQL of the figures of the network.

use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::referents;
use crate::db::{AnyConn, IsAmong};
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

/// Number of referents at the end of a day: appointed on or before it, last day after it.
pub(super) fn count_at_end_of(conn: &mut AnyConn, scope: &ServiceScope, day: NaiveDate) -> QueryResult<i64> {
    not_by_mistake(scope)
        .filter(referents::appointed_on.le(day))
        .filter(referents::left_on.is_null().or(referents::left_on.gt(day)))
        .count()
        .get_result(conn)
}

/// Number of referents at the end of a day with a standing on `on`, which is not later.
pub(super) fn count_with_standing(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    end: NaiveDate,
    on: NaiveDate,
    with: Standing,
) -> QueryResult<i64> {
    not_by_mistake(scope)
        .filter(referents::appointed_on.le(end))
        .filter(referents::left_on.is_null().or(referents::left_on.gt(end)))
        .filter(standing::on(on, &[with]))
        .count()
        .get_result(conn)
}

/// Number of referents whose first day is in a period.
pub(super) fn appointed(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<i64> {
    not_by_mistake(scope).filter(referents::appointed_on.between(period.from, period.to)).count().get_result(conn)
}

/// Number of referents whose last day is in a period, by reason.
pub(super) fn left(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    period: Period,
) -> QueryResult<Vec<(Option<ReferentDepartureReason>, i64)>> {
    let by_mistake = "entered_by_mistake";
    referents::table
        .filter(referents::service_id.among(scope.ids()))
        .filter(referents::left_on.between(period.from, period.to))
        .filter(referents::departure_reason.ne(by_mistake))
        .group_by(referents::departure_reason)
        .select((referents::departure_reason, count_star()))
        .order(referents::departure_reason)
        .load(conn)
}
