//! Recording and reading families, and looking children up.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::dto::{Candidate, Candidates, Child, ChildLookUp, Contact, Household, NewChild, NewContact, NewHousehold};
use super::model::{ChildIdentity, ContactIdentity, likelihood};
use super::store::{self, ChildRow, ContactRow, HouseholdRow};
use crate::auth::ServiceScope;
use crate::data_keys::{create_data_key, data_key, data_keys};
use crate::db::Id;
use crate::error::{ApiError, Text};
use crate::privacy::{DataKey, Place, Secret, Token, TokenKind};
use crate::services;
use crate::territories::CommuneCode;
use crate::trail::Resource;
use crate::work::Work;

/// Maximum number of candidates opened for a look-up.
const MAX_CANDIDATES: usize = 50;
/// Maximum number of rows read to find them: a token may match several children, and a household may have several.
const MAX_MATCHES: i64 = 200;

/// Records a household with its children and contacts.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewHousehold) -> Result<Household, ApiError> {
    let settings = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let today = settings.date_of(work.now);
    for (index, child) in new.children.iter().enumerate() {
        check_birth_date(child, today, &format!("/children/{index}/birth_date"))?;
    }
    let id = insert(work, new.service_id, &new.commune_code, new.address.as_ref())?;
    for child in &new.children {
        insert_child(work, new.service_id, id, child)?;
    }
    for contact in &new.contacts {
        insert_contact(work, new.service_id, id, contact)?;
    }
    get(work, scope, id)
}

