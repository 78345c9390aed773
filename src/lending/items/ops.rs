//! Use cases of items.

use super::dto::{KitItem, KitItemInput, KitItemPatch};
use super::store::{self, ItemRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::ApiError;
use crate::lending::catalogue::ops::touch;
use crate::lending::catalogue::store::KitRow;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Adds an item to a kit.
pub fn create(work: &mut Work<'_>, kit: &KitRow, new: &KitItemInput) -> Result<KitItem, ApiError> {
    let row = ItemRow {
        // Identifiers increase, and the list is in their order.
        id: Id::next(work.now),
        service_id: kit.service_id,
        kit_id: kit.id,
        category: new.category.clone(),
        label_fr: new.label_fr.clone(),
        label_en: new.label_en.clone(),
        quantity: new.quantity,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::KitItem, row.service_id, row.id);
    touch(work, kit.service_id, kit.id)?;
    Ok(row.into())
}

/// The row of an item in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ItemRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One item in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<KitItem, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// Corrects an item.
pub fn correct(work: &mut Work<'_>, row: &ItemRow, patch: KitItemPatch) -> Result<KitItem, ApiError> {
    let mut new = row.clone();
    new.category = patch.category.unwrap_or(new.category);
    new.label_fr = patch.label_fr.unwrap_or(new.label_fr);
    new.label_en = patch.label_en.over(new.label_en);
    new.quantity = patch.quantity.unwrap_or(new.quantity);
    if new == *row {
        return Ok(new.into());
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::KitItem, row.service_id, row.id);
    touch(work, row.service_id, row.kit_id)?;
    Ok(new.into())
}

/// Deletes an item. The foreign keys refuse it if the item was ever missing or damaged.
pub fn delete(work: &mut Work<'_>, row: &ItemRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Cet élément a déjà été manquant ou abîmé : mettre sa quantité à 0 au lieu de le supprimer.",
            "This item has been missing or damaged before: set its quantity to 0 instead of deleting it.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::KitItem, row.service_id, row.id, reason);
    touch(work, row.service_id, row.kit_id)
}
