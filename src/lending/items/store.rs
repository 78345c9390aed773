//! The SQL of items.

use std::collections::HashMap;

use diesel::prelude::*;

use super::dto::KitItem;
use crate::auth::ServiceScope;
use crate::db::schema::kit_items;
use crate::db::{AnyConn, Id, IsAmong, UtcTs, from_row, row_writes};
use crate::lending::catalogue::store::grouped;
use crate::nomenclatures::codes::KitItemCategory;

/// A row of `kit_items`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kit_items, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ItemRow {
    pub(in crate::lending) id: Id,
    pub(in crate::lending) service_id: Id,
    pub(in crate::lending) kit_id: Id,
    pub(in crate::lending) category: KitItemCategory,
    pub(in crate::lending) label_fr: String,
    pub(in crate::lending) label_en: Option<String>,
    pub(in crate::lending) quantity: i32,
    pub(in crate::lending) version: i32,
    pub(in crate::lending) created_at: UtcTs,
    pub(in crate::lending) updated_at: UtcTs,
}

crate::versioned!(ItemRow);

from_row!(ItemRow => KitItem { id, kit_id, category, label_fr, label_en, quantity, version });

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
