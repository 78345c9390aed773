//! What names a child, a household or a case, what a merge keeps for its undo, and the obstacles. Pure.

pub mod obstacles;
pub mod teams;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::cases::join::model::JoinedDates;
use crate::db::whole::WholeRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::trail::Resource;

/// How long a merge can be undone. Choice.
pub const UNDO_DAYS: i64 = 30;

text_enum! {
    /// An action on a merge.
    pub enum MergeAction {
        /// Separate the children again.
        Undo = "undo",
    }
}

/// A table whose rows name a child, a household or a case.
#[derive(Clone, Copy, Debug)]
pub struct Naming {
    /// The table.
    pub table: &'static str,
    /// The kind of object of its rows, or of the objects that the rows belong to.
    pub resource: Resource,
    /// The column that identifies a row, or the object that it belongs to.
    pub id: &'static str,
    /// Whether it has the column `child_id`.
    pub child: bool,
    /// Whether it has the column `household_id`.
    pub household: bool,
    /// Whether it has the column `case_id`.
    pub case: bool,
    /// What the key of the household seals in a row, as SQL.
    pub sealed: Option<&'static str>,
    /// The condition of rows that exist for some people only, as SQL: they move, and nobody is told.
    pub hidden: Option<&'static str>,
}

impl Naming {
    /// Whether its rows have a version: they are objects, and not parts of one.
    pub fn is_versioned(&self) -> bool {
        self.id == "id"
    }
}

const fn named(table: &'static str, resource: Resource) -> Naming {
    Naming { table, resource, id: "id", child: false, household: false, case: false, sealed: None, hidden: None }
}

const fn of_case(table: &'static str, resource: Resource, sealed: Option<&'static str>) -> Naming {
    Naming { case: true, sealed, ..named(table, resource) }
}

/// The tables that name children, households and cases, besides blind tokens. A test compares them with the foreign keys of the
/// database.
pub const NAMING: &[Naming] = &[
    Naming { household: true, sealed: Some("identity"), ..named("children", Resource::Child) },
    Naming { household: true, sealed: Some("identity"), ..named("contacts", Resource::Contact) },
    Naming { child: true, household: true, ..named("cases", Resource::Case) },
    Naming {
        child: true,
        household: true,
        case: true,
        sealed: Some("description"),
        ..named("referrals", Resource::Referral)
    },
    Naming { household: true, case: true, sealed: Some("note"), ..named("reservations", Resource::Reservation) },
    of_case("case_members", Resource::CaseMember, None),
    of_case("case_steps", Resource::CaseStep, Some("note")),
    of_case("interventions", Resource::Intervention, Some("note")),
    of_case("placements", Resource::Placement, None),
    of_case("placement_reviews", Resource::PlacementReview, Some("note")),
    of_case("goals", Resource::Goal, Some("title")),
    of_case("procedures", Resource::Procedure, Some("note")),
    Naming { hidden: Some("kind = 'restricted'"), ..of_case("case_notes", Resource::CaseNote, Some("text")) },
    of_case("recommendations", Resource::Recommendation, Some("text")),
    of_case("case_suspensions", Resource::CaseSuspension, None),
    of_case("complex_situations", Resource::ComplexSituation, None),
    Naming { id: "appointment_id", ..of_case("appointment_cases", Resource::Appointment, Some(OF_APPOINTMENT)) },
];

/// The text of the appointment of a link.
const OF_APPOINTMENT: &str =
    "(SELECT content FROM appointments WHERE appointments.id = appointment_cases.appointment_id)";

/// Rows that hang on a row of [`NAMING`], and which the key of the household seals: the table, the column with the row, the
/// sealed column.
pub const PARTS: &[(&str, &str, &str)] = &[
    ("goal_reviews", "goal_id", "comment"),
    ("case_discussions", "situation_id", "decision"),
    ("referral_events", "referral_id", "note"),
    ("corrections", "object_id", "changes"),
];

/// The table of [`NAMING`] with a name.
pub fn naming(table: &str) -> Option<&'static Naming> {
    NAMING.iter().find(|one| one.table == table)
}

/// Which rows are looked for: those that name one of these.
#[derive(Clone, Debug, Default)]
pub struct Named {
    /// Children.
    pub children: Vec<Id>,
    /// A household whose children, contacts and reservations are looked for.
    pub household: Option<Id>,
    /// Cases.
    pub cases: Vec<Id>,
}

