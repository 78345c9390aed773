//! Names for the rows of a page.

use std::collections::{BTreeSet, HashMap};

use super::model::{Known, Named, Names, Wanted, household_name};
use super::store::{self, Found, Visible};
use crate::accounts::names;
use crate::auth::{Permission, PrincipalId};
use crate::data_keys::{data_keys, unwrap_keys};
use crate::db::Id;
use crate::error::{ApiError, Lang};
use crate::households::ops::{ChildRow, ContactRow, children, contacts, whole_name};
use crate::organisations;
use crate::privacy::Secret;
use crate::territories::{TerritoryKey, territories};
use crate::work::Work;

/// The same response, or the same rows, with the names that the caller may see.
pub fn named<T: Named>(work: &mut Work<'_>, mut shown: T) -> Result<T, ApiError> {
    let mut names = Names::Asked(Box::default());
    shown.show_names(&mut names);
    if let Names::Asked(wanted) = names
        && *wanted != Wanted::default()
    {
        let known = read(work, *wanted)?;
        shown.show_names(&mut Names::Found(Box::new(known)));
    }
    Ok(shown)
}

/// Reads the names that the caller may see.
fn read(work: &mut Work<'_>, mut wanted: Wanted) -> Result<Known, ApiError> {
    let visible = visible(work);
    let known = already_known(work, &mut wanted, &visible);
    let accounts = names::ops::of_authors(work, wanted.accounts.iter().map(String::as_str));
    if visible.directory.ids().is_empty() {
        wanted.organisations.clear();
    }
    let nothing = Wanted { accounts: wanted.accounts.clone(), ..Wanted::default() };
    if wanted == nothing && accounts.users.is_empty() && accounts.clients.is_empty() {
        return Ok(known);
    }
    let found = store::found(work.conn, &wanted, &accounts, &visible)?;
    let Found { users, clients, organisations, kits, copies, items, conventions, actions, cases, .. } = found;
    let Found { children, contacts, keys, .. } = found;
    unwrap_keys(work, keys)?;
    let names_of_children = names_of_children(work, &children)?;
    let of_contacts = names_of_contacts(work, &contacts)?;
    let organisations: HashMap<Id, String> = organisations.into_iter().collect();
    let of_case = |(case, child, _, structure): store::CaseLink| {
        let of_structure = || Some(Secret::new(organisations.get(&structure?)?.clone()));
        let name = match child {
            Some(child) => names_of_children.get(&child).cloned(),
            None => of_structure(),
        };
        Some((case, name?))
    };
    let cases = cases.into_iter().filter_map(of_case).collect();
    let households = wanted.households.iter().filter_map(|household| {
        let theirs = children.iter().filter(|row| row.household() == *household);
        let mut theirs: Vec<_> = theirs.filter_map(|row| names_of_children.get(&row.id()).cloned()).collect();
        if theirs.is_empty() {
            theirs = of_contacts.get(household).cloned().unwrap_or_default();
        }
        (!theirs.is_empty()).then(|| (*household, household_name(&theirs)))
    });
    let in_lang = |(id, fr, en): store::Labelled| (id, if work.call.lang == Lang::En { en.unwrap_or(fr) } else { fr });
    Ok(Known {
        households: households.collect(),
        kits: kits.into_iter().map(in_lang).collect(),
        items: items.into_iter().map(in_lang).collect(),
        copies: copies.iter().map(|(id, label, _)| (*id, label.clone())).collect(),
        kits_of_copies: copies.into_iter().map(|(.., kit)| in_lang(kit)).collect(),
        conventions: conventions
            .into_iter()
            .map(|(id, kind, code)| (id, local_authority(TerritoryKey { kind, code })))
            .chain(known.conventions)
            .collect(),
        actions: actions.into_iter().chain(known.actions).collect(),
        accounts: known.accounts.and(names::model::Names::new(users, clients)),
        children: names_of_children,
        organisations: organisations.into_iter().chain(known.organisations).collect(),
        cases,
    })
}

