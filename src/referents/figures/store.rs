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

/// Those who ever were one: not whoever was entered by mistake.
fn real(scope: &ServiceScope) -> Boxed<'_> {
    let by_mistake = "entered_by_mistake";
    referents::table
        .filter(referents::service_id.among(scope.ids()))
        .filter(referents::departure_reason.is_null().or(referents::departure_reason.ne(by_mistake)))
        .into_boxed()
}

/// Referents at the end of a day: appointed by then, and not on their last day.
pub(super) fn number_after(conn: &mut AnyConn, scope: &ServiceScope, day: NaiveDate) -> QueryResult<i64> {
    real(scope)
        .filter(referents::appointed_on.le(day))
        .filter(referents::left_on.is_null().or(referents::left_on.gt(day)))
        .count()
        .get_result(conn)
}

/// Referents at the end of a day who stand so on a day, which is not a later one.
pub(super) fn number_of(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    end: NaiveDate,
    on: NaiveDate,
    stands: Standing,
) -> QueryResult<i64> {
    real(scope)
        .filter(referents::appointed_on.le(end))
        .filter(referents::left_on.is_null().or(referents::left_on.gt(end)))
        .filter(standing::on(on, &[stands]))
        .count()
        .get_result(conn)
}

/// Referents whose first day is in a period.
pub(super) fn appointed(conn: &mut AnyConn, scope: &ServiceScope, period: Period) -> QueryResult<i64> {
    real(scope).filter(referents::appointed_on.between(period.from, period.to)).count().get_result(conn)
}

/// Referents whose last day is in a period, by reason.
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
