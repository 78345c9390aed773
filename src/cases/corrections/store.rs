//! The SQL of corrections.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::db::schema::{corrections, statistics_counted, statistics_records, statistics_releases};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::trail::{DeletionReason, Resource};

/// A row of `corrections`.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = corrections, treat_none_as_default_value = false)]
pub struct CorrectionRow {
    pub(in crate::cases) id: Id,
    pub(in crate::cases) service_id: Id,
    pub(in crate::cases) case_id: Id,
    pub(in crate::cases) object_kind: Resource,
    pub(in crate::cases) object_id: Id,
    pub(in crate::cases) version: i32,
    pub(in crate::cases) removed_for: Option<DeletionReason>,
    pub(in crate::cases) entered_by: String,
    pub(in crate::cases) key_owner: Id,
    pub(in crate::cases) changes: Vec<u8>,
    pub(in crate::cases) author: String,
    pub(in crate::cases) created_at: UtcTs,
}

type Boxed<'a> = corrections::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn of(scope: &ServiceScope, kind: Resource, object: Id) -> Boxed<'_> {
    corrections::table
        .filter(corrections::object_id.eq(object).and(corrections::object_kind.eq(kind)))
        .filter(corrections::service_id.among(scope.ids()))
        .into_boxed()
}

/// The removal of an object of the scope; none if it was not removed.
pub(in crate::cases) fn removal(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kind: Resource,
    object: Id,
) -> QueryResult<Option<CorrectionRow>> {
    of(scope, kind, object)
        .filter(corrections::removed_for.is_not_null())
        .select(CorrectionRow::as_select())
        .first(conn)
        .optional()
}

/// A page of the corrections of an object, oldest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kind: Resource,
    object: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<CorrectionRow>, PageInfo)> {
    let rows = of(scope, kind, object)
        .filter(corrections::version.gt(page.after().unwrap_or(0)))
        .order(corrections::version)
        .limit(page.fetch())
        .select(CorrectionRow::as_select())
        .load(conn)?;
    let (rows, info) = page.cut(rows, |row| row.version);
    let info = page.counted(info, || of(scope, kind, object).count().get_result(conn))?;
    Ok((rows, info))
}

/// The corrections of some objects that produced one of some versions.
pub(in crate::cases) fn of_versions(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    kind: Resource,
    objects: &[Id],
    versions: &[i32],
) -> QueryResult<Vec<CorrectionRow>> {
    corrections::table
        .filter(corrections::object_id.among(objects).and(corrections::object_kind.eq(kind)))
        .filter(corrections::service_id.among(scope.ids()))
        .filter(corrections::version.eq_any(versions.to_vec()))
        .select(CorrectionRow::as_select())
        .load(conn)
}

/// The removals of several objects.
pub(in crate::cases) fn removals_of(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    objects: &[Id],
) -> QueryResult<Vec<CorrectionRow>> {
    corrections::table
        .filter(corrections::object_id.among(objects).and(corrections::service_id.among(scope.ids())))
        .filter(corrections::removed_for.is_not_null())
        .select(CorrectionRow::as_select())
        .load(conn)
}

/// A release of the statistics of a service.
#[derive(Debug, Queryable)]
pub(super) struct ReleaseRow {
    pub(super) id: Id,
    pub(super) year: i32,
    pub(super) quarter: i32,
    pub(super) tier: String,
    pub(super) generation: i32,
    pub(super) published_at: UtcTs,
}

/// A published record of the statistics.
#[derive(Debug, Queryable)]
pub(super) struct CountedRow {
    pub(super) year: i32,
    pub(super) quarters: i32,
    pub(super) frozen_through: i32,
    pub(super) generation: i32,
}

/// What was published of a child.
#[derive(Debug)]
pub(super) struct Published {
    /// The records of the child that releases count.
    pub(super) records: Vec<CountedRow>,
    /// The closed years that count the child.
    pub(super) closed: Vec<i32>,
    /// The releases of the years, oldest first.
    pub(super) releases: Vec<ReleaseRow>,
}

