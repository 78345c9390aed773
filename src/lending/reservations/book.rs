//! Making a reservation: the check beforehand, and the reservation itself.

use super::assess::{self, Assessment, assess};
use super::borrower::{identity_at, note_at};
use super::dto::Reservation;
use super::dto::assessment::ReservationAssessment;
use super::dto::new::ReservationInput;
use super::model::{IfTaken, ReservationStatus};
use super::store::{ReservationRow, days};
use super::{ops, plan};
use crate::auth::ServiceScope;
use crate::data_keys::{DataKeyRow, data_key, new_data_key};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::lending::queue;
use crate::nomenclatures::codes::ReservationReason;
use crate::trail::Resource;
use crate::work::Work;

/// Assesses a request. Records nothing.
pub fn check(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    new: &ReservationInput,
) -> Result<ReservationAssessment, ApiError> {
    let kit =
        assess::kit_of(work, scope, new, |work, service, kit| queue::ops::read_kit(work, service, kit).map(drop))?;
    let assessment = assess(work, &kit, new)?;
    if let Some(household) = assessment.borrower.as_ref().and_then(|borrower| borrower.household_id) {
        // The response says whether the family borrows and is overdue: that is a read of its record.
        work.trail.open(household, kit.service_id);
    }
    let lang = work.call.lang;
    Ok(assessment.into_response(lang))
}

/// Records a request: with a copy if one is free; otherwise in the queue or as declined, according to `if_taken`.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &ReservationInput) -> Result<Reservation, ApiError> {
    let kit = assess::kit_of(work, scope, new, queue::ops::lock_kit)?;
    let mut assessment = assess(work, &kit, new)?;
    std::mem::take(&mut assessment.blockers).finish()?;
    let (row, key) = row(work, new, &assessment)?;
    days::insert(work.conn, &row, key.as_slice())?;
    queue::ops::update_queue(work, &row);
    work.created(Resource::Reservation, row.service_id, row.id);
    if row.status == ReservationStatus::Waiting {
        // It may get a copy at once.
        queue::ops::propose_next(work, row.service_id, row.kit_id)?;
        return ops::get(work, &ServiceScope::one(row.service_id), row.id);
    }
    ops::show_related(work, row, assessment.plan.related(kit))
}

/// The row of a request, and the row of its data key if it needs a new one.
fn row(
    work: &mut Work<'_>,
    new: &ReservationInput,
    assessment: &Assessment,
) -> Result<(ReservationRow, Option<DataKeyRow>), ApiError> {
    // The caller has refused a request without a borrower.
    let borrower = assessment.borrower.clone().ok_or_else(|| ApiError::new(Code::Internal))?;
    let status = match (assessment.free, new.if_taken) {
        (Some(_), _) => ReservationStatus::Requested,
        (None, IfTaken::Wait) => ReservationStatus::Waiting,
        (None, IfTaken::Decline) => ReservationStatus::Declined,
        (None, IfTaken::Refuse) => return Err(plan::taken(&assessment.obstacles, &assessment.next_free)),
    };
    // The queue is in the order of `created_at`, then of the identifiers: these must increase.
    let id = Id::next(work.now);
    let (key, key_row) = match (borrower.household_id, borrower.contact.is_some() || new.note.is_some()) {
        (Some(household), _) => (Some(data_key(work, household)?), None),
        (None, true) => {
            let (key, row) = new_data_key(work, new.service_id, id)?;
            (Some(key), Some(row))
        }
        (None, false) => (None, None),
    };
    let (identity, note) = match &key {
        Some(key) => (
            key.seal_some(identity_at(&id), borrower.contact.as_ref())?,
            key.seal_some(note_at(&id), new.note.as_ref())?,
        ),
        None => (None, None),
    };
    let waiting = status == ReservationStatus::Waiting;
    let before_next_free = assessment.next_free.first().and_then(|next| next.starts_on.pred_opt());
    let declined = status == ReservationStatus::Declined;
    let row = ReservationRow {
        id,
        service_id: new.service_id,
        kit_id: new.kit_id,
        copy_id: assessment.free.map(|free| free.copy_id),
        status,
        borrower_kind: borrower.kind,
        household_id: borrower.household_id,
        organisation_id: borrower.organisation_id,
        identity,
        case_id: new.case_id,
        commune_code: borrower.commune_code,
        starts_on: assessment.span.starts_on,
        due_on: assessment.span.due_on,
        asked_days: Some(assessment.asked),
        buffer_days: assessment.day.rules.buffer_days,
        blocked_until: assessment.span.blocked_until,
        queued: waiting,
        waits_until: if waiting { new.waits_until.or(before_next_free) } else { None },
        proposal_expires_at: None,
        extensions: 0,
        handed_out_on: None,
        returned_on: None,
        reason: if declined { "no_copy".parse::<ReservationReason>().ok() } else { None },
        decided_on: declined.then_some(assessment.day.today),
        note,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    Ok((row, key_row))
}
