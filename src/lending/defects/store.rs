//! The SQL of defects.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{KitDefect, KitDefectFilter, KitDefectSort};
use super::model::{DefectKind, DefectStatus};
use crate::auth::ServiceScope;
use crate::db::schema::{kit_copies, kit_defects};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes, sorted_page};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `kit_defects`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kit_defects, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DefectRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) copy_id: Id,
    pub(super) item_id: Id,
    pub(super) kind: DefectKind,
    pub(super) quantity: i32,
    pub(super) status: DefectStatus,
    pub(super) found_on: NaiveDate,
    pub(super) check_id: Id,
    pub(super) settled_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(DefectRow);

from_row!(row: DefectRow => KitDefect {
    id, service_id, copy_id, item_id, kind, quantity, status, found_on, check_id, settled_on, version, created_at,
    updated_at;
    copy_label: None,
    kit_title: None,
    item_label: None,
});

type Boxed<'a> = kit_defects::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    kit_defects::table.filter(kit_defects::service_id.among(scope.ids())).into_boxed()
}

row_writes!(kit_defects: DefectRow => pub(super) update);

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<DefectRow> {
    visible(scope).filter(kit_defects::id.eq(id)).select(DefectRow::as_select()).get_result(conn)
}

/// The known missing and damaged parts of a copy, by item and kind: open defects and those written off.
pub fn known_of(conn: &mut AnyConn, copy: Id) -> QueryResult<HashMap<(Id, DefectKind), i32>> {
    let rows: Vec<(Id, DefectKind, i32)> = kit_defects::table
        .filter(kit_defects::copy_id.eq(copy))
        .filter(kit_defects::status.among(DefectStatus::KNOWN))
        .select((kit_defects::item_id, kit_defects::kind, kit_defects::quantity))
        .load(conn)?;
    Ok(sums(rows.into_iter()))
}

fn sums(parts: impl Iterator<Item = (Id, DefectKind, i32)>) -> HashMap<(Id, DefectKind), i32> {
    let mut sums = HashMap::new();
    for (item, kind, quantity) in parts {
        *sums.entry((item, kind)).or_default() += quantity;
    }
    sums
}

/// [`known_of`] a copy whose known defects were read.
pub(in crate::lending) fn known_among(rows: &[DefectRow]) -> HashMap<(Id, DefectKind), i32> {
    sums(rows.iter().map(|row| (row.item_id, row.kind, row.quantity)))
}

/// The defects in scope that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, filter: &'a KitDefectFilter) -> Boxed<'a> {
    let mut query = visible(scope);
    if let Some(kit) = filter.kit_id {
        let copies = kit_copies::table.filter(kit_copies::kit_id.eq(kit)).select(kit_copies::id);
        query = query.filter(kit_defects::copy_id.eq_any(copies));
    }
    if let Some(copy) = filter.copy_id {
        query = query.filter(kit_defects::copy_id.eq(copy));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(kit_defects::kind.eq(kind));
    }
    if let Some(statuses) = &filter.status {
        query = query.filter(kit_defects::status.among(statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(kit_defects::updated_at.ge(since));
    }
    query
}

/// A page of defects, most recently found first by default.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &KitDefectFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<DefectRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(KitDefectSort::FoundOnDesc);
    Ok(sorted_page!(conn, page, scope => filtered(scope, filter), kit_defects as DefectRow, sort: KitDefectSort {
        FoundOn | FoundOnDesc => found_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
