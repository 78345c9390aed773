//! The SQL of the audit journal.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Binary, Text};

use super::heads::Head;
use super::model::{DEPLOYMENT, Outcome};
use passerelle_base::text::hex;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;
use passerelle_database::schema::{audit_cut_overs, audit_events, audit_objects, services};

/// A row of `audit_events` without its position in the chain.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct EventRow {
    /// Identifier.
    pub id: Id,
    /// A service's identifier, or `deployment`.
    pub chain: String,
    /// The caller.
    pub principal: String,
    /// Method and route template.
    pub operation: String,
    /// Identifier of the request.
    pub request_id: String,
    /// The outcome of the request.
    pub outcome: Outcome,
    /// The code of the problem, if the request was refused.
    pub code: Option<String>,
    /// The object in the path.
    pub target_id: Option<Id>,
    /// The changes: ` resource:id:kind`, concatenated; of rights ` resource:id:kind:before>after`.
    pub changed: String,
    /// The owners whose personal data was opened: ` id`, concatenated.
    pub opened: String,
    /// The caller's address.
    pub address: Option<String>,
    /// The time of the request.
    pub happened_at: UtcTs,
}

/// An event with the MAC that the program made when it wrote it; events of earlier versions have none.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub struct StoredEvent {
    /// The event.
    #[diesel(embed)]
    pub event: EventRow,
    /// The MAC.
    pub mac: Option<Vec<u8>>,
}

/// An event with its position and link.
pub(super) type ChainedEvent = (StoredEvent, Option<i64>, Option<Vec<u8>>);

/// The position and link of an event in its chain.
pub(super) struct ChainPosition {
    pub(super) id: Id,
    pub(super) position: i64,
    pub(super) link: Vec<u8>,
}

pub(super) fn insert(conn: &mut AnyConn, rows: Vec<StoredEvent>) -> QueryResult<()> {
    match conn {
        // diesel caches the statement for one row; that for several depends on their number.
        AnyConn::Pg(pg) => match &rows[..] {
            [row] => diesel::insert_into(audit_events::table).values(row).execute(pg).map(drop),
            _ => diesel::insert_into(audit_events::table).values(rows).execute(pg).map(drop),
        },
        // For several rows diesel would start a transaction inside ours.
        AnyConn::Sqlite(sqlite) => rows
            .iter()
            .try_for_each(|row| diesel::insert_into(audit_events::table).values(row).execute(sqlite).map(drop)),
    }
}

