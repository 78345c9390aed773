//! Who borrows: what a request must say of them, and what is kept.

use serde::{Deserialize, Serialize};

use super::dto::new::NewBorrower;
use super::model::BorrowerKind;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::nomenclatures::codes::KitAudience;
use crate::privacy::{Place, Secret};
use crate::territories::CommuneCode;
use crate::work::Work;
use crate::{cases, households, organisations};

/// A professional by name: the document of `reservations.identity`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Contact {
    /// Name.
    pub(super) name: Option<Secret<String>>,
    /// Telephone.
    pub(super) phone: Option<Secret<String>>,
    /// E-mail address.
    pub(super) email: Option<Secret<String>>,
}

/// A borrower that was found.
#[derive(Clone, Debug)]
pub(super) struct Borrower {
    pub(super) kind: BorrowerKind,
    pub(super) household_id: Option<Id>,
    pub(super) organisation_id: Option<Id>,
    pub(super) commune_code: CommuneCode,
    pub(super) contact: Option<Contact>,
}

impl BorrowerKind {
    /// Who it is among the audiences of kits.
    pub(super) fn is_meant_by(self, audience: &KitAudience) -> bool {
        audience.is(if self == Self::Household { "family" } else { "early_childhood_professional" })
    }
}

/// Where a contact is sealed.
pub(super) fn identity_at(id: &Id) -> Place<'_> {
    Place { table: "reservations", column: "identity", row: id.as_str() }
}

/// Where a note is sealed.
pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "reservations", column: "note", row: id.as_str() }
}

/// What a kind of borrower needs, and what it does not take.
fn faults(new: &NewBorrower) -> Vec<Fault> {
    use BorrowerKind::{Household, Organisation, Professional};
    let kind = new.kind;
    // Field, whether it is given, who needs it, who may have it.
    let fields: [(&str, bool, &[BorrowerKind], &[BorrowerKind]); 6] = [
        ("household_id", new.household_id.is_some(), &[Household], &[Household]),
        ("organisation_id", new.organisation_id.is_some(), &[Organisation], &[Organisation, Professional]),
        ("name", new.name.is_some(), &[Professional], &[Professional]),
        ("phone", new.phone.is_some(), &[], &[Professional]),
        ("email", new.email.is_some(), &[], &[Professional]),
        ("commune_code", new.commune_code.is_some(), &[Professional], &[Professional]),
    ];
    let fault = |(field, given, needed, taken): (&str, bool, &[BorrowerKind], &[BorrowerKind])| {
        let pointer = format!("/borrower/{field}");
        if !given && needed.contains(&kind) {
            let message = Text::new("Requis pour ce genre d'emprunteur.", "Needed for this kind of borrower.");
            return Some(Fault::new(pointer, "required", message));
        }
        if given && !taken.contains(&kind) {
            let message = Text::new("Sans objet pour ce genre d'emprunteur.", "Not for this kind of borrower.");
            return Some(Fault::new(pointer, "not_for_this_borrower", message));
        }
        None
    };
    fields.into_iter().filter_map(fault).collect()
}

/// Finds the borrower in the service; what is wrong is added to the faults.
pub(super) fn find(
    work: &mut Work<'_>,
    service: Id,
    new: &NewBorrower,
    found: &mut Vec<Fault>,
) -> Result<Option<Borrower>, ApiError> {
    let wrong = faults(new);
    if !wrong.is_empty() {
        found.extend(wrong);
        return Ok(None);
    }
    let organisation = match new.organisation_id {
        None => None,
        Some(id) => {
            let row = organisations::ops::require(work, service, id, "/borrower/organisation_id");
            match gathered(row, found)? {
                None => return Ok(None),
                row => row,
            }
        }
    };
    let commune = match (new.household_id, &new.commune_code, organisation) {
        (Some(household), ..) => households::ops::commune_of(work, service, household)?,
        (None, Some(commune), _) => Some(commune.clone()),
        (None, None, organisation) => organisation.map(|row| row.commune_code),
    };
    let Some(commune_code) = commune else {
        let message = Text::new("Foyer introuvable.", "No such household.");
        found.push(Fault::new("/borrower/household_id", "unknown_household", message));
        return Ok(None);
    };
    let contact = (new.kind == BorrowerKind::Professional).then(|| Contact {
        name: new.name.clone(),
        phone: new.phone.clone(),
        email: new.email.clone(),
    });
    Ok(Some(Borrower {
        kind: new.kind,
        household_id: new.household_id,
        organisation_id: new.organisation_id,
        commune_code,
        contact,
    }))
}

/// The case that a loan is for: of the service and, when a household borrows, of that household.
pub(super) fn check_case(
    work: &mut Work<'_>,
    service: Id,
    household: Option<Id>,
    case: Option<Id>,
    found: &mut Vec<Fault>,
) -> Result<(), ApiError> {
    let Some(case) = case else { return Ok(()) };
    let row = cases::ops::require(work, service, case, "/case_id");
    let Some(row) = gathered(row, found)? else { return Ok(()) };
    if household.is_some() && row.household().is_some() && row.household() != household {
        let message = Text::new("Ce suivi est celui d'un autre foyer.", "This case is another household's.");
        found.push(Fault::new("/case_id", "case_of_another_household", message));
    }
    Ok(())
}

/// What was found, or nothing when a rule refuses it: its faults are added to the others, so that all are reported at once.
pub(super) fn gathered<T>(outcome: Result<T, ApiError>, found: &mut Vec<Fault>) -> Result<Option<T>, ApiError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code == crate::error::Code::RuleBroken => {
            found.extend(error.faults.iter().cloned());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
