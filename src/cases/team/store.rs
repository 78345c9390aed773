//! The SQL of the teams of cases.

use chrono::NaiveDate;
use diesel::dsl::max;
use diesel::prelude::*;

use super::model::{Capacity, Days};
use crate::absences::store::AbsenceRow;
use crate::accounts::names::model::Accounts;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::cases::model::CaseStatus;
use crate::db::schema::{absences, case_members, cases, clients, corrections, memberships, users};
use crate::db::{
    AnyConn, Id, IsAmong, UtcTs, columns, insert_together, ordered_page, row_writes, together, write_together,
};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `case_members`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_members, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct MemberRow {
    pub(in crate::cases) id: Id,
    pub(in crate::cases) service_id: Id,
    pub(in crate::cases) case_id: Id,
    pub(in crate::cases) user_id: Id,
    pub(in crate::cases) capacity: Capacity,
    pub(in crate::cases) starts_on: NaiveDate,
    pub(in crate::cases) ends_on: Option<NaiveDate>,
    pub(in crate::cases) author: String,
    pub(in crate::cases) version: i32,
    pub(in crate::cases) created_at: UtcTs,
    pub(in crate::cases) updated_at: UtcTs,
}

recorded!(MemberRow as CaseMember, in case_members);

crate::versioned!(MemberRow);

impl MemberRow {
    /// Its days.
    pub(super) fn days(&self) -> Days {
        Days { starts_on: self.starts_on, ends_on: self.ends_on }
    }
}

row_writes!(case_members: MemberRow => pub(super) insert, pub(super) update);

type Boxed<'a> = case_members::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    case_members::table.filter(case_members::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<MemberRow> {
    visible(scope).filter(case_members::id.eq(id)).select(MemberRow::as_select()).get_result(conn)
}

/// A page of the people who accompany a case or did, most recent first day first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<MemberRow>, PageInfo)> {
    let of_case = || visible(scope).filter(case_members::case_id.eq(case));
    Ok(ordered_page!(conn, page, of_case(), case_members as MemberRow, desc starts_on as NaiveDate))
}

/// The parts that a person has or had in a case, and the service of the case if they work in it.
pub(super) fn standing_of(
    conn: &mut AnyConn,
    (service, case): (Id, Id),
    user: Id,
) -> QueryResult<(Vec<MemberRow>, Option<Id>)> {
    let (parts, works_in) = together!(
        conn,
        case_members::table
            .filter(case_members::service_id.eq(service).and(case_members::case_id.eq(case)))
            .filter(case_members::user_id.eq(user))
            .order((case_members::starts_on, case_members::id))
            .select(columns::<MemberRow>())
            => MemberRow,
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.eq(user).and(memberships::service_id.eq(service)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::service_id)
            => Id,
    )?;
    Ok((parts, works_in.first().copied()))
}

/// A case to be handed over.
#[derive(Debug, Queryable)]
pub(super) struct CaseToHandOver {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) status: CaseStatus,
    pub(super) opened_on: NaiveDate,
}

/// The services of some cases in scope.
pub(super) fn services_of(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id]) -> QueryResult<Vec<Id>> {
    cases::table
        .filter(cases::id.among(ids).and(cases::service_id.among(scope.ids())))
        .select(cases::service_id)
        .distinct()
        .order(cases::service_id)
        .load(conn)
}

/// What a change of hands needs: the cases in scope, their référents, the current parts of the new one as a member, the last day of the latest former one of each case, the
/// services in which the new one works, and the days on which the new one is away.
pub(super) type ToHandOver =
    (Vec<CaseToHandOver>, Vec<MemberRow>, Vec<MemberRow>, Vec<(Id, Option<NaiveDate>)>, Vec<Id>, Vec<AbsenceRow>);

/// More absences than this are not looked at.
const MAX_ABSENCES: i64 = 100;

