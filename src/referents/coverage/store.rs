//! The SQL of coverage. The database counts by commune: nothing is loaded row by row.

use chrono::NaiveDate;
use diesel::dsl::{count, count_star};
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{organisations, referents};
use crate::db::{AnyConn, IsAmong};
use crate::referents::store::{CERTIFIED, standing};
use crate::territories::CommuneCode;

/// Number of structures of some kinds, by commune.
pub(super) fn structures(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kinds: &[&'static str],
) -> QueryResult<Vec<(CommuneCode, i64)>> {
    organisations::table
        .filter(organisations::service_id.among(scope.ids()))
        .filter(organisations::kind.among(kinds))
        .group_by(organisations::commune_code)
        .select((organisations::commune_code, count_star()))
        .order(organisations::commune_code)
        .load(conn)
}

/// Referents certified on a day in structures of some kinds, and number of these structures, by commune.
pub(super) fn covered(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kinds: &[&'static str],
    on: NaiveDate,
) -> QueryResult<Vec<(CommuneCode, i64, i64)>> {
    referents::table
        .inner_join(organisations::table)
        .filter(referents::service_id.among(scope.ids()))
        .filter(organisations::kind.among(kinds))
        .filter(referents::appointed_on.le(on))
        .filter(referents::departure_reason.is_null().or(referents::departure_reason.ne("entered_by_mistake")))
        .filter(standing::on(on, CERTIFIED))
        .group_by(organisations::commune_code)
        .select((organisations::commune_code, count_star(), count(referents::organisation_id).aggregate_distinct()))
        .load(conn)
}
