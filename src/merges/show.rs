//! Reading merges.

use super::dto::{ChildMerge, ChildMergeFilter, ChildMergePage, MovedObject};
use super::model::{HangingRow, MergeAction, Moved, naming, undo_until};
use super::store::{self, MergeRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, unwrap_keys};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::page::PageRequest;
use crate::naming::ops::named;
use crate::privacy::{Place, Secret, open_unless_erased};
use crate::work::Work;

/// The row of a merge in scope; 404 if there is none.
pub(super) fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<MergeRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// A page of the merges in scope, latest first.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    filter: &ChildMergeFilter,
    page: &PageRequest,
) -> Result<ChildMergePage, ApiError> {
    let (rows, info) = store::list(work.conn, &scope.within(filter.service_id), page)?;
    Ok(ChildMergePage { data: opened(work, rows)?, page: info })
}

/// One merge in scope.
pub(super) fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ChildMerge, ApiError> {
    let (rows, keys) = store::with_keys(work.conn, scope, id)?;
    unwrap_keys(work, keys)?;
    opened(work, rows)?.pop().ok_or_else(ApiError::not_found)
}

/// Merges from their rows, opened.
pub(super) fn opened(work: &mut Work<'_>, rows: Vec<MergeRow>) -> Result<Vec<ChildMerge>, ApiError> {
    let owners: Vec<Id> = rows.iter().map(|row| row.survivor_household_id).collect();
    for row in &rows {
        work.trail.open(row.survivor_household_id, row.service_id);
    }
    let keys = data_keys(work, &owners)?;
    let authors = rows.iter().flat_map(|row| std::iter::once(row.author.as_str()).chain(row.undone_by.as_deref()));
    let names = names::ops::read(work, authors)?;
    let mut merges = Vec::with_capacity(rows.len());
    for row in rows {
        let key = keys.get(&row.survivor_household_id);
        let reason = open_unless_erased(key, reason_at(&row.id), row.reason.as_deref())?;
        let moved = moved_of(&row)?;
        let mut merge = to_merge(work, row, &moved, reason, false);
        merge.author_name = names.of(&merge.author);
        merge.undone_by_name = merge.undone_by.as_deref().and_then(|author| names.of(author));
        merges.push(merge);
    }
    named(work, merges)
}

/// What a merge moved.
pub(super) fn moved_of(row: &MergeRow) -> Result<Moved, ApiError> {
    serde_json::from_str(&row.moved).map_err(|_| {
        log::error!("the record of a merge cannot be read");
        ApiError::new(Code::Internal)
    })
}

/// A merge from its row. The names of its authors are not read.
pub(super) fn to_merge(
    work: &Work<'_>,
    row: MergeRow,
    moved: &Moved,
    reason: Option<Secret<String>>,
    dry_run: bool,
) -> ChildMerge {
    let object = |hanging: &HangingRow| {
        let of = naming(&hanging.table)?;
        Some(MovedObject { resource: of.resource, id: hanging.id })
    };
    let until = undo_until(row.created_at);
    let can_be_undone = !dry_run && row.undone_at.is_none() && work.now <= until;
    ChildMerge {
        id: (!dry_run).then_some(row.id),
        service_id: row.service_id,
        survivor_child_id: row.survivor_child_id,
        survivor_child_name: None,
        survivor_household_id: row.survivor_household_id,
        survivor_case_id: row.survivor_case_id,
        absorbed_child_id: row.absorbed_child_id,
        absorbed_child_name: None,
        absorbed_household_id: row.absorbed_household_id,
        absorbed_case_id: row.absorbed_case_id,
        moved: moved.rows.iter().filter(|row| row.moves() && !row.hidden).filter_map(object).collect(),
        reason,
        author: row.author,
        author_name: None,
        merged_at: (!dry_run).then_some(row.created_at),
        undo_until: (!dry_run).then_some(until),
        undone_at: row.undone_at,
        undone_by: row.undone_by,
        undone_by_name: None,
        available_actions: can_be_undone.then_some(MergeAction::Undo).into_iter().collect(),
        counted_in: None,
        differs: None,
        version: if dry_run { 0 } else { row.version },
    }
}

pub(super) fn kept_at(id: &Id) -> Place<'_> {
    Place { table: "child_merges", column: "kept", row: id.as_str() }
}

pub(super) fn reason_at(id: &Id) -> Place<'_> {
    Place { table: "child_merges", column: "reason", row: id.as_str() }
}
