//! Recording and reading families.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;

use super::absorbed::ops::pointing_on;
use super::dto::{Child, ChildInput, Contact, ContactInput, Household, HouseholdInput};
use super::model::{self, ChildIdentity, ContactIdentity};
use super::store::{self, HouseholdRow};
use crate::auth::ServiceScope;
use crate::data_keys::{data_key, data_keys, new_data_key, unwrap_keys};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Fault};
use crate::privacy::{DataKey, Place, Secret, Token};
use crate::services;
use crate::territories::CommuneCode;
use crate::trail::Resource;
use crate::work::Work;

pub use super::store::{ChildRow, ContactRow, NewRows};

/// Records a household with its children and contacts.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &HouseholdInput) -> Result<Household, ApiError> {
    let settings = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let today = settings.date_of(work.now);
    let of_child = |(index, child)| birth_faults(child, today, &format!("/children/{index}"));
    ApiError::reject_if_any(new.children.iter().enumerate().flat_map(of_child))?;
    let mut rows = NewRows::default();
    let id = new_household(work, &mut rows, new.service_id, &new.commune_code, new.address.as_ref())?;
    for child in &new.children {
        new_child(work, &mut rows, new.service_id, id, child)?;
    }
    for contact in &new.contacts {
        new_contact(work, &mut rows, new.service_id, id, contact)?;
    }
    store::insert(work.conn, &rows)?;
    get(work, scope, id)
}

/// One household in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Household, ApiError> {
    let (rows, children, contacts, keys) = store::opened(work.conn, scope, &[id])?;
    let row = rows.into_iter().next().ok_or_else(ApiError::not_found)?;
    unwrap_keys(work, keys)?;
    let key = data_key(work, id)?;
    household(&key, row, &children, &contacts)
}

/// Several households in scope, opened, by identifier. Erased ones are absent.
pub fn whole(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    ids: &BTreeSet<Id>,
) -> Result<HashMap<Id, Household>, ApiError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Id> = ids.iter().copied().collect();
    let (rows, children, contacts, wrapped) = store::opened(work.conn, scope, &ids)?;
    unwrap_keys(work, wrapped)?;
    let keys = data_keys(work, &ids)?;
    let mut households = HashMap::with_capacity(rows.len());
    for row in rows {
        if let Some(key) = keys.get(&row.id) {
            households.insert(row.id, household(key, row, &children, &contacts)?);
        }
    }
    Ok(households)
}

