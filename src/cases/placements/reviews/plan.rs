//! Which reviews of a placement are due, from its dates and the settings of its service.

use super::store::ReviewRow;
use crate::auth::ServiceScope;
use crate::cases::placements::store::PlacementRow;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::ApiError;
use crate::services;
use crate::work::Work;

/// The rows of the reviews that are due and that nobody has answered, beside those of the placement so far. A row that is due
/// already keeps its identifier.
pub(in crate::cases::placements) fn rows(
    work: &mut Work<'_>,
    case: &CaseRow,
    placement: &PlacementRow,
    known: &[ReviewRow],
) -> Result<Vec<ReviewRow>, ApiError> {
    let service = placement.service_id;
    let months = services::ops::settings(work, &ServiceScope::one(service), service)?.placement_review_months;
    let of = |months: i32| known.iter().find(|row| row.months == months);
    let unanswered = months.into_iter().filter(|months| of(*months).is_none_or(|row| row.answer.is_none()));
    let due = placement.facts().reviews(case.opened_on, unanswered);
    let row = |(months, due_on)| match of(months) {
        Some(row) => ReviewRow { due_on, ..row.clone() },
        None => ReviewRow {
            id: Id::next(work.now),
            service_id: service,
            case_id: placement.case_id,
            placement_id: placement.id,
            months,
            due_on,
            answer: None,
            answered_on: None,
            informed_by: None,
            note: None,
            author: work.author(),
            version: 1,
            created_at: work.now,
            updated_at: work.now,
        },
    };
    Ok(due.into_iter().map(row).collect())
}

/// Whether what is due is not what the rows say.
pub(in crate::cases::placements) fn differs(known: &[ReviewRow], due: &[ReviewRow]) -> bool {
    let written = known.iter().filter(|row| row.answer.is_none()).map(|row| (row.months, row.due_on));
    !written.eq(due.iter().map(|row| (row.months, row.due_on)))
}
