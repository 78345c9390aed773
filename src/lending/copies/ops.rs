//! Use cases of copies.

use super::dto::{KitCopy, KitCopyInput, KitCopyPatch, KitCopyReturn, KitCopyWithdrawal};
use super::store::{self, CopyRow};
use super::write::replace;
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::lending::catalogue::store::KitRow;
use crate::lending::checks;
use crate::lending::checks::model::Moment;
use crate::lending::{queue, settings};
use crate::trail::Resource;
use crate::work::Work;

/// Adds a copy to a kit, and proposes it to the queue.
pub fn create(work: &mut Work<'_>, kit: &KitRow, new: &KitCopyInput) -> Result<KitCopy, ApiError> {
    // The lock of the kit comes before any row lock, as in a return: one order everywhere prevents deadlocks.
    queue::ops::lock_kit(work, kit.service_id, kit.id)?;
    refuse_duplicate_label(work, kit.id, &new.label, None)?;
    let row = CopyRow {
        id: Id::at(work.now),
        service_id: kit.service_id,
        kit_id: kit.id,
        label: new.label.clone(),
        condition: new.condition.clone(),
        home_site: new.home_site.clone(),
        out_of_service_since: None,
        out_of_service_reason: None,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::KitCopy, row.service_id, row.id);
    work.changed(Resource::Kit, kit.service_id, kit.id);
    queue::ops::propose_next(work, kit.service_id, kit.id)?;
    Ok(row.into())
}

/// Refuses a label that another copy of the kit has. Takes the lock of the kit, so that a concurrent request is seen.
fn refuse_duplicate_label(work: &mut Work<'_>, kit: Id, label: &str, except: Option<Id>) -> Result<(), ApiError> {
    work.lock_one(Lock::Kit, kit)?;
    let Some(existing) = store::with_label(work.conn, kit, label, except)? else { return Ok(()) };
    let message = Text::new(
        "Un autre exemplaire de la mallette porte déjà cette étiquette.",
        "Another copy of the kit already has this label.",
    );
    let fault = Fault::new("/label", "already_used", message.clone());
    Err(ApiError::faults(Code::Conflict, vec![fault])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str()))
}

/// The row of a copy in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CopyRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The row of a copy in scope, for a use case that changes the plan of its kit: the lock of the kit comes before it.
pub fn find_to_plan(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CopyRow, ApiError> {
    let row = find(work, scope, id)?;
    work.lock_first(Lock::Kit, row.kit_id);
    Ok(row)
}

/// One copy in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<KitCopy, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// Corrects the label and the home site of a copy.
pub fn correct(work: &mut Work<'_>, row: &CopyRow, patch: KitCopyPatch) -> Result<KitCopy, ApiError> {
    let mut new = row.clone();
    if let Some(label) = patch.label.filter(|label| *label != row.label) {
        refuse_duplicate_label(work, row.kit_id, &label, Some(row.id))?;
        new.label = label;
    }
    new.home_site = patch.home_site.unwrap_or(new.home_site);
    if new == *row {
        return Ok(new.into());
    }
    replace(work, row, new).map(Into::into)
}

/// Takes a copy out of service. Its reservations remain, and are returned as endangered.
pub fn withdraw(work: &mut Work<'_>, row: &CopyRow, why: &KitCopyWithdrawal) -> Result<KitCopy, ApiError> {
    if !row.is_lendable() {
        return Err(ApiError::wrong_state("out_of_service", ["put-back"].into_iter()));
    }
    let today = settings::ops::today(work, row.service_id)?.today;
    let since = why.since.unwrap_or(today);
    ApiError::reject_if_any(dates::not_in_the_future("/since", since, today))?;
    let mut new = row.clone();
    (new.out_of_service_since, new.out_of_service_reason) = (Some(since), Some(why.reason.clone()));
    replace(work, row, new).map(Into::into)
}

/// Puts a copy back in service in its present condition, and proposes it to the queue.
pub fn put_back(work: &mut Work<'_>, row: &CopyRow, how: &KitCopyReturn) -> Result<KitCopy, ApiError> {
    if row.is_lendable() {
        return Err(ApiError::wrong_state("in_service", ["withdraw"].into_iter()));
    }
    queue::ops::lock_kit(work, row.service_id, row.kit_id)?;
    let today = settings::ops::today(work, row.service_id)?.today;
    checks::ops::note(work, row, Moment::PutBack, &how.condition, today)?;
    let mut new = row.clone();
    new.condition = how.condition.clone();
    (new.out_of_service_since, new.out_of_service_reason) = (None, None);
    let new = replace(work, row, new)?;
    queue::ops::propose_next(work, row.service_id, row.kit_id)?;
    Ok(new.into())
}
