//! Correcting households, children and contacts: the sealed document and its blind tokens change together.

use super::dto::patch::{ChildPatch, ContactPatch, HouseholdPatch};
use super::dto::{Child, ChildInput, Contact, Household};
use super::model::{ChildIdentity, ContactIdentity};
use super::ops::{self, address_at, identity_at, stored_tokens};
use super::store::{self, ChildRow, ContactRow, HouseholdRow};
use crate::auth::ServiceScope;
use crate::data_keys::data_key;
use crate::db::Id;
use crate::error::ApiError;
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
    let dates = ChildInput {
        birth_date: after.birth_date.filter(|date| Some(*date) != before.birth_date),
        expected_on: after.expected_on.filter(|date| Some(*date) != before.expected_on),
        ..after
    };
    ApiError::reject_if_any(ops::birth_faults(&dates, settings.date_of(work.now), ""))?;
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
