//! Use cases of kits.

use chrono::NaiveDate;

use super::dto::{Kit, KitFilter, KitInput, KitPage, KitPatch};
use super::store::{self, FreePeriod, KitRow, Parts};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::lending::past::Past;
use crate::lending::settings;
use crate::services;
use crate::text::fold;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Adds a kit to the catalogue of a service.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &KitInput) -> Result<Kit, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    let row = KitRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        title_fr: new.title_fr.clone(),
        title_en: new.title_en.clone(),
        title_key: fold(&new.title_fr),
        description_fr: new.description_fr.clone(),
        description_en: new.description_en.clone(),
        picture_url: new.picture_url.clone(),
        loan_days: new.loan_days,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row, &new.themes, &new.audiences)?;
    work.created(Resource::Kit, row.service_id, row.id);
    show(work, row)
}

/// The row of a kit in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<KitRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The row of a kit in scope, for a use case that changes its plan: the lock of the kit comes before it.
pub fn find_to_plan(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<KitRow, ApiError> {
    let row = find(work, scope, id)?;
    work.lock_first(Lock::Kit, row.id);
    Ok(row)
}

/// One kit in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Kit, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, row)
}

fn show(work: &mut Work<'_>, row: KitRow) -> Result<Kit, ApiError> {
    with_parts(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the kits in scope. Whether a copy was free on a past day is for who reads the reservations.
pub fn list(
    work: &mut Work<'_>,
    (scope, past): (&ServiceScope, &Past),
    list: &List<KitFilter>,
) -> Result<KitPage, ApiError> {
    let free = free_days(&list.filter)?;
    let scope = scope.within(list.filter.service_id);
    let free = match free {
        None => None,
        Some((from, to)) => {
            let days = settings::ops::today_in(work, scope.ids())?;
            for (service, day) in &days {
                past.require(*service, "free_from", from, day.today)?;
            }
            Some(FreePeriod::new(from, to, &days))
        }
    };
    let (rows, page) = store::list(work.conn, &scope, &list.filter, free.as_ref(), &list.page)?;
    Ok(KitPage { data: with_parts(work, rows)?, page })
}

/// The period in which a copy must be free, if the filter gives one.
fn free_days(filter: &KitFilter) -> Result<Option<(NaiveDate, NaiveDate)>, ApiError> {
    let fault = match (filter.free_from, filter.free_to) {
        (None, None) => return Ok(None),
        (Some(from), Some(to)) => return Ok(Some((from, to))),
        (from, _) => {
            let missing = if from.is_none() { "free_from" } else { "free_to" };
            let message =
                Text::new("Donner `free_from` et `free_to` ensemble.", "Give both `free_from` and `free_to`.");
            Fault::new(missing, "required", message)
        }
    };
    Err(ApiError::faults(Code::InvalidParameters, vec![fault]))
}

/// Kits with their parts, which are read together whatever the number of rows.
fn with_parts(work: &mut Work<'_>, rows: Vec<KitRow>) -> Result<Vec<Kit>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut parts = store::parts::parts_of(work.conn, &ids)?;
    let kit = |row: KitRow| {
        let own = parts.remove(&row.id).unwrap_or_default();
        Kit::new(row, own)
    };
    Ok(rows.into_iter().map(kit).collect())
}

/// Corrects a kit.
pub fn correct(work: &mut Work<'_>, row: &KitRow, patch: KitPatch) -> Result<Kit, ApiError> {
    let mut new = row.clone();
    new.title_fr = patch.title_fr.unwrap_or(new.title_fr);
    new.title_key = fold(&new.title_fr);
    new.title_en = patch.title_en.over(new.title_en);
    new.description_fr = patch.description_fr.over(new.description_fr);
    new.description_en = patch.description_en.over(new.description_en);
    new.picture_url = patch.picture_url.over(new.picture_url);
    new.loan_days = patch.loan_days.over(new.loan_days);
    let mut lists = None;
    if patch.themes.is_some() || patch.audiences.is_some() {
        let Parts { themes, audiences, .. } =
            store::parts::parts_of(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default();
        let had = (themes.into_iter().collect(), audiences.into_iter().collect());
        let after = (
            patch.themes.unwrap_or_else(|| Clone::clone(&had.0)),
            patch.audiences.unwrap_or_else(|| Clone::clone(&had.1)),
        );
        lists = Some(after).filter(|after| *after != had);
    }
    if new == *row && lists.is_none() {
        return show(work, new);
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    if let Some((themes, audiences)) = lists {
        store::delete_lists(work.conn, row.id)?;
        store::insert_lists(work.conn, row.id, &themes, &audiences)?;
    }
    work.changed(Resource::Kit, row.service_id, row.id);
    show(work, new)
}

/// Deletes a kit. The foreign keys refuse it if the kit has items, copies or reservations.
pub fn delete(work: &mut Work<'_>, row: &KitRow, reason: DeletionReason) -> Result<(), ApiError> {
    store::delete_lists(work.conn, row.id)?;
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Cette mallette a un contenu, des exemplaires ou des réservations, et ne peut pas être supprimée.",
            "This kit has items, copies or reservations and cannot be deleted.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::Kit, row.service_id, row.id, reason);
    Ok(())
}

/// Records that a part of a kit has changed, so that clients that follow the catalogue see it.
pub(in crate::lending) fn touch(work: &mut Work<'_>, service: Id, kit: Id) -> Result<(), ApiError> {
    work.changed(Resource::Kit, service, kit);
    Ok(store::touch_one(work.conn, kit, work.now)?)
}

/// The kit that a request gives at `pointer`: it must belong to the service. A kit of another service and one that does not
/// exist get the same message.
pub fn require(work: &mut Work<'_>, service: Id, id: Id, pointer: &str) -> Result<KitRow, ApiError> {
    let row = match work.known::<KitRow>(id).filter(|row| row.service_id == service) {
        Some(row) => Some(row),
        None => store::find(work.conn, service, id)?,
    };
    row.ok_or_else(|| {
        let message =
            Text::new("Mallette absente du catalogue du service.", "This kit is not in the catalogue of the service.");
        ApiError::rule(pointer, "unknown_kit", message)
    })
}
