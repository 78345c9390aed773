//! A borrowing of the story, as the request that the API would have received.

use super::lending::{Borrower, Borrowing, IfTaken as Taken};
use super::play::Stage;
use super::setting::code;
use super::story::Pole;
use crate::error::{ApiError, Code};
use crate::lending::reservations::dto::new::{NewBorrower, NewReservation};
use crate::lending::reservations::model::{BorrowerKind, IfTaken};
use crate::privacy::Secret;

/// The request.
pub(super) fn request(pole: &Pole, stage: &Stage, borrowing: &Borrowing) -> Result<NewReservation, ApiError> {
    let (if_taken, waits_until) = match borrowing.if_taken {
        Taken::Decline => (IfTaken::Decline, None),
        Taken::Wait(days) => (IfTaken::Wait, days.map(|days| borrowing.starts_on + chrono::Duration::days(days))),
    };
    Ok(NewReservation {
        service_id: stage.service,
        kit_id: stage.kits[borrowing.kit].id,
        copy_id: None,
        borrower: borrower(pole, stage, borrowing.borrower)?,
        case_id: None,
        starts_on: borrowing.starts_on,
        due_on: None,
        if_taken,
        waits_until,
        note: None,
    })
}

fn borrower(pole: &Pole, stage: &Stage, borrower: Borrower) -> Result<NewBorrower, ApiError> {
    let mut new = NewBorrower {
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
            let Some(household) = stage.known.households.get(&rank) else {
                log::error!("family {rank} borrows before it is known");
                return Err(ApiError::new(Code::Internal));
            };
            new.household_id = Some(*household);
        }
        Borrower::Place(rank) => {
            new.kind = BorrowerKind::Organisation;
            new.organisation_id = Some(stage.places[rank]);
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