/// A household with its children and contacts, opened with its key.
fn household(
    key: &DataKey,
    row: HouseholdRow,
    children: &[ChildRow],
    contacts: &[ContactRow],
) -> Result<Household, ApiError> {
    let (children, contacts) = (
        children.iter().filter(|child| child.household_id == row.id),
        contacts.iter().filter(|contact| contact.household_id == row.id),
    );
    Ok(Household {
        address: key.open_some(address_at(&row.id), row.address.as_deref())?.map(Secret::new),
        children: children.map(|child| open_child(key, child)).collect::<Result<_, _>>()?,
        contacts: contacts.map(|contact| open_contact(key, contact)).collect::<Result<_, _>>()?,
        id: row.id,
        service_id: row.service_id,
        commune_name: row.commune_code.name(),
        commune_code: row.commune_code,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The row of a household in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<HouseholdRow, ApiError> {
    let found = store::household(work.conn, scope, id).map_err(ApiError::from);
    pointing_on(work, scope, id, found)
}

/// Adds a child to a household.
pub fn add_child(work: &mut Work<'_>, household: &HouseholdRow, new: &ChildInput) -> Result<Child, ApiError> {
    let scope = ServiceScope::one(household.service_id);
    let settings = services::ops::settings(work, &scope, household.service_id)?;
    ApiError::reject_if_any(birth_faults(new, settings.date_of(work.now), ""))?;
    let mut rows = NewRows::default();
    let child = new_child(work, &mut rows, household.service_id, household.id, new)?;
    store::insert(work.conn, &rows)?;
    touch(work, household)?;
    Ok(child)
}

/// Adds a contact to a household.
pub fn add_contact(work: &mut Work<'_>, household: &HouseholdRow, new: &ContactInput) -> Result<Contact, ApiError> {
    let mut rows = NewRows::default();
    let contact = new_contact(work, &mut rows, household.service_id, household.id, new)?;
    store::insert(work.conn, &rows)?;
    touch(work, household)?;
    Ok(contact)
}

/// Increments the version of a household when a child or a contact is added.
fn touch(work: &mut Work<'_>, household: &HouseholdRow) -> Result<(), ApiError> {
    work.changed(Resource::Household, household.service_id, household.id);
    Ok(store::touch(work.conn, household.id, work.now)?)
}

/// The row of a child in scope, to correct it; 404 if there is none. The lock keeps the background job, which adds tokens,
/// from adding those of the former name meanwhile.
pub fn find_child(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ChildRow, ApiError> {
    let found = store::child(work.conn, scope, id).map_err(ApiError::from);
    let row = pointing_on(work, scope, id, found)?;
    work.lock_first(Lock::Child, id);
    Ok(row)
}

/// The row of a contact in scope; 404 if there is none.
pub fn find_contact(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ContactRow, ApiError> {
    Ok(store::contact(work.conn, scope, id)?)
}

/// One contact in scope, opened.
pub fn contact(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Contact, ApiError> {
    let row = store::contact(work.conn, scope, id)?;
    let key = data_key(work, row.household_id)?;
    open_contact(&key, &row)
}

/// One child in scope, opened.
pub fn child(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Child, ApiError> {
    let row = store::child(work.conn, scope, id)?;
    let key = data_key(work, row.household_id)?;
    open_child(&key, &row)
}

/// Several children, opened with the keys of their households, for lists. Erased children are absent. The caller has read
/// the rows in its scope.
pub(crate) fn children(keys: &HashMap<Id, DataKey>, rows: &[ChildRow]) -> Result<HashMap<Id, Child>, ApiError> {
    let opened = open_with(keys, rows)?;
    Ok(opened.into_iter().map(|child| (child.id, child)).collect())
}

/// Several contacts, opened with the keys of their households. Erased contacts are absent. The caller has read the rows in its
/// scope.
pub(crate) fn contacts(keys: &HashMap<Id, DataKey>, rows: &[ContactRow]) -> Result<Vec<Contact>, ApiError> {
    rows.iter().filter_map(|row| keys.get(&row.household_id).map(|key| open_contact(key, row))).collect()
}

/// The given name and the family name of a child, as a row shows them.
pub fn whole_name(child: &Child) -> Secret<String> {
    let given = child.given_name.as_ref().map(|name| format!("{} ", name.reveal())).unwrap_or_default();
    Secret::new(given + child.family_name.reveal())
}

/// The commune of a household of one service.
pub fn commune_of(work: &mut Work<'_>, service: Id, household: Id) -> Result<Option<CommuneCode>, ApiError> {
    use diesel::OptionalExtension;
    let row = store::household(work.conn, &ServiceScope::one(service), household).optional()?;
    Ok(row.map(|row| row.commune_code))
}

/// A new household without children or contacts, and its key.
pub fn new_household(
    work: &mut Work<'_>,
    rows: &mut NewRows,
    service: Id,
    commune: &CommuneCode,
    address: Option<&Secret<String>>,
) -> Result<Id, ApiError> {
    let id = Id::at(work.now);
    let (key, key_row) = new_data_key(work, service, id)?;
    rows.keys.push(key_row);
    rows.households.push(HouseholdRow {
        id,
        service_id: service,
        commune_code: commune.clone(),
        address: key.seal_some(address_at(&id), address.map(Secret::reveal))?,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    });
    work.created(Resource::Household, service, id);
    Ok(id)
}

/// A new child of a household, sealed, with its blind tokens.
pub fn new_child(
    work: &mut Work<'_>,
    rows: &mut NewRows,
    service: Id,
    household: Id,
    new: &ChildInput,
) -> Result<Child, ApiError> {
    // Identifiers increase: children and contacts come back in the order of their recording.
    let id = Id::next(work.now);
    let identity = ChildIdentity::from(new);
    let key = data_key(work, household)?;
    let row = ChildRow {
        id,
        service_id: service,
        household_id: household,
        identity: key.seal(identity_at("children", &id), &identity)?,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        token_scheme: store::TOKEN_SCHEME,
    };
    work.created(Resource::Child, service, id);
    let child = Child::new(id, household, &identity, row.version);
    rows.children.push(row);
    let tokens = stored_tokens(work, service, &identity);
    rows.tokens.extend(store::token_rows(service, household, id, &tokens));
    Ok(child)
}

/// The blind tokens that are stored for a child.
pub(super) fn stored_tokens(work: &Work<'_>, service: Id, identity: &ChildIdentity) -> Vec<Token> {
    let mut tokens = child_tokens(work, service, identity);
    tokens.extend(name_tokens(work, service, identity));
    tokens
}

/// The blind tokens of the whole name of a child.
pub(super) fn name_tokens(work: &Work<'_>, service: Id, identity: &ChildIdentity) -> Vec<Token> {
    work.vault.tokens(service).of_full_name(identity.given_name.as_deref(), Some(&identity.family_name))
}

/// The blind tokens by which children that resemble each other are found. Those of the whole name are not among them:
/// namesakes of another age are other children.
pub(super) fn child_tokens(work: &Work<'_>, service: Id, identity: &ChildIdentity) -> Vec<Token> {
    let Some(date) = identity.origin() else { return Vec::new() };
    work.vault.tokens(service).of_child(identity.given_name.as_deref(), Some(&identity.family_name), date)
}

/// A new contact of a household, sealed, with its blind tokens.
pub fn new_contact(
    work: &mut Work<'_>,
    rows: &mut NewRows,
    service: Id,
    household: Id,
    new: &ContactInput,
) -> Result<Contact, ApiError> {
    // Identifiers increase: children and contacts come back in the order of their recording.
    let id = Id::next(work.now);
    let identity = ContactIdentity::from(new);
    let key = data_key(work, household)?;
    let row = ContactRow {
        id,
        service_id: service,
        household_id: household,
        relation: new.relation.clone(),
        holds_parental_authority: new.holds_parental_authority,
        identity: key.seal(identity_at("contacts", &id), &identity)?,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    work.created(Resource::Contact, service, id);
    let contact = to_contact(&row, &identity);
    rows.contacts.push(row);
    let tokens = contact_tokens(work, service, &identity);
    rows.tokens.extend(store::token_rows(service, household, id, &tokens));
    Ok(contact)
}

/// The blind tokens of a contact.
pub(super) fn contact_tokens(work: &Work<'_>, service: Id, identity: &ContactIdentity) -> Vec<Token> {
    work.vault.tokens(service).of_contact(identity.phone.as_deref(), identity.email.as_deref())
}

/// The faults of the dates of a child, whose pointer is `at`.
pub fn birth_faults(child: &ChildInput, today: NaiveDate, at: &str) -> Vec<Fault> {
    let born = child.birth_date.and_then(|date| model::birth_fault(date, today, &format!("{at}/birth_date")));
    let expected = child.expected_on.and_then(|date| model::expected_fault(date, today, &format!("{at}/expected_on")));
    born.into_iter().chain(expected).collect()
}

pub(super) fn open_all(work: &mut Work<'_>, rows: &[ChildRow]) -> Result<Vec<Child>, ApiError> {
    let households: Vec<Id> = rows.iter().map(|row| row.household_id).collect();
    open_with(&data_keys(work, &households)?, rows)
}

fn open_with(keys: &HashMap<Id, DataKey>, rows: &[ChildRow]) -> Result<Vec<Child>, ApiError> {
    rows.iter().filter_map(|row| keys.get(&row.household_id).map(|key| open_child(key, row))).collect()
}

pub(super) fn open_child(key: &DataKey, row: &ChildRow) -> Result<Child, ApiError> {
    let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
    Ok(Child::new(row.id, row.household_id, &identity, row.version))
}

fn open_contact(key: &DataKey, row: &ContactRow) -> Result<Contact, ApiError> {
    let identity: ContactIdentity = key.open(identity_at("contacts", &row.id), &row.identity)?;
    Ok(to_contact(row, &identity))
}

/// A contact from its row and its opened identity.
pub(super) fn to_contact(row: &ContactRow, identity: &ContactIdentity) -> Contact {
    Contact {
        id: row.id,
        household_id: row.household_id,
        relation: row.relation.clone(),
        name: Secret::new(identity.name.clone()),
        phone: identity.phone.clone().map(Secret::new),
        email: identity.email.clone().map(Secret::new),
        holds_parental_authority: row.holds_parental_authority,
        version: row.version,
    }
}

/// Where the identity of a child or a contact is sealed.
pub fn identity_at<'a>(table: &'static str, id: &'a Id) -> Place<'a> {
    Place { table, column: "identity", row: id.as_str() }
}

pub(super) fn address_at(id: &Id) -> Place<'_> {
    Place { table: "households", column: "address", row: id.as_str() }
}
