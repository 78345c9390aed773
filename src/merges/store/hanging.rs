//! The SQL that finds what hangs on children, households and cases: one statement for all tables.

use diesel::QueryResult;
use diesel::QueryableByName;
use diesel::sql_types::{Integer, Nullable, Text};

use super::acts::{self, SharedAct};
use crate::db::whole::load_text;
use crate::db::{AnyConn, Id};
use crate::merges::model::teams::{JoinedTeams, Part, PartNow, joined, set_aside};
use crate::merges::model::{HangingRow, NAMING, Named, Naming, PARTS, Side};
use crate::privacy::sha256_hex;

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    id: Id,
    #[diesel(sql_type = Integer)]
    of_child: i32,
    #[diesel(sql_type = Integer)]
    of_household: i32,
    #[diesel(sql_type = Integer)]
    of_case: i32,
    #[diesel(sql_type = Nullable<Text>)]
    sealed: Option<String>,
    #[diesel(sql_type = Integer)]
    is_hidden: i32,
}

/// Identifiers as a list of SQL.
pub(super) fn list(ids: &[Id]) -> String {
    ids.iter().map(|id| format!("'{id}'")).collect::<Vec<_>>().join(", ")
}

/// The condition of the rows of a table that name one of these; none if the table names none of these kinds.
fn condition(of: &Naming, named: &Named) -> Option<String> {
    let mut any = Vec::new();
    if of.child && !named.children.is_empty() {
        any.push(format!("child_id IN ({})", list(&named.children)));
    }
    // A row that names a child is found by the child: its household has others.
    if let Some(household) = named.household.filter(|_| of.household && !of.child) {
        any.push(format!("household_id = '{household}'"));
    }
    if of.case && !named.cases.is_empty() {
        any.push(format!("case_id IN ({})", list(&named.cases)));
    }
    (!any.is_empty()).then(|| any.join(" OR "))
}

fn flag(exists: bool, column: &str, wanted: Option<Id>) -> String {
    match wanted.filter(|_| exists) {
        Some(id) => format!("CASE WHEN {column} = '{id}' THEN 1 ELSE 0 END"),
        None => "0".to_owned(),
    }
}

/// The rows that hang on some objects, except these objects themselves. Of the rows it says which of the objects of `side` they
/// name; `joins` is whether the household of that side goes into another.
pub(in crate::merges) fn rows(
    conn: &mut AnyConn,
    named: &Named,
    side: Option<(Side, bool)>,
    except: &[Id],
) -> QueryResult<Vec<HangingRow>> {
    let is_postgres = matches!(conn, AnyConn::Pg(_));
    let hex = |bytes: &str| if is_postgres { format!("encode({bytes}, 'hex')") } else { format!("hex({bytes})") };
    let household = side.filter(|(_, joins)| *joins).map(|(side, _)| side.household);
    let select = |of: &Naming| {
        let Naming { table, id, .. } = *of;
        let found = condition(of, named)?;
        let columns = [
            format!("'{table}' AS table_name, {id} AS id"),
            format!("{} AS of_child", flag(of.child, "child_id", side.map(|(side, _)| side.child))),
            format!("{} AS of_household", flag(of.household, "household_id", household)),
            format!("{} AS of_case", flag(of.case, "case_id", side.and_then(|(side, _)| side.case))),
            // Every row of a household that joins another has one: what is sealed in it later must be seen.
            match of.sealed.filter(|_| household.is_some()) {
                Some(sealed) => format!("CASE WHEN {sealed} IS NOT NULL THEN {} ELSE '' END AS sealed", hex(sealed)),
                None if household.is_some() => "'' AS sealed".to_owned(),
                None => "CAST(NULL AS TEXT) AS sealed".to_owned(),
            },
            format!("CASE WHEN {} THEN 1 ELSE 0 END AS is_hidden", of.hidden.unwrap_or("1 = 0")),
        ];
        Some(format!("SELECT {} FROM {table} WHERE ({found}) AND {id} NOT IN ({})", columns.join(", "), list(except)))
    };
    let selects: Vec<String> = NAMING.iter().filter_map(select).collect();
    let found: Vec<FoundRow> = load_text(conn, selects.join(" UNION ALL "))?;
    let row = |row: FoundRow| HangingRow {
        table: row.table_name,
        id: row.id,
        child: row.of_child == 1,
        household: row.of_household == 1,
        case: row.of_case == 1,
        digest: row.sealed.map(|sealed| digest(sealed.as_bytes())),
        hidden: row.is_hidden == 1,
    };
    Ok(found.into_iter().map(row).collect())
}

/// A digest of sealed bytes, to know whether they are the same later.
pub(in crate::merges) fn digest(bytes: &[u8]) -> String {
    sha256_hex(bytes)
}

