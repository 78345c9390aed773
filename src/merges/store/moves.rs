//! The SQL that makes rows name the survivor, deletes what was absorbed, and does the reverse.

use chrono::NaiveDate;
use diesel::QueryResult;

use super::hanging::{Overlaps, list};
use super::{changed, literal};
use crate::db::whole::{self, WholeRow, bytes_literal, run_all};
use crate::db::{AnyConn, Id, UtcTs};
use crate::merges::model::{HangingRow, Kept, Moved, NAMING, Naming, Side};

/// Keeps others from naming children, households and cases until the end of the transaction, and waits for those who are about
/// to. SQLite has one writer.
pub(in crate::merges) fn lock_rows(
    conn: &mut AnyConn,
    households: &[Id],
    children: &[Id],
    cases: &[Id],
) -> QueryResult<()> {
    if matches!(conn, AnyConn::Sqlite(_)) {
        return Ok(());
    }
    let tables = [("households", households), ("children", children), ("cases", cases)];
    let lock = |(table, ids): (&str, &[Id])| {
        let found = format!("SELECT id FROM {table} WHERE id IN ({}) ORDER BY id FOR UPDATE", list(ids));
        (!ids.is_empty()).then_some(found)
    };
    run_all(conn, &tables.into_iter().filter_map(lock).collect::<Vec<_>>())
}

/// The two sides of a merge: what is absorbed, and the survivor.
#[derive(Clone, Copy, Debug)]
pub(in crate::merges) struct Sides {
    pub(in crate::merges) absorbed: Side,
    pub(in crate::merges) survivor: Side,
}

impl Sides {
    /// Whether a household goes into another.
    pub(in crate::merges) fn joins_households(&self) -> bool {
        self.absorbed.household != self.survivor.household
    }

    /// The cases of which the first goes into the second.
    pub(in crate::merges) fn cases(&self) -> Option<(Id, Id)> {
        self.absorbed.case.zip(self.survivor.case)
    }

    /// What moves in a table: the column, the absorbed and the surviving object.
    fn columns(&self, of: &Naming) -> Vec<(&'static str, Id, Id)> {
        let child = of.child.then_some(("child_id", self.absorbed.child, self.survivor.child));
        let households = of.household && self.joins_households();
        let household = households.then_some(("household_id", self.absorbed.household, self.survivor.household));
        let case = self.cases().filter(|_| of.case).map(|(from, into)| ("case_id", from, into));
        child.into_iter().chain(household).chain(case).collect()
    }
}

/// The next version of the cases of the survivor that take in no other one: their histories say that the child was merged. The one
/// that takes another in changes with its dates.
fn own_cases_changed(sides: &Sides, changed: &str) -> String {
    let survivor = sides.survivor;
    let but = survivor.case.map(|case| format!(" AND id <> '{case}'")).unwrap_or_default();
    format!("UPDATE cases SET {changed} WHERE child_id = '{}'{but}", survivor.child)
}

/// The condition of the blind tokens that the survivor gets: those of the absorbed child that it lacks. While the tokens of its
/// own whole name are to be added by the background job, it gets no others of this kind.
fn tokens_to_get(sides: &Sides) -> String {
    let (from, into) = (sides.absorbed.child, sides.survivor.child);
    format!(
        "subject_id = '{from}' AND NOT EXISTS (SELECT 1 FROM blind_tokens AS other WHERE other.subject_id = '{into}' \
         AND other.kind = blind_tokens.kind AND other.token = blind_tokens.token) \
         AND (kind <> 'full_name' OR EXISTS (SELECT 1 FROM children WHERE children.id = '{into}' AND token_scheme > 0))"
    )
}

