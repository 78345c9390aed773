//! Correcting households, children and contacts: the sealed document and its blind tokens change together.

use chrono::NaiveDate;

use super::dto::patch::{ChildPatch, ContactPatch, HouseholdPatch};
use super::dto::{Child, ChildInput, Contact, Household};
use super::model::{Birth, ChildIdentity, ContactIdentity};
use super::ops::{self, address_at, identity_at, stored_tokens};
use super::store::{self, ChildRow, ContactRow, HouseholdRow};
use crate::auth::ServiceScope;
use crate::data_keys::data_key;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::Field;
use crate::http::body::check_rules;
use crate::privacy::Secret;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Corrects a household: its commune or its address.
pub fn household(work: &mut Work<'_>, row: &HouseholdRow, patch: HouseholdPatch) -> Result<Household, ApiError> {
    let key = data_key(work, row.id)?;
    let before: Option<Secret<String>> = key.open_some(address_at(&row.id), row.address.as_deref())?;
    let after = patch.address.over(before.clone());
    let commune_code = patch.commune_code.unwrap_or_else(|| row.commune_code.clone());
    if after == before && commune_code == row.commune_code {
        return ops::get(work, &ServiceScope::one(row.service_id), row.id);
    }
    let address = match after {
        same if same == before => row.address.clone(),
        None => None,
        Some(address) => Some(key.seal(address_at(&row.id), &address)?),
    };
    let new = HouseholdRow { commune_code, address, version: row.version + 1, updated_at: work.now, ..*row };
    ApiError::require_first(store::update_household(work.conn, row, &new)?)?;
    work.changed(Resource::Household, row.service_id, row.id);
    ops::get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Corrects a child, who may have been born meanwhile. The result must meet the rules of a new child.
pub fn child(work: &mut Work<'_>, row: &ChildRow, patch: ChildPatch) -> Result<Child, ApiError> {
    let key = data_key(work, row.household_id)?;
    let before: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
    let after = ChildInput {
        given_name: patch.given_name.over(before.given_name.clone().map(Secret::new)),
        family_name: patch.family_name.unwrap_or_else(|| Secret::new(before.family_name.clone())),
        birth_date: patch.birth_date.over(before.birth_date),
        expected_on: patch.expected_on.over(before.expected_on),
    };
    let identity = ChildIdentity::from(&after);
    if identity == before {
        return Ok(Child::new(row.id, row.household_id, &before, row.version));
    }
    check_rules(&after)?;
    let scope = ServiceScope::one(row.service_id);
    let settings = services::ops::settings(work, &scope, row.service_id)?;
    // A date that was recorded long ago and does not change is not checked again: the expected day of a child whose
    // birth is not recorded yet passes.
    let checked = ChildInput {
        birth_date: after.birth_date.filter(|date| Some(*date) != before.birth_date),
        expected_on: after.expected_on.filter(|date| Some(*date) != before.expected_on),
        ..after
    };
    let mut faults = ops::birth_faults(&checked, settings.date_of(work.now), "");
    if faults.is_empty() {
        faults.extend(record_faults(work, row, Birth::of(&before), Birth::of(&identity))?);
    }
    ApiError::reject_if_any(faults)?;
    let new = ChildRow {
        identity: key.seal(identity_at("children", &row.id), &identity)?,
        version: row.version + 1,
        updated_at: work.now,
        token_scheme: store::TOKEN_SCHEME,
        ..*row
    };
    let tokens = stored_tokens(work, row.service_id, &identity);
    ApiError::require_first(store::update_child(work.conn, row, &new, &tokens)?)?;
    work.changed(Resource::Child, row.service_id, row.id);
    work.changed(Resource::Household, row.service_id, row.household_id);
    Ok(Child::new(new.id, new.household_id, &identity, new.version))
}

/// The faults of a birth that is later than before, for what is recorded of the life of the child: it would be before its
/// birth.
fn record_faults(
    work: &mut Work<'_>,
    row: &ChildRow,
    before: Option<Birth>,
    after: Option<Birth>,
) -> Result<Vec<Fault>, ApiError> {
    let Some(birth) = after.filter(|after| before.is_none_or(|before| before.day() < after.day())) else {
        return Ok(Vec::new());
    };
    let pointer = match birth {
        Birth::Born(_) => "/birth_date",
        Birth::Expected(_) => "/expected_on",
    };
    let recorded = store::recorded(work.conn, row)?;
    let placement = recorded.placements.first().filter(|(_, day)| birth.fault("", *day).is_some());
    let first_day = |(id, days): &(Id, [Option<NaiveDate>; 5])| Some((*id, days.iter().flatten().min().copied()?));
    let first = recorded.procedures.iter().filter_map(first_day).min_by_key(|(_, day)| *day);
    let procedure = first.filter(|(_, day)| birth.fault("", *day).is_some());
    let step = recorded.steps.first().filter(|(_, day)| birth.fault("", *day).is_some());
    let worked = recorded.work.first().filter(|(_, day)| birth.fault("", *day).is_some());
    let referral = recorded.referrals.first().filter(|(_, day)| birth.request_fault("", *day).is_some());
    let fault = |(id, day): (Id, NaiveDate), fr: &str, en: &str, path: &str| {
        let message = Text::new(
            format!(
                "{fr} est du {} : vérifier cette date, ou corriger d'abord celle-là (`PATCH {path}/{id}`).",
                dates::french(day)
            ),
            format!("{en} is dated {day}: check this date, or correct that one first (`PATCH {path}/{id}`)."),
        );
        Fault::new(pointer, "after_first_record", message)
    };
    let faults = [
        placement.map(|one| fault(*one, "Un accueil de l'enfant", "A placement of the child", "/v1/placements")),
        procedure.map(|one| fault(one, "Une démarche pour l'enfant", "A procedure for the child", "/v1/procedures")),
        step.map(|one| fault(*one, "Une étape avec l'enfant", "A step with the child", "/v1/case-steps")),
        worked.map(|one| {
            fault(*one, "Une intervention avec l'enfant", "An intervention with the child", "/v1/interventions")
        }),
        referral.map(|one| fault(*one, "Une demande pour l'enfant", "A referral about the child", "/v1/referrals")),
    ];
    Ok(faults.into_iter().flatten().collect())
}

/// Corrects a contact.
pub fn contact(work: &mut Work<'_>, row: &ContactRow, patch: ContactPatch) -> Result<Contact, ApiError> {
    let key = data_key(work, row.household_id)?;
    let mut identity: ContactIdentity = key.open(identity_at("contacts", &row.id), &row.identity)?;
    let before = identity.clone();
    let text = |secret: Field<Secret<String>>, now: Option<String>| {
        secret.over(now.map(Secret::new)).map(|secret| secret.reveal().clone())
    };
    if let Some(name) = &patch.name {
        identity.name.clone_from(name.reveal());
    }
    identity.phone = text(patch.phone, identity.phone.take());
    identity.email = text(patch.email, identity.email.take());
    let relation = patch.relation.unwrap_or_else(|| row.relation.clone());
    let holds_parental_authority = patch.holds_parental_authority.over(row.holds_parental_authority);
    if identity == before && (&relation, holds_parental_authority) == (&row.relation, row.holds_parental_authority) {
        return Ok(ops::to_contact(row, &identity));
    }
    let new = ContactRow {
        id: row.id,
        service_id: row.service_id,
        household_id: row.household_id,
        relation,
        holds_parental_authority,
        identity: key.seal(identity_at("contacts", &row.id), &identity)?,
        version: row.version + 1,
        created_at: row.created_at,
        updated_at: work.now,
    };
    ApiError::require_first(store::update_contact(work.conn, row, &new)?)?;
    let tokens = ops::contact_tokens(work, row.service_id, &identity);
    store::replace_tokens(work.conn, row.service_id, row.household_id, row.id, &tokens)?;
    work.changed(Resource::Contact, row.service_id, row.id);
    touch(work, row.service_id, row.household_id)?;
    Ok(ops::to_contact(&new, &identity))
}

/// Deletes a contact and its blind tokens.
pub fn delete_contact(work: &mut Work<'_>, row: &ContactRow, reason: DeletionReason) -> Result<(), ApiError> {
    store::replace_tokens(work.conn, row.service_id, row.household_id, row.id, &[])?;
    ApiError::require_first(store::delete_contact(work.conn, row)?)?;
    work.deleted(Resource::Contact, row.service_id, row.id, reason);
    touch(work, row.service_id, row.household_id)
}

/// Increments the version of the household, which contains the child or the contact.
fn touch(work: &mut Work<'_>, service: Id, household: Id) -> Result<(), ApiError> {
    work.changed(Resource::Household, service, household);
    Ok(store::touch(work.conn, household, work.now)?)
}
