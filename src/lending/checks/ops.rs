//! Use cases of checks.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{ContentCheck, KitCheck, KitCheckPage};
use super::model::{Count, Moment};
use super::store::{self, CheckRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::page::PageRequest;
use crate::lending::copies::dto::{KitCopy, ends_service};
use crate::lending::copies::store::CopyRow;
use crate::lending::defects::model::DefectKind;
use crate::lending::defects::ops::{Found, settle_count};
use crate::lending::items::store::ItemRow;
use crate::lending::{copies, defects, settings};
use crate::naming::ops::named;
use crate::nomenclatures;
use crate::nomenclatures::codes::KitCondition;
use crate::trail::Resource;
use crate::work::Work;

/// Checks a copy between two loans.
pub fn inspect(work: &mut Work<'_>, copy: &CopyRow, check: &ContentCheck) -> Result<KitCopy, ApiError> {
    let today = settings::ops::today(work, copy.service_id)?.today;
    perform(work, copy, Occasion { moment: Moment::Inspection, reservation: None, on: today, at: "" }, check)
        .map(Into::into)
}

/// The occasion of a check, and where the check is in the request body.
#[derive(Clone, Copy, Debug)]
pub struct Occasion<'a> {
    /// The kind of occasion.
    pub moment: Moment,
    /// The loan that starts or ends.
    pub reservation: Option<Id>,
    /// The day.
    pub on: NaiveDate,
    /// Pointer to the check in the body; empty if the check is the whole body.
    pub at: &'a str,
}

/// Records a check, the defects that it finds and the condition of the copy. Returns the copy, in a new version if
/// its condition or its defects changed.
pub fn perform(
    work: &mut Work<'_>,
    copy: &CopyRow,
    occasion: Occasion<'_>,
    check: &ContentCheck,
) -> Result<CopyRow, ApiError> {
    let (items, defects) = store::contents(work.conn, copy)?;
    ApiError::reject_if_any(faults(&items, check, occasion.at))?;
    let known = defects::store::known_among(&defects);
    let by_id: HashMap<Id, &ItemRow> = items.iter().map(|item| (item.id, item)).collect();
    let counts: Vec<(Id, Count)> = check
        .items
        .iter()
        .map(|counted| {
            let of = |kind| known.get(&(counted.item_id, kind)).copied().unwrap_or_default();
            let count = Count {
                quantity: by_id.get(&counted.item_id).map_or(0, |item| item.quantity),
                present: counted.present,
                damaged: counted.damaged,
                known_missing: of(DefectKind::Missing),
                known_damaged: of(DefectKind::Damaged),
            };
            (counted.item_id, count)
        })
        .collect();
    let check_id = Id::next(work.now);
    let row = CheckRow {
        id: check_id,
        service_id: copy.service_id,
        copy_id: copy.id,
        reservation_id: occasion.reservation,
        moment: occasion.moment,
        condition: check.condition.clone(),
        checked_on: occasion.on,
        missing: counts.iter().map(|(_, count)| (count.quantity - count.present).max(0)).sum(),
        damaged: counts.iter().map(|(_, count)| count.damaged).sum(),
        author: work.author(),
        created_at: work.now,
    };
    let mut new_defects = Vec::new();
    let mut changes = false;
    for (item, count) in counts {
        let found = Found { copy, item, check: check_id, on: occasion.on };
        for (kind, change) in [(DefectKind::Missing, count.new_missing()), (DefectKind::Damaged, count.new_damaged())] {
            changes |= change != 0;
            new_defects.extend(settle_count(work, &defects, found, kind, change)?);
        }
    }
    let mut new = copy.clone();
    new.condition = check.condition.clone();
    if ends_service(&check.condition) && copy.is_lendable() {
        let label = nomenclatures::list(KitCondition::LIST).and_then(|list| list.get(check.condition.as_str()));
        new.out_of_service_since = Some(occasion.on);
        new.out_of_service_reason = label.map(|code| code.label_fr.clone());
    }
    changes |= (&new.condition, new.out_of_service_since) != (&copy.condition, copy.out_of_service_since);
    if !changes {
        // Whoever reads the catalogue would count the loans in versions of the copy that say nothing new.
        store::insert(work.conn, &row)?;
        return Ok(new);
    }
    new.version = copy.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::record(work.conn, &row, &new_defects, copy, &new)?)?;
    work.changed(Resource::KitCopy, copy.service_id, copy.id);
    work.changed(Resource::Kit, copy.service_id, copy.kit_id);
    Ok(new)
}

/// Records the condition of a copy without a count: the known defects remain.
pub fn note(
    work: &mut Work<'_>,
    copy: &CopyRow,
    moment: Moment,
    condition: &KitCondition,
    on: NaiveDate,
) -> Result<(), ApiError> {
    let known = defects::store::known_of(work.conn, copy.id)?;
    let sum = |kind| known.iter().filter(|((_, of), _)| *of == kind).map(|(_, number)| number).sum();
    let row = CheckRow {
        id: Id::next(work.now),
        service_id: copy.service_id,
        copy_id: copy.id,
        reservation_id: None,
        moment,
        condition: condition.clone(),
        checked_on: on,
        missing: sum(DefectKind::Missing),
        damaged: sum(DefectKind::Damaged),
        author: work.author(),
        created_at: work.now,
    };
    Ok(store::insert(work.conn, &row)?)
}

/// The faults of a check: an item of another kit, an item counted twice or not at all, a count above the quantity.
fn faults(items: &[ItemRow], check: &ContentCheck, at: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut counted: Vec<Id> = Vec::new();
    for (index, count) in check.items.iter().enumerate() {
        let mut fault = |field: &str, code: &'static str, fr: &'static str, en: &'static str| {
            faults.push(Fault::new(format!("{at}/items/{index}/{field}"), code, Text::new(fr, en)));
        };
        match items.iter().find(|item| item.id == count.item_id) {
            None => fault(
                "item_id",
                "unknown_item",
                "Cet élément ne fait pas partie de cette mallette.",
                "This item is not part of this kit.",
            ),
            Some(_) if counted.contains(&count.item_id) => {
                fault("item_id", "counted_twice", "Cet élément est compté deux fois.", "This item is counted twice.");
            }
            Some(item) if count.present > item.quantity => {
                fault(
                    "present",
                    "too_many",
                    "Ce nombre dépasse la quantité prévue dans la mallette.",
                    "This count exceeds the quantity in the kit.",
                );
            }
            Some(_) => {}
        }
        counted.push(count.item_id);
    }
    for item in items.iter().filter(|item| item.quantity > 0 && !counted.contains(&item.id)) {
        let (id, label) = (item.id, &item.label_fr);
        let message = Text::new(
            format!("Non compté : « {label} » ({id})."),
            format!("Not counted: {:?} ({id}).", item.label_en.as_ref().unwrap_or(label)),
        );
        faults.push(Fault::new(format!("{at}/items"), "not_counted", message));
    }
    faults
}

/// A page of the checks of a copy in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, copy: Id, page: &PageRequest) -> Result<KitCheckPage, ApiError> {
    copies::store::get(work.conn, scope, copy)?;
    let (rows, info) = store::list(work.conn, scope, copy, page)?;
    let data: Vec<KitCheck> = rows.into_iter().map(Into::into).collect();
    Ok(KitCheckPage { data: named(work, data)?, page: info })
}
