//! The SQL of the teams of cases.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::Capacity;
use crate::auth::ServiceScope;
use crate::cases::model::CaseStatus;
use crate::db::schema::{case_members, cases, memberships, users};
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

crate::versioned!(MemberRow);

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

/// The part that a person has in a case now, as its référent or otherwise, and the service of the case if they work in it.
pub(super) fn standing_of(
    conn: &mut AnyConn,
    (service, case): (Id, Id),
    user: Id,
) -> QueryResult<(Option<Id>, Option<Id>)> {
    let (member, works_in) = together!(
        conn,
        case_members::table
            .filter(case_members::service_id.eq(service).and(case_members::case_id.eq(case)))
            .filter(case_members::user_id.eq(user).and(case_members::ends_on.is_null()))
            .select(case_members::id)
            => Id,
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.eq(user).and(memberships::service_id.eq(service)))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::service_id)
            => Id,
    )?;
    Ok((member.first().copied(), works_in.first().copied()))
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

/// What a change of hands needs: the cases in scope, their référents, and the services in which the new one works.
pub(super) type ToHandOver = (Vec<CaseToHandOver>, Vec<MemberRow>, Vec<Id>);

/// What a change of hands needs.
pub(super) fn to_hand_over(conn: &mut AnyConn, scope: &ServiceScope, ids: &[Id], new: Id) -> QueryResult<ToHandOver> {
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
        memberships::table
            .inner_join(users::table)
            .filter(memberships::user_id.eq(new).and(memberships::service_id.among(scope.ids())))
            .filter(memberships::requested_by.is_null().and(users::disabled_at.is_null()))
            .select(memberships::service_id)
            => Id,
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
