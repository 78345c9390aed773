//! Answering, reading, correcting and removing the reviews of placements.

use chrono::NaiveDate;

use super::dto::{
    PlacementReview, PlacementReviewInput, PlacementReviewPage, PlacementReviewPatch, ReviewsOfPlacementFilter,
};
use super::model::{LEFT, state};
use super::plan;
use super::store::{self, ReviewRow};
use crate::auth::ServiceScope;
use crate::cases::common::{around, reading_key, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::Removal;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::placements::act::{end_faults, ended, write};
use crate::cases::placements::dto::PlacementEnd;
use crate::cases::placements::found::{self, Found};
use crate::cases::placements::model::due_on;
use crate::cases::placements::store as placements;
use crate::cases::store as cases;
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::http::{Field, Versioned};
use crate::naming::ops::named;
use crate::nomenclatures::codes::PlacementReviewAnswer;
use crate::privacy::{self, DataKey, Place, Secret};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Answers a review, whether the case is open or closed. `left` also ends the placement.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    placement: &Found,
    new: &PlacementReviewInput,
) -> Result<PlacementReview, ApiError> {
    let case = placement.case();
    let today = placement.around.today(work)?;
    let counted_from = placement.row.facts().counted_from(case.opened_on);
    let Some(from) = counted_from else { return Err(placement.wrong_state(today)) };
    let due_on = due_on(from, new.months).unwrap_or(NaiveDate::MAX);
    let answered_on = new.answered_on.unwrap_or(today);
    let mut faults = day_faults(&new.answer, answered_on, due_on, today);
    faults.extend(left_faults(placement, new, answered_on, today));
    if let Some(last) = placement.row.ends_on.filter(|last| *last < due_on) {
        faults.push(ended_before(last, due_on));
    }
    ApiError::reject_if_any(faults)?;
    let known = placement.reviews.iter().find(|row| row.months == new.months);
    if let Some(answered) = known.filter(|row| row.answer.is_some()) {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Ce point a déjà une réponse (voir `existing_id`) : la corriger (`PATCH /v1/placement-reviews/{id}`).",
                "This review was answered already (see `existing_id`): correct the answer (`PATCH /v1/placement-reviews/{id}`).",
            )
            .with("existing_id", answered.id.as_str()));
    }
    let id = known.map_or_else(|| Id::next(work.now), |row| row.id);
    let key = data_keys::data_key(work, case.key_owner())?;
    let row = ReviewRow {
        id,
        service_id: case.service_id,
        case_id: case.id,
        placement_id: placement.row.id,
        months: new.months,
        due_on,
        answer: Some(new.answer.clone()),
        answered_on: Some(answered_on),
        informed_by: Some(new.informed_by.clone()),
        note: key.seal_some(note_at(&id), new.note.as_ref())?,
        author: work.author(),
        version: known.map_or(1, |row| row.version + 1),
        created_at: known.map_or(work.now, |row| row.created_at),
        updated_at: work.now,
    };
    // The end of the placement increments the version of the case by itself.
    if new.ends_on.is_none_or(|last| placement.row.ends_on == Some(last)) {
        touch(work, scope, case, &Field::Keep)?;
    }
    ApiError::require_first(store::answer(work.conn, known, &row)?)?;
    work.created_in(case.id, Resource::PlacementReview, row.service_id, id);
    if let Some(ends_on) = new.ends_on {
        end_with(work, scope, placement, &row, &PlacementEnd { ends_on, end_reason: new.end_reason.clone() }, today)?;
    }
    named(work, shown(row, new.note.clone(), today))
}

/// Ends the placement of an answer. The other reviews that nobody answered go.
fn end_with(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    placement: &Found,
    answered: &ReviewRow,
    end: &PlacementEnd,
    today: NaiveDate,
) -> Result<(), ApiError> {
    let mut known = placement.reviews.clone();
    known.retain(|row| row.months != answered.months);
    known.push(answered.clone());
    let found = Found {
        row: placement.row.clone(),
        step: placement.step.clone(),
        reviews: known,
        around: placement.around.clone(),
    };
    let new = ended(work, &found, end);
    write(work, scope, &found, &new, today).map(drop)
}

