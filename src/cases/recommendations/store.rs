//! The SQL of recommendations.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{RecommendationFilter, RecommendationSort};
use super::model::Check;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::db::schema::{corrections, interventions, recommendations};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, row_writes, sorted_page, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{ChildcareAdaptation, ParticipantType, RecommendationKind};

/// A row of `recommendations`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = recommendations, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct RecommendationRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) intervention_id: Option<Id>,
    pub(super) text: Vec<u8>,
    pub(super) kind: RecommendationKind,
    pub(super) addressed_to: ParticipantType,
    pub(super) adaptation: Option<ChildcareAdaptation>,
    pub(super) made_on: NaiveDate,
    pub(super) applied: Option<bool>,
    pub(super) checked_on: Option<NaiveDate>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
}

crate::versioned!(RecommendationRow);
recorded!(RecommendationRow as Recommendation, in recommendations);

impl RecommendationRow {
    /// What became of it.
    pub(super) fn check(&self) -> Check {
        Check { made_on: self.made_on, applied: self.applied, checked_on: self.checked_on }
    }
}

row_writes!(recommendations: RecommendationRow => pub(super) insert);

type Boxed<'a> = recommendations::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    recommendations::table.filter(recommendations::service_id.among(scope.ids())).into_boxed()
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<RecommendationRow> {
    visible(scope).filter(recommendations::id.eq(id)).select(RecommendationRow::as_select()).get_result(conn)
}

/// The recommendations of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &'a RecommendationFilter) -> Boxed<'a> {
    let mut query = visible(scope).filter(recommendations::case_id.eq(case));
    if let Some(kind) = &filter.kind {
        query = query.filter(recommendations::kind.eq(kind));
    }
    if let Some(checked) = filter.checked {
        query = if checked {
            query.filter(recommendations::applied.is_not_null())
        } else {
            query.filter(recommendations::applied.is_null())
        };
    }
    if let Some(applied) = filter.applied {
        query = query.filter(recommendations::applied.eq(applied));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(recommendations::updated_at.ge(since));
    }
    if let Some(intervention) = filter.intervention_id {
        query = query.filter(recommendations::intervention_id.eq(intervention));
    }
    query
}

/// A page of the recommendations of a case, by default latest first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &RecommendationFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<RecommendationRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(RecommendationSort::MadeOnDesc);
    Ok(
        sorted_page!(conn, page, filtered(scope, case, filter), recommendations as RecommendationRow, sort: RecommendationSort {
            MadeOn | MadeOnDesc => made_on as NaiveDate,
            UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
        }),
    )
}

/// Whether an intervention is one of a case.
pub(super) fn is_of_case(conn: &mut AnyConn, case: Id, intervention: Id) -> QueryResult<bool> {
    let found: i64 = interventions::table
        .filter(interventions::id.eq(intervention).and(interventions::case_id.eq(case)))
        .count()
        .get_result(conn)?;
    Ok(found == 1)
}

/// Replaces the version that was read, and keeps its former values. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &RecommendationRow,
    new: &RecommendationRow,
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || recommendations::id.eq(row.id).and(recommendations::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::update(recommendations::table.filter(read())).set(new),
    )?;
    Ok(written == 1)
}

/// Removes the version that was read, and keeps its values. Returns false if another writer was first.
pub(super) fn remove(conn: &mut AnyConn, row: &RecommendationRow, correction: &CorrectionRow) -> QueryResult<bool> {
    let read = || recommendations::id.eq(row.id).and(recommendations::version.eq(row.version));
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(recommendations::table.filter(read())),
    )?;
    Ok(written == 1)
}
