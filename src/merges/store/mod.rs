//! The SQL of merges: their rows, and the children, households and cases that they are about.

pub(super) mod acts;
pub(super) mod hanging;
pub(super) mod moves;
pub(super) mod sealed;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::auth::ServiceScope;
use crate::cases::model::CaseStatus;
use crate::data_keys::WrappedKey;
use crate::db::schema::{cases, child_merges, children, data_keys};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, ordered_page, together};
use crate::http::page::{PageInfo, PageRequest};
use crate::wrapped_keys;

/// An instant, as both engines store it.
fn literal(now: UtcTs) -> String {
    format!("'{}'", now.to_utc().naive_utc().format("%F %T%.f"))
}

/// The next version of a row.
fn changed(now: UtcTs) -> String {
    format!("version = version + 1, updated_at = {}", literal(now))
}

/// A row of `child_merges`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = child_merges, treat_none_as_default_value = false)]
pub struct MergeRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) survivor_child_id: Id,
    pub(super) survivor_household_id: Id,
    pub(super) survivor_case_id: Option<Id>,
    pub(super) absorbed_child_id: Id,
    pub(super) absorbed_household_id: Option<Id>,
    pub(super) absorbed_case_id: Option<Id>,
    pub(super) moved: String,
    pub(super) kept: Vec<u8>,
    pub(super) reason: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) created_at: UtcTs,
    pub(super) undone_at: Option<UtcTs>,
    pub(super) undone_by: Option<String>,
    pub(super) version: i32,
}

/// A child, as a merge needs it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = children)]
pub struct ChildRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) household_id: Id,
    pub(super) identity: Vec<u8>,
    pub(super) version: i32,
}

crate::versioned!(MergeRow, ChildRow);

type Boxed<'a> = child_merges::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    child_merges::table.filter(child_merges::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<MergeRow> {
    visible(scope).filter(child_merges::id.eq(id)).select(MergeRow::as_select()).get_result(conn)
}

/// A merge of the scope with the keys of the surviving household; nothing if there is none.
pub(super) fn with_keys(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(Vec<MergeRow>, Vec<WrappedKey>)> {
    let found = || child_merges::table.filter(child_merges::id.eq(id).and(child_merges::service_id.among(scope.ids())));
    let household = || found().select(child_merges::survivor_household_id);
    together!(
        conn,
        found().select(columns::<MergeRow>()) => MergeRow,
        wrapped_keys!()
            .filter(data_keys::holder_id.eq_any(household()).or(data_keys::owner_id.eq_any(household())))
            => WrappedKey,
    )
}

/// A page of merges, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    page: &PageRequest,
) -> QueryResult<(Vec<MergeRow>, PageInfo)> {
    Ok(ordered_page!(conn, page, visible(scope), child_merges as MergeRow, desc created_at as UtcTs))
}

pub(super) fn insert(conn: &mut AnyConn, row: &MergeRow) -> QueryResult<()> {
    diesel::insert_into(child_merges::table).values(row).execute(conn).map(drop)
}

/// Records that a merge was undone. False if another writer was first.
pub(super) fn undone(conn: &mut AnyConn, row: &MergeRow, new: &MergeRow) -> QueryResult<bool> {
    let read = child_merges::id.eq(row.id).and(child_merges::version.eq(row.version));
    let set = (
        child_merges::undone_at.eq(new.undone_at),
        child_merges::undone_by.eq(&new.undone_by),
        child_merges::version.eq(new.version),
    );
    Ok(diesel::update(child_merges::table.filter(read)).set(set).execute(conn)? == 1)
}

/// The latest of the merges of a household that are later than one of them and not undone.
pub(super) fn later(conn: &mut AnyConn, row: &MergeRow) -> QueryResult<Option<Id>> {
    let household = row.survivor_household_id;
    child_merges::table
        .filter(child_merges::service_id.eq(row.service_id).and(child_merges::id.gt(row.id)))
        .filter(child_merges::undone_at.is_null())
        .filter(child_merges::survivor_household_id.eq(household).or(child_merges::absorbed_household_id.eq(household)))
        .order(child_merges::id.desc())
        .select(child_merges::id)
        .first(conn)
        .optional()
}

/// A child of the scope.
pub(super) fn child(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ChildRow> {
    children::table
        .filter(children::id.eq(id).and(children::service_id.among(scope.ids())))
        .select(ChildRow::as_select())
        .get_result(conn)
}

/// A case of one of the families of a merge.
#[derive(Clone, Debug, Queryable)]
pub(super) struct FamilyCase {
    pub(super) id: Id,
    pub(super) child_id: Id,
    pub(super) household_id: Id,
    pub(super) status: CaseStatus,
    pub(super) opened_on: NaiveDate,
}

/// The children and the cases of some households of a service.
pub(super) fn families(
    conn: &mut AnyConn,
    service: Id,
    households: &[Id],
) -> QueryResult<(Vec<ChildRow>, Vec<FamilyCase>)> {
    let homes: Vec<Option<Id>> = households.iter().copied().map(Some).collect();
    together!(
        conn,
        children::table
            .filter(children::service_id.eq(service).and(children::household_id.among(households)))
            .order(children::id)
            .select(columns::<ChildRow>())
            => ChildRow,
        cases::table
            .filter(cases::service_id.eq(service).and(cases::household_id.eq_any(homes)))
            .order(cases::id)
            .select((
                cases::id,
                cases::child_id.assume_not_null(),
                cases::household_id.assume_not_null(),
                cases::status,
                cases::opened_on,
            ))
            => FamilyCase,
    )
}