/// The name of a convention, and its service.
#[derive(Clone)]
struct KnownConvention {
    service: Id,
    name: String,
}

/// Keeps the local authority of a convention that was read, so that the response need not read it again.
pub fn learn_convention(work: &mut Work<'_>, service: Id, convention: Id, party: &TerritoryKey) {
    work.learn(convention, KnownConvention { service, name: local_authority(party.clone()) });
}

/// The title of an action, and its service.
#[derive(Clone)]
struct KnownAction {
    service: Id,
    title: String,
}

/// Keeps the title of an action that was read, so that the response need not read it again.
pub fn learn_action(work: &mut Work<'_>, service: Id, action: Id, title: &str) {
    work.learn(action, KnownAction { service, title: title.to_owned() });
}

/// The name of a local authority; its code if the map does not have it.
fn local_authority(party: TerritoryKey) -> String {
    territories().get(party.kind, &party.code).map_or(party.code, |territory| territory.name.to_owned())
}

/// What needs no statement: the caller's own name, which was read with their rights, and what the work has read already.
/// It is no longer wanted then.
fn already_known(work: &Work<'_>, wanted: &mut Wanted, visible: &Visible) -> Known {
    let mut known = Known::default();
    if let (PrincipalId::User(user), Some(rights)) = (work.call.principal, &work.call.rights)
        && let Some(name) = &rights.display_name
        && wanted.accounts.remove(&work.author())
    {
        known.accounts = names::model::Names::new(vec![(user, name.clone())], Vec::new());
    }
    let read = |id: &Id| Some((*id, organisations::ops::known_name(work, &visible.directory, *id)?));
    known.organisations = wanted.organisations.iter().filter_map(read).collect();
    wanted.organisations.retain(|id| !known.organisations.contains_key(id));
    let read = |id: &Id| {
        let learned: KnownConvention = work.known(*id)?;
        visible.conventions.contains(learned.service).then_some((*id, learned.name))
    };
    known.conventions = wanted.conventions.iter().filter_map(read).collect();
    wanted.conventions.retain(|id| !known.conventions.contains_key(id));
    let read = |id: &Id| {
        let learned: KnownAction = work.known(*id)?;
        visible.actions.contains(learned.service).then_some((*id, learned.title))
    };
    known.actions = wanted.actions.iter().filter_map(read).collect();
    wanted.actions.retain(|id| !known.actions.contains_key(id));
    known
}

/// The names of children, opened with the keys that were read. Those of erased children are absent.
fn names_of_children(work: &mut Work<'_>, rows: &[ChildRow]) -> Result<HashMap<Id, Secret<String>>, ApiError> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let households: BTreeSet<Id> = rows.iter().map(ChildRow::household).collect();
    let households: Vec<Id> = households.into_iter().collect();
    let keys = data_keys(work, &households)?;
    Ok(children(&keys, rows)?.iter().map(|(id, child)| (*id, whole_name(child))).collect())
}

/// The names of the contacts of households, opened with the keys that were read.
fn names_of_contacts(work: &mut Work<'_>, rows: &[ContactRow]) -> Result<HashMap<Id, Vec<Secret<String>>>, ApiError> {
    let mut names: HashMap<Id, Vec<Secret<String>>> = HashMap::new();
    if rows.is_empty() {
        return Ok(names);
    }
    let households: BTreeSet<Id> = rows.iter().map(ContactRow::household).collect();
    let households: Vec<Id> = households.into_iter().collect();
    let keys = data_keys(work, &households)?;
    for contact in contacts(&keys, rows)? {
        names.entry(contact.household_id).or_default().push(contact.name);
    }
    Ok(names)
}

/// The services in which the caller may see each kind of name.
fn visible(work: &Work<'_>) -> Visible {
    let of = |permission| work.call.services_with(permission);
    Visible {
        all: work.call.services(),
        directory: of(Permission::OrganisationsRead),
        identities: of(Permission::HouseholdsRead),
        conventions: of(Permission::ConventionsRead),
        actions: of(Permission::ActionsRead),
    }
}
