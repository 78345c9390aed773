//! The SQL of builds and releases.

mod catalogue;

pub(super) use catalogue::{Listed, MOST, latest_year, list, listed, replaced};

use diesel::prelude::*;

use super::drafts::Drafts;
use super::dto::{BuildSort, StatisticsBuild, StatisticsBuildFilter, StatisticsRelease};
use super::model::{BuildAction, BuildRecords, BuildStatus, TierCode, through};
use super::refusals;
use crate::auth::ServiceScope;
use crate::db::schema::{statistics_builds, statistics_releases};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::error::Lang;
use crate::http::page::{PageInfo, PageRequest};
use crate::statistics::sandbox;

/// A row of `statistics_builds`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = statistics_builds, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct BuildRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) year: i32,
    pub(super) quarter: i32,
    pub(super) status: BuildStatus,
    pub(super) reason: Option<String>,
    pub(super) published_through: Option<i32>,
    pub(super) cut_off: Option<UtcTs>,
    pub(super) proved: i32,
    pub(super) to_prove: i32,
    pub(super) seen_at: Option<UtcTs>,
    pub(super) result: Option<String>,
    pub(super) refusal: Option<String>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) records: BuildRecords,
    pub(super) attempts: i32,
    pub(super) trial_spec: Option<String>,
}

crate::versioned!(BuildRow);

/// A row of `statistics_releases`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = statistics_releases, treat_none_as_default_value = false)]
pub struct ReleaseRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) build_id: Id,
    pub(super) year: i32,
    pub(super) quarter: i32,
    pub(super) tier: TierCode,
    pub(super) number: i32,
    pub(super) document: Vec<u8>,
    pub(super) sha256: String,
    pub(super) key_id: String,
    pub(super) signature: Vec<u8>,
    pub(super) domains: String,
    pub(super) supersedes: Option<Id>,
    pub(super) published_at: UtcTs,
    pub(super) generation: i32,
}

/// A release in the catalogue, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = statistics_releases)]
pub(super) struct EntryRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) year: i32,
    pub(super) quarter: i32,
    pub(super) tier: TierCode,
    pub(super) number: i32,
    pub(super) sha256: String,
    pub(super) supersedes: Option<Id>,
    pub(super) published_at: UtcTs,
}

impl BuildRow {
    /// Whether it can be published.
    pub fn is_ready(&self) -> bool {
        self.actions().contains(&BuildAction::Publish)
    }

    /// The actions allowed now. A trial of a specification cannot be published.
    pub(super) fn actions(&self) -> &'static [BuildAction] {
        match (self.status, &self.trial_spec) {
            (BuildStatus::Ready, Some(_)) => &[BuildAction::Cancel],
            (status, _) => status.actions(),
        }
    }

    /// The build in the contract, with its texts in a language.
    pub(super) fn shown(self, lang: Lang) -> StatisticsBuild {
        let refusal = self.refusal.as_deref().map(|stored| refusals::in_lang(stored, lang));
        StatisticsBuild { refusal, ..self.into() }
    }

    /// Its drafts, if it has any.
    pub(super) fn drafts(&self) -> Option<Drafts> {
        Drafts::read(self.result.as_deref()?)
    }
}

from_row!(row: BuildRow => StatisticsBuild {
    id, service_id, year, quarter, status, reason, trial_spec, records, cut_off, proved, to_prove, refusal, author,
    version, created_at, updated_at;
    utility: row.drafts().map(Drafts::utility).unwrap_or_default(),
    available_actions: row.actions().to_vec(),
    author_name: None,
});

impl EntryRow {
    /// The entry of the catalogue, with the release that replaces it, if one does.
    pub(super) fn entry(self, superseded_by: Option<Id>) -> StatisticsRelease {
        StatisticsRelease {
            superseded_by,
            through: through(self.year, self.quarter),
            id: self.id,
            service_id: self.service_id,
            year: self.year,
            tier: self.tier,
            number: self.number,
            sha256: self.sha256,
            supersedes: self.supersedes,
            published_at: self.published_at,
        }
    }
}

/// Who reads releases; decides which releases they may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readers {
    /// A caller who may read these services. May also read the sandbox.
    Of(ServiceScope),
    /// Everybody: the open releases of all services.
    Everybody,
}

