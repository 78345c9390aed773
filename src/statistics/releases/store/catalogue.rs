//! The SQL of the catalogue of releases.

use std::collections::HashMap;

use diesel::prelude::*;

use super::super::dto::{ReleaseSort, StatisticsReleaseFilter};
use super::super::model::{LAST_QUARTER, TierCode};
use super::{EntryRow, Readers, Releases, releases};
use crate::db::schema::{services, statistics_releases};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, sorted_page};
use crate::http::page::{PageInfo, PageRequest};
use crate::statistics::sandbox;

diesel::alias!(statistics_releases as later: Later);

/// The releases that these readers may read and that match the filter. Releases of the sandbox are returned only if
/// the filter names it, since they are not figures of a pôle.
fn filtered<'a>(readers: &'a Readers, filter: &StatisticsReleaseFilter) -> Releases<'a> {
    let query = releases(readers);
    let mut query = match filter.service_id {
        Some(service) => query.filter(statistics_releases::service_id.eq(service)),
        None => query.filter(statistics_releases::service_id.ne(sandbox::service())),
    };
    if let Some(year) = filter.year {
        query = query.filter(statistics_releases::year.eq(year));
    }
    if let Some(quarter) = filter.quarter {
        query = query.filter(statistics_releases::quarter.eq(quarter));
    }
    if let Some(tier) = filter.tier {
        query = query.filter(statistics_releases::tier.eq(tier));
    }
    if let Some(since) = filter.updated_since {
        let replaced = later.filter(later.field(statistics_releases::published_at).ge(since));
        let replaced = replaced.select(later.field(statistics_releases::supersedes));
        let new = statistics_releases::published_at.ge(since);
        query = query.filter(new.or(statistics_releases::id.nullable().eq_any(replaced).assume_not_null()));
    }
    query
}

/// A page of the catalogue of these readers, newest first by default.
pub(in crate::statistics::releases) fn list(
    conn: &mut AnyConn,
    readers: &Readers,
    filter: &StatisticsReleaseFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<EntryRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(ReleaseSort::PublishedAtDesc);
    Ok(sorted_page!(conn, page, filtered(readers, filter), statistics_releases as EntryRow, sort: ReleaseSort {
        PublishedAt | PublishedAtDesc => published_at as UtcTs,
    }))
}

/// The release of the last full year of a service and tier that nothing replaces, if these readers may read it.
pub(in crate::statistics::releases) fn latest_year(
    conn: &mut AnyConn,
    readers: &Readers,
    tier: TierCode,
    service: Id,
) -> QueryResult<Id> {
    releases(readers)
        .filter(statistics_releases::service_id.eq(service).and(statistics_releases::tier.eq(tier)))
        .filter(statistics_releases::quarter.eq(LAST_QUARTER))
        // A release is newer than those that it replaces.
        .order((statistics_releases::year.desc(), statistics_releases::number.desc()))
        .select(statistics_releases::id)
        .first(conn)
}

/// The release that replaced each of these, if one did. It has the same service and tier, so the same readers.
pub(in crate::statistics::releases) fn replaced(conn: &mut AnyConn, rows: &[EntryRow]) -> QueryResult<HashMap<Id, Id>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let by: Vec<(Id, Id)> = statistics_releases::table
        .filter(statistics_releases::supersedes.assume_not_null().among(&ids))
        .select((statistics_releases::supersedes.assume_not_null(), statistics_releases::id))
        .load(conn)?;
    Ok(by.into_iter().collect())
}

/// The release that is in force instead of this one: the last of those that replace one another. What replaces a release
/// is newer, so it is among the newest ones too.
fn in_force(replaced: &HashMap<Id, Id>, id: Id) -> Option<Id> {
    let mut last = *replaced.get(&id)?;
    // Each step is to a newer release: there are no more steps than releases.
    for _ in 0..replaced.len() {
        match replaced.get(&last) {
            Some(next) => last = *next,
            None => break,
        }
    }
    Some(last)
}

/// Releases of the page of open data: the newest ones. The list of the API has them all.
pub(in crate::statistics::releases) const MOST: usize = 200;

/// An open release on that page.
#[derive(Clone, Debug)]
pub(in crate::statistics::releases) struct Listed {
    pub(in crate::statistics::releases) id: Id,
    pub(in crate::statistics::releases) service_name: String,
    pub(in crate::statistics::releases) year: i32,
    pub(in crate::statistics::releases) quarter: i32,
    pub(in crate::statistics::releases) number: i32,
    pub(in crate::statistics::releases) published_at: UtcTs,
    pub(in crate::statistics::releases) replaced_by: Option<Id>,
}

/// The newest releases that everybody may read, with the names of their services and what replaced them. Without the sandbox.
pub(in crate::statistics::releases) fn listed(conn: &mut AnyConn) -> QueryResult<Vec<Listed>> {
    let rows: Vec<EntryRow> = filtered(&Readers::Everybody, &StatisticsReleaseFilter::default())
        .order((statistics_releases::published_at.desc(), statistics_releases::id.desc()))
        .limit(i64::try_from(MOST).unwrap_or(i64::MAX))
        .select(EntryRow::as_select())
        .load(conn)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let names: Vec<(Id, String)> =
        services::table.filter(services::id.among(&ids)).select((services::id, services::name)).load(conn)?;
    let names: HashMap<Id, String> = names.into_iter().collect();
    let replaced = replaced(conn, &rows)?;
    let entry = |row: EntryRow| Listed {
        replaced_by: in_force(&replaced, row.id),
        service_name: names.get(&row.service_id).cloned().unwrap_or_default(),
        id: row.id,
        year: row.year,
        quarter: row.quarter,
        number: row.number,
        published_at: row.published_at,
    };
    Ok(rows.into_iter().map(entry).collect())
}
