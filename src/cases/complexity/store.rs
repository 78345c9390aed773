//! The SQL of complex situations and their discussions.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::Flagged;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow, recorded};
use crate::cases::store::{CaseRow, NOTHING_PLANNED};
use crate::db::schema::{case_discussions, cases, complex_situation_grounds, complex_situations, corrections};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, ordered_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::ComplexityFlag;

/// A row of `complex_situations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = complex_situations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SituationRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) flagged_on: NaiveDate,
    pub(super) ended_on: Option<NaiveDate>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

recorded!(SituationRow as ComplexSituation, in complex_situations);
recorded!(DiscussionRow as CaseDiscussion, from discussion_origin);

impl SituationRow {
    /// Its days.
    pub(super) fn days(&self) -> Flagged {
        Flagged { flagged_on: self.flagged_on, ended_on: self.ended_on }
    }
}

/// A row of `complex_situation_grounds`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = complex_situation_grounds)]
pub(super) struct GroundRow {
    pub(super) situation_id: Id,
    pub(super) ground: ComplexityFlag,
}

/// A row of `case_discussions`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_discussions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DiscussionRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) situation_id: Id,
    pub(super) held_on: NaiveDate,
    pub(super) decision: Vec<u8>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(SituationRow, DiscussionRow);

/// A situation with its grounds, in the order of their codes, and its discussions, oldest first.
#[derive(Clone, Debug)]
pub(super) struct Whole {
    pub(super) row: SituationRow,
    pub(super) grounds: Vec<ComplexityFlag>,
    pub(super) discussions: Vec<DiscussionRow>,
}

/// The statement that increments the version of a situation: it changes with its discussions.
macro_rules! touched {
    ($situation:expr, $now:expr) => {
        diesel::update(complex_situations::table.filter(complex_situations::id.eq($situation))).set((
            complex_situations::version.eq(complex_situations::version + 1),
            complex_situations::updated_at.eq($now),
        ))
    };
}

fn grounds_of(situation: Id, grounds: &[ComplexityFlag]) -> Vec<GroundRow> {
    grounds.iter().map(|ground| GroundRow { situation_id: situation, ground: ground.clone() }).collect()
}

/// Writes a new situation.
pub(super) fn insert(conn: &mut AnyConn, row: &SituationRow, grounds: &[ComplexityFlag]) -> QueryResult<()> {
    let grounds = grounds_of(row.id, grounds);
    insert_together!(conn, complex_situations => std::slice::from_ref(row), complex_situation_grounds => grounds.as_slice())
}

/// A situation of the same case that shares a day with this one. The day since which one is over can be the first day of the next.
pub(super) fn at_the_same_time(conn: &mut AnyConn, row: &SituationRow) -> QueryResult<Option<Id>> {
    let until = row.ended_on.unwrap_or(NOTHING_PLANNED);
    complex_situations::table
        .filter(complex_situations::case_id.eq(row.case_id).and(complex_situations::id.ne(row.id)))
        .filter(complex_situations::ended_on.is_null().or(complex_situations::ended_on.gt(row.flagged_on)))
        .filter(complex_situations::flagged_on.lt(until).or(complex_situations::flagged_on.eq(row.flagged_on)))
        .order((complex_situations::flagged_on, complex_situations::id))
        .select(complex_situations::id)
        .first(conn)
        .optional()
}

/// A situation in scope, whole.
pub(super) fn whole(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Whole> {
    let (rows, grounds, discussions) = together!(
        conn,
        complex_situations::table
            .filter(complex_situations::id.eq(id).and(complex_situations::service_id.among(scope.ids())))
            .select(columns::<SituationRow>())
            => SituationRow,
        complex_situation_grounds::table
            .filter(complex_situation_grounds::situation_id.eq(id))
            .order(complex_situation_grounds::ground)
            .select(complex_situation_grounds::ground)
            => ComplexityFlag,
        case_discussions::table
            .filter(case_discussions::situation_id.eq(id).and(case_discussions::service_id.among(scope.ids())))
            .order(case_discussions::held_on)
            .select(columns::<DiscussionRow>())
            => DiscussionRow,
    )?;
    let row = rows.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok(Whole { row, grounds, discussions })
}

type Boxed<'a> = complex_situations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn of_case(scope: &ServiceScope, case: Id) -> Boxed<'_> {
    complex_situations::table
        .filter(complex_situations::service_id.among(scope.ids()).and(complex_situations::case_id.eq(case)))
        .into_boxed()
}

/// A page of the situations of a case, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<Whole>, PageInfo)> {
    let (rows, info): (Vec<SituationRow>, PageInfo) = ordered_page!(
        conn,
        page,
        of_case(scope, case),
        complex_situations as SituationRow,
        desc flagged_on as NaiveDate
    );
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let (grounds, discussions) = together!(
        conn,
        complex_situation_grounds::table
            .filter(complex_situation_grounds::situation_id.among(&ids))
            .order((complex_situation_grounds::situation_id, complex_situation_grounds::ground))
            .select(columns::<GroundRow>())
            => GroundRow,
        case_discussions::table
            .filter(case_discussions::situation_id.among(&ids))
            .order((case_discussions::situation_id, case_discussions::held_on))
            .select(columns::<DiscussionRow>())
            => DiscussionRow,
    )?;
    let mut grounds_by = HashMap::<Id, Vec<ComplexityFlag>>::new();
    for one in grounds {
        grounds_by.entry(one.situation_id).or_default().push(one.ground);
    }
    let mut discussions_by = HashMap::<Id, Vec<DiscussionRow>>::new();
    for one in discussions {
        discussions_by.entry(one.situation_id).or_default().push(one);
    }
    let whole = |row: SituationRow| Whole {
        grounds: grounds_by.remove(&row.id).unwrap_or_default(),
        discussions: discussions_by.remove(&row.id).unwrap_or_default(),
        row,
    };
    Ok((rows.into_iter().map(whole).collect(), info))
}