/// A sealed part of an object: its table, its identifier, the object.
#[derive(QueryableByName)]
pub(in crate::merges) struct PartRow {
    #[diesel(sql_type = Text)]
    pub(in crate::merges) table_name: String,
    #[diesel(sql_type = Text)]
    pub(in crate::merges) id: Id,
    #[diesel(sql_type = Text)]
    pub(in crate::merges) parent: Id,
}

/// The sealed parts of some objects.
pub(in crate::merges) fn parts(conn: &mut AnyConn, objects: &[Id]) -> QueryResult<Vec<PartRow>> {
    if objects.is_empty() {
        return Ok(Vec::new());
    }
    let objects = list(objects);
    let select = |(table, column, sealed): &(&str, &str, &str)| {
        format!(
            "SELECT '{table}' AS table_name, id, {column} AS parent FROM {table} WHERE {column} IN ({objects}) AND {sealed} IS NOT NULL"
        )
    };
    load_text(conn, PARTS.iter().map(select).collect::<Vec<_>>().join(" UNION ALL "))
}

/// What cannot be joined: the code, and the records that are in the way.
#[derive(QueryableByName)]
pub(in crate::merges) struct ObstacleRow {
    #[diesel(sql_type = Text)]
    pub(in crate::merges) code: String,
    #[diesel(sql_type = Text)]
    pub(in crate::merges) resource: crate::trail::Resource,
    #[diesel(sql_type = Text)]
    pub(in crate::merges) id: Id,
    #[diesel(sql_type = Nullable<Text>)]
    pub(in crate::merges) other_id: Option<Id>,
}

/// A record of each case between which a condition holds: the code of the obstacle, the kind and the table of the records, the
/// condition.
const BETWEEN: &[(&str, &str, &str, &str)] = &[
    (
        "same_placement",
        "placement",
        "placements",
        "goes.organisation_id = stays.organisation_id AND goes.starts_on = stays.starts_on \
         AND goes.stage <> 'cancelled' AND stays.stage <> 'cancelled'",
    ),
    (
        "two_main_placements",
        "placement",
        "placements",
        "goes.is_main AND stays.is_main AND goes.stage <> 'cancelled' AND stays.stage <> 'cancelled' \
         AND (goes.ends_on IS NULL OR goes.ends_on >= stays.starts_on) \
         AND (stays.ends_on IS NULL OR stays.ends_on >= goes.starts_on)",
    ),
    (
        "two_complex_situations",
        "complex_situation",
        "complex_situations",
        "goes.ended_on IS NULL AND stays.ended_on IS NULL",
    ),
];

/// What keeps the second case from going into the first.
pub(in crate::merges) fn obstacles(conn: &mut AnyConn, into: Id, from: Id) -> QueryResult<Vec<ObstacleRow>> {
    let between = BETWEEN.iter().map(|(code, resource, table, condition)| {
        format!(
            "SELECT '{code}' AS code, '{resource}' AS resource, stays.id AS id, goes.id AS other_id \
             FROM {table} AS stays JOIN {table} AS goes ON {condition} \
             WHERE stays.case_id = '{into}' AND goes.case_id = '{from}'"
        )
    });
    let others = [
        // The interventions of an appointment are one act, unless they were corrected one by one.
        format!(
            "SELECT 'shared_appointment', 'intervention', stays.intervention_id, goes.intervention_id \
             FROM appointment_cases AS stays JOIN appointment_cases AS goes ON goes.appointment_id = stays.appointment_id \
             JOIN interventions AS one ON one.id = stays.intervention_id \
             JOIN interventions AS other ON other.id = goes.intervention_id AND other.act_id <> one.act_id \
             WHERE stays.case_id = '{into}' AND goes.case_id = '{from}'"
        ),
        format!(
            "SELECT 'suspended', 'case_suspension', id, NULL FROM case_suspensions \
             WHERE case_id IN ('{into}', '{from}') AND resumed_on IS NULL"
        ),
    ];
    load_text(conn, between.chain(others).collect::<Vec<_>>().join(" UNION ALL "))
}