/// A child that merges, with what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// The child.
    pub child: Id,
    /// Its household.
    pub household: Id,
    /// Its open case, if the other child has one too.
    pub case: Option<Id>,
}

/// A row that hangs on one of the children of a merge.
#[expect(clippy::struct_excessive_bools, reason = "each says which object the row names")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HangingRow {
    /// The table.
    pub table: String,
    /// The row, or the object that it belongs to.
    pub id: Id,
    /// Whether it names the absorbed child.
    #[serde(default, skip_serializing_if = "is_false")]
    pub child: bool,
    /// Whether it names the absorbed household.
    #[serde(default, skip_serializing_if = "is_false")]
    pub household: bool,
    /// Whether it names the absorbed case.
    #[serde(default, skip_serializing_if = "is_false")]
    pub case: bool,
    /// A digest of what the key of the absorbed household seals in it, be it nothing; none if it is not of this household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether it exists for some people only.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hidden: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "what serde calls takes a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl HangingRow {
    /// Whether the merge makes it name the survivor.
    pub fn moves(&self) -> bool {
        self.child || self.household || self.case
    }
}

/// What a merge moved and found, stored with it. Identifiers, dates and digests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Moved {
    /// The rows that hung on either child.
    pub rows: Vec<HangingRow>,
    /// The sealed parts that hung on rows of the absorbed household, by table.
    pub parts: Vec<(String, Id)>,
    /// The référents, current and former, who became members of the team.
    pub members: Vec<Id>,
    /// Every part in the teams of the two cases, with its last day before the merge.
    #[serde(default)]
    pub ends: Vec<(Id, Option<String>)>,
    /// The parts of members of the surviving case who became its référent.
    #[serde(default)]
    pub ended: Vec<Id>,
    /// The day on which these parts ended.
    #[serde(default)]
    pub ended_on: Option<NaiveDate>,
    /// The appointments about both cases, which are about one since.
    pub appointments: Vec<Id>,
    /// The owners of the keys that the survivor got.
    pub keys: Vec<Id>,
    /// The dates of the surviving case before and after.
    pub dates: Option<JoinedDates>,
    /// A digest of the identity of the survivor.
    pub identity: String,
}

impl Moved {
    /// The identifiers of the rows of a table that a merge moved, by what they named.
    pub fn of(&self, table: &str, named: impl Fn(&HangingRow) -> bool) -> Vec<Id> {
        self.rows.iter().filter(|row| row.table == table && named(row)).map(|row| row.id).collect()
    }
}

/// The sums of an act over all its cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeAct {
    /// Minutes of work.
    pub minutes: i64,
    /// Minutes of travel.
    pub travel_minutes: i64,
    /// Participants, by kind.
    pub people: BTreeMap<String, i64>,
}

/// What an undo needs to divide an act again, kept with the merge.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinedAct {
    /// The share that took the other one in.
    pub kept: Id,
    /// The share that is gone.
    pub dropped: Id,
    /// Both rows before the merge.
    pub before: [WholeRow; 2],
    /// The act before the merge; none for merges that were done before it was kept.
    #[serde(default)]
    pub whole: Option<WholeAct>,
    /// The participants of both before the merge.
    pub participants: [Vec<WholeRow>; 2],
    /// The appointments of which the share that is gone was the work.
    pub appointments: Vec<String>,
    /// What was written about the share that is gone: the table and the row.
    #[serde(default)]
    pub written: Vec<(String, String)>,
    /// Those of them that exist for some people only.
    #[serde(default)]
    pub hidden: Vec<String>,
    /// A digest of the note that both have since.
    pub note: String,
}

/// The rows that a merge deleted, by table.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    /// The absorbed child, household and case, the memberships and links that are dropped, the blind tokens of the child.
    pub rows: BTreeMap<String, Vec<WholeRow>>,
    /// The blind tokens that the survivor got.
    pub tokens: Vec<WholeRow>,
    /// The acts about both cases.
    #[serde(default)]
    pub acts: Vec<JoinedAct>,
}

impl Kept {
    /// The identifiers of the rows of a table.
    pub fn ids_of(&self, table: &str) -> Vec<Id> {
        let rows = self.rows.get(table).map(Vec::as_slice).unwrap_or_default();
        rows.iter().filter_map(|row| row.get("id")?.as_str()?.parse().ok()).collect()
    }
}

/// The instant until which a merge can be undone.
pub fn undo_until(merged_at: UtcTs) -> UtcTs {
    merged_at.plus(chrono::Duration::days(UNDO_DAYS))
}
