//! The SQL of the lists of referrals: the filtered one, the waiting list, the history of one.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{EventRow, ReferralRow};
use crate::auth::ServiceScope;
use crate::db::schema::{referral_events, referral_needs, referrals};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::referrals::dto::filter::{ReferralFilter, ReferralSort, WaitingListFilter};
use crate::referrals::model::{ReferralStatus, Urgency};
use crate::territories::communes_within;

type Boxed<'a> = referrals::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The referrals in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a ReferralFilter) -> Boxed<'a> {
    let mut query = referrals::table.filter(referrals::service_id.among(scope.ids())).into_boxed();
    // Annulled referrals are listed if they are asked for, and to who follows changes.
    match &filter.status {
        Some(statuses) => {
            let listed = referrals::status.eq_any(statuses).and(referrals::annulled_on.is_null());
            query = if statuses.contains(&ReferralStatus::Annulled) {
                query.filter(listed.or(referrals::annulled_on.is_not_null()))
            } else {
                query.filter(listed)
            };
        }
        None if filter.updated_since.is_none() => query = query.filter(referrals::annulled_on.is_null()),
        None => {}
    }
    if let Some(subject) = filter.subject {
        query = query.filter(referrals::subject.eq(subject));
    }
    if let Some(origins) = &filter.origins() {
        query = query.filter(referrals::origin.eq_any(origins.clone()));
    }
    if let Some(channel) = &filter.channel {
        query = query.filter(referrals::channel.eq(channel));
    }
    if let Some(urgencies) = &filter.urgency {
        query = query.filter(referrals::urgency.eq_any(urgencies));
    }
    if let Some(needs) = &filter.need {
        let with_one =
            referral_needs::table.filter(referral_needs::need.eq_any(needs)).select(referral_needs::referral_id);
        query = query.filter(referrals::id.eq_any(with_one));
    }
    if let Some(communes) = &filter.communes() {
        query = query.filter(referrals::commune_code.eq_any(communes.clone()));
    }
    if let Some(departement) = &filter.departement {
        // The code of a département is the prefix of the codes of its communes, and contains no wildcard.
        query = query.filter(referrals::commune_code.like(format!("{departement}%")));
    }
    if let Some(from) = filter.received_from {
        query = query.filter(referrals::received_on.ge(from));
    }
    if let Some(to) = filter.received_to {
        query = query.filter(referrals::received_on.le(to));
    }
    if let Some(child) = filter.child_id {
        query = query.filter(referrals::child_id.eq(child));
    }
    if let Some(household) = filter.household_id {
        query = query.filter(referrals::household_id.eq(household));
    }
    if let Some(organisation) = filter.organisation_id {
        query = query.filter(referrals::organisation_id.eq(organisation));
    }
    if let Some(case) = filter.case_id {
        query = query.filter(referrals::case_id.eq(case));
    }
    if let Some(external_id) = &filter.external_id {
        query = query.filter(referrals::external_id.eq(external_id));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(referrals::updated_at.ge(since));
    }
    query
}

/// A page of the referrals in scope.
pub(in crate::referrals) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &ReferralFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ReferralRow>, PageInfo)> {
    let sort = filter.order();
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), referrals as ReferralRow, sort: ReferralSort {
        ReceivedOn | ReceivedOnDesc => received_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// The waiting list of a service in scope.
fn waiting(scope: &ServiceScope, service: Id) -> Boxed<'_> {
    let waiting = referrals::service_id.eq(service).and(referrals::status.eq(ReferralStatus::WaitingList));
    referrals::table.filter(waiting.and(referrals::service_id.among(scope.ids()))).into_boxed()
}

/// The referrals of the waiting list of a service that match the filter.
fn waiting_for<'a>(scope: &'a ServiceScope, service: Id, filter: &'a WaitingListFilter) -> Boxed<'a> {
    let mut query = waiting(scope, service);
    if let Some(urgencies) = &filter.urgency {
        query = query.filter(referrals::urgency.eq_any(urgencies));
    }
    if let Some(needs) = &filter.need {
        let with_one =
            referral_needs::table.filter(referral_needs::need.eq_any(needs)).select(referral_needs::referral_id);
        query = query.filter(referrals::id.eq_any(with_one));
    }
    if let Some(communes) = communes_within(filter.commune.as_ref(), filter.epci.as_ref()) {
        query = query.filter(referrals::commune_code.among(&communes));
    }
    query
}

/// A page of the waiting list of a service: most urgent first, then longest waiting first.
pub(in crate::referrals) fn waiting_list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
    filter: &WaitingListFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ReferralRow>, PageInfo)> {
    let mut query = waiting_for(scope, service, filter);
    let (urgency, since, id) = (referrals::urgency, referrals::waiting_since, referrals::id);
    if let Some((last_urgency, last_since, last_id)) = page.after::<(Urgency, NaiveDate, Id)>() {
        let later = since.gt(last_since).or(since.eq(last_since).and(id.gt(last_id)));
        query = query.filter(urgency.lt(last_urgency).or(urgency.eq(last_urgency).and(later.assume_not_null())));
    }
    let query = query.order((urgency.desc(), since.asc(), id.asc())).limit(page.fetch());
    let rows = query.select(ReferralRow::as_select()).load(conn)?;
    let (rows, info) = page.cut(rows, |row: &ReferralRow| (row.urgency, row.waiting_since, row.id));
    let info = page.counted(info, || waiting_for(scope, service, filter).count().get_result(conn))?;
    Ok((rows, info))
}

/// A referral of a waiting list, and its urgency.
pub(in crate::referrals) type WaitingPlace = (Id, Urgency);

/// The whole waiting list of a service, in its order: identifiers and urgencies only. It is as long as the list, which has
/// tens of families, not thousands.
pub(in crate::referrals) fn waiting_order(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    service: Id,
) -> QueryResult<Vec<WaitingPlace>> {
    waiting(scope, service)
        .order((referrals::urgency.desc(), referrals::waiting_since.asc(), referrals::id.asc()))
        .select((referrals::id, referrals::urgency))
        .load(conn)
}

/// A page of the events of a referral, oldest first.
pub(in crate::referrals) fn events(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    referral: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<EventRow>, PageInfo)> {
    let of_referral = || {
        referral_events::table
            .filter(referral_events::referral_id.eq(referral).and(referral_events::service_id.among(scope.ids())))
    };
    let rows = of_referral()
        .filter(referral_events::version.gt(page.after().unwrap_or(0)))
        .order(referral_events::version)
        .limit(page.fetch())
        .select(EventRow::as_select())
        .load(conn)?;
    let (rows, info) = page.cut(rows, |row| row.version);
    let info = page.counted(info, || of_referral().count().get_result(conn))?;
    Ok((rows, info))
}
