//! Which children resemble each other: look-ups by tokens, and the likely duplicates of a recorded child.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use crate::auth::ServiceScope;
use crate::data_keys::{data_key, unwrap_keys};
use crate::db::Id;
use crate::error::{ApiError, Text};
use crate::households::dto::{Candidate, Candidates, Child, ChildLookUp, ContactInput};
use crate::households::model::{ChildIdentity, ContactIdentity, likelihood};
use crate::households::ops::{child_tokens, identity_at, open_all, open_child};
use crate::households::store;
use crate::privacy::{Secret, Token, TokenKind};
use crate::services;
use crate::territories::CommuneCode;
use crate::work::Work;

/// Maximum number of likely duplicates of a recorded child that are opened.
const MAX_CANDIDATES: usize = 50;
/// Maximum number of children that a look-up shows.
const MAX_FOUND: usize = 20;
/// Maximum number of rows read to find them: a token may match several children, and a household may have several.
const MAX_MATCHES: i64 = 200;

/// A recorded family, as a new referral or a look-up of duplicates needs it.
#[derive(Debug)]
pub struct Family {
    /// The household.
    pub household: Id,
    /// Its commune.
    pub commune: CommuneCode,
    /// The child of which the family was read, opened.
    pub child: Option<Child>,
    /// The tokens of its contacts.
    pub tokens: Vec<Token>,
}

/// The family of a child of one service.
pub fn family_of_child(work: &mut Work<'_>, service: Id, child: Id) -> Result<Option<Family>, ApiError> {
    let rows = store::opened_of_child(work.conn, &ServiceScope::one(service), child)?;
    family(work, rows, Some(child))
}

/// The family of a household of one service.
pub fn family_of_household(work: &mut Work<'_>, service: Id, household: Id) -> Result<Option<Family>, ApiError> {
    let rows = store::opened(work.conn, &ServiceScope::one(service), &[household])?;
    family(work, rows, None)
}

fn family(work: &mut Work<'_>, rows: store::OpenedRows, child: Option<Id>) -> Result<Option<Family>, ApiError> {
    let (households, children, contacts, keys) = rows;
    let Some(household) = households.into_iter().next() else { return Ok(None) };
    unwrap_keys(work, keys)?;
    let key = data_key(work, household.id)?;
    let child = children.iter().find(|row| Some(row.id) == child).map(|row| open_child(&key, row)).transpose()?;
    let mut tokens = Vec::new();
    for contact in &contacts {
        let identity: ContactIdentity = key.open(identity_at("contacts", &contact.id), &contact.identity)?;
        tokens.extend(searching_tokens(work, household.service_id, &identity));
    }
    Ok(Some(Family { household: household.id, commune: household.commune_code, child, tokens }))
}

/// Looks a child up by names and date, or by both names, or by the telephone number or e-mail address of a contact.
///
/// The look-up is journaled whatever it finds. More than 20 children are not shown: the caller is asked for more; without a
/// birth date, before anything is opened. With one, a child that neither name matches together with the date must have been
/// born that day: the order of compound names is folded in both cases.
pub fn look_up(work: &mut Work<'_>, scope: &ServiceScope, wanted: &ChildLookUp) -> Result<Candidates, ApiError> {
    services::ops::require(work, scope, wanted.service_id, "/service_id")?;
    work.trail.consult(Some(wanted.service_id));
    let tokens = work.vault.tokens(wanted.service_id);
    let text = |secret: &Option<Secret<String>>| secret.as_ref().map(|secret| secret.reveal().clone());
    let (given, family) = (text(&wanted.given_name), text(&wanted.family_name));
    let mut searched = tokens.searching_contact(text(&wanted.phone).as_deref(), text(&wanted.email).as_deref());
    searched.extend(tokens.of_full_name(given.as_deref(), family.as_deref()));
    if let Some(date) = wanted.birth_date {
        searched.extend(tokens.of_child(given.as_deref(), family.as_deref(), date));
    }
    let identity = ChildIdentity {
        given_name: given,
        family_name: family.unwrap_or_default(),
        birth_date: wanted.birth_date,
        expected_on: None,
    };
    let most = wanted.birth_date.map_or(Most::All, Most::BornOn);
    Ok(Candidates { data: resembling(work, scope, wanted.service_id, &identity, &searched, most)? })
}

