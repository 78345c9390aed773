//! The SQL that joins the shares of an act about both cases of a merge, and divides them again.

use diesel::sql_types::{BigInt, Text};
use diesel::{QueryResult, QueryableByName};

use super::changed;
use crate::db::whole::{WholeRow, bytes_literal, bytes_of, load_text, put_back, run_all, set_bytes, take};
use crate::db::{AnyConn, Id, UtcTs};

/// An act about both cases: the share that stays, and the one that goes into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::merges) struct SharedAct {
    pub(in crate::merges) kept: Id,
    pub(in crate::merges) dropped: Id,
}

#[derive(QueryableByName)]
struct Pair {
    #[diesel(sql_type = Text)]
    kept: Id,
    #[diesel(sql_type = Text)]
    dropped: Id,
}

/// The acts about both cases. The first row of an act stays, since the others name it.
pub(in crate::merges) fn shared(conn: &mut AnyConn, into: Id, from: Id) -> QueryResult<Vec<SharedAct>> {
    let is_first = "goes.act_id = goes.id";
    let found: Vec<Pair> = load_text(
        conn,
        format!(
            "SELECT CASE WHEN {is_first} THEN goes.id ELSE stays.id END AS kept, \
             CASE WHEN {is_first} THEN stays.id ELSE goes.id END AS dropped \
             FROM interventions AS stays JOIN interventions AS goes ON goes.act_id = stays.act_id \
             WHERE stays.case_id = '{into}' AND goes.case_id = '{from}' ORDER BY stays.id"
        ),
    )?;
    Ok(found.into_iter().map(|Pair { kept, dropped }| SharedAct { kept, dropped }).collect())
}

/// A share as it is; none if it was removed.
pub(in crate::merges) fn whole(conn: &mut AnyConn, id: Id) -> QueryResult<Option<WholeRow>> {
    Ok(take(conn, "interventions", &format!("id = '{id}'"))?.into_iter().next())
}

/// A share of an act, with its case.
#[derive(Clone, Copy, Debug, QueryableByName)]
pub(in crate::merges) struct ShareOf {
    #[diesel(sql_type = Text)]
    pub(in crate::merges) id: Id,
    #[diesel(sql_type = Text)]
    pub(in crate::merges) case_id: Id,
    #[diesel(sql_type = BigInt)]
    pub(in crate::merges) minutes: i64,
    #[diesel(sql_type = BigInt)]
    pub(in crate::merges) travel_minutes: i64,
}

/// The shares of the act of a share, in their order.
pub(in crate::merges) fn shares_of(conn: &mut AnyConn, id: Id) -> QueryResult<Vec<ShareOf>> {
    load_text(
        conn,
        format!(
            "SELECT id, case_id, CAST(minutes AS BIGINT) AS minutes, CAST(travel_minutes AS BIGINT) AS travel_minutes \
             FROM interventions WHERE act_id IN (SELECT act_id FROM interventions WHERE id = '{id}') \
             AND case_id IS NOT NULL ORDER BY position"
        ),
    )
}

/// Sets a number of a share.
pub(in crate::merges) fn set_number(conn: &mut AnyConn, id: Id, column: &str, number: i32) -> QueryResult<()> {
    run_all(conn, &[format!("UPDATE interventions SET {column} = {number} WHERE id = '{id}'")])
}

/// Replaces the participants of some shares.
pub(in crate::merges) fn set_participants(conn: &mut AnyConn, shares: &[Id], rows: &[WholeRow]) -> QueryResult<()> {
    let of = shares.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ");
    run_all(conn, &[format!("DELETE FROM intervention_participants WHERE intervention_id IN ({of})")])?;
    put_back(conn, "intervention_participants", rows)
}

/// The participants of a share.
pub(in crate::merges) fn participants(conn: &mut AnyConn, id: Id) -> QueryResult<Vec<WholeRow>> {
    take(conn, "intervention_participants", &format!("intervention_id = '{id}'"))
}

/// The appointments of which a share is the work, as they name it.
pub(in crate::merges) fn links(conn: &mut AnyConn, id: Id) -> QueryResult<Vec<WholeRow>> {
    take(conn, "appointment_cases", &format!("intervention_id = '{id}'"))
}

/// The sealed note of a share.
pub(in crate::merges) fn note(conn: &mut AnyConn, id: Id) -> QueryResult<Option<Vec<u8>>> {
    bytes_of(conn, "interventions", "note", id.as_str())
}

/// Replaces the sealed note of a share.
pub(in crate::merges) fn set_note(conn: &mut AnyConn, id: Id, sealed: &[u8]) -> QueryResult<()> {
    set_bytes(conn, "interventions", "note", id.as_str(), Some(sealed))
}

/// Puts a share back that was removed.
pub(in crate::merges) fn put_whole_back(conn: &mut AnyConn, share: &WholeRow) -> QueryResult<()> {
    put_back(conn, "interventions", std::slice::from_ref(share))
}

/// The tables of what is written about an intervention.
const WRITTEN: &[&str] = &["case_notes", "recommendations"];

/// What is written about a share, by table.
pub(in crate::merges) fn written(conn: &mut AnyConn, id: Id) -> QueryResult<Vec<(&'static str, Vec<WholeRow>)>> {
    let about = |table: &&'static str| Ok((*table, take(conn, table, &format!("intervention_id = '{id}'"))?));
    WRITTEN.iter().map(about).collect()
}