/// The faults of the day of an answer. That the child left is known before the review is due; that the child is still there
/// is not.
fn day_faults(
    answer: &PlacementReviewAnswer,
    answered_on: NaiveDate,
    due_on: NaiveDate,
    today: NaiveDate,
) -> Vec<Fault> {
    let early = (!answer.is(LEFT)).then(|| dates::not_before("/answered_on", answered_on, due_on, "before_due"));
    [dates::not_in_the_future("/answered_on", answered_on, today), early.flatten()].into_iter().flatten().collect()
}

/// The faults of the last day that an answer gives.
fn left_faults(placement: &Found, new: &PlacementReviewInput, answered_on: NaiveDate, today: NaiveDate) -> Vec<Fault> {
    let mut faults = Vec::new();
    let left = new.answer.is(LEFT);
    match new.ends_on {
        None if left => faults.extend(placement.row.ends_on.is_none().then(|| end_required("/ends_on"))),
        Some(last) if left => {
            faults.extend(end_faults(&placement.row, last, today));
            faults.extend(dates::not_after("/ends_on", last, answered_on, "after_answer"));
            let known = placement.row.ends_on.filter(|known| *known < today && *known != last);
            faults.extend(known.map(already_ended));
        }
        Some(_) => faults.push(only_if_left("/ends_on")),
        None => {}
    }
    if new.end_reason.is_some() && (!left || new.ends_on.is_none()) {
        faults.push(only_if_left("/end_reason"));
    }
    faults
}

fn only_if_left(pointer: &str) -> Fault {
    let message = Text::new(
        "Cette valeur va avec la réponse `left` et un dernier jour (`ends_on`) : la retirer, ou corriger la réponse.",
        "This value goes with the answer `left` and a last day (`ends_on`): remove it, or correct the answer.",
    );
    Fault::new(pointer, "only_if_left", message)
}

fn already_ended(known: NaiveDate) -> Fault {
    let known_fr = dates::french(known);
    let message = Text::new(
        format!(
            "Cet accueil est terminé depuis le {known_fr} : retirer ce jour, ou corriger l'accueil (`PATCH /v1/placements/{{id}}`)."
        ),
        format!(
            "This placement ended on {known}: remove this day, or correct the placement (`PATCH /v1/placements/{{id}}`)."
        ),
    );
    Fault::new("/ends_on", "already_ended", message)
}

fn end_required(pointer: &str) -> Fault {
    let message = Text::new(
        "La réponse `left` suppose un dernier jour d'accueil : l'indiquer (`ends_on`), ou mettre fin à l'accueil d'abord (`POST /v1/placements/{id}/end`).",
        "The answer `left` requires a last day of the placement: give it (`ends_on`), or end the placement first (`POST /v1/placements/{id}/end`).",
    );
    Fault::new(pointer, "end_required", message)
}

fn ended_before(last: NaiveDate, due_on: NaiveDate) -> Fault {
    let (last_fr, due_fr) = (dates::french(last), dates::french(due_on));
    let message = Text::new(
        format!("L'accueil s'est terminé le {last_fr}, avant ce point du {due_fr} : sa fin y répond."),
        format!("The placement ended on {last}, before this review of {due_on}: its end answers it."),
    );
    Fault::new("/months", "ended_before_due", message)
}

/// A page of the reviews of a placement.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    placement: Id,
    list: &List<ReviewsOfPlacementFilter>,
) -> Result<PlacementReviewPage, ApiError> {
    let placement = placements::get(work.conn, scope, placement)?;
    let case = cases::get(work.conn, scope, placement.case_id)?;
    let today = services::ops::today(work, case.service_id)?;
    let (rows, info) = store::of_placement(work.conn, scope, placement.id, &list.filter, &list.page)?;
    let key = reading_key(work, &case)?;
    let opened = |row| opened(row, key.as_ref(), today);
    let data = rows.into_iter().map(opened).collect::<Result<Vec<_>, ApiError>>()?;
    Ok(PlacementReviewPage { data: named(work, data)?, page: info })
}

/// One review in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PlacementReview, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    let today = around.today(work)?;
    let key = reading_key(work, &around.case)?;
    opened(row, key.as_ref(), today)
}

/// A review in scope, with its placement and what a change needs.
#[derive(Debug)]
pub struct FoundReview {
    row: ReviewRow,
    placement: Found,
}

