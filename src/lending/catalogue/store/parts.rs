//! The SQL of the parts of kits that are stored in other tables.

use std::collections::HashMap;

use diesel::prelude::*;

use super::Parts;
use crate::db::schema::{kit_audiences, kit_copies, kit_items, kit_themes};
use crate::db::{AnyConn, Id, IsAmong, columns, together};
use crate::lending::copies::store::CopyRow;
use crate::lending::items::store::ItemRow;
use crate::nomenclatures::codes::{KitAudience, KitTheme};

/// The parts of several kits.
pub(in crate::lending::catalogue) fn parts_of(conn: &mut AnyConn, ids: &[Id]) -> QueryResult<HashMap<Id, Parts>> {
    let (themes, audiences, items, copies) = together!(
        conn,
        kit_themes::table
            .filter(kit_themes::kit_id.among(ids))
            .order((kit_themes::kit_id, kit_themes::theme))
            .select((kit_themes::kit_id, kit_themes::theme))
            => (Id, KitTheme),
        kit_audiences::table
            .filter(kit_audiences::kit_id.among(ids))
            .order((kit_audiences::kit_id, kit_audiences::audience))
            .select((kit_audiences::kit_id, kit_audiences::audience))
            => (Id, KitAudience),
        kit_items::table
            .filter(kit_items::kit_id.among(ids))
            .order(kit_items::id)
            .select(columns::<ItemRow>())
            => ItemRow,
        kit_copies::table
            .filter(kit_copies::kit_id.among(ids))
            .order((kit_copies::label, kit_copies::id))
            .select(columns::<CopyRow>())
            => CopyRow,
    )?;
    let mut parts: HashMap<Id, Parts> = HashMap::new();
    for (kit, theme) in themes {
        parts.entry(kit).or_default().themes.push(theme);
    }
    for (kit, audience) in audiences {
        parts.entry(kit).or_default().audiences.push(audience);
    }
    for item in items {
        parts.entry(item.kit_id).or_default().items.push(item.into());
    }
    for copy in copies {
        parts.entry(copy.kit_id).or_default().copies.push(copy.into());
    }
    Ok(parts)
}