/// Adds a share to another of the same act, and removes it. The note is set before.
pub(in crate::merges) fn join(
    conn: &mut AnyConn,
    SharedAct { kept, dropped }: SharedAct,
    now: UtcTs,
) -> QueryResult<()> {
    let next = changed(now);
    let other = |column: &str| format!("(SELECT gone.{column} FROM interventions AS gone WHERE gone.id = '{dropped}')");
    let (minutes, travel, position) = (other("minutes"), other("travel_minutes"), other("position"));
    let about = |table: &&str| {
        format!("UPDATE {table} SET intervention_id = '{kept}', {next} WHERE intervention_id = '{dropped}'")
    };
    run_all(conn, &WRITTEN.iter().map(about).collect::<Vec<_>>())?;
    run_all(
        conn,
        &[
            format!(
                "UPDATE interventions SET minutes = minutes + {minutes}, travel_minutes = travel_minutes + {travel}, \
                 position = CASE WHEN {position} < position THEN {position} ELSE position END WHERE id = '{kept}'"
            ),
            format!(
                "INSERT INTO intervention_participants (intervention_id, kind, number) \
                 SELECT '{kept}', kind, number FROM intervention_participants WHERE intervention_id = '{dropped}' \
                 ON CONFLICT (intervention_id, kind) DO UPDATE SET number = intervention_participants.number + excluded.number"
            ),
            format!("DELETE FROM intervention_participants WHERE intervention_id = '{dropped}'"),
            format!(
                "UPDATE appointments SET {next} WHERE id IN \
                 (SELECT appointment_id FROM appointment_cases WHERE intervention_id = '{dropped}')"
            ),
            format!("UPDATE appointment_cases SET intervention_id = '{kept}' WHERE intervention_id = '{dropped}'"),
            format!("DELETE FROM interventions WHERE id = '{dropped}'"),
        ],
    )
}

/// Gives two shares of an act the numbers and the places that they had. The one that was put back gets what the act says now.
pub(in crate::merges) fn part(
    conn: &mut AnyConn,
    (kept, dropped): (Id, Id),
    before: &[WholeRow; 2],
    now: UtcTs,
) -> QueryResult<()> {
    let numbers = |id: Id, row: &WholeRow| {
        let set = ["minutes", "travel_minutes", "position"].map(|column| {
            let number = row.get(column).and_then(serde_json::Value::as_i64).unwrap_or_default();
            format!("{column} = {number}")
        });
        format!("UPDATE interventions SET {} WHERE id = '{id}'", set.join(", "))
    };
    // What all rows of an act have alike, the version included.
    let alike = ["type", "mode", "held_on", "place", "organisation_id", "on_school_time", "version", "updated_at"];
    let alike = alike.map(|column| {
        format!("{column} = (SELECT stays.{column} FROM interventions AS stays WHERE stays.id = '{kept}')")
    });
    let next = changed(now);
    let [stays, back] = before;
    run_all(
        conn,
        &[
            format!(
                "UPDATE interventions SET {next} WHERE act_id IN (SELECT act_id FROM interventions WHERE id = '{kept}') \
                 AND id <> '{dropped}'"
            ),
            numbers(kept, stays),
            numbers(dropped, back),
            format!("UPDATE interventions SET {} WHERE id = '{dropped}'", alike.join(", ")),
        ],
    )
}

/// Gives a share the note that it had.
pub(in crate::merges) fn note_back(conn: &mut AnyConn, id: Id, before: &WholeRow) -> QueryResult<()> {
    let note = if before.contains_key("note") { bytes_literal(conn, before, "note") } else { "NULL".to_owned() };
    run_all(conn, &[format!("UPDATE interventions SET note = {note} WHERE id = '{id}'")])
}

/// Gives two shares the participants that they had.
pub(in crate::merges) fn participants_back(
    conn: &mut AnyConn,
    kept: Id,
    [own, other]: &[Vec<WholeRow>; 2],
) -> QueryResult<()> {
    run_all(conn, &[format!("DELETE FROM intervention_participants WHERE intervention_id = '{kept}'")])?;
    put_back(conn, "intervention_participants", own)?;
    put_back(conn, "intervention_participants", other)
}

/// Makes appointments, and what was written, name the share that was put back again, of a case.
pub(in crate::merges) fn link_back(
    conn: &mut AnyConn,
    (kept, dropped, case): (Id, Id, &str),
    (appointments, written): (&[String], &[(String, String)]),
    now: UtcTs,
) -> QueryResult<()> {
    let next = changed(now);
    // An appointment about both cases names a share for each: the other one stays as it is.
    let link = |id: &String| {
        let named = format!("appointment_id = '{id}' AND intervention_id = '{kept}' AND case_id = '{case}'");
        [
            format!(
                "UPDATE appointments SET {next} WHERE id = '{id}' \
                 AND EXISTS (SELECT 1 FROM appointment_cases WHERE {named})"
            ),
            format!("UPDATE appointment_cases SET intervention_id = '{dropped}' WHERE {named}"),
        ]
    };
    let about = |(table, id): &(String, String)| {
        format!(
            "UPDATE {table} SET intervention_id = '{dropped}', {next} WHERE id = '{id}' AND intervention_id = '{kept}'"
        )
    };
    run_all(conn, &appointments.iter().flat_map(link).chain(written.iter().map(about)).collect::<Vec<_>>())
}