/// What a change of hands needs.
pub(super) fn to_hand_over(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    ids: &[Id],
    new: Id,
    since: NaiveDate,
) -> QueryResult<ToHandOver> {
    together!(
        conn,
        cases::table
            .filter(cases::id.among(ids).and(cases::service_id.among(scope.ids())))
            .select((cases::id, cases::service_id, cases::status, cases::opened_on))
            => CaseToHandOver,
        case_members::table
            .filter(case_members::case_id.among(ids).and(case_members::service_id.among(scope.ids())))
            .filter(case_members::capacity.eq(Capacity::Referent).and(case_members::ends_on.is_null()))
            .select(columns::<MemberRow>())
            => MemberRow,
        case_members::table
            .filter(case_members::case_id.among(ids).and(case_members::service_id.among(scope.ids())))
            .filter(case_members::user_id.eq(new).and(case_members::capacity.eq(Capacity::Member)))
            .filter(case_members::ends_on.is_null())
            .select(columns::<MemberRow>())
            => MemberRow,
        case_members::table
            .filter(case_members::case_id.among(ids).and(case_members::service_id.among(scope.ids())))
            .filter(case_members::capacity.eq(Capacity::Referent).and(case_members::ends_on.is_not_null()))
            .group_by(case_members::case_id)
            .select((case_members::case_id, max(case_members::ends_on)))
            => (Id, Option<NaiveDate>),
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.eq(new).and(memberships::service_id.among(scope.ids())))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::service_id)
            => Id,
        absences::table
            .filter(absences::user_id.eq(new).and(absences::service_id.among(scope.ids())))
            .filter(absences::ends_on.ge(since))
            .order((absences::starts_on, absences::id))
            .limit(MAX_ABSENCES)
            .select(columns::<AbsenceRow>())
            => AbsenceRow,
    )
}

/// Ends the rows of the former référents, adds those of the new one, and increments the versions of the cases.
pub(super) fn hand_over(
    conn: &mut AnyConn,
    ended: &[Id],
    ends_on: NaiveDate,
    new: &[MemberRow],
    now: UtcTs,
) -> QueryResult<()> {
    let ids: Vec<Id> = new.iter().map(|row| row.case_id).collect();
    write_together!(
        conn,
        diesel::update(case_members::table.filter(case_members::id.among(ended))).set((
            case_members::ends_on.eq(ends_on),
            case_members::version.eq(case_members::version + 1),
            case_members::updated_at.eq(now),
        )),
        diesel::update(cases::table.filter(cases::id.among(&ids)))
            .set((cases::version.eq(cases::version + 1), cases::updated_at.eq(now))),
    )?;
    // In a statement of its own: of two référents of one case, the former must have ended.
    insert_together!(conn, case_members => new)
}

/// Who is in charge of some cases in scope: each case with the row of its référent.
pub(super) fn in_charge(conn: &mut AnyConn, scope: &ServiceScope, cases: &[Id]) -> QueryResult<Vec<(Id, Id)>> {
    case_members::table
        .filter(case_members::case_id.among(cases).and(case_members::service_id.among(scope.ids())))
        .filter(case_members::capacity.eq(Capacity::Referent).and(case_members::ends_on.is_null()))
        .select((case_members::case_id, case_members::id))
        .load(conn)
}

/// The other parts in the team of a case.
pub(super) fn others(conn: &mut AnyConn, row: &MemberRow) -> QueryResult<Vec<MemberRow>> {
    case_members::table
        .filter(case_members::service_id.eq(row.service_id).and(case_members::case_id.eq(row.case_id)))
        .filter(case_members::id.ne(row.id))
        .select(MemberRow::as_select())
        .load(conn)
}

/// The names of users and of API clients, and those of some users whose account is disabled.
type People = (Vec<(Id, String)>, Vec<(Id, String)>, Vec<Id>);

/// See [`People`].
pub(super) fn people(conn: &mut AnyConn, named: &Accounts, people: &[Id]) -> QueryResult<People> {
    together!(
        conn,
        users::table.filter(users::id.among(&named.users)).select((users::id, users::display_name)) => (Id, String),
        clients::table.filter(clients::id.among(&named.clients)).select((clients::id, clients::name)) => (Id, String),
        users::table.filter(users::id.among(people).and(users::disabled_at.is_not_null())).select(users::id) => Id,
    )
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &MemberRow,
    new: &MemberRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || case_members::id.eq(row.id).and(case_members::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(case_members::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &MemberRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || case_members::id.eq(row.id).and(case_members::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_members::table.filter(read())),
    )?;
    Ok(written == 1)
}
