//! The SQL of placements.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::dto::{Placement, PlacementFilter, PlacementSort};
use super::model::{Facts, PlacementStage, weekdays_of};
use super::reviews::store::ReviewRow;
use crate::auth::ServiceScope;
use crate::cases::corrections::store::{CorrectionRow, recorded};
use crate::cases::steps::store::StepRow;
use crate::cases::store::{CaseRow, NOTHING_PLANNED};
use crate::db::schema::{case_steps, corrections, placement_reviews, placements};
use crate::db::{AnyConn, Id, IsAmong, UtcTs, columns, insert_together, sorted_page, together, write_together};
use crate::http::page::{PageInfo, PageRequest};
use crate::nomenclatures::codes::{ChildcareType, PlacementCancellationReason, PlacementEndReason};

/// A row of `placements`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = placements, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct PlacementRow {
    pub(super) id: Id,
    pub(super) service_id: Id,
    pub(super) case_id: Id,
    pub(super) organisation_id: Id,
    pub(super) childcare_type: ChildcareType,
    pub(super) starts_on: NaiveDate,
    pub(super) ends_on: Option<NaiveDate>,
    pub(super) author: String,
    pub(super) version: i32,
    pub(super) created_at: UtcTs,
    pub(super) updated_at: UtcTs,
    pub(super) stage: PlacementStage,
    pub(super) cancelled_on: Option<NaiveDate>,
    pub(super) cancel_reason: Option<PlacementCancellationReason>,
    pub(super) weekly_minutes: Option<i32>,
    /// See [`weekdays_of`].
    pub(super) weekdays: String,
    /// Codes separated by spaces.
    pub(super) adaptations: String,
    pub(super) is_main: bool,
    pub(super) end_reason: Option<PlacementEndReason>,
}

recorded!(PlacementRow as Placement, in placements);

crate::versioned!(PlacementRow);

impl PlacementRow {
    /// The facts on which its state depends.
    pub(in crate::cases) fn facts(&self) -> Facts {
        Facts { stage: self.stage, starts_on: self.starts_on, ends_on: self.ends_on }
    }

    /// What the API returns, in a case that was opened on a day.
    pub(super) fn shown(self, opened_on: NaiveDate, today: NaiveDate) -> Placement {
        let state = self.facts().state(opened_on, today);
        Placement {
            state,
            is_effective: self.facts().is_effective(opened_on),
            available_actions: state.available_actions(),
            weekdays: weekdays_of(&self.weekdays),
            adaptations: self.adaptations.split_whitespace().filter_map(|code| code.parse().ok()).collect(),
            id: self.id,
            case_id: self.case_id,
            organisation_id: self.organisation_id,
            organisation_name: None,
            childcare_type: self.childcare_type,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            end_reason: self.end_reason,
            cancelled_on: self.cancelled_on,
            cancel_reason: self.cancel_reason,
            weekly_minutes: self.weekly_minutes,
            is_main: self.is_main,
            author: self.author,
            author_name: None,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            counted_in: None,
        }
    }
}

type Boxed<'a> = placements::BoxedQuery<'a, <AnyConn as Connection>::Backend>;

fn visible(scope: &ServiceScope) -> Boxed<'_> {
    placements::table.filter(placements::service_id.among(scope.ids())).into_boxed()
}

/// Records a placement, the step of the case that it is if it is effective, and its reviews.
pub(super) fn insert(
    conn: &mut AnyConn,
    row: &PlacementRow,
    step: &[StepRow],
    reviews: &[ReviewRow],
) -> QueryResult<()> {
    let placement = std::slice::from_ref(row);
    insert_together!(conn, placements => placement, case_steps => step, placement_reviews => reviews)
}

pub(super) fn get(conn: &mut AnyConn, scope: &ServiceScope, id: Id) -> QueryResult<PlacementRow> {
    visible(scope).filter(placements::id.eq(id)).select(PlacementRow::as_select()).get_result(conn)
}

/// The other placements of a case that a placement can be in conflict with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Others {
    /// The same structure from the same day on, unless that did not come about.
    pub(super) same: Option<Id>,
    /// A main place with some of its days.
    pub(super) main: Option<Id>,
}

/// The other placements of a case that a placement can be in conflict with. The caller has locked the case.
pub(super) fn others(conn: &mut AnyConn, row: &PlacementRow) -> QueryResult<Others> {
    let of_case = || {
        let is_live = placements::stage.ne(PlacementStage::Cancelled);
        placements::case_id.eq(row.case_id).and(placements::id.ne(row.id)).and(is_live)
    };
    let same = placements::organisation_id.eq(row.organisation_id).and(placements::starts_on.eq(row.starts_on));
    let last = row.ends_on.unwrap_or(NOTHING_PLANNED);
    let shares_days =
        placements::starts_on.le(last).and(placements::ends_on.is_null().or(placements::ends_on.ge(row.starts_on)));
    let (same, main) = together!(
        conn,
        placements::table.filter(of_case().and(same)).select(placements::id) => Id,
        placements::table
            .filter(of_case().and(placements::is_main.eq(true)).and(shares_days))
            .order((placements::starts_on, placements::id))
            .limit(1)
            .select(placements::id)
            => Id,
    )?;
    Ok(Others { same: same.first().copied(), main: main.first().copied() })
}