/// Those of some referrals that were annulled.
pub(in crate::merges) fn annulled(conn: &mut AnyConn, referrals: &[Id]) -> QueryResult<Vec<Id>> {
    if referrals.is_empty() {
        return Ok(Vec::new());
    }
    let of = list(referrals);
    let rows: Vec<OneId> =
        load_text(conn, format!("SELECT id FROM referrals WHERE id IN ({of}) AND annulled_on IS NOT NULL"))?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// A referral of each child that is on the waiting list.
pub(in crate::merges) fn waiting(conn: &mut AnyConn, stays: Id, goes: Id) -> QueryResult<Vec<ObstacleRow>> {
    load_text(
        conn,
        format!(
            "SELECT 'two_waiting_referrals' AS code, 'referral' AS resource, stays.id AS id, goes.id AS other_id \
             FROM referrals AS stays JOIN referrals AS goes ON goes.waiting_since IS NOT NULL \
             WHERE stays.waiting_since IS NOT NULL AND stays.child_id = '{stays}' AND goes.child_id = '{goes}'"
        ),
    )
}

#[derive(QueryableByName)]
struct OneId {
    #[diesel(sql_type = Text)]
    id: Id,
}

/// What is not moved but dropped or changed when a case goes into another.
#[derive(Debug, Default)]
pub(in crate::merges) struct Overlaps {
    /// What becomes of the people in both teams.
    pub(in crate::merges) teams: JoinedTeams,
    /// Every part in either team, with its last day.
    pub(in crate::merges) ends: Vec<(Id, Option<String>)>,
    /// Appointments about both cases.
    pub(in crate::merges) appointments: Vec<Id>,
    /// Acts about both cases.
    pub(in crate::merges) acts: Vec<SharedAct>,
}

impl Overlaps {
    /// The parts in the team of the absorbed case that go.
    pub(in crate::merges) fn dropped_parts(&self) -> Vec<Id> {
        self.teams.dropped.iter().map(|(gone, _)| *gone).collect()
    }
}

#[derive(QueryableByName)]
struct PartInTeam {
    #[diesel(sql_type = Text)]
    id: Id,
    #[diesel(sql_type = Text)]
    case_id: Id,
    #[diesel(sql_type = Text)]
    user_id: Id,
    #[diesel(sql_type = Text)]
    capacity: String,
    #[diesel(sql_type = Text)]
    starts_on: String,
    #[diesel(sql_type = Nullable<Text>)]
    ends_on: Option<String>,
}

/// The parts in the teams of some cases, current and former.
fn parts_in_teams(conn: &mut AnyConn, cases: &[Id]) -> QueryResult<Vec<PartInTeam>> {
    load_text(
        conn,
        format!(
            "SELECT id, case_id, user_id, capacity, CAST(starts_on AS TEXT) AS starts_on, CAST(ends_on AS TEXT) AS ends_on \
             FROM case_members WHERE case_id IN ({}) ORDER BY starts_on, id",
            list(cases)
        ),
    )
}

/// The parts in the team of a joined case.
pub(in crate::merges) fn team_now(conn: &mut AnyConn, case: Id) -> QueryResult<Vec<PartNow>> {
    let now = |part: PartInTeam| PartNow {
        id: part.id,
        starts_on: part.starts_on,
        ends_on: part.ends_on,
        is_referent: part.capacity == "referent",
    };
    Ok(parts_in_teams(conn, &[case])?.into_iter().map(now).collect())
}

/// The first day on which one of some referrals arrived.
pub(in crate::merges) fn first_received(conn: &mut AnyConn, referrals: &[Id]) -> QueryResult<Option<String>> {
    let of = list(referrals);
    let rows: Vec<OneDay> =
        load_text(conn, format!("SELECT CAST(MIN(received_on) AS TEXT) AS day FROM referrals WHERE id IN ({of})"))?;
    Ok(rows.into_iter().find_map(|row| row.day))
}

#[derive(QueryableByName)]
struct OneDay {
    #[diesel(sql_type = Nullable<Text>)]
    day: Option<String>,
}

/// See [`Overlaps`].
pub(in crate::merges) fn overlaps(conn: &mut AnyConn, into: Id, from: Id) -> QueryResult<Overlaps> {
    let about_both: Vec<OneId> = load_text(
        conn,
        format!(
            "SELECT goes.appointment_id AS id FROM appointment_cases AS goes \
             JOIN appointment_cases AS stays ON stays.appointment_id = goes.appointment_id AND stays.case_id = '{into}' \
             WHERE goes.case_id = '{from}'"
        ),
    )?;
    let parts = parts_in_teams(conn, &[into, from])?;
    let ends = parts.iter().map(|part| (part.id, part.ends_on.clone())).collect();
    let (current, former): (Vec<_>, Vec<_>) = parts.into_iter().partition(|part| part.ends_on.is_none());
    let part = |part: PartInTeam| Part {
        id: part.id,
        user: part.user_id,
        stays: part.case_id == into,
        is_referent: part.capacity == "referent",
    };
    let current: Vec<Part> = current.into_iter().map(part).collect();
    let former: Vec<Part> = former.into_iter().map(part).collect();
    let mut teams = joined(&current);
    teams.members.extend(set_aside(&current, &former));
    Ok(Overlaps {
        teams,
        ends,
        appointments: about_both.into_iter().map(|row| row.id).collect(),
        acts: acts::shared(conn, into, from)?,
    })
}