impl Versioned for FoundReview {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A review in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FoundReview, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let placement = found::find(work, scope, row.placement_id)?;
    Ok(FoundReview { row, placement })
}

/// Fails with a 409 that says the way out, unless somebody has answered.
fn require_answer(row: &ReviewRow) -> Result<(), ApiError> {
    if row.answer.is_some() {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Ce point n'a pas encore de réponse : y répondre (`POST /v1/placements/{id}/reviews`).",
            "Nobody has answered this review yet: answer it (`POST /v1/placements/{id}/reviews`).",
        )
        .with("placement_id", row.placement_id.as_str()))
}

/// Corrects the answer to a review.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &FoundReview,
    patch: PlacementReviewPatch,
) -> Result<PlacementReview, ApiError> {
    let (row, case) = (&found.row, found.placement.case());
    require_answer(row)?;
    corrector.require(work, row.service_id, &row.author)?;
    let today = found.placement.around.today(work)?;
    let key = data_keys::data_key(work, case.key_owner())?;
    let former: Option<Secret<String>> = key.open_some(note_at(&row.id), row.note.as_deref())?;
    let note = patch.note.over(former.clone());
    let mut new = ReviewRow {
        answer: patch.answer.or_else(|| row.answer.clone()),
        answered_on: patch.answered_on.or(row.answered_on),
        informed_by: patch.informed_by.or_else(|| row.informed_by.clone()),
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    let before = shown(row.clone(), former.clone(), today);
    let after = shown(new.clone(), note.clone(), today);
    let changes = between(&before, Some(&after));
    if changes.is_empty() {
        return Ok(before);
    }
    if let (Some(answer), Some(answered_on)) = (&new.answer, new.answered_on) {
        let mut faults = day_faults(answer, answered_on, row.due_on, today);
        let without_end = answer.is(LEFT) && found.placement.row.ends_on.is_none();
        faults.extend(without_end.then(|| end_required("/answer")));
        ApiError::reject_if_any(faults)?;
    }
    if former != note {
        new.note = key.seal_some(note_at(&row.id), note.as_ref())?;
    }
    let correction =
        corrections::row(work, corrections::corrected(found.placement.case(), &found.row, None), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::correct(work.conn, row, &new, &correction)?)?;
    work.changed_in(case.id, Resource::PlacementReview, row.service_id, row.id);
    Ok(after)
}

/// Removes an answer that was recorded by mistake. The review is due again, as another row.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &FoundReview,
    reason: DeletionReason,
) -> Result<Removal, ApiError> {
    let (row, case) = (&found.row, found.placement.case());
    require_answer(row)?;
    corrector.require(work, row.service_id, &row.author)?;
    let today = found.placement.around.today(work)?;
    let before = {
        let key = reading_key(work, case)?;
        opened(row.clone(), key.as_ref(), today)?
    };
    let correction = corrections::row(
        work,
        corrections::corrected(found.placement.case(), &found.row, Some(reason)),
        &between(&before, None),
    )?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    let mut known = found.placement.reviews.clone();
    known.retain(|other| other.id != row.id);
    let mut due = plan::rows(work, case, &found.placement.row, &known)?;
    due.retain(|again| again.months == row.months);
    store::follow(work.conn, &[], &due)?;
    work.deleted_in(case.id, Resource::PlacementReview, row.service_id, row.id, reason);
    // Releases count no review.
    Ok(Removal { counted_in: Vec::new() })
}

fn opened(row: ReviewRow, key: Option<&DataKey>, today: NaiveDate) -> Result<PlacementReview, ApiError> {
    let note = privacy::open_unless_erased(key, note_at(&row.id), row.note.as_deref())?;
    Ok(shown(row, note, today))
}

fn shown(row: ReviewRow, note: Option<Secret<String>>, today: NaiveDate) -> PlacementReview {
    PlacementReview {
        state: state(row.answer.is_some(), row.due_on, today),
        note,
        id: row.id,
        placement_id: row.placement_id,
        case_id: row.case_id,
        months: row.months,
        due_on: row.due_on,
        answer: row.answer,
        answered_on: row.answered_on,
        informed_by: row.informed_by,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn note_at(id: &Id) -> Place<'_> {
    Place { table: "placement_reviews", column: "note", row: id.as_str() }
}
