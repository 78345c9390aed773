//! What the entries of a page name: the cases and the professionals of appointments, organisations, kits, children.

use std::collections::HashMap;

use super::dto::{AgendaCase, AgendaEntry};
use super::entries::{Draft, OneCase};
use super::store::related::{Named, Names, named};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, unwrap_keys};
use crate::db::Id;
use crate::error::{ApiError, Lang};
use crate::households::dto::Child;
use crate::households::ops::{children, whole_name};
use crate::work::Work;

/// The entries of a page with what they name, in one query. Names of children are given in the services of `identities`.
pub(super) fn complete(
    work: &mut Work<'_>,
    drafts: Vec<Draft>,
    identities: &ServiceScope,
) -> Result<Vec<AgendaEntry>, ApiError> {
    if drafts.is_empty() {
        return Ok(Vec::new());
    }
    let named_by = names_of(&drafts);
    let Named { cases, professionals, people, organisations, kits, children: rows, keys } =
        named(work.conn, &named_by, identities)?;
    unwrap_keys(work, keys)?;
    let households: Vec<Id> = rows.iter().map(crate::households::ops::ChildRow::household).collect();
    let keys = if households.is_empty() { HashMap::new() } else { data_keys(work, &households)? };
    let children = children(&keys, &rows)?;
    let mut of_appointment: HashMap<Id, Vec<OneCase>> = HashMap::new();
    for (appointment, id, child, household) in cases {
        of_appointment.entry(appointment).or_default().push(OneCase { id, child, household });
    }
    let mut with: HashMap<Id, (Vec<Id>, Vec<String>)> = HashMap::new();
    for (appointment, user, name) in professionals {
        let people = with.entry(appointment).or_default();
        people.0.push(user);
        people.1.push(name);
    }
    let people: HashMap<Id, String> = people.into_iter().collect();
    let organisations: HashMap<Id, String> = organisations.into_iter().collect();
    let lang = work.call.lang;
    let kits: HashMap<Id, String> =
        kits.into_iter().map(|(id, fr, en)| (id, if lang == Lang::En { en.unwrap_or(fr) } else { fr })).collect();
    let shows_names = names::ops::are_shown(work);
    let mut entries = Vec::with_capacity(drafts.len());
    for Draft { mut entry, case, kit, person } in drafts {
        let about = of_appointment.remove(&entry.object_id).unwrap_or_default();
        for one in case.iter().chain(&about) {
            work.trail.open(one.household.unwrap_or(one.id), entry.service_id);
            entry.cases.push(shown(one, &children));
        }
        (entry.professional_ids, entry.professional_names) = with.remove(&entry.object_id).unwrap_or_default();
        entry.professional_ids.extend(person);
        entry.professional_names.extend(person.and_then(|person| people.get(&person).cloned()));
        if let Some(organisation) = entry.organisation_id {
            entry.organisation_name = organisations.get(&organisation).filter(|_| shows_names).cloned();
        }
        if let Some(title) = kit.and_then(|kit| kits.get(&kit)) {
            entry.title.clone_from(title);
        }
        if !shows_names {
            entry.professional_names.clear();
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn names_of(drafts: &[Draft]) -> Names {
    let case = |draft: &Draft| draft.case;
    Names {
        appointments: drafts.iter().filter(|one| one.entry.minutes.is_some()).map(|one| one.entry.object_id).collect(),
        organisations: drafts.iter().filter_map(|one| one.entry.organisation_id).collect(),
        kits: drafts.iter().filter_map(|one| one.kit).collect(),
        people: drafts.iter().filter_map(|one| one.person).collect(),
        children: drafts.iter().filter_map(case).filter_map(|case| case.child).collect(),
        households: drafts.iter().filter_map(case).filter_map(|case| case.household).collect(),
    }
}

fn shown(case: &OneCase, children: &HashMap<Id, Child>) -> AgendaCase {
    let name = case.child.and_then(|child| children.get(&child)).map(whole_name);
    AgendaCase { case_id: case.id, child_id: case.child, child_name: name }
}