/// Reads the rows that a merge is about to delete.
pub(in crate::merges) fn kept(conn: &mut AnyConn, sides: &Sides, overlaps: &Overlaps) -> QueryResult<Kept> {
    let Side { child, household, .. } = sides.absorbed;
    let mut wanted = vec![("children", format!("id = '{child}'")), ("blind_tokens", format!("subject_id = '{child}'"))];
    if sides.joins_households() {
        wanted.push(("households", format!("id = '{household}'")));
    }
    if let Some((from, _)) = sides.cases() {
        wanted.push(("cases", format!("id = '{from}'")));
        if !overlaps.teams.dropped.is_empty() {
            wanted.push(("case_members", format!("id IN ({})", list(&overlaps.dropped_parts()))));
        }
        if !overlaps.appointments.is_empty() {
            let about = list(&overlaps.appointments);
            wanted.push(("appointment_cases", format!("case_id = '{from}' AND appointment_id IN ({about})")));
        }
    }
    let mut kept = Kept::default();
    for (table, condition) in wanted {
        kept.rows.insert(table.to_owned(), whole::take(conn, table, &condition)?);
    }
    kept.tokens = whole::take(conn, "blind_tokens", &tokens_to_get(sides))?;
    Ok(kept)
}

/// Makes every row name the survivor, and deletes what was absorbed. `today` is the day on which the parts end of members who are
/// the référent since.
pub(in crate::merges) fn merge(
    conn: &mut AnyConn,
    sides: &Sides,
    overlaps: &Overlaps,
    (now, today): (UtcTs, NaiveDate),
) -> QueryResult<()> {
    let Sides { absorbed, survivor } = sides;
    let changed = changed(now);
    let mut statements = vec![own_cases_changed(sides, &changed)];
    if let Some((from, _)) = sides.cases() {
        if !overlaps.teams.dropped.is_empty() {
            statements.push(format!("DELETE FROM case_members WHERE id IN ({})", list(&overlaps.dropped_parts())));
        }
        if !overlaps.teams.members.is_empty() {
            let ids = list(&overlaps.teams.members);
            statements.push(format!("UPDATE case_members SET capacity = 'member' WHERE id IN ({ids})"));
            // Those of the other case get their next version as they move.
            statements.push(format!("UPDATE case_members SET {changed} WHERE id IN ({ids}) AND case_id <> '{from}'"));
        }
        if !overlaps.teams.ended.is_empty() {
            let ids = list(&overlaps.teams.ended);
            statements.push(format!("UPDATE case_members SET ends_on = '{today}', {changed} WHERE id IN ({ids})"));
        }
        statements.push(format!(
            "UPDATE appointments SET {changed} WHERE id IN (SELECT appointment_id FROM appointment_cases WHERE case_id = '{from}')"
        ));
        if !overlaps.appointments.is_empty() {
            let about = list(&overlaps.appointments);
            statements.push(format!(
                "DELETE FROM appointment_cases WHERE case_id = '{from}' AND appointment_id IN ({about})"
            ));
        }
    }
    if let Some((from, _)) = sides.cases() {
        // The rows of an act have one version.
        statements.push(format!(
            "UPDATE interventions SET {changed} WHERE act_id IN (SELECT act_id FROM interventions WHERE case_id = '{from}') \
             AND (case_id IS NULL OR case_id <> '{from}')"
        ));
    }
    let gone: Vec<Id> = std::iter::once(absorbed.child).chain(sides.cases().map(|(from, _)| from)).collect();
    for of in NAMING {
        let columns = sides.columns(of);
        if columns.is_empty() {
            continue;
        }
        let named: Vec<String> = columns.iter().map(|(column, from, _)| format!("{column} = '{from}'")).collect();
        let mut set: Vec<String> = columns
            .iter()
            .map(|(column, from, into)| {
                format!("{column} = CASE WHEN {column} = '{from}' THEN '{into}' ELSE {column} END")
            })
            .collect();
        set.extend(of.is_versioned().then(|| changed.clone()));
        statements.push(format!(
            "UPDATE {} SET {} WHERE ({}) AND {} NOT IN ({})",
            of.table,
            set.join(", "),
            named.join(" OR "),
            of.id,
            list(&gone)
        ));
    }
    statements.push(format!(
        "INSERT INTO blind_tokens (service_id, kind, token, subject_id, household_id) \
         SELECT service_id, kind, token, '{}', '{}' FROM blind_tokens WHERE {}",
        survivor.child,
        survivor.household,
        tokens_to_get(sides)
    ));
    statements.push(format!("DELETE FROM blind_tokens WHERE subject_id = '{}'", absorbed.child));
    if let Some((from, _)) = sides.cases() {
        statements.push(format!("DELETE FROM cases WHERE id = '{from}'"));
    }
    statements.push(format!("DELETE FROM children WHERE id = '{}'", absorbed.child));
    if sides.joins_households() {
        let (from, into) = (absorbed.household, survivor.household);
        statements.push(format!("UPDATE blind_tokens SET household_id = '{into}' WHERE household_id = '{from}'"));
        statements.push(format!("DELETE FROM households WHERE id = '{from}'"));
    }
    statements.push(format!("UPDATE children SET {changed} WHERE id = '{}'", survivor.child));
    statements.push(format!("UPDATE households SET {changed} WHERE id = '{}'", survivor.household));
    run_all(conn, &statements)
}

