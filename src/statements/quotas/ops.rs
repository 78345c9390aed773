//! The use case of quotas.

use chrono::Datelike;

use super::dto::{QuotaFilter, UsedUpQuota, UsedUpQuotaPage};
use crate::actions;
use crate::auth::ServiceScope;
use crate::conventions::agreements::{self, model::days_of};
use crate::conventions::coverage;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::List;
use crate::services;
use crate::statements::ops::delivered;
use crate::work::Work;

/// A page of the quotas of a service in scope that the actions held and planned use up.
pub fn used_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<QuotaFilter>,
) -> Result<UsedUpQuotaPage, ApiError> {
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let year = list.filter.year.unwrap_or_else(|| today.year());
    let (from, to) = days_of(year);
    let rows = agreements::store::pages::in_effect_between(work.conn, &ServiceScope::one(service), from, to)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let opened = coverage::store::services_on(work.conn, &ids, to)?;
    let mut deliveries = actions::store::delivered(work.conn, &ids, from, to)?;
    let mut all = Vec::new();
    for row in &rows {
        let delivered_here = deliveries.remove(&row.id).unwrap_or_default();
        let services = delivered(opened.get(&row.id).map(Vec::as_slice).unwrap_or_default(), &delivered_here);
        all.extend(services.into_iter().filter_map(|one| {
            let yearly_quota = one.yearly_quota?;
            let used = one.delivered + one.planned;
            (used >= i64::from(yearly_quota)).then(|| UsedUpQuota {
                convention_id: row.id,
                collectivity: row.collectivity(),
                collectivity_name: row.collectivity_name(),
                year,
                complementary_service: one.complementary_service,
                yearly_quota,
                delivered: one.delivered,
                planned: one.planned,
                exceeded: used > i64::from(yearly_quota),
            })
        }));
    }
    let key = |one: &UsedUpQuota| (one.convention_id, one.complementary_service.clone());
    all.sort_by_key(key);
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    // A service has some dozens of conventions, so the page is cut in memory.
    let after = list.page.after::<(Id, String)>();
    let beyond = |one: &UsedUpQuota| {
        after.as_ref().is_none_or(|(id, code)| (one.convention_id, one.complementary_service.as_str()) > (*id, code))
    };
    let rest = all.into_iter().filter(beyond).collect();
    let (data, page) = list.page.cut(at_most(rest, list.page.fetch()), key);
    let page = list.page.counted(page, || Ok::<_, ApiError>(total))?;
    Ok(UsedUpQuotaPage { data, page })
}

fn at_most(mut rows: Vec<UsedUpQuota>, number: i64) -> Vec<UsedUpQuota> {
    rows.truncate(usize::try_from(number).unwrap_or_default());
    rows
}