/// Replaces the version that was read, and its grounds, and keeps the former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &SituationRow,
    new: &SituationRow,
    grounds: Option<&[ComplexityFlag]>,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || complex_situations::id.eq(row.id).and(complex_situations::version.eq(row.version));
    let replaced = || complex_situation_grounds::situation_id.eq(row.id);
    let Some(grounds) = grounds else {
        let written = write_together!(
            conn,
            diesel::insert_into(corrections::table).values(correction),
            diesel::update(complex_situations::table.filter(read())).set(new),
        )?;
        return Ok(written == 1);
    };
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(complex_situation_grounds::table.filter(replaced())),
        diesel::update(complex_situations::table.filter(read())).set(new),
    )?;
    let grounds = grounds_of(row.id, grounds);
    insert_together!(conn, complex_situation_grounds => grounds.as_slice())?;
    Ok(written == 1)
}

/// Removes the version that was read, which has no discussion, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &SituationRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let grounds = || complex_situation_grounds::situation_id.eq(row.id);
    let read = || complex_situations::id.eq(row.id).and(complex_situations::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(complex_situation_grounds::table.filter(grounds())),
        diesel::delete(complex_situations::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// A discussion in scope.
pub(super) fn discussion(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<DiscussionRow> {
    case_discussions::table
        .filter(case_discussions::id.eq(id).and(case_discussions::service_id.among(scope.ids())))
        .select(DiscussionRow::as_select())
        .get_result(conn)
}

/// A discussion in scope, and its case.
pub(super) fn discussion_of_case(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(DiscussionRow, CaseRow)> {
    let discussion = || {
        case_discussions::table.filter(case_discussions::id.eq(id).and(case_discussions::service_id.among(scope.ids())))
    };
    let of_situation = complex_situations::table
        .filter(complex_situations::id.eq_any(discussion().select(case_discussions::situation_id)))
        .select(complex_situations::case_id);
    let (rows, of) = together!(
        conn,
        discussion().select(columns::<DiscussionRow>()) => DiscussionRow,
        cases::table
            .filter(cases::id.eq_any(of_situation).and(cases::service_id.among(scope.ids())))
            .select(columns::<CaseRow>())
            => CaseRow,
    )?;
    rows.into_iter().next().zip(of.into_iter().next()).ok_or(diesel::result::Error::NotFound)
}

/// Writes a new discussion, and the next version of its situation.
pub(super) fn insert_discussion(conn: &mut AnyConn, row: &DiscussionRow) -> QueryResult<()> {
    let insert = || diesel::insert_into(case_discussions::table).values(row);
    write_together!(conn, touched!(row.situation_id, row.updated_at), insert()).map(drop)
}

/// Replaces the version of a discussion that was read, and keeps its former values. False if another writer was first.
pub(super) fn correct_discussion(
    conn: &mut AnyConn,
    row: &DiscussionRow,
    new: &DiscussionRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || case_discussions::id.eq(row.id).and(case_discussions::version.eq(row.version));
    let written = write_together!(
        conn,
        touched!(row.situation_id, new.updated_at),
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(case_discussions::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version of a discussion that was read, and keeps its values. False if another writer was first.
pub(super) fn remove_discussion(
    conn: &mut AnyConn,
    row: &DiscussionRow,
    correction: &CorrectionRow,
    now: UtcTs,
) -> QueryResult<bool> {
    let read = || case_discussions::id.eq(row.id).and(case_discussions::version.eq(row.version));
    let written = write_together!(
        conn,
        touched!(row.situation_id, now),
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_discussions::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The service of a discussion in scope, who recorded it, its case and the household of the case.
pub(super) fn discussion_origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    case_discussions::table
        .inner_join(complex_situations::table.inner_join(cases::table))
        .filter(case_discussions::id.eq(id).and(case_discussions::service_id.among(scope.ids())))
        .select((
            case_discussions::service_id,
            case_discussions::author,
            complex_situations::case_id,
            cases::household_id,
        ))
        .get_result(conn)
        .optional()
}