/// Makes rows about children of the absorbed household that were recorded since name their household again.
pub(in crate::merges) fn follow(conn: &mut AnyConn, sides: &Sides, new: &[HangingRow], now: UtcTs) -> QueryResult<()> {
    let (from, into, changed) = (sides.absorbed.household, sides.survivor.household, changed(now));
    let mut statements = Vec::new();
    for of in NAMING.iter().filter(|of| of.household) {
        let ids: Vec<Id> = new.iter().filter(|row| row.table == of.table).map(|row| row.id).collect();
        if !ids.is_empty() {
            statements.push(format!(
                "UPDATE {} SET household_id = '{from}', {changed} WHERE id IN ({}) AND household_id = '{into}'",
                of.table,
                list(&ids)
            ));
        }
    }
    run_all(conn, &statements)
}

/// Puts back the absorbed household, child and case, and makes the rows that moved name them again. `with_tokens` is whether the
/// survivor still has the blind tokens that it got.
pub(in crate::merges) fn undo(
    conn: &mut AnyConn,
    sides: &Sides,
    (moved, kept): (&Moved, &Kept),
    with_tokens: bool,
    now: UtcTs,
) -> QueryResult<()> {
    let survivor = sides.survivor;
    let changed = changed(now);
    let mut statements = Vec::new();
    if with_tokens {
        for token in &kept.tokens {
            let kind = token.get("kind").and_then(serde_json::Value::as_str).unwrap_or_default();
            let bytes = bytes_literal(conn, token, "token");
            statements.push(format!(
                "DELETE FROM blind_tokens WHERE subject_id = '{}' AND kind = '{kind}' AND token = {bytes}",
                survivor.child
            ));
        }
    }
    run_all(conn, &statements)?;
    // What others refer to comes first.
    for table in ["households", "children", "cases"] {
        whole::put_back(conn, table, kept_of(kept, table))?;
    }
    run_all(conn, &moves_back(sides, moved, &changed))
}

/// Gives parts in teams the last days that they get back.
pub(in crate::merges) fn ends_back(conn: &mut AnyConn, ends: &[(Id, Option<String>)]) -> QueryResult<()> {
    let set = |(id, end): &(Id, Option<String>)| {
        let end = end.as_ref().map_or("NULL".to_owned(), |day| format!("'{day}'"));
        format!("UPDATE case_members SET ends_on = {end} WHERE id = '{id}'")
    };
    run_all(conn, &ends.iter().map(set).collect::<Vec<_>>())
}

/// The links of appointments with the absorbed case that can be put back: the appointment is there, and what it became if that
/// was not removed since.
fn links_to_put_back(conn: &mut AnyConn, kept: &Kept) -> QueryResult<Vec<WholeRow>> {
    let mut links = Vec::new();
    for mut link in kept_of(kept, "appointment_cases").iter().cloned() {
        let mut is_there = |column: &str, table: &str| -> QueryResult<bool> {
            let Some(id) = link.get(column).and_then(serde_json::Value::as_str) else { return Ok(false) };
            Ok(!whole::take(conn, table, &format!("id = '{id}'"))?.is_empty())
        };
        let (planned, held) =
            (is_there("appointment_id", "appointments")?, is_there("intervention_id", "interventions")?);
        if !held {
            link.remove("intervention_id");
        }
        if planned {
            links.push(link);
        }
    }
    Ok(links)
}