/// The oldest events that are not chained. The order makes both engines read the index of these events.
pub(super) fn unchained(conn: &mut AnyConn, limit: usize) -> QueryResult<Vec<StoredEvent>> {
    audit_events::table
        .filter(audit_events::position.is_null())
        .order((audit_events::happened_at, audit_events::id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select(StoredEvent::as_select())
        .load(conn)
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

/// The link at a position of a chain.
pub(super) fn link_at(conn: &mut AnyConn, chain: &str, position: i64) -> QueryResult<Option<Vec<u8>>> {
    let link: Option<Option<Vec<u8>>> = audit_events::table
        .filter(audit_events::chain.eq(chain).and(audit_events::position.eq(position)))
        .select(audit_events::link)
        .first(conn)
        .optional()?;
    Ok(link.flatten())
}

/// Whether an event of the deployment has an operation.
pub(super) fn has_operation(conn: &mut AnyConn, operation: &str) -> QueryResult<bool> {
    let done = audit_events::chain.eq(DEPLOYMENT).and(audit_events::operation.eq(operation));
    diesel::select(exists(audit_events::table.filter(done))).get_result(conn)
}

/// The heads of all chains.
pub(super) fn heads(conn: &mut AnyConn, now: UtcTs) -> QueryResult<Vec<Head>> {
    let ends = chain_ends(conn)?.into_iter();
    Ok(ends.map(|(chain, count, link)| Head { at: now, chain, count, head: hex(&link) }).collect())
}

/// The last position and link of every chain: one look-up per chain, whatever its length.
pub(super) fn chain_ends(conn: &mut AnyConn) -> QueryResult<Vec<(String, i64, Vec<u8>)>> {
    let mut chains: Vec<String> = services::table.order(services::id).select(services::id).load(conn)?;
    chains.push(DEPLOYMENT.to_owned());
    let mut ends = Vec::new();
    for chain in chains {
        if let Some((count, link)) = head(conn, &chain)? {
            ends.push((chain, count, link));
        }
    }
    Ok(ends)
}

/// Sets the positions and links of events; on PostgreSQL in one statement.
pub(super) fn set_positions(conn: &mut AnyConn, positions: &[ChainPosition]) -> QueryResult<()> {
    match conn {
        AnyConn::Pg(pg) => {
            let ids: Vec<&str> = positions.iter().map(|event| event.id.as_str()).collect();
            let links: Vec<&[u8]> = positions.iter().map(|event| event.link.as_slice()).collect();
            let positions: Vec<i64> = positions.iter().map(|event| event.position).collect();
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
            for event in positions {
                diesel::update(audit_events::table.filter(audit_events::id.eq(event.id)))
                    .set((audit_events::position.eq(event.position), audit_events::link.eq(&event.link)))
                    .execute(sqlite)?;
            }
        }
    }
    Ok(())
}

/// The chains with at least one chained event.
pub(super) fn chains(conn: &mut AnyConn) -> QueryResult<Vec<String>> {
    audit_events::table
        .filter(audit_events::position.is_not_null())
        .select(audit_events::chain)
        .distinct()
        .order(audit_events::chain)
        .load(conn)
}

/// The events of a chain after a position, in the order of the chain. The first position is 1.
pub(super) fn chained(
    conn: &mut AnyConn,
    columns: Columns,
    chain: &str,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ChainedEvent>> {
    let rows = audit_events::table
        .filter(audit_events::chain.eq(chain).and(audit_events::position.gt(after)))
        .order(audit_events::position)
        .limit(limit);
    match columns {
        Columns::All => rows.select((StoredEvent::as_select(), audit_events::position, audit_events::link)).load(conn),
        Columns::WithoutMac => {
            let rows: Vec<(EventRow, Option<i64>, Option<Vec<u8>>)> =
                rows.select((EventRow::as_select(), audit_events::position, audit_events::link)).load(conn)?;
            let stored = |(event, position, link)| (StoredEvent { event, mac: None }, position, link);
            Ok(rows.into_iter().map(stored).collect())
        }
    }
}

/// The events that have no position of a chain, after one of them: those that wait, and those whose position the program
/// never gives.
pub(super) fn outside_the_chains(
    conn: &mut AnyConn,
    columns: Columns,
    after: Option<Id>,
    limit: i64,
) -> QueryResult<Vec<(StoredEvent, Option<i64>)>> {
    let mut rows = audit_events::table
        .filter(audit_events::position.is_null().or(audit_events::position.lt(1).assume_not_null()))
        .order(audit_events::id)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        rows = rows.filter(audit_events::id.gt(after));
    }
    match columns {
        Columns::All => rows.select((StoredEvent::as_select(), audit_events::position)).load(conn),
        Columns::WithoutMac => {
            let rows: Vec<(EventRow, Option<i64>)> =
                rows.select((EventRow::as_select(), audit_events::position)).load(conn)?;
            Ok(rows.into_iter().map(|(event, position)| (StoredEvent { event, mac: None }, position)).collect())
        }
    }
}

/// The columns of the events: the schema of an earlier version has no MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    All,
    WithoutMac,
}

/// A row of `audit_cut_overs`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_cut_overs, treat_none_as_default_value = false)]
pub(super) struct CutOverRow {
    pub(super) chain: String,
    pub(super) position: i64,
    pub(super) link: Vec<u8>,
    pub(super) recorded_at: UtcTs,
    pub(super) mac: Vec<u8>,
}

/// Where each chain was when events began to have a MAC.
pub(super) fn cut_overs(conn: &mut AnyConn) -> QueryResult<Vec<CutOverRow>> {
    audit_cut_overs::table.order(audit_cut_overs::chain).select(CutOverRow::as_select()).load(conn)
}

pub(super) fn insert_cut_over(conn: &mut AnyConn, row: &CutOverRow) -> QueryResult<()> {
    diesel::insert_into(audit_cut_overs::table).values(row).execute(conn).map(drop)
}

/// Whether all events, of which there are some, were written before events had a MAC. The first row with a MAC answers.
pub(super) fn are_before_macs(conn: &mut AnyConn) -> QueryResult<bool> {
    let with = diesel::select(exists(audit_events::table.filter(audit_events::mac.is_not_null())));
    if with.get_result(conn)? {
        return Ok(false);
    }
    diesel::select(exists(audit_events::table.select(audit_events::id))).get_result(conn)
}

/// The objects by which the events at some positions of a chain are found, after one and up to another.
pub(super) fn indexed(conn: &mut AnyConn, chain: &str, after: i64, last: i64) -> QueryResult<Vec<(Id, String)>> {
    audit_objects::table
        .inner_join(audit_events::table.on(audit_events::id.eq(audit_objects::event_id)))
        .filter(
            audit_events::chain.eq(chain).and(audit_events::position.gt(after)).and(audit_events::position.le(last)),
        )
        .select((audit_objects::event_id, audit_objects::object_id))
        .load(conn)
}
