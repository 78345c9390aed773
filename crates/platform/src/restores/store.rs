//! The SQL of the confirmed restores.

use std::collections::BTreeMap;

use diesel::dsl::max;
use diesel::prelude::*;

use super::epochs::Epoch;
use super::model::{Kept, Restore};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;
use passerelle_database::schema::{restored_chains, restores};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = restores, treat_none_as_default_value = false)]
struct RestoreRow {
    id: Id,
    number: i32,
    confirmed_at: UtcTs,
    feed_position: i64,
    tag: Vec<u8>,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = restored_chains, treat_none_as_default_value = false)]
struct ChainRow {
    restore_id: Id,
    chain: String,
    kept: i64,
    link: Vec<u8>,
}

/// The confirmed restores, in their order, with the chains that each kept.
pub fn all(conn: &mut AnyConn) -> QueryResult<Vec<Restore>> {
    let rows: Vec<RestoreRow> = restores::table.order(restores::number).select(RestoreRow::as_select()).load(conn)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let order = (restored_chains::restore_id, restored_chains::chain);
    let chains: Vec<ChainRow> = restored_chains::table.order(order).select(ChainRow::as_select()).load(conn)?;
    let mut kept: BTreeMap<Id, Vec<Kept>> = BTreeMap::new();
    for row in chains {
        kept.entry(row.restore_id).or_default().push(Kept { chain: row.chain, count: row.kept, link: row.link });
    }
    let restore = |row: RestoreRow| Restore {
        kept: kept.remove(&row.id).unwrap_or_default(),
        id: row.id,
        number: row.number,
        confirmed_at: row.confirmed_at,
        feed_position: row.feed_position,
        tag: row.tag,
    };
    Ok(rows.into_iter().map(restore).collect())
}

/// The number of the next restore.
pub(super) fn next_number(conn: &mut AnyConn) -> QueryResult<i32> {
    let last: Option<i32> = restores::table.select(max(restores::number)).get_result(conn)?;
    Ok(last.unwrap_or_default() + 1)
}

pub(super) fn insert(conn: &mut AnyConn, restore: &Restore) -> QueryResult<()> {
    let row = RestoreRow {
        id: restore.id,
        number: restore.number,
        confirmed_at: restore.confirmed_at,
        feed_position: restore.feed_position,
        tag: restore.tag.clone(),
    };
    diesel::insert_into(restores::table).values(&row).execute(conn)?;
    for kept in &restore.kept {
        let row =
            ChainRow { restore_id: restore.id, chain: kept.chain.clone(), kept: kept.count, link: kept.link.clone() };
        diesel::insert_into(restored_chains::table).values(&row).execute(conn)?;
    }
    Ok(())
}

/// The epochs of the feed that restores began, in their order.
pub(super) fn epochs(conn: &mut AnyConn) -> QueryResult<Vec<Epoch>> {
    let columns = (restores::id, restores::feed_position, restores::confirmed_at);
    let rows: Vec<(Id, i64, UtcTs)> = restores::table.order(restores::number).select(columns).load(conn)?;
    let epoch = |(id, begins_after, confirmed_at)| Epoch { id, begins_after, confirmed_at };
    Ok(rows.into_iter().map(epoch).collect())
}
