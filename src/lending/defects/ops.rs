//! Use cases of defects.

use chrono::NaiveDate;

use super::dto::{KitDefect, KitDefectFilter, KitDefectPage, KitDefectSettlement};
use super::model::{DefectKind, DefectStatus};
use super::store::{self, DefectRow};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::ApiError;
use crate::http::page::List;
use crate::lending::copies::store::CopyRow;
use crate::lending::settings;
use crate::naming::ops::named;
use crate::trail::Resource;
use crate::work::Work;

/// Where and when a check counted an item.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// The copy.
    pub copy: &'a CopyRow,
    /// The item.
    pub item: Id,
    /// The check.
    pub check: Id,
    /// The day.
    pub on: NaiveDate,
}

/// Updates the defects of an item after a count. A positive `change` adds a defect; a negative one resolves open defects,
/// oldest first. A defect that is resolved in part is split in two. `known` are the known defects of the copy, oldest
/// first. Returns the defects to insert.
pub fn settle_count(
    work: &mut Work<'_>,
    known: &[DefectRow],
    found: Found<'_>,
    kind: DefectKind,
    change: i32,
) -> Result<Vec<DefectRow>, ApiError> {
    if change > 0 {
        return Ok(vec![defect(work, found, kind, change, DefectStatus::ToBuy)]);
    }
    let (mut left, mut parts) = (-change, Vec::new());
    let is_open = |row: &&DefectRow| row.item_id == found.item && row.kind == kind && row.status == DefectStatus::ToBuy;
    for open in known.iter().filter(is_open) {
        if left == 0 {
            break;
        }
        let resolved = left.min(open.quantity);
        left -= resolved;
        let mut new = open.clone();
        if resolved == open.quantity {
            (new.status, new.settled_on) = (DefectStatus::Resolved, Some(found.on.max(open.found_on)));
        } else {
            new.quantity -= resolved;
            parts.push(defect(work, Found { check: open.check_id, ..found }, kind, resolved, DefectStatus::Resolved));
        }
        replace(work, open, new)?;
    }
    Ok(parts)
}

/// A new defect.
fn defect(work: &mut Work<'_>, found: Found<'_>, kind: DefectKind, quantity: i32, status: DefectStatus) -> DefectRow {
    let row = DefectRow {
        id: Id::next(work.now),
        service_id: found.copy.service_id,
        copy_id: found.copy.id,
        item_id: found.item,
        kind,
        quantity,
        status,
        found_on: found.on,
        check_id: found.check,
        settled_on: (status != DefectStatus::ToBuy).then_some(found.on),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    work.created(Resource::KitDefect, row.service_id, row.id);
    row
}

fn replace(work: &mut Work<'_>, row: &DefectRow, mut new: DefectRow) -> Result<DefectRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::KitDefect, row.service_id, row.id);
    Ok(new)
}

/// The row of a defect in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<DefectRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One defect in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<KitDefect, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    named(work, row.into())
}

/// A page of the defects in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<KitDefectFilter>,
) -> Result<KitDefectPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    let data: Vec<KitDefect> = rows.into_iter().map(Into::into).collect();
    Ok(KitDefectPage { data: named(work, data)?, page })
}

/// Records that the part was replaced or will not be.
pub fn settle(work: &mut Work<'_>, row: &DefectRow, how: &KitDefectSettlement) -> Result<KitDefect, ApiError> {
    if row.status != DefectStatus::ToBuy {
        return Err(ApiError::wrong_state(row.status.as_str(), std::iter::empty()));
    }
    let today = settings::ops::today(work, row.service_id)?.today;
    let on = how.settled_on.unwrap_or(today);
    let faults = [
        dates::not_in_the_future("/settled_on", on, today),
        dates::not_before("/settled_on", on, row.found_on, "before_found"),
    ];
    ApiError::reject_if_any(faults.into_iter().flatten())?;
    let mut new = row.clone();
    (new.status, new.settled_on) = (how.status.into(), Some(on));
    let settled = replace(work, row, new)?;
    named(work, settled.into())
}
