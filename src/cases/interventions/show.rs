//! Interventions as the API shows them: from their rows and what they have in other tables.

use std::collections::BTreeMap;

use super::dto::{Intervention, Participants};
use super::store::InterventionRow;
use super::store::related::{self, Related};
use crate::accounts::names::model::Names;
use crate::accounts::names::ops as names;
use crate::cases::model::viewer::Viewer;
use crate::data_keys::{self, unwrap_keys};
use crate::db::Id;
use crate::error::ApiError;
use crate::households;
use crate::privacy::{self, Place, Secret};
use crate::work::Work;

pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "interventions", column: "note", row: id.as_str() }
}

/// Participants in the order of their codes.
pub(super) fn sorted(participants: &[Participants]) -> Vec<Participants> {
    let mut participants = participants.to_vec();
    participants.sort_by(|one, other| one.kind.cmp(&other.kind));
    participants
}

/// The sum of several shares of participants, in the order of their codes.
fn summed<'a>(shares: impl Iterator<Item = &'a Participants>) -> Vec<Participants> {
    let mut sums = BTreeMap::new();
    for one in shares {
        *sums.entry(one.kind.clone()).or_insert(0) += one.number;
    }
    sums.into_iter().map(|(kind, number)| Participants { kind, number }).collect()
}

/// One intervention from its row.
pub(super) fn show_one(work: &mut Work<'_>, viewer: &Viewer, row: InterventionRow) -> Result<Intervention, ApiError> {
    show(work, viewer, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// Interventions from their rows, in the same order. What they have in other tables is one query, whatever their number.
pub(super) fn show(
    work: &mut Work<'_>,
    viewer: &Viewer,
    rows: Vec<InterventionRow>,
) -> Result<Vec<Intervention>, ApiError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let authors = names::of_authors(work, rows.iter().map(|row| row.author.as_str()));
    let mut related = related::related(work.conn, viewer, &rows, &authors)?;
    unwrap_keys(work, std::mem::take(&mut related.keys))?;
    let (users, clients) = std::mem::take(&mut related.names);
    let names = Names::new(users, clients);
    let homes: Vec<Id> = related.children.iter().map(households::ops::ChildRow::household).collect();
    let children = households::ops::children(&data_keys::data_keys(work, &homes)?, &related.children)?;
    let owner = |row: &InterventionRow| match row.case_id {
        None => row.act_id,
        Some(case) => related.cases.get(&case).map_or(case, |of| of.owner),
    };
    for row in rows.iter().filter(|row| row.case_id.is_some()) {
        work.trail.open(owner(row), row.service_id);
    }
    let sealing: Vec<Id> = rows.iter().filter(|row| row.note.is_some()).map(owner).collect();
    let keys = data_keys::data_keys(work, &sealing)?;
    let shows_names = names::are_shown(work);
    let mut shown = Vec::with_capacity(rows.len());
    for row in rows {
        let key = keys.get(&owner(&row));
        let note: Option<Secret<String>> = privacy::open_unless_erased(key, note_at(&row.id), row.note.as_deref())?;
        let child = row.case_id.and_then(|case| related.cases.get(&case)?.child);
        let mut one = intervention(row, note, &related);
        one.child = child.and_then(|child| children.get(&child).cloned());
        one.author_name = names.of(&one.author);
        one.type_label = one.kind.label(work.call.lang);
        if !shows_names {
            one.professional_names.clear();
        }
        shown.push(one);
    }
    Ok(shown)
}

fn intervention(row: InterventionRow, note: Option<Secret<String>>, related: &Related) -> Intervention {
    let of_act = related.participants.get(&row.act_id).map(Vec::as_slice).unwrap_or_default();
    let shares = related.shares.get(&row.act_id).cloned().unwrap_or_default();
    let people = related.professionals.get(&row.act_id).into_iter().flatten().cloned();
    let (professional_ids, professional_names) = people.unzip();
    let called = related.resource_people.get(&row.act_id).into_iter().flatten().cloned();
    let (resource_person_ids, names): (Vec<Id>, Vec<Option<String>>) = called.unzip();
    let structure = row.case_id.and_then(|case| related.cases.get(&case)?.structure);
    let name_of = |organisation: Option<Id>| organisation.and_then(|id| related.organisations.get(&id).cloned());
    Intervention {
        id: row.id,
        service_id: row.service_id,
        case_id: row.case_id,
        child: None,
        structure_name: name_of(structure),
        kind: row.type_,
        type_label: None,
        mode: row.mode,
        held_on: row.held_on,
        minutes: row.minutes,
        travel_minutes: row.travel_minutes,
        place: row.place,
        organisation_id: row.organisation_id,
        organisation_name: name_of(row.organisation_id),
        on_school_time: row.on_school_time,
        next_action_on: row.next_action_on,
        participants: summed(of_act.iter().filter(|(id, _)| *id == row.id).map(|(_, one)| one)),
        professional_ids,
        professional_names,
        resource_person_ids,
        resource_person_names: names.into_iter().flatten().collect(),
        act_id: row.act_id,
        act_minutes: shares.iter().map(|share| share.minutes).sum(),
        act_travel_minutes: shares.iter().map(|share| share.travel_minutes).sum(),
        act_participants: summed(of_act.iter().map(|(_, one)| one)),
        shares,
        note,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        counted_in: None,
    }
}