/// The children that resemble a recorded one, except itself: likely duplicates and siblings. `of_contacts` are the tokens
/// of the contacts of its family.
pub fn resembling_child(
    work: &mut Work<'_>,
    service: Id,
    child: &Child,
    of_contacts: &[Token],
) -> Result<Vec<Candidate>, ApiError> {
    let identity = child.identity();
    let mut searched = child_tokens(work, service, &identity);
    searched.extend_from_slice(of_contacts);
    resembling(work, &ServiceScope::one(service), service, &identity, &searched, Most::Except(child.id))
}

/// Which of the candidates are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Most {
    /// All, or none if there are more than 20. One that no name matches together with the date was born on this day.
    BornOn(NaiveDate),
    /// At most 50, without this child.
    Except(Id),
    /// All, or none if there are more than 20.
    All,
}

/// The refusal of a look-up that finds too many.
fn too_many(most: Most) -> ApiError {
    let (pointer, fr, en) = match most {
        Most::BornOn(_) => ("", "donner aussi le nom et le prénom", "give the family name and the given name too"),
        Most::All | Most::Except(_) => ("/birth_date", "donner aussi la date de naissance", "give the birth date too"),
    };
    let message = Text::new(
        format!("Plus de {MAX_FOUND} enfants correspondent : {fr}."),
        format!("More than {MAX_FOUND} children match: {en}."),
    );
    ApiError::rule(pointer, "too_many_found", message)
}

/// Finds candidates by tokens, opens at most 50 of them and ranks them.
fn resembling(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    identity: &ChildIdentity,
    searched: &[Token],
    most: Most,
) -> Result<Vec<Candidate>, ApiError> {
    let store::Matches { tokens: matches, children: mut rows, keys } =
        store::matches(work.conn, scope, service, searched, MAX_MATCHES)?;
    let mut reasons: BTreeMap<Id, HashSet<TokenKind>> = BTreeMap::new();
    for (kind, subject, household) in &matches {
        // A telephone number or an e-mail address belongs to the household: each of its children is a candidate.
        let owner = if matches!(kind, TokenKind::Phone | TokenKind::Email) { household } else { subject };
        reasons.entry(*owner).or_default().insert(*kind);
    }
    rows.retain(|row| {
        most != Most::Except(row.id) && (reasons.contains_key(&row.id) || reasons.contains_key(&row.household_id))
    });
    if most == Most::All && rows.len() > MAX_FOUND {
        return Err(too_many(most));
    }
    // No date is in the tokens of these.
    let undated = |kind: &TokenKind| matches!(kind, TokenKind::FullName | TokenKind::Phone | TokenKind::Email);
    if let Most::Except(_) = most {
        let only_named = |row: &store::ChildRow| {
            let mut kinds = [row.id, row.household_id].into_iter().filter_map(|owner| reasons.get(&owner)).flatten();
            kinds.all(|kind| *kind == TokenKind::FullName)
        };
        rows.sort_by_key(only_named);
        rows.truncate(MAX_CANDIDATES);
    }
    unwrap_keys(work, keys)?;
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
        .filter(|candidate| match most {
            Most::BornOn(day) => !candidate.matched_on.iter().all(undated) || candidate.child.birth_date == Some(day),
            Most::All | Most::Except(_) => true,
        })
        .collect();
    if let Most::BornOn(day) = most {
        if found.len() > MAX_FOUND {
            // Those of the same month are left out first.
            found.retain(|candidate| candidate.child.birth_date == Some(day));
        }
        if found.len() > MAX_FOUND {
            return Err(too_many(most));
        }
    }
    found.sort_by_key(|candidate| (candidate.likelihood, candidate.child.id));
    Ok(found)
}

/// The blind tokens by which a contact is looked up.
fn searching_tokens(work: &Work<'_>, service: Id, identity: &ContactIdentity) -> Vec<Token> {
    work.vault.tokens(service).searching_contact(identity.phone.as_deref(), identity.email.as_deref())
}

/// The blind tokens by which the contacts of a request are looked up.
pub fn tokens_of_contacts(work: &Work<'_>, service: Id, contacts: &[ContactInput]) -> Vec<Token> {
    contacts.iter().flat_map(|new| searching_tokens(work, service, &ContactIdentity::from(new))).collect()
}