/// Whether a case has an effective placement that is current on a day, leaving one out.
pub(super) fn effective_on(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: &CaseRow,
    day: NaiveDate,
    except: Id,
) -> QueryResult<bool> {
    let current = placements::starts_on.le(day).and(placements::ends_on.is_null().or(placements::ends_on.ge(day)));
    let first: Option<Id> = visible(scope)
        .filter(placements::case_id.eq(case.id).and(placements::id.ne(except)))
        .filter(placements::stage.eq(PlacementStage::Started).and(placements::starts_on.ge(case.opened_on)))
        .filter(current)
        .select(placements::id)
        .first(conn)
        .optional()?;
    Ok(first.is_some())
}

/// A placement in scope, with the step that it recorded and its reviews.
pub(super) fn whole(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    id: Id,
) -> QueryResult<(PlacementRow, Option<StepRow>, Vec<ReviewRow>)> {
    let (rows, steps, reviews) = together!(
        conn,
        placements::table
            .filter(placements::id.eq(id).and(placements::service_id.among(scope.ids())))
            .select(columns::<PlacementRow>())
            => PlacementRow,
        case_steps::table
            .filter(case_steps::placement_id.eq(id).and(case_steps::service_id.among(scope.ids())))
            .select(columns::<StepRow>())
            => StepRow,
        placement_reviews::table
            .filter(placement_reviews::placement_id.eq(id).and(placement_reviews::service_id.among(scope.ids())))
            .order(placement_reviews::months)
            .select(columns::<ReviewRow>())
            => ReviewRow,
    )?;
    let row = rows.into_iter().next().ok_or(diesel::result::Error::NotFound)?;
    Ok((row, steps.into_iter().next(), reviews))
}

/// Replaces the version that was read, and keeps its former values; `forgets_due` also deletes the reviews that nobody has
/// answered. Returns false if another writer was first.
pub(super) fn correct(
    conn: &mut AnyConn,
    row: &PlacementRow,
    new: &PlacementRow,
    correction: &CorrectionRow,
    forgets_due: bool,
) -> QueryResult<bool> {
    let read = || placements::id.eq(row.id).and(placements::version.eq(row.version));
    let keep = || diesel::insert_into(corrections::table).values(correction);
    let update = || diesel::update(placements::table.filter(read())).set(new);
    let written = if forgets_due {
        let due = || placement_reviews::placement_id.eq(row.id).and(placement_reviews::answer.is_null());
        write_together!(conn, keep(), diesel::delete(placement_reviews::table.filter(due())), update())?
    } else {
        write_together!(conn, keep(), update())?
    };
    Ok(written == 1)
}

/// Removes the version that was read, with its reviews, and keeps its values. Returns false if another writer was first. The
/// foreign key refuses one whose reviews were not all read.
pub(super) fn remove(
    conn: &mut AnyConn,
    row: &PlacementRow,
    reviews: &[ReviewRow],
    correction: &CorrectionRow,
) -> QueryResult<bool> {
    let read = || placements::id.eq(row.id).and(placements::version.eq(row.version));
    let due: Vec<Id> = reviews.iter().map(|review| review.id).collect();
    let written = write_together!(
        conn,
        diesel::insert_into(corrections::table).values(correction),
        diesel::delete(placement_reviews::table.filter(placement_reviews::id.among(&due))),
        diesel::delete(placements::table.filter(read())),
    )?;
    Ok(written == 1)
}

/// The placements of a case that match the filter.
fn filtered<'a>(scope: &'a ServiceScope, case: Id, filter: &PlacementFilter) -> Boxed<'a> {
    let query = visible(scope).filter(placements::case_id.eq(case));
    match filter.updated_since {
        Some(since) => query.filter(placements::updated_at.ge(since)),
        None => query,
    }
}

/// A page of the placements of a case, by default most recent start date first.
pub(super) fn list(
    conn: &mut AnyConn,
    scope: &ServiceScope,
    case: Id,
    filter: &PlacementFilter,
    page: &PageRequest,
) -> QueryResult<(Vec<PlacementRow>, PageInfo)> {
    let sort = filter.sort.unwrap_or(PlacementSort::StartsOnDesc);
    Ok(sorted_page!(conn, page, filtered(scope, case, filter), placements as PlacementRow, sort: PlacementSort {
        StartsOn | StartsOnDesc => starts_on as NaiveDate,
        UpdatedAt | UpdatedAtDesc => updated_at as UtcTs,
    }))
}
