//! The SQL of goals and their reviews.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{GoalFilter, GoalSort};
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow, recorded};
use crate::cases::store::CaseRow;
use crate::db::schema::{cases, corrections, goal_reviews, goals};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, row_writes, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};

/// A row of `goals`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = goals, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct GoalRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) title: Vec<u8>,
    pub(super) set_on: NaiveDate,
    pub(super) target_on: Option<NaiveDate>,
    pub(super) closed_on: Option<NaiveDate>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

recorded!(GoalRow as Goal, in goals);
recorded!(ReviewRow as GoalReview, from review_origin);

/// A row of `goal_reviews`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = goal_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) goal_id: Id,
    pub(super) reviewed_on: NaiveDate,
    pub(super) attainment: i32,
    pub(super) comment: Option<Vec<u8>>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(GoalRow, ReviewRow);

/// The statement that increments the version of a goal.
macro_rules! touched {
    ($goal:expr, $now:expr) => {
        diesel::update(goals::table.filter(goals::id.eq($goal)))
            .set((goals::version.eq(goals::version + 1), goals::updated_at.eq($now)))
    };
}

row_writes!(goals: GoalRow => pub(super) insert);

/// Replaces the version of a goal that was read, and keeps its former values. False if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &GoalRow,
    new: &GoalRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || goals::id.eq(row.id).and(goals::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(goals::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version of a goal that was read, and keeps its values. False if another writer was first. A foreign key
/// refuses one with reviews.
pub(super) fn remove(conn: &mut AnyConn, row: &GoalRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || goals::id.eq(row.id).and(goals::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(goals::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The service of a review in scope, who recorded it, its case and the household of the case.
pub(super) fn review_origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    goal_reviews::table
        .inner_join(goals::table.inner_join(cases::table))
        .filter(goal_reviews::id.eq(id).and(goal_reviews::service_id.among(scope.ids())))
        .select((goal_reviews::service_id, goal_reviews::author, goals::case_id, cases::household_id))
        .get_result(conn)
        .optional()
}

/// Writes a new review, and the next version of its goal: it changes with its reviews.
pub(super) fn insert_review(conn: &mut AnyConn, row: &ReviewRow) -> QueryResult<()> {
    let insert = || diesel::insert_into(goal_reviews::table).values(row);
    write_together!(conn, touched!(row.goal_id, row.updated_at), insert()).map(drop)
}

/// Removes the version of a review that was read, keeps its values, and writes the next version of its goal. False if another
/// writer was first.
pub(super) fn remove_review(
    conn: &mut AnyConn,
    row: &ReviewRow,
    correction: &CorrectionRow,
    now: UtcTs,
) -> QueryResult<bool> {
    let read = || goal_reviews::id.eq(row.id).and(goal_reviews::version.eq(row.version));
    let written = write_together!(
        conn,
        touched!(row.goal_id, now),
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(goal_reviews::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// Replaces the version of a review that was read, keeps its former values, and writes the next version of its goal. False if
/// another writer was first.
pub(super) fn correct_review(
    conn: &mut AnyConn,
    row: &ReviewRow,
    new: &ReviewRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || goal_reviews::table.filter(goal_reviews::id.eq(row.id).and(goal_reviews::version.eq(row.version)));
    let written = write_together!(
        conn,
        touched!(row.goal_id, new.updated_at),
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(read()).set(new),
    )?;
    Ok(written == 1)
}

type Boxed<'a> = goals::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

/// The goals of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &'a GoalFilter) -> Boxed<'a> {
    let of_case = goals::service_id.among(scope.ids()).and(goals::case_id.eq(case));
    let query = goals::table.filter(of_case).into_boxed();
    match filter.updated_since {
        Some(since) => query.filter(goals::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the goals of a case, by default latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &GoalFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<GoalRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(GoalSort::SetOnDesc);
    Ok(sorted_page!(conn, page, filtered(scope, case, filter), goals as GoalRow, sort: GoalSort {
        SetOn | SetOnDesc => set_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// A goal with its case and its reviews, oldest first, in one statement.
pub(super) fn whole(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(GoalRow, CaseRow, Vec<ReviewRow>)> {
    let goal = || goals::table.filter(goals::id.eq(id).and(goals::service_id.among(scope.ids())));
    let (rows, of, reviews) = together!(
        conn,
        goal().select(columns::<GoalRow>()) => GoalRow,
        cases::table
            .filter(cases::id.eq_any(goal().select(goals::case_id)).and(cases::service_id.among(scope.ids())))
            .select(columns::<CaseRow>())
            => CaseRow,
        goal_reviews::table
            .filter(goal_reviews::goal_id.eq(id).and(goal_reviews::service_id.among(scope.ids())))
            .order(goal_reviews::reviewed_on)
            .select(columns::<ReviewRow>())
            => ReviewRow,
    )?;
    let found = rows.into_iter().next().zip(of.into_iter().next());
    let (goal, case) = found.ok_or(diesel::result::Error::NotFound)?;
    Ok((goal, case, reviews))
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<GoalRow> {
    goals::table
        .filter(goals::id.eq(id).and(goals::service_id.among(scope.ids())))
        .select(GoalRow::as_select())
        .get_result(conn)
}

pub(super) fn review(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ReviewRow> {
    goal_reviews::table
        .filter(goal_reviews::id.eq(id).and(goal_reviews::service_id.among(scope.ids())))
        .select(ReviewRow::as_select())
        .get_result(conn)
}

/// The reviews of several goals, oldest first. The caller has read the goals in its scope.
pub(super) fn reviews(conn: &mut AnyConn, goals: &[Id]) -> QueryResult<HashMap<Id, Vec<ReviewRow>>> {
    let rows: Vec<ReviewRow> = goal_reviews::table
        .filter(goal_reviews::goal_id.among(goals))
        .order((goal_reviews::goal_id, goal_reviews::reviewed_on))
        .select(ReviewRow::as_select())
        .load(conn)?;
    let mut by_goal = HashMap::<Id, Vec<ReviewRow>>::new();
    for row in rows {
        by_goal.entry(row.goal_id).or_default().push(row);
    }
    Ok(by_goal)
}
