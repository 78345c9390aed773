//! The SQL of suspensions.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::model::Period;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::cases::store::CaseRow;
use crate::db::schema::{case_suspensions, cases, corrections};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, ordered_page, row_writes, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::CaseSuspensionReason;
use crate::work::Work;

/// A row of `case_suspensions`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = case_suspensions, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SuspensionRow {
    pub(in crate::cases) id: Id,
    pub(in crate::cases) service_id: Id,
    pub(in crate::cases) case_id: Id,
    pub(in crate::cases) reason: CaseSuspensionReason,
    pub(in crate::cases) starts_on: NaiveDate,
    pub(in crate::cases) resumes_on: Option<NaiveDate>,
    pub(in crate::cases) resumed_on: Option<NaiveDate>,
    pub(in crate::cases) follow_up_on: Option<NaiveDate>,
    pub(in crate::cases) author: String,
    pub(in crate::cases) version: i32,
    pub(in crate::cases) created_at: UtcTs,
    pub(in crate::cases) updated_at: UtcTs,
}

recorded!(SuspensionRow as CaseSuspension, in case_suspensions);

crate::versioned!(SuspensionRow);

impl SuspensionRow {
    /// Its period.
    pub(super) fn period(&self) -> Period {
        Period { starts_on: self.starts_on, resumed_on: self.resumed_on }
    }

    /// The version that ends it.
    pub(super) fn ended(&self, work: &Work<'_>, resumed_on: NaiveDate) -> Self {
        Self { resumed_on: Some(resumed_on), version: self.version + 1, updated_at: work.now, ..self.clone() }
    }
}

row_writes!(case_suspensions: SuspensionRow => pub(super) insert, pub(super) update);

type Boxed<'a> = case_suspensions::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    case_suspensions::table.filter(case_suspensions::service_id.among(scope.ids())).into_boxed()
}

/// A suspension in scope, with its case.
pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<(SuspensionRow, CaseRow)> {
    let suspension = || {
        case_suspensions::table.filter(case_suspensions::id.eq(id).and(case_suspensions::service_id.among(scope.ids())))
    };
    let (rows, of) = together!(
        conn,
        suspension().select(columns::<SuspensionRow>()) => SuspensionRow,
        cases::table
            .filter(cases::id.eq_any(suspension().select(case_suspensions::case_id)))
            .filter(cases::service_id.among(scope.ids()))
            .select(columns::<CaseRow>())
            => CaseRow,
    )?;
    rows.into_iter().next().zip(of.into_iter().next()).ok_or(diesel::result::Error::NotFound)
}

/// A case in scope, with its suspensions.
pub(super) fn of_case_row(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(CaseRow, Vec<SuspensionRow>)> {
    let (found, suspensions) = together!(
        conn,
        cases::table.filter(cases::id.eq(id).and(cases::service_id.among(scope.ids()))).select(columns::<CaseRow>())
            => CaseRow,
        case_suspensions::table
            .filter(case_suspensions::case_id.eq(id).and(case_suspensions::service_id.among(scope.ids())))
            .order((case_suspensions::starts_on, case_suspensions::id))
            .select(columns::<SuspensionRow>())
            => SuspensionRow,
    )?;
    let case = found.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok((case, suspensions))
}

/// The suspensions of a case.
pub(super) fn of_case(conn: &mut AnyConn, scope: &ServiceScope, case: Id) -> QueryResult<Vec<SuspensionRow>> {
    visible(scope).filter(case_suspensions::case_id.eq(case)).select(SuspensionRow::as_select()).load(conn)
}

/// A page of the suspensions of a case, latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> QueryResult<(Vec<SuspensionRow>, PageInfo)> {
    let of_case = || visible(scope).filter(case_suspensions::case_id.eq(case));
    Ok(ordered_page!(conn, page, of_case(), case_suspensions as SuspensionRow, desc starts_on as NaiveDate))
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &SuspensionRow,
    new: &SuspensionRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || case_suspensions::id.eq(row.id).and(case_suspensions::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(case_suspensions::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &SuspensionRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || case_suspensions::id.eq(row.id).and(case_suspensions::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(case_suspensions::table.filter(read())),
    )?;
    Ok(written == 1)
}
