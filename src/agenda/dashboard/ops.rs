//! The use case of the dashboard.

use chrono::{Datelike, Days, NaiveDate};

use super::dto::Dashboard;
use super::store::{self, Counted, Dates};
use crate::activity::model::{RECOMMENDED_PER_FTE, children_per_fte_hundredths};
use crate::auth::{Permission, Principal, ServiceScope};
use crate::db::Id;
use crate::error::ApiError;
use crate::services;
use crate::services::model::counted_fte_hundredths;
use crate::work::Work;

/// How long before its end a convention is counted, and what a procedure granted. Choice: a quarter, in which a renewal can
/// be filed.
const EXPIRING_DAYS: u64 = 90;

/// The services in which the caller may read what is counted, besides cases.
#[derive(Clone, Debug)]
pub struct Readable {
    referrals: Vec<Id>,
    loans: Vec<Id>,
    conventions: Vec<Id>,
    activity: Vec<Id>,
}

impl Readable {
    /// The access of a caller.
    pub fn of(principal: &Principal) -> Self {
        Self {
            referrals: principal.services_with(Permission::ReferralsRead),
            loans: principal.services_with(Permission::ReservationsRead),
            conventions: principal.services_with(Permission::ConventionsRead),
            activity: principal.services_with(Permission::ActivityRead),
        }
    }
}

/// The dashboard of a service in scope.
pub fn read(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    readable: &Readable,
    service: Id,
) -> Result<Dashboard, ApiError> {
    let today = services::ops::require(work, scope, service, "service_id")?.date_of(work.now);
    let after = |days| today.checked_add_days(Days::new(days)).unwrap_or(today);
    let year_from = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
    let dates = Dates { today, week_to: after(6), expiring_to: after(EXPIRING_DAYS), year_from };
    let Counted { due, rest } = store::counted(work.conn, service, dates)?;
    let may = |services: &[Id], number: i64| services.contains(&service).then_some(number);
    let sees_activity = readable.activity.contains(&service);
    let fte = if sees_activity {
        let positions = services::store::position_dates(work.conn, service)?;
        Some(counted_fte_hundredths(&positions, year_from, today))
    } else {
        None
    };
    let per_fte = fte.and_then(|fte| children_per_fte_hundredths(rest.children, fte));
    Ok(Dashboard {
        service_id: service,
        read_at: work.now,
        today,
        week_to: dates.week_to,
        referrals_to_decide: may(&readable.referrals, rest.referrals_to_decide),
        referrals_waiting: may(&readable.referrals, rest.referrals_waiting),
        open_cases: rest.open_cases,
        suspended_cases: rest.suspended_cases,
        follow_ups_overdue: due.follow_ups_overdue,
        follow_ups_this_week: due.follow_ups_this_week,
        appointments_today: due.appointments_today,
        appointments_this_week: due.appointments_this_week,
        appointments_unanswered: due.appointments_unanswered,
        procedures_expiring: due.procedures_expiring,
        procedures_overdue: due.procedures_overdue,
        placement_reviews_overdue: due.placement_reviews_overdue,
        placement_reviews_this_week: due.placement_reviews_this_week,
        placements_to_confirm: due.placements_to_confirm,
        kits_overdue: may(&readable.loans, due.kits_overdue),
        kits_due_this_week: may(&readable.loans, due.kits_due_this_week),
        conventions_expiring: may(&readable.conventions, rest.conventions_expiring),
        instalments_overdue: may(&readable.conventions, rest.instalments_overdue),
        children_this_year: may(&readable.activity, rest.children),
        counted_fte_hundredths: fte,
        children_per_fte: per_fte.map(|hundredths| f64::from(i32::try_from(hundredths).unwrap_or(i32::MAX)) / 100.0),
        recommended_per_fte_per_year: RECOMMENDED_PER_FTE,
    })
}