/// Puts back what hung on what was absorbed and was dropped.
pub(in crate::merges) fn undo_dropped(conn: &mut AnyConn, sides: &Sides, kept: &Kept, now: UtcTs) -> QueryResult<()> {
    let Sides { absorbed, survivor } = sides;
    let changed = changed(now);
    for table in ["blind_tokens", "case_members"] {
        whole::put_back(conn, table, kept_of(kept, table))?;
    }
    let links = links_to_put_back(conn, kept)?;
    whole::put_back(conn, "appointment_cases", &links)?;
    let mut statements = vec![
        format!("UPDATE children SET {changed} WHERE id IN ('{}', '{}')", survivor.child, absorbed.child),
        format!("UPDATE households SET {changed} WHERE id IN ('{}', '{}')", survivor.household, absorbed.household),
    ];
    statements.push(own_cases_changed(sides, &changed));
    if let Some((from, _)) = sides.cases() {
        // Two events in its history: it was merged, and it came back.
        statements
            .push(format!("UPDATE cases SET version = version + 2, updated_at = {} WHERE id = '{from}'", literal(now)));
    }
    run_all(conn, &statements)
}

fn kept_of<'a>(kept: &'a Kept, table: &str) -> &'a [WholeRow] {
    kept.rows.get(table).map(Vec::as_slice).unwrap_or_default()
}

fn moves_back(sides: &Sides, moved: &Moved, changed: &str) -> Vec<String> {
    let mut statements = Vec::new();
    for of in NAMING {
        let (table, id) = (of.table, of.id);
        for (column, from, into) in sides.columns(of) {
            let ids = moved.of(table, |row| match column {
                "child_id" => row.child,
                "household_id" => row.household,
                _ => row.case,
            });
            if !ids.is_empty() {
                let ids = list(&ids);
                statements.push(format!(
                    "UPDATE {table} SET {column} = '{from}' WHERE {id} IN ({ids}) AND {column} = '{into}'"
                ));
            }
        }
        let all = moved.of(table, HangingRow::moves);
        if of.is_versioned() && !all.is_empty() {
            statements.push(format!("UPDATE {table} SET {changed} WHERE {id} IN ({})", list(&all)));
        }
    }
    let worked = moved.of("interventions", |row| row.case);
    if !worked.is_empty() {
        let ids = list(&worked);
        statements.push(format!(
            "UPDATE interventions SET {changed} WHERE act_id IN (SELECT act_id FROM interventions WHERE id IN ({ids})) \
             AND id NOT IN ({ids})"
        ));
    }
    if !moved.members.is_empty() {
        let ids = list(&moved.members);
        statements.push(format!("UPDATE case_members SET capacity = 'referent' WHERE id IN ({ids})"));
        if let Some(case) = sides.survivor.case {
            statements.push(format!("UPDATE case_members SET {changed} WHERE id IN ({ids}) AND case_id = '{case}'"));
        }
    }
    if let Some(day) = moved.ended_on.filter(|_| !moved.ended.is_empty()) {
        // A part that was re-dated since keeps its days, and nobody is in a team twice.
        let ids = list(&moved.ended);
        statements.push(format!(
            "UPDATE case_members SET ends_on = NULL, {changed} WHERE id IN ({ids}) AND ends_on = '{day}' \
             AND NOT EXISTS (SELECT 1 FROM case_members AS other WHERE other.case_id = case_members.case_id \
             AND other.user_id = case_members.user_id AND other.ends_on IS NULL)"
        ));
    }
    let mut about = moved.of("appointment_cases", |row| row.case);
    about.extend(&moved.appointments);
    if !about.is_empty() {
        statements.push(format!("UPDATE appointments SET {changed} WHERE id IN ({})", list(&about)));
    }
    if sides.joins_households() {
        let subjects: Vec<Id> =
            ["children", "contacts"].into_iter().flat_map(|table| moved.of(table, |row| row.household)).collect();
        if !subjects.is_empty() {
            statements.push(format!(
                "UPDATE blind_tokens SET household_id = '{}' WHERE subject_id IN ({})",
                sides.absorbed.household,
                list(&subjects)
            ));
        }
    }
    statements
}
