//! The SQL of cases.

mod around;
mod corrected;
mod dependants;
mod pages;
mod public;
mod related;
mod standing;

pub(super) use around::around;
pub(super) use corrected::Records;
pub(super) use corrected::{correct, records, remove, reopen, to_reopen};
pub(super) use dependants::{Dependants, dependants};

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::{CasePriority, CaseStatus, Subject};

use super::history::store::CaseEventRow;
use super::steps::store::StepRow;
use super::team::store::MemberRow;
use crate::auth::ServiceScope;
use crate::data_keys::DataKeyRow;
use crate::db::schema::{case_events, case_members, case_steps, cases, data_keys};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, insert_together, row_writes, write_together};
use crate::http::Field;
use crate::nomenclatures::codes::CaseOutcome;
use crate::territories::CommuneCode;

pub(super) use pages::{ListedOn, list};
pub(super) use public::{agreements, needs};
pub(super) use related::{referrals_of, related};
pub(super) use standing::standing;

/// The sort key of a case without a next follow-up: the last day of the calendar.
pub const NOTHING_PLANNED: NaiveDate = match NaiveDate::from_ymd_opt(9999, 12, 31) {
    Some(day) => day,
    None => NaiveDate::MAX,
};

/// A row of `cases`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = cases, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct CaseRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) subject: Subject,
    pub(super) household_id: Option<Id>,
    pub(super) child_id: Option<Id>,
    pub(super) organisation_id: Option<Id>,
    pub(super) commune_code: CommuneCode,
    pub(super) status: CaseStatus,
    pub(super) opened_on: NaiveDate,
    pub(super) closed_on: Option<NaiveDate>,
    pub(super) outcome: Option<CaseOutcome>,
    pub(super) next_follow_up_on: Option<NaiveDate>,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    /// The sort key of the next follow-up: see [`CaseRow::with_key`].
    pub(super) next_key: NaiveDate,
    pub(super) priority: CasePriority,
    /// The sort key of the priority.
    pub(super) priority_key: i32,
}

crate::versioned!(CaseRow);

impl CaseRow {
    /// The household of the child; none for a structure.
    pub fn household(&self) -> Option<Id> {
        self.household_id
    }

    /// The child; none for a structure.
    pub fn child(&self) -> Option<Id> {
        self.child_id
    }

    /// The row with the sort keys of its next follow-up and of its priority. Every row that is written passes here.
    pub(super) fn with_key(mut self) -> Self {
        self.next_key = self.next_follow_up_on.unwrap_or(NOTHING_PLANNED);
        self.priority_key = self.priority.key();
        self
    }

    /// The owner of the data key that seals the notes: the household, or the case itself when it is about a structure.
    pub fn key_owner(&self) -> Id {
        self.household_id.unwrap_or(self.id)
    }

    /// Identifier.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The service.
    pub fn service(&self) -> Id {
        self.service_id
    }

    /// Day of the opening.
    pub fn opened_on(&self) -> NaiveDate {
        self.opened_on
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        self.status == CaseStatus::Open
    }
}

/// A case to be opened. The caller has checked that everything it names belongs to the service.
#[derive(Clone, Debug)]
pub struct NewCase {
    /// The service.
    pub service_id: Id,
    /// Subject: a child or a structure.
    pub subject: Subject,
    /// The household, for a child.
    pub household_id: Option<Id>,
    /// The child.
    pub child_id: Option<Id>,
    /// The structure of the case, or the one named by the child's referral.
    pub organisation_id: Option<Id>,
    /// INSEE code of the commune.
    pub commune_code: CommuneCode,
    /// Day of the opening, in the time zone of the service.
    pub opened_on: NaiveDate,
}

type Boxed<'a> = cases::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    cases::table.filter(cases::service_id.among(scope.ids())).into_boxed()
}

row_writes!(cases: CaseRow => pub(super) update);

/// Writes a decision on a case: its last step if it is closed, the event of its history, and the next version of its row.
/// Returns false if another writer was first.
pub(super) fn decide(
    conn: &mut AnyConn,
    row: &CaseRow,
    new: &CaseRow,
    event: &CaseEventRow,
    step: Option<&StepRow>,
) -> QueryResult<bool> {
    let update = || {
        let read = cases::id.eq(row.id).and(cases::version.eq(row.version));
        diesel::update(cases::table.filter(read)).set(new)
    };
    let record = || diesel::insert_into(case_events::table).values(event);
    let written = match step {
        Some(step) => {
            write_together!(conn, diesel::insert_into(case_steps::table).values(step), record(), update())
        }
        None => write_together!(conn, record(), update()),
    };
    Ok(written? == 1)
}

/// Opens a case: its data key if it has one of its own, its row, the first event of its history, its référent.
pub(super) fn insert(
    conn: &mut AnyConn,
    keys: &[DataKeyRow],
    row: &CaseRow,
    opened: &CaseEventRow,
    referent: &[MemberRow],
) -> QueryResult<()> {
    insert_together!(
        conn,
        data_keys => keys,
        cases => std::slice::from_ref(row),
        case_events => std::slice::from_ref(opened),
        case_members => referent,
    )
}

/// The open case of a child, if it has one.
pub fn open_case_of(conn: &mut AnyConn, scope: &ServiceScope, child: Id) -> QueryResult<Option<CaseRow>> {
    visible(scope)
        .filter(cases::child_id.eq(child).and(cases::status.eq(CaseStatus::Open)))
        .select(CaseRow::as_select())
        .get_result(conn)
        .optional()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<CaseRow> {
    visible(scope).filter(cases::id.eq(id)).select(CaseRow::as_select()).get_result(conn)
}

/// Cases in scope, by identifier.
pub(super) fn by_id(conn: &mut AnyConn, scope: &ServiceScope, ids: &BTreeSet<Id>) -> QueryResult<Vec<CaseRow>> {
    let ids: Vec<Id> = ids.iter().copied().collect();
    visible(scope).filter(cases::id.among(&ids)).select(CaseRow::as_select()).load(conn)
}

/// Increments the version of a case of which a record is added, corrected or removed. Returns false if it was closed or
/// reopened meanwhile.
///
/// An addition does not depend on the version that was read, so two users can add to a case at the same time. The
/// update still locks the row until the commit: a concurrent closure waits, and then fails because the version has
/// changed.
pub(super) fn touch(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: &CaseRow,
    next_follow_up_on: &Field<NaiveDate>,
    now: UtcTs,
) -> QueryResult<bool> {
    let follow_up = match next_follow_up_on {
        Field::Keep => None,
        Field::Clear => Some((cases::next_follow_up_on.eq(None::<NaiveDate>), cases::next_key.eq(NOTHING_PLANNED))),
        Field::Set(day) => Some((cases::next_follow_up_on.eq(Some(*day)), cases::next_key.eq(*day))),
    };
    let as_read = cases::status
        .eq(case.status)
        .and(cases::closed_on.is_null().or(cases::closed_on.assume_not_null().eq(case.closed_on.unwrap_or_default())));
    let target = cases::table.filter(cases::service_id.among(scope.ids())).filter(cases::id.eq(case.id).and(as_read));
    let changed = diesel::update(target)
        .set((follow_up, cases::version.eq(cases::version + 1), cases::updated_at.eq(now)))
        .execute(conn)?;
    Ok(changed == 1)
}