/// What was published of a child, whose links to the records of some years are given.
pub(super) fn published(conn: &mut AnyConn, service: Id, links: &[(i32, Vec<u8>)]) -> QueryResult<Published> {
    let years: Vec<i32> = links.iter().map(|(year, _)| *year).collect();
    let links: Vec<Vec<u8>> = links.iter().map(|(_, link)| link.clone()).collect();
    let (records, closed, releases) = together!(
        conn,
        statistics_records::table
            .filter(statistics_records::service_id.eq(service))
            .filter(statistics_records::year.eq_any(years.clone()))
            .filter(statistics_records::population.eq(CHILDREN))
            .filter(statistics_records::link.eq_any(links.iter().cloned().map(Some)))
            .filter(statistics_records::frozen_through.gt(0))
            .select((
                statistics_records::year,
                statistics_records::quarters,
                statistics_records::frozen_through,
                statistics_records::generation,
            ))
            => CountedRow,
        statistics_counted::table
            .filter(statistics_counted::service_id.eq(service))
            .filter(statistics_counted::year.eq_any(years.clone()))
            .filter(statistics_counted::link.eq_any(links.clone()))
            .select(statistics_counted::year)
            => i32,
        statistics_releases::table
            .filter(statistics_releases::service_id.eq(service))
            .filter(statistics_releases::year.eq_any(years))
            .order((statistics_releases::published_at, statistics_releases::tier, statistics_releases::id))
            .select((
                statistics_releases::id,
                statistics_releases::year,
                statistics_releases::quarter,
                statistics_releases::tier,
                statistics_releases::generation,
                statistics_releases::published_at,
            ))
            => ReleaseRow,
    )?;
    Ok(Published { records, closed, releases })
}

/// The population of children, as records have it.
pub(super) const CHILDREN: &str = "children";

/// Where a record is from: its service, who recorded it, its case, the household of the case.
pub type OriginRow = (Id, String, Id, Option<Id>);

/// A row of a record of a case that is corrected, removed and has a history: see [`recorded!`].
pub trait Recorded {
    /// The kind of record.
    const KIND: Resource;

    /// Its identifier.
    fn id(&self) -> Id;

    /// Its version.
    fn version(&self) -> i32;

    /// Who recorded it.
    fn entered_by(&self) -> &str;

    /// Where a record in scope is from.
    fn origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>>;
}

/// Makes a row [`Recorded`]: its kind, and the table that has its service, author and case, or the function that finds where it
/// is from.
macro_rules! recorded {
    ($row:ident as $kind:ident, in $table:ident) => {
        recorded!(@row $row as $kind, |conn, scope, id| {
            use $crate::db::schema::{$table, cases};
            $table::table
                .inner_join(cases::table)
                .filter($table::id.eq(id).and($table::service_id.among(scope.ids())))
                .select(($table::service_id, $table::author, $table::case_id, cases::household_id))
                .get_result(conn)
                .optional()
        });
    };
    ($row:ident as $kind:ident, from $origin:ident) => {
        recorded!(@row $row as $kind, |conn, scope, id| $origin(conn, scope, id));
    };
    (@row $row:ident as $kind:ident, |$conn:ident, $scope:ident, $id:ident| $origin:expr) => {
        impl $crate::cases::corrections::store::Recorded for $row {
            const KIND: $crate::trail::Resource = $crate::trail::Resource::$kind;

            fn id(&self) -> $crate::db::Id {
                self.id
            }

            fn version(&self) -> i32 {
                self.version
            }

            fn entered_by(&self) -> &str {
                &self.author
            }

            fn origin(
                $conn: &mut $crate::db::AnyConn,
                $scope: &$crate::auth::ServiceScope,
                $id: $crate::db::Id,
            ) -> diesel::QueryResult<Option<$crate::cases::corrections::store::OriginRow>> {
                $origin
            }
        }
    };
}

pub(in crate::cases) use recorded;

/// The first and the last day that a record concerns.
pub(in crate::cases) type Days = (NaiveDate, NaiveDate);
