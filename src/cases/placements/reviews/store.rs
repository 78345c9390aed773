//! The SQL of reviews of placements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{PlacementReviewFilter, PlacementReviewSort, ReviewsOfPlacementFilter};
use super::model::PlacementReviewState;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, OriginRow, recorded};
use crate::cases::steps::store::StepRow;
use crate::cases::store::CaseRow;
use crate::db::schema::{case_steps, cases, corrections, organisations, placement_reviews, placements};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{ChildcareType, ParticipantType, PlacementReviewAnswer};
use crate::services::model::ServiceDays;

/// A row of `placement_reviews`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = placement_reviews, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ReviewRow {
    pub(in crate::cases::placements) id: Id,
    pub(in crate::cases::placements) service_id: Id,
    pub(in crate::cases::placements) case_id: Id,
    pub(in crate::cases::placements) placement_id: Id,
    pub(in crate::cases::placements) months: i32,
    pub(in crate::cases::placements) due_on: NaiveDate,
    pub(in crate::cases::placements) answer: Option<PlacementReviewAnswer>,
    pub(in crate::cases::placements) answered_on: Option<NaiveDate>,
    pub(in crate::cases::placements) informed_by: Option<ParticipantType>,
    pub(in crate::cases::placements) note: Option<Vec<u8>>,
    pub(in crate::cases::placements) author: String,
    pub(in crate::cases::placements) version: i32,
    pub(in crate::cases::placements) created_at: UtcTs,
    pub(in crate::cases::placements) updated_at: UtcTs,
}

recorded!(ReviewRow as PlacementReview, from origin);

crate::versioned!(ReviewRow);

type Boxed<'a> = placement_reviews::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    placement_reviews::table.filter(placement_reviews::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<ReviewRow> {
    visible(scope).filter(placement_reviews::id.eq(id)).select(ReviewRow::as_select()).get_result(conn)
}

/// Writes what follows from a placement: the step that it is now, and the reviews that are due. In a statement after its
/// correction: a row can have the key of one that went.
pub(in crate::cases::placements) fn follow(conn: &mut AnyConn, step: &[StepRow], due: &[ReviewRow]) -> QueryResult<()> {
    insert_together!(conn, case_steps => step, placement_reviews => due)
}

/// Writes the answer to a review: that of a row that is due, or a new row. Returns false if another writer was first.
pub(super) fn answer(conn: &mut AnyConn, due: Option<&ReviewRow>, new: &ReviewRow) -> QueryResult<bool> {
    let Some(row) = due else {
        return diesel::insert_into(placement_reviews::table).values(new).execute(conn).map(|rows| rows == 1);
    };
    let read = placement_reviews::id.eq(row.id).and(placement_reviews::version.eq(row.version));
    let unanswered = placement_reviews::table.filter(read.and(placement_reviews::answer.is_null()));
    diesel::update(unanswered).set(new).execute(conn).map(|rows| rows == 1)
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &ReviewRow,
    new: &ReviewRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || placement_reviews::id.eq(row.id).and(placement_reviews::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(placement_reviews::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &ReviewRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || placement_reviews::id.eq(row.id).and(placement_reviews::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(placement_reviews::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The service of a review in scope, who recorded it, its case and the household of the case.
pub(super) fn origin(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<Option<OriginRow>> {
    placement_reviews::table
        .inner_join(cases::table)
        .filter(placement_reviews::id.eq(id).and(placement_reviews::service_id.among(scope.ids())))
        .filter(placement_reviews::answer.is_not_null())
        .select((
            placement_reviews::service_id,
            placement_reviews::author,
            placement_reviews::case_id,
            cases::household_id,
        ))
        .get_result(conn)
        .optional()
}

/// A page of the reviews of a placement, by default those that are due first.
pub(super) fn of_placement(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    placement: Id,
    filter: &ReviewsOfPlacementFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<ReviewRow>, PageInfo)> {
    let theirs = || {
        let query = visible(scope).filter(placement_reviews::placement_id.eq(placement));
        match filter.updated_since {
            Some(since) => query.filter(placement_reviews::updated_at.ge(since)),
            None => query,
        }
    };
    let sort = filter.sort.unwrap_or(PlacementReviewSort::DueOn);
    Ok(sorted_page!(conn, page, theirs(), placement_reviews as ReviewRow, sort: PlacementReviewSort {
        DueOn | DueOnDesc => due_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}

/// The reviews in scope that match the filter. `days` is the day of each service.
fn filtered<'a>(scope: &'a ServiceScope, filter: &PlacementReviewFilter, days: &ServiceDays) -> Boxed<'a> {
    let mut query = visible(scope);
    let past = || {
        let of = |(day, services): &(NaiveDate, Vec<Id>)| {
            placement_reviews::service_id.among(services).and(placement_reviews::due_on.lt(*day))
        };
        let [first, second, third] = days;
        of(first).or(of(second)).or(of(third))
    };
    query = match filter.state {
        None => query,
        Some(PlacementReviewState::Answered) => query.filter(placement_reviews::answer.is_not_null()),
        Some(PlacementReviewState::Overdue) => query.filter(placement_reviews::answer.is_null()).filter(past()),
        Some(PlacementReviewState::Due) => {
            query.filter(placement_reviews::answer.is_null()).filter(diesel::dsl::not(past()))
        }
    };
    if let Some(answers) = &filter.answer {
        query = query.filter(placement_reviews::answer.eq_any(answers.clone()));
    }
    if let Some(months) = filter.months {
        query = query.filter(placement_reviews::months.eq(months));
    }
    if let Some(from) = filter.from {
        query = query.filter(placement_reviews::due_on.ge(from));
    }
    if let Some(to) = filter.to {
        query = query.filter(placement_reviews::due_on.le(to));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(placement_reviews::updated_at.ge(since));
    }
    query
}

/// A page of reviews, by default those that are due first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    filter: &PlacementReviewFilter,
    days: &ServiceDays,
    page: &PageRequest,
) -> QueryResult<(Vec<ReviewRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(PlacementReviewSort::DueOn);
    Ok(sorted_page!(
        conn, page, scope => filtered(scope, filter, days), placement_reviews as ReviewRow, sort: PlacementReviewSort {
            DueOn | DueOnDesc => due_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }
    ))
}

/// A placement as a row of the list names it: the placement, its organisation with its name, the type of childcare, the first
/// day.
pub(super) type PlaceColumns = (Id, Id, String, ChildcareType, NaiveDate);

/// The cases and the placements of some reviews. The caller has read the reviews in its scope.
pub(super) fn related(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    rows: &[ReviewRow],
) -> QueryResult<(Vec<CaseRow>, Vec<PlaceColumns>)> {
    let of: Vec<Id> = rows.iter().map(|row| row.case_id).collect();
    let places: Vec<Id> = rows.iter().map(|row| row.placement_id).collect();
    together!(
        conn,
        cases::table
            .filter(cases::service_id.among(scope.ids()).and(cases::id.among(&of)))
            .select(columns::<CaseRow>())
            => CaseRow,
        placements::table
            .inner_join(organisations::table)
            .filter(placements::service_id.among(scope.ids()).and(placements::id.among(&places)))
            .select((
                placements::id,
                organisations::id,
                organisations::name,
                placements::childcare_type,
                placements::starts_on,
            ))
            => PlaceColumns,
    )
}
