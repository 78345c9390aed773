//! The SQL of the audit journal.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text};

use super::heads::Head;
use super::{DEPLOYMENT, Outcome};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;
use passerelle_database::schema::{audit_events, services};

/// A row of `audit_events` without its place in the chain.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct EventRow {
    /// Identifier.
    pub id: Id,
    /// A service's identifier, or `deployment`.
    pub chain: String,
    /// Who asked.
    pub principal: String,
    /// Method and route template.
    pub operation: String,
    /// Identifier of the request.
    pub request_id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The problem's code, when it was refused.
    pub code: Option<String>,
    /// The object that the address names.
    pub target_id: Option<Id>,
    /// What was changed: ` resource:id:kind`, one after the other.
    pub changed: String,
    /// Whose personal data was opened: ` id`, one after the other.
    pub opened: String,
    /// The caller's address.
    pub address: Option<String>,
    /// When.
    pub happened_at: UtcTs,
}

/// An event with its place in the chain.
pub(super) type Chained = (EventRow, Option<i64>, Option<Vec<u8>>);

/// A place in the chain for an event.
pub(super) struct Place {
    pub(super) id: Id,
    pub(super) position: i64,
    pub(super) link: Vec<u8>,
}

pub(super) fn insert(conn: &mut AnyConn, rows: Vec<EventRow>) -> QueryResult<()> {
    match conn {
        // One row is a statement that is kept; several are one of their number.
        AnyConn::Pg(pg) => match &rows[..] {
            [row] => diesel::insert_into(audit_events::table).values(row).execute(pg).map(drop),
            _ => diesel::insert_into(audit_events::table).values(rows).execute(pg).map(drop),
        },
        // diesel would begin a transaction for several rows, inside ours.
        AnyConn::Sqlite(sqlite) => rows
            .iter()
            .try_for_each(|row| diesel::insert_into(audit_events::table).values(row).execute(sqlite).map(drop)),
    }
}

/// Committed events that are not chained, oldest first.
pub(super) fn unchained(conn: &mut AnyConn, limit: i64) -> QueryResult<Vec<EventRow>> {
    audit_events::table
        .filter(audit_events::position.is_null())
        .order(audit_events::id)
        .limit(limit)
        .select(EventRow::as_select())
        .load(conn)
}

/// How many events are not chained.
pub(super) fn count_unchained(conn: &mut AnyConn) -> QueryResult<i64> {
    audit_events::table.filter(audit_events::position.is_null()).count().get_result(conn)
}

/// The last position and link of a chain.
pub(super) fn head(conn: &mut AnyConn, chain: &str) -> QueryResult<Option<(i64, Vec<u8>)>> {
    let last: Option<(Option<i64>, Option<Vec<u8>>)> = audit_events::table
        .filter(audit_events::chain.eq(chain).and(audit_events::position.is_not_null()))
        .order(audit_events::position.desc())
        .select((audit_events::position, audit_events::link))
        .first(conn)
        .optional()?;
    Ok(last.and_then(|(position, link)| Some((position?, link?))))
}

/// The heads of all chains: one look-up each, whatever their length.
pub(super) fn heads(conn: &mut AnyConn, now: UtcTs) -> QueryResult<Vec<Head>> {
    let mut chains: Vec<String> = services::table.order(services::id).select(services::id).load(conn)?;
    chains.push(DEPLOYMENT.to_owned());
    let mut heads = Vec::new();
    for chain in chains {
        if let Some((count, link)) = head(conn, &chain)? {
            heads.push(Head { at: now, chain, count, head: super::heads::hex(&link) });
        }
    }
    Ok(heads)
}

/// Chains events: on PostgreSQL in one statement, whatever their number.
pub(super) fn place(conn: &mut AnyConn, places: &[Place]) -> QueryResult<()> {
    match conn {
        AnyConn::Pg(pg) => {
            let ids: Vec<&str> = places.iter().map(|place| place.id.as_str()).collect();
            let positions: Vec<i64> = places.iter().map(|place| place.position).collect();
            let links: Vec<&[u8]> = places.iter().map(|place| place.link.as_slice()).collect();
            diesel::sql_query(
                "UPDATE audit_events SET position = placed.position, link = placed.link \
                 FROM unnest($1, $2, $3) AS placed (id, position, link) WHERE audit_events.id = placed.id",
            )
            .bind::<Array<Text>, _>(ids)
            .bind::<Array<BigInt>, _>(positions)
            .bind::<Array<Binary>, _>(links)
            .execute(pg)?;
        }
        AnyConn::Sqlite(sqlite) => {
            for place in places {
                diesel::update(audit_events::table.filter(audit_events::id.eq(place.id)))
                    .set((audit_events::position.eq(place.position), audit_events::link.eq(&place.link)))
                    .execute(sqlite)?;
            }
        }
    }
    Ok(())
}

/// The chains that have a chained event.
pub(super) fn chains(conn: &mut AnyConn) -> QueryResult<Vec<String>> {
    audit_events::table
        .filter(audit_events::position.is_not_null())
        .select(audit_events::chain)
        .distinct()
        .order(audit_events::chain)
        .load(conn)
}

/// The chained events of a chain after a position, in its order.
pub(super) fn chained(conn: &mut AnyConn, chain: &str, after: i64, limit: i64) -> QueryResult<Vec<Chained>> {
    audit_events::table
        .filter(audit_events::chain.eq(chain).and(audit_events::position.gt(after)))
        .order(audit_events::position)
        .limit(limit)
        .select((EventRow::as_select(), audit_events::position, audit_events::link))
        .load(conn)
}
