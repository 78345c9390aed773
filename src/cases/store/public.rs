//! The SQL of what the rules of the public ask of a case: its needs, and what the family agreed to.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{referral_agreements, referral_needs, referrals};
use crate::db::{AnyConn, Id, IsAmong};
use crate::nomenclatures::codes::ReferralNeed;
use crate::services::public::model::agreement::AgreementPurpose;

/// The agreements of the family recorded with the referrals of a case, each with its day.
pub(in crate::cases) fn agreements(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<Vec<(AgreementPurpose, NaiveDate)>> {
    let of_case = referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(id));
    referral_agreements::table
        .filter(referral_agreements::referral_id.eq_any(referrals::table.filter(of_case).select(referrals::id)))
        .order((referral_agreements::purpose, referral_agreements::given_on))
        .select((referral_agreements::purpose, referral_agreements::given_on))
        .load(conn)
}

/// The needs of the referrals of a case.
pub(in crate::cases) fn needs(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Vec<ReferralNeed>> {
    let of_case = referrals::service_id.among(scope.ids()).and(referrals::case_id.eq(id));
    referral_needs::table
        .filter(referral_needs::referral_id.eq_any(referrals::table.filter(of_case).select(referrals::id)))
        .order((referral_needs::referral_id, referral_needs::position))
        .select(referral_needs::need)
        .load(conn)
}
