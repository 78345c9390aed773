//! Borrowers: which fields a request must have, and what is stored.

use serde::{Deserialize, Serialize};

use super::dto::new::BorrowerInput;
use super::model::BorrowerKind;
use crate::auth::ServiceScope;
use crate::cases::store::CaseRow;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::households::absorbed::ops::naming_survivor;
use crate::nomenclatures::codes::{KitAudience, OrganisationKind};
use crate::privacy::{Place, Secret};
use crate::services::public::model::school::{self, Around, Door};
use crate::territories::CommuneCode;
use crate::work::Work;
use crate::{cases, households, organisations};

/// Where a request names the organisation of the borrower.
pub(super) const ORGANISATION: &str = "/borrower/organisation_id";

/// The name and contact details of a professional: the sealed content of `reservations.identity`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Contact {
    /// Name.
    pub(super) name: Option<Secret<String>>,
    /// Telephone number.
    pub(super) phone: Option<Secret<String>>,
    /// E-mail address.
    pub(super) email: Option<Secret<String>>,
}

/// The borrower of a valid request.
#[derive(Clone, Debug)]
pub(super) struct Borrower {
    pub(super) kind: BorrowerKind,
    pub(super) household_id: Option<Id>,
    pub(super) organisation_id: Option<Id>,
    /// The kind of the organisation.
    pub(super) organisation_kind: Option<OrganisationKind>,
    pub(super) commune_code: CommuneCode,
    pub(super) contact: Option<Contact>,
}

impl BorrowerKind {
    /// Whether this kind of borrower belongs to an audience of kits.
    pub(super) fn is_meant_by(self, audience: &KitAudience) -> bool {
        audience.is(if self == Self::Household { "family" } else { "early_childhood_professional" })
    }
}

/// The place in the database where a contact is sealed.
pub(super) fn identity_at(id: &Id) -> Place<'_> {
    Place { table: "reservations", column: "identity", row: id.as_str() }
}

/// The place in the database where a note is sealed.
pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "reservations", column: "note", row: id.as_str() }
}

/// The faults of the fields: those that the kind of borrower requires, and those that it does not allow.
fn faults(new: &BorrowerInput) -> Vec<Fault> {
    use BorrowerKind::{Household, Organisation, Professional};
    let kind = new.kind;
    // Field, whether it is given, kinds that require it, kinds that allow it.
    let fields: [(&str, bool, &[BorrowerKind], &[BorrowerKind]); 6] = [
        ("household_id", new.household_id.is_some(), &[Household], &[Household]),
        ("organisation_id", new.organisation_id.is_some(), &[Organisation], &[Organisation, Professional]),
        ("name", new.name.is_some(), &[Professional], &[Professional]),
        ("phone", new.phone.is_some(), &[], &[Professional]),
        ("email", new.email.is_some(), &[], &[Professional]),
        ("commune_code", new.commune_code.is_some(), &[Professional], &[Professional]),
    ];
    let fault = |(field, given, required, allowed): (&str, bool, &[BorrowerKind], &[BorrowerKind])| {
        let pointer = format!("/borrower/{field}");
        if !given && required.contains(&kind) {
            let message = Text::new(
                "Ce champ est obligatoire pour ce type d'emprunt.",
                "This field is required for this kind of borrower.",
            );
            return Some(Fault::new(pointer, "required", message));
        }
        if given && !allowed.contains(&kind) {
            let message = Text::new(
                "Ce champ est sans objet pour ce type d'emprunt.",
                "This field is not allowed for this kind of borrower.",
            );
            return Some(Fault::new(pointer, "not_for_this_borrower", message));
        }
        None
    };
    fields.into_iter().filter_map(fault).collect()
}

/// Finds the borrower in the service. Returns none, and adds to the faults, if the request is invalid.
pub(super) fn find(
    work: &mut Work<'_>,
    service: Id,
    new: &BorrowerInput,
    found: &mut Faults,
) -> Result<Option<Borrower>, ApiError> {
    let wrong = faults(new);
    let is_wrong = !wrong.is_empty();
    found.add(wrong);
    let named = [(ORGANISATION, new.organisation_id)];
    let organisation = organisations::ops::find_named(work, service, &named, found)?.into_values().next();
    if is_wrong || (new.organisation_id.is_some() && organisation.is_none()) {
        return Ok(None);
    }
    let organisation_kind = organisation.as_ref().map(|row| row.kind.clone());
    let commune = match (new.household_id, &new.commune_code, organisation) {
        (Some(household), ..) => households::ops::commune_of(work, service, household)?,
        (None, Some(commune), _) => Some(commune.clone()),
        (None, None, organisation) => organisation.map(|row| row.commune_code),
    };
    let Some(commune_code) = commune else {
        let message =
            Text::new("Ce foyer n'existe pas dans le service.", "This household does not exist in the service.");
        let mut fault = Fault::new("/borrower/household_id", "unknown_household", message);
        if let Some(household) = new.household_id {
            fault = naming_survivor(work, &ServiceScope::one(service), household, fault)?;
        }
        found.add([fault]);
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
        organisation_kind,
        commune_code,
        contact,
    }))
}

/// Checks the case of a loan: it must be a case of the service and, if a household borrows, of that household.
pub(super) fn check_case(
    work: &mut Work<'_>,
    service: Id,
    household: Option<Id>,
    case: Option<Id>,
    found: &mut Faults,
) -> Result<Option<CaseRow>, ApiError> {
    let Some(case) = case else { return Ok(None) };
    let row = cases::ops::require(work, service, case, "/case_id");
    let Some(row) = found.take(row)? else { return Ok(None) };
    if household.is_some() && row.household().is_some() && row.household() != household {
        let message =
            Text::new("Cet accompagnement concerne un autre foyer.", "This case belongs to another household.");
        found.add([Fault::new("/case_id", "case_of_another_household", message)]);
    }
    Ok(Some(row))
}

/// Refuses a loan to a school that is not for the case of a bridge.
pub(super) fn check_school(
    work: &mut Work<'_>,
    kind: Option<&OrganisationKind>,
    case: Option<&CaseRow>,
    pointer: &str,
    found: &mut Faults,
) -> Result<(), ApiError> {
    let Some(kind) = kind.filter(|kind| school::is_school(kind)) else { return Ok(()) };
    let for_a_bridge = match case {
        Some(case) => cases::ops::is_bridge(work, case)?,
        None => false,
    };
    let around = Around::new(Door::Loan { for_a_bridge }).organisations([(pointer.to_owned(), kind)]);
    found.add(around.faults());
    Ok(())
}