/// One household in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Household, ApiError> {
    let row = store::household(work.conn, scope, id)?;
    let key = data_key(work, id)?;
    let children = store::children_of(work.conn, scope, id)?;
    let contacts = store::contacts_of(work.conn, scope, id)?;
    Ok(Household {
        address: key.open_some(address_at(&id), row.address.as_deref())?.map(Secret::new),
        children: children.iter().map(|child| open_child(&key, child)).collect::<Result<_, _>>()?,
        contacts: contacts.into_iter().map(|contact| open_contact(&key, contact)).collect::<Result<_, _>>()?,
        id,
        service_id: row.service_id,
        commune_code: row.commune_code,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// The row of a household in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<HouseholdRow, ApiError> {
    Ok(store::household(work.conn, scope, id)?)
}

/// Adds a child to a household.
pub fn add_child(work: &mut Work<'_>, household: &HouseholdRow, new: &NewChild) -> Result<Child, ApiError> {
    let scope = ServiceScope::one(household.service_id);
    let settings = services::store::settings(work.conn, &scope, household.service_id)?;
    check_birth_date(new, settings.date_of(work.now), "/birth_date")?;
    let child = insert_child(work, household.service_id, household.id, new)?;
    touch(work, household)?;
    Ok(child)
}

/// Adds a contact to a household.
pub fn add_contact(work: &mut Work<'_>, household: &HouseholdRow, new: &NewContact) -> Result<Contact, ApiError> {
    let contact = insert_contact(work, household.service_id, household.id, new)?;
    touch(work, household)?;
    Ok(contact)
}

/// Increments the version of a household when a child or a contact is added.
fn touch(work: &mut Work<'_>, household: &HouseholdRow) -> Result<(), ApiError> {
    work.changed(Resource::Household, household.service_id, household.id);
    Ok(store::touch(work.conn, household.id, work.now)?)
}

/// The row of a child in scope; 404 if there is none.
pub fn find_child(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ChildRow, ApiError> {
    Ok(store::child(work.conn, scope, id)?)
}

/// The row of a contact in scope; 404 if there is none.
pub fn find_contact(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ContactRow, ApiError> {
    Ok(store::contact(work.conn, scope, id)?)
}

/// One contact in scope, opened.
pub fn contact(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Contact, ApiError> {
    let row = store::contact(work.conn, scope, id)?;
    let key = data_key(work, row.household_id)?;
    open_contact(&key, row)
}

/// One child in scope, opened.
pub fn child(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Child, ApiError> {
    let row = store::child(work.conn, scope, id)?;
    let key = data_key(work, row.household_id)?;
    open_child(&key, &row)
}

/// Several children in scope, opened with the keys of their households, for lists. Erased children are absent.
pub(crate) fn children(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    ids: &[Id],
    keys: &HashMap<Id, DataKey>,
) -> Result<HashMap<Id, Child>, ApiError> {
    let opened = open_with(keys, &store::children_by_id(work.conn, scope, ids)?)?;
    Ok(opened.into_iter().map(|child| (child.id, child)).collect())
}

/// The household and commune of a child of one service.
pub fn home_of(work: &mut Work<'_>, service: Id, child: Id) -> Result<Option<(Id, CommuneCode)>, ApiError> {
    use diesel::OptionalExtension;
    let scope = ServiceScope::one(service);
    let Some(row) = store::child(work.conn, &scope, child).optional()? else { return Ok(None) };
    let household = store::household(work.conn, &scope, row.household_id)?;
    Ok(Some((household.id, household.commune_code)))
}

/// The commune of a household of one service.
pub fn commune_of(work: &mut Work<'_>, service: Id, household: Id) -> Result<Option<CommuneCode>, ApiError> {
    use diesel::OptionalExtension;
    let row = store::household(work.conn, &ServiceScope::one(service), household).optional()?;
    Ok(row.map(|row| row.commune_code))
}

/// Looks a child up by names and date, or by the telephone number or e-mail address of a contact.
pub fn look_up(work: &mut Work<'_>, scope: &ServiceScope, wanted: &ChildLookUp) -> Result<Candidates, ApiError> {
    services::ops::require(work, scope, wanted.service_id, "/service_id")?;
    let tokens = work.vault.tokens(wanted.service_id);
    let text = |secret: &Option<Secret<String>>| secret.as_ref().map(|secret| secret.reveal().clone());
    let (given, family) = (text(&wanted.given_name), text(&wanted.family_name));
    let mut searched = tokens.of_contact(text(&wanted.phone).as_deref(), text(&wanted.email).as_deref());
    if let Some(date) = wanted.birth_date {
        searched.extend(tokens.of_child(given.as_deref(), family.as_deref(), date));
    }
    let identity = ChildIdentity {
        given_name: given,
        family_name: family.unwrap_or_default(),
        birth_date: wanted.birth_date,
        expected_on: None,
    };
    Ok(Candidates { data: resembling(work, scope, wanted.service_id, &identity, &searched, None)? })
}

/// The children that resemble a recorded one, except itself: likely duplicates and siblings.
pub fn resembling_child(work: &mut Work<'_>, scope: &ServiceScope, child: Id) -> Result<Vec<Candidate>, ApiError> {
    let row = store::child(work.conn, scope, child)?;
    let key = data_key(work, row.household_id)?;
    let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
    let contacts = store::contacts_of(work.conn, scope, row.household_id)?;
    let mut searched = child_tokens(work, row.service_id, &identity);
    let tokens = work.vault.tokens(row.service_id);
    for contact in &contacts {
        let identity: ContactIdentity = key.open(identity_at("contacts", &contact.id), &contact.identity)?;
        searched.extend(tokens.of_contact(identity.phone.as_deref(), identity.email.as_deref()));
    }
    resembling(work, scope, row.service_id, &identity, &searched, Some(child))
}

/// Finds candidates by tokens, opens at most 50 of them and ranks them.
fn resembling(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    identity: &ChildIdentity,
    searched: &[Token],
    except: Option<Id>,
) -> Result<Vec<Candidate>, ApiError> {
    let matches = store::matches(work.conn, scope, service, searched, MAX_MATCHES)?;
    let mut reasons: BTreeMap<Id, HashSet<TokenKind>> = BTreeMap::new();
    for (kind, subject, household) in &matches {
        // A telephone number or an e-mail address belongs to the household: each of its children is a candidate.
        let owner = if matches!(kind, TokenKind::Phone | TokenKind::Email) { household } else { subject };
        reasons.entry(*owner).or_default().insert(*kind);
    }
    let households: Vec<Id> = matches.iter().map(|(_, _, household)| *household).collect();
    let mut rows = store::children_of_all(work.conn, scope, &households, MAX_MATCHES)?;
    rows.retain(|row| {
        Some(row.id) != except && (reasons.contains_key(&row.id) || reasons.contains_key(&row.household_id))
    });
    rows.truncate(MAX_CANDIDATES);
    let mut found: Vec<Candidate> = open_all(work, &rows)?
        .into_iter()
        .map(|child| {
            let mut matched_on: Vec<TokenKind> = [child.id, child.household_id]
                .iter()
                .filter_map(|owner| reasons.get(owner))
                .flatten()
                .copied()
                .collect();
            matched_on.sort_unstable();
            let likelihood = likelihood(identity, &child.identity());
            Candidate { child, likelihood, matched_on }
        })
        .collect();
    found.sort_by_key(|candidate| (candidate.likelihood, candidate.child.id));
    Ok(found)
}

/// Records a household without children or contacts, and creates its key.
pub fn insert(
    work: &mut Work<'_>,
    service: Id,
    commune: &CommuneCode,
    address: Option<&Secret<String>>,
) -> Result<Id, ApiError> {
    let id = Id::at(work.now);
    let key = create_data_key(work, service, id)?;
    let row = HouseholdRow {
        id,
        service_id: service,
        commune_code: commune.clone(),
        address: key.seal_some(address_at(&id), address.map(Secret::reveal))?,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert_household(work.conn, &row)?;
    work.created(Resource::Household, service, id);
    Ok(id)
}

/// Records a child of a household, sealed, with its blind tokens.
pub fn insert_child(work: &mut Work<'_>, service: Id, household: Id, new: &NewChild) -> Result<Child, ApiError> {
    let id = Id::at(work.now);
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
    };
    store::insert_child(work.conn, &row)?;
    work.created(Resource::Child, service, id);
    let tokens = child_tokens(work, service, &identity);
    store::insert_tokens(work.conn, service, household, id, tokens)?;
    Ok(Child::new(id, household, &identity, row.version))
}

/// The blind tokens of a child.
pub(super) fn child_tokens(work: &Work<'_>, service: Id, identity: &ChildIdentity) -> Vec<Token> {
    let Some(date) = identity.origin() else { return Vec::new() };
    work.vault.tokens(service).of_child(identity.given_name.as_deref(), Some(&identity.family_name), date)
}

/// Records a contact of a household, sealed, with its blind tokens.
pub fn insert_contact(work: &mut Work<'_>, service: Id, household: Id, new: &NewContact) -> Result<Contact, ApiError> {
    let id = Id::at(work.now);
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
    store::insert_contact(work.conn, &row)?;
    work.created(Resource::Contact, service, id);
    let tokens = work.vault.tokens(service).of_contact(identity.phone.as_deref(), identity.email.as_deref());
    store::insert_tokens(work.conn, service, household, id, tokens)?;
    Ok(to_contact(row, &identity))
}

/// Fails if the birth date is in the future.
pub fn check_birth_date(child: &NewChild, today: chrono::NaiveDate, pointer: &str) -> Result<(), ApiError> {
    if child.birth_date.is_none_or(|date| date <= today) {
        return Ok(());
    }
    Err(ApiError::rule(
        pointer,
        "birth_date_to_come",
        Text::new(
            "Cette date est dans le futur : donner `expected_on` pour un enfant à naître.",
            "This date is in the future: give `expected_on` for an unborn child.",
        ),
    ))
}

fn open_all(work: &mut Work<'_>, rows: &[ChildRow]) -> Result<Vec<Child>, ApiError> {
    let households: Vec<Id> = rows.iter().map(|row| row.household_id).collect();
    open_with(&data_keys(work, &households)?, rows)
}

fn open_with(keys: &HashMap<Id, DataKey>, rows: &[ChildRow]) -> Result<Vec<Child>, ApiError> {
    rows.iter().filter_map(|row| keys.get(&row.household_id).map(|key| open_child(key, row))).collect()
}

fn open_child(key: &DataKey, row: &ChildRow) -> Result<Child, ApiError> {
    let identity: ChildIdentity = key.open(identity_at("children", &row.id), &row.identity)?;
    Ok(Child::new(row.id, row.household_id, &identity, row.version))
}

fn open_contact(key: &DataKey, row: ContactRow) -> Result<Contact, ApiError> {
    let identity: ContactIdentity = key.open(identity_at("contacts", &row.id), &row.identity)?;
    Ok(to_contact(row, &identity))
}

/// A contact from its row and its opened identity.
pub(super) fn to_contact(row: ContactRow, identity: &ContactIdentity) -> Contact {
    Contact {
        id: row.id,
        household_id: row.household_id,
        relation: row.relation,
        name: Secret::new(identity.name.clone()),
        phone: identity.phone.clone().map(Secret::new),
        email: identity.email.clone().map(Secret::new),
        holds_parental_authority: row.holds_parental_authority,
        version: row.version,
    }
}

pub(super) fn identity_at<'a>(table: &'static str, id: &'a Id) -> Place<'a> {
    Place { table, column: "identity", row: id.as_str() }
}

pub(super) fn address_at(id: &Id) -> Place<'_> {
    Place { table: "households", column: "address", row: id.as_str() }
}
