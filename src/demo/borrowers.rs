//! Turns a borrowing of the story into the request that the API would receive.

use super::borrowings::{Borrower, Borrowing, WhenTaken};
use super::codes::code;
use super::states::PoleState;
use super::story::Pole;
use crate::error::{ApiError, Code};
use crate::lending::reservations::dto::new::{BorrowerInput, ReservationInput};
use crate::lending::reservations::model::{BorrowerKind, IfTaken};
use crate::privacy::Secret;

/// The request body of `POST /v1/reservations`.
pub(super) fn new_reservation(
    pole: &Pole,
    state: &PoleState,
    borrowing: &Borrowing,
) -> Result<ReservationInput, ApiError> {
    let (if_taken, waits_until) = match borrowing.when_taken {
        WhenTaken::Decline => (IfTaken::Decline, None),
        WhenTaken::Wait(days) => (IfTaken::Wait, days.map(|days| borrowing.starts_on + chrono::Duration::days(days))),
    };
    Ok(ReservationInput {
        service_id: state.service,
        kit_id: state.kits[borrowing.kit].id,
        copy_id: None,
        borrower: borrower(pole, state, borrowing.borrower)?,
        case_id: None,
        starts_on: borrowing.starts_on,
        due_on: None,
        if_taken,
        waits_until,
        note: None,
    })
}

fn borrower(pole: &Pole, state: &PoleState, borrower: Borrower) -> Result<BorrowerInput, ApiError> {
    let mut new = BorrowerInput {
        kind: BorrowerKind::Household,
        household_id: None,
        organisation_id: None,
        name: None,
        phone: None,
        email: None,
        commune_code: None,
    };
    match borrower {
        Borrower::Family(rank) => {
            let Some(household) = state.ids.households.get(&rank) else {
                log::error!("family {rank} borrows before it is known");
                return Err(ApiError::new(Code::Internal));
            };
            new.household_id = Some(*household);
        }
        Borrower::Organisation(rank) => {
            new.kind = BorrowerKind::Organisation;
            new.organisation_id = Some(state.organisations[rank]);
        }
        Borrower::Professional(rank) => {
            let professional = &pole.lending.professionals[rank];
            new.kind = BorrowerKind::Professional;
            new.name = Some(Secret::new(professional.name.clone()));
            new.phone = Some(Secret::new(professional.phone.clone()));
            new.commune_code = Some(code(professional.commune)?);
        }
    }
    Ok(new)
}
