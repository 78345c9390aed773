//! The SQL of the facts about referrals.

use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::wanted::{Wanted, or_none};
use crate::auth::ServiceScope;
use crate::db::schema::{referral_events, referrals};
use crate::db::{AnyConn, Id, IsAmong, together};
use crate::indicators::model::types::{Facts, IndicatorDimension as By};
use crate::measures::model::compute::Fact;
use crate::nomenclatures::codes::{ReferralOrigin, ReferralReason};
use crate::nomenclatures::{self, lists};
use crate::referrals::model::ReferralStatus;
use crate::territories::CommuneCode;

#[derive(Queryable)]
struct ReferralRow {
    received_on: NaiveDate,
    decided_on: Option<NaiveDate>,
    origin: ReferralOrigin,
    status: ReferralStatus,
    reason: Option<ReferralReason>,
    commune_code: CommuneCode,
}

impl ReferralRow {
    fn category(&self, wanted: Wanted) -> Option<String> {
        match wanted.by? {
            By::Origin => Some(self.origin.to_string()),
            // A code that a later version of the list withdraws is in the group `other`.
            By::OriginGroup => Some(
                nomenclatures::group_of(lists::REFERRAL_ORIGIN, self.origin.as_str()).unwrap_or("other").to_owned(),
            ),
            By::ReferralStatus => Some(self.status.to_string()),
            By::DecisionReason => Some(or_none(self.reason.as_ref())),
            _ => wanted.place(&self.commune_code),
        }
    }

    fn is_decided(&self) -> bool {
        matches!(self.status, ReferralStatus::Accepted | ReferralStatus::Declined | ReferralStatus::Redirected)
    }

    fn fact(&self, facts: Facts) -> Option<Fact> {
        let is = |status: ReferralStatus| self.status == status;
        match facts {
            Facts::Accepted => is(ReferralStatus::Accepted).then(|| Fact::on(self.received_on, 1)),
            Facts::Declined => is(ReferralStatus::Declined).then(|| Fact::on(self.received_on, 1)),
            Facts::Decided => {
                self.is_decided().then(|| Fact::share(self.received_on, i64::from(is(ReferralStatus::Accepted)), 1))
            }
            Facts::DelaysToDecision => {
                let decided_on = self.decided_on.filter(|_| self.is_decided())?;
                Some(Fact::on(decided_on, (decided_on - self.received_on).num_days().max(0)))
            }
            _ => Some(Fact::on(self.received_on, 1)),
        }
    }
}

/// A decision on a referral: the referral, the state that follows, the day.
type Event = (Id, ReferralStatus, NaiveDate);

/// The facts of the referrals received or decided in the span.
pub(super) fn referrals(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let span = wanted.span;
    let rows: Vec<ReferralRow> = referrals::table
        .filter(referrals::service_id.among(scope.ids()))
        .filter(referrals::annulled_on.is_null())
        .filter(
            referrals::received_on
                .between(span.from, span.to)
                .or(referrals::decided_on.is_not_null().and(referrals::decided_on.between(span.from, span.to))),
        )
        .select((
            referrals::received_on,
            referrals::decided_on,
            referrals::origin,
            referrals::status,
            referrals::reason,
            referrals::commune_code,
        ))
        .load(conn)?;
    Ok(rows.iter().filter_map(|row| Some(row.fact(wanted.facts)?.within(row.category(wanted)))).collect())
}

/// The nights that referrals spent in the waiting list, by their history.
pub(super) fn waiting(conn: &mut AnyConn, scope: &ServiceScope, wanted: Wanted) -> QueryResult<Vec<Fact>> {
    let (mut events, annulled) = together!(
        conn,
        referral_events::table
            .filter(referral_events::service_id.among(scope.ids()))
            .filter(referral_events::happened_on.le(wanted.span.to))
            .order((referral_events::referral_id, referral_events::version, referral_events::id))
            .select((referral_events::referral_id, referral_events::to_status, referral_events::happened_on))
            => (Id, ReferralStatus, NaiveDate),
        referrals::table
            .filter(referrals::service_id.among(scope.ids()).and(referrals::annulled_on.is_not_null()))
            .select(referrals::id)
            => Id,
    )?;
    let annulled: HashSet<Id> = annulled.into_iter().collect();
    events.retain(|(referral, ..)| !annulled.contains(referral));
    let next = events.iter().skip(1).map(Some).chain([None]);
    let fact = |(event, next): (&Event, Option<&Event>)| {
        let (referral, status, day) = event;
        let until = next.filter(|(other, ..)| other == referral).map(|(.., day)| day.pred_opt().unwrap_or(*day));
        (*status == ReferralStatus::WaitingList).then(|| Fact::lasting(*referral, *day, until))
    };
    Ok(events.iter().zip(next).filter_map(fact).collect())
}
