//! The SQL of items.

use std::collections::HashMap;

use diesel::prelude::*;

use super::dto::KitItem;
use crate::auth::ServiceScope;
use crate::db::schema::kit_items;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes};
use crate::lending::catalogue::store::grouped;
use crate::nomenclatures::codes::KitItemCategory;

/// A row of `kit_items`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kit_items, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ItemRow {
    /// Identifier.
    pub id: Id,
    /// The service of the kit.
    pub service_id: Id,
    /// The kit.
    pub kit_id: Id,
    /// Category of the item.
    pub category: KitItemCategory,
    /// Label in French.
    pub label_fr: String,
    /// Label in English.
    pub label_en: Option<String>,
    /// How many every copy should contain.
    pub quantity: i32,
    /// Version of the row.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

crate::versioned!(ItemRow);

impl From<ItemRow> for KitItem {
    fn from(row: ItemRow) -> Self {
        Self {
            id: row.id,
            kit_id: row.kit_id,
            category: row.category,
            label_fr: row.label_fr,
            label_en: row.label_en,
            quantity: row.quantity,
            version: row.version,
        }
    }
}

row_writes!(kit_items: ItemRow => pub(super) insert, pub(super) update, pub(super) delete);

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ItemRow> {
    kit_items::table
        .filter(kit_items::id.eq(id).and(kit_items::service_id.among(scope.ids())))
        .select(ItemRow::as_select())
        .get_result(conn)
}

/// The items of several kits, in the order in which they were added.
pub fn of_kits(conn: &mut AnyConn, kits: &[Id]) -> QueryResult<HashMap<Id, Vec<ItemRow>>> {
    let rows: Vec<ItemRow> = kit_items::table
        .filter(kit_items::kit_id.among(kits))
        .order(kit_items::id)
        .select(ItemRow::as_select())
        .load(conn)?;
    Ok(grouped(rows.into_iter().map(|row| (row.kit_id, row)).collect()))
}