impl Readers {
    /// Cache key of the permission check: everything that [`releases`] checks, and the release.
    pub(super) fn permission_key(&self, id: Id) -> String {
        match self {
            Self::Of(scope) => {
                let mut key = String::with_capacity(40 * (scope.ids().len() + 1));
                for service in scope.ids() {
                    key.push_str(service.as_str());
                    key.push(' ');
                }
                key.push_str("reads ");
                key.push_str(id.as_str());
                key
            }
            Self::Everybody => format!("everybody reads {id}"),
        }
    }
}

type Builds<'a> = statistics_builds::BoxedQuery<'a, <AnyConn as Connection>::Backend>;
type Releases<'a> = statistics_releases::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn builds(scope: &ServiceScope) -> Builds<'_> {
    statistics_builds::table.filter(statistics_builds::service_id.among(scope.ids())).into_boxed()
}

fn releases(readers: &Readers) -> Releases<'_> {
    match readers {
        Readers::Of(scope) => {
            let of_scope = statistics_releases::service_id.among(scope.ids());
            statistics_releases::table
                .filter(of_scope.or(statistics_releases::service_id.eq(sandbox::service())))
                .into_boxed()
        }
        Readers::Everybody => {
            statistics_releases::table.filter(statistics_releases::tier.eq(TierCode::Open)).into_boxed()
        }
    }
}

row_writes!(statistics_builds: BuildRow => pub(super) insert as insert_build);

/// A build of the scope.
pub(super) fn build(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<BuildRow> {
    builds(scope).filter(statistics_builds::id.eq(id)).select(BuildRow::as_select()).get_result(conn)
}

/// The builds of a service and year that are not in a final state.
pub(super) fn open_builds(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Vec<BuildRow>> {
    let open = [BuildStatus::Queued, BuildStatus::Running, BuildStatus::Ready];
    statistics_builds::table
        .filter(statistics_builds::service_id.eq(service).and(statistics_builds::year.eq(year)))
        .filter(statistics_builds::status.among(&open))
        .order(statistics_builds::id)
        .select(BuildRow::as_select())
        .load(conn)
}

/// Whether a build of a quarter was ever requested, trials excluded.
pub(super) fn was_requested(conn: &mut AnyConn, service: Id, year: i32, quarter: i32) -> QueryResult<bool> {
    let same = statistics_builds::service_id
        .eq(service)
        .and(statistics_builds::year.eq(year))
        .and(statistics_builds::quarter.eq(quarter))
        .and(statistics_builds::trial_spec.is_null());
    diesel::select(diesel::dsl::exists(statistics_builds::table.filter(same))).get_result(conn)
}

/// When the latest trials of a service since an instant were requested, at most `limit` of them, the latest first.
pub(super) fn trials_since(conn: &mut AnyConn, service: Id, since: UtcTs, limit: usize) -> QueryResult<Vec<UtcTs>> {
    statistics_builds::table
        .filter(statistics_builds::service_id.eq(service).and(statistics_builds::created_at.gt(since)))
        .filter(statistics_builds::trial_spec.is_not_null())
        .order(statistics_builds::created_at.desc())
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(statistics_builds::created_at)
        .load(conn)
}

/// The oldest build that is queued, or that is running with no heartbeat since `silent_since`.
pub(super) fn next(conn: &mut AnyConn, silent_since: UtcTs) -> QueryResult<Option<BuildRow>> {
    let queued = statistics_builds::status.eq(BuildStatus::Queued);
    let abandoned = statistics_builds::status.eq(BuildStatus::Running).and(statistics_builds::seen_at.lt(silent_since));
    statistics_builds::table
        .filter(queued.or(abandoned))
        .order((statistics_builds::created_at, statistics_builds::id))
        .select(BuildRow::as_select())
        .first(conn)
        .optional()
}

/// Replaces the version of a build that was read. Returns false if another writer changed it first.
pub(super) fn put_build(conn: &mut AnyConn, read: i32, row: &BuildRow) -> QueryResult<bool> {
    let same = statistics_builds::id.eq(row.id).and(statistics_builds::version.eq(read));
    Ok(diesel::update(statistics_builds::table.filter(same)).set(row).execute(conn)? == 1)
}

/// Stores the progress of a build that was claimed at this version. Returns false if it is no longer running at it. The
/// version does not change.
pub(super) fn note_progress(
    conn: &mut AnyConn,
    (id, version): (Id, i32),
    (proved, to_prove): (i32, i32),
    now: UtcTs,
) -> QueryResult<bool> {
    let claimed = statistics_builds::id.eq(id).and(statistics_builds::version.eq(version));
    let running = claimed.and(statistics_builds::status.eq(BuildStatus::Running));
    let values = (
        statistics_builds::proved.eq(proved),
        statistics_builds::to_prove.eq(to_prove),
        statistics_builds::seen_at.eq(Some(now)),
    );
    Ok(diesel::update(statistics_builds::table.filter(running)).set(values).execute(conn)? == 1)
}

/// The builds of the scope that match the filter.
fn filtered_builds<'a>(scope: &'a ServiceScope, filter: &StatisticsBuildFilter) -> Builds<'a> {
    let mut query = builds(scope);
    if let Some(year) = filter.year {
        query = query.filter(statistics_builds::year.eq(year));
    }
    if let Some(status) = filter.status {
        query = query.filter(statistics_builds::status.eq(status));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(statistics_builds::updated_at.ge(since));
    }
    query
}

/// A page of the builds of the scope, newest first by default.
pub(super) fn list_builds(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &StatisticsBuildFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<BuildRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(BuildSort::CreatedAtDesc);
    Ok(
        sorted_page!(conn, page, scope => filtered_builds(scope, filter), statistics_builds as BuildRow, sort: BuildSort {
            CreatedAt | CreatedAtDesc => created_at as UtcTs,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

row_writes!(statistics_releases: ReleaseRow => pub(super) insert as insert_release);

/// A release that these readers may read.
pub(super) fn release(conn: &mut AnyConn, readers: &Readers, id: Id) -> QueryResult<ReleaseRow> {
    releases(readers).filter(statistics_releases::id.eq(id)).select(ReleaseRow::as_select()).get_result(conn)
}

/// The SHA-256 of a release that these readers may read, without its bytes. Used to check the permission.
pub(super) fn readable(conn: &mut AnyConn, readers: &Readers, id: Id) -> QueryResult<String> {
    releases(readers).filter(statistics_releases::id.eq(id)).select(statistics_releases::sha256).get_result(conn)
}

/// The releases of a service in a year, in order of publication.
pub(super) fn of_year(conn: &mut AnyConn, service: Id, year: i32) -> QueryResult<Vec<ReleaseRow>> {
    statistics_releases::table
        .filter(statistics_releases::service_id.eq(service).and(statistics_releases::year.eq(year)))
        .order((statistics_releases::published_at, statistics_releases::id))
        .select(ReleaseRow::as_select())
        .load(conn)
}

/// Every release of a service, in order of publication.
pub(super) fn of_service(conn: &mut AnyConn, service: Id) -> QueryResult<Vec<ReleaseRow>> {
    statistics_releases::table
        .filter(statistics_releases::service_id.eq(service))
        .order((statistics_releases::published_at, statistics_releases::number, statistics_releases::id))
        .select(ReleaseRow::as_select())
        .load(conn)
}

/// The services that have published a release.
pub(super) fn publishers(conn: &mut AnyConn) -> QueryResult<Vec<Id>> {
    statistics_releases::table
        .select(statistics_releases::service_id)
        .distinct()
        .order(statistics_releases::service_id)
        .load(conn)
}

/// The last release of a service and tier: of all years, or of one.
pub(super) fn last(
    conn: &mut AnyConn,
    service: Id,
    tier: TierCode,
    year: Option<i32>,
) -> QueryResult<Option<EntryRow>> {
    let own = statistics_releases::service_id.eq(service).and(statistics_releases::tier.eq(tier));
    let mut query = statistics_releases::table.filter(own).into_boxed();
    if let Some(year) = year {
        query = query.filter(statistics_releases::year.eq(year));
    }
    query.order(statistics_releases::number.desc()).select(EntryRow::as_select()).first(conn).optional()
}
