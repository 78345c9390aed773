//! Reading and correcting reservations.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::borrower::{self, Contact, identity_at, note_at};
use super::dto::filter::ReservationFilter;
use super::dto::new::ReservationPatch;
use super::dto::{Borrower, Reservation, ReservationPage};
use super::model::{self, BorrowerKind, LoanWarning, ReservationStatus, Standing};
use super::store::pages::{self, AsOf};
use super::store::{self, ReservationRow, days};
use crate::auth::ServiceScope;
use crate::data_keys::{create_data_key, data_keys, unwrap_keys};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Fault, Faults, Text};
use crate::households::absorbed::ops::refuse_merged;
use crate::http::Field;
use crate::http::page::List;
use crate::lending::copies::store::CopyRow;
use crate::lending::settings;
use crate::lending::settings::model::Today;
use crate::naming::ops::named;
use crate::organisations;
use crate::privacy::{DataKey, Secret, open_unless_erased};
use crate::services::{self, model::Settings};
use crate::trail::Resource;
use crate::work::Work;

/// The row of a reservation in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReservationRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// The row of a reservation in scope, for an action: the lock of the kit comes before it.
pub fn find_to_act(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReservationRow, ApiError> {
    let row = find(work, scope, id)?;
    work.lock_first(Lock::Kit, row.kit_id);
    Ok(row)
}

/// One reservation in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Reservation, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, scope, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the reservations in scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ReservationFilter>,
) -> Result<ReservationPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let at = AsOf::new(work.now, &settings::ops::today_in(work, scope.ids())?);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &at, &list.page)?;
    let asked = [("household_id", list.filter.household_id), ("case_id", list.filter.case_id)];
    refuse_merged(work, &scope, rows.len(), &asked)?;
    Ok(ReservationPage { data: show(work, &scope, rows)?, page })
}

/// Reservations with the data of other tables, which are read together whatever the number of rows.
pub(in crate::lending) fn show(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    rows: Vec<ReservationRow>,
) -> Result<Vec<Reservation>, ApiError> {
    let owners = sealed_by(&rows);
    let related = store::related(work.conn, scope, &rows, &owners)?;
    assembled(work, rows, related)
}

/// The owners of the data keys that some rows need.
fn sealed_by(rows: &[ReservationRow]) -> Vec<Id> {
    let sealed = rows.iter().filter(|row| row.identity.is_some() || row.note.is_some());
    sealed.map(ReservationRow::key_owner).collect()
}

/// Reservations from their rows and what was read of other tables.
fn assembled(
    work: &mut Work<'_>,
    rows: Vec<ReservationRow>,
    related: store::Related,
) -> Result<Vec<Reservation>, ApiError> {
    for household in rows.iter().filter_map(|row| Some((row.household_id?, row.service_id))) {
        work.trail.open(household.0, household.1);
    }
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = settings::ops::today_in(work, &services)?;
    let store::Related { kits: of_kits, copies, loans, waiting, keys } = related;
    unwrap_keys(work, keys)?;
    let keys = data_keys(work, &sealed_by(&rows))?;
    let settings = services::ops::settings_of(work, &ServiceScope::Only(services.clone()), &services)?;
    let now = work.now;
    let kits: HashMap<Id, Id> = rows.iter().map(|row| (row.kit_id, row.service_id)).collect();
    // Who has waited too long has left the queue.
    let waits = |kit: &Id, last: Option<NaiveDate>| {
        let day = kits.get(kit).and_then(|service| days.get(service));
        last.is_none_or(|last| day.is_none_or(|day| last >= day.today))
    };
    let waiting: Vec<_> = waiting.into_iter().filter(|(kit, _, last)| waits(kit, *last)).collect();
    let wanted: HashSet<Id> = waiting.iter().map(|(kit, ..)| *kit).collect();
    let queue = positions(waiting.into_iter());
    let with_related = |row: ReservationRow| {
        let key = keys.get(&row.key_owner());
        let contact: Option<Contact> = open_unless_erased(key, identity_at(&row.id), row.identity.as_deref())?;
        let note = open_unless_erased(key, note_at(&row.id), row.note.as_deref())?;
        let copy = row.copy_id.and_then(|id| copies.get(&id));
        let day = days.get(&row.service_id);
        let overdue_loan = row.copy_id.and_then(|id| loans.get(&id)).filter(|loan| endangers(loan, &row, day));
        let (kit_title_fr, own_days) = of_kits.get(&row.kit_id).cloned().unwrap_or_default();
        let out_of_service =
            ReservationStatus::RESERVED.contains(&row.status) && copy.is_some_and(|copy| !copy.is_lendable());
        let related = Related {
            warnings: warnings_of(&row, own_days, day, settings.get(&row.service_id)),
            kit_title_fr,
            copy_label: copy.map(|copy| copy.label.clone()),
            contact,
            note,
            overdue: day.is_some_and(|day| row.is_overdue(day.today)),
            endangered: out_of_service || overdue_loan.is_some(),
            endangered_by_loan_id: overdue_loan.map(|loan| loan.id),
            queue_position: queue.get(&row.id).copied(),
            standing: Standing {
                is_wanted: wanted.contains(&row.kit_id),
                has_begun: day.is_some_and(|day| row.starts_on <= day.today),
                is_over: day.is_some_and(|day| row.due_on < day.today),
                copy_is_there: copy.is_some_and(CopyRow::is_lendable)
                    && row.copy_id.is_some_and(|id| loans.get(&id).is_none_or(|loan| loan.id == row.id)),
            },
        };
        let (status, decided_on) = day.map_or((row.status, row.decided_on), |day| row.state_at(now, day));
        Ok(reservation(ReservationRow { status, decided_on, ..row }, related))
    };
    let shown = rows.into_iter().map(with_related).collect::<Result<Vec<_>, ApiError>>()?;
    named(work, shown)
}

/// The data of a reservation that is not in its row.
#[derive(Clone, Debug, Default)]
struct Related {
    warnings: Vec<LoanWarning>,
    kit_title_fr: String,
    copy_label: Option<String>,
    contact: Option<Contact>,
    note: Option<Secret<String>>,
    overdue: bool,
    endangered: bool,
    endangered_by_loan_id: Option<Id>,
    queue_position: Option<i64>,
    standing: Standing,
}

fn reservation(row: ReservationRow, related: Related) -> Reservation {
    let contact = related.contact.unwrap_or_default();
    let asked_days = row.asked_days();
    Reservation {
        id: row.id,
        service_id: row.service_id,
        kit_id: row.kit_id,
        warnings: related.warnings,
        kit_title_fr: related.kit_title_fr,
        copy_id: row.copy_id,
        copy_label: related.copy_label,
        status: row.status,
        available_actions: row.status.actions_of(related.standing),
        borrower: Borrower {
            kind: row.borrower_kind,
            household_id: row.household_id,
            household_name: None,
            organisation_id: row.organisation_id,
            organisation_name: None,
            name: contact.name,
            phone: contact.phone,
            email: contact.email,
        },
        commune_name: row.commune_code.name(),
        commune_code: row.commune_code,
        case_id: row.case_id,
        case_name: None,
        starts_on: row.starts_on,
        due_on: row.due_on,
        asked_days,
        buffer_days: row.buffer_days,
        blocked_until: row.blocked_until,
        extensions: row.extensions,
        handed_out_on: row.handed_out_on,
        returned_on: row.returned_on,
        overdue: related.overdue,
        endangered: related.endangered,
        endangered_by_loan_id: related.endangered_by_loan_id,
        queue_position: related.queue_position,
        waits_until: row.waits_until,
        proposal_expires_at: row.proposal_expires_at,
        reason: row.reason,
        decided_on: row.decided_on,
        note: related.note,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The warnings about a reservation, by the settings of today.
fn warnings_of(
    row: &ReservationRow,
    own_days: Option<i32>,
    day: Option<&Today>,
    settings: Option<&Settings>,
) -> Vec<LoanWarning> {
    let (Some(day), Some(settings)) = (day, settings) else { return Vec::new() };
    let (usual, _) = day.rules.usual_days(own_days);
    model::warnings(row.asked_days(), usual, settings.covers_commune(row.commune_code.as_str()))
}

/// Whether an overdue loan endangers a reservation of the same copy: the reservation starts before the copy could be lent
/// again if it came back today.
pub(in crate::lending) fn endangers(loan: &ReservationRow, reserved: &ReservationRow, day: Option<&Today>) -> bool {
    let Some(day) = day else { return false };
    loan.id != reserved.id
        && loan.copy_id == reserved.copy_id
        && ReservationStatus::RESERVED.contains(&reserved.status)
        && loan.is_overdue(day.today)
        && reserved.starts_on <= day.overdue_until()
}

/// The position of each reservation in the queue of its kit, from 1.
fn positions(waiting: impl Iterator<Item = (Id, Id, Option<NaiveDate>)>) -> HashMap<Id, i64> {
    let mut lengths: HashMap<Id, i64> = HashMap::new();
    let mut positions = HashMap::new();
    for (kit, reservation, _) in waiting {
        let length = lengths.entry(kit).or_default();
        *length += 1;
        positions.insert(reservation, *length);
    }
    positions
}

/// Replaces a reservation by its next version, and the days that it takes of a copy.
pub(in crate::lending) fn replace(
    work: &mut Work<'_>,
    row: &ReservationRow,
    mut new: ReservationRow,
) -> Result<ReservationRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Reservation, row.service_id, row.id);
    if days::replace(work.conn, row, &new)? { Ok(new) } else { Err(ApiError::version_conflict()) }
}

/// Corrects the case, the note and the contact details of a professional.
pub fn correct(work: &mut Work<'_>, row: &ReservationRow, patch: ReservationPatch) -> Result<Reservation, ApiError> {
    let mut faults = Faults::default();
    faults.add(patch_faults(row, &patch));
    let mut new = row.clone();
    if patch.case_id != Field::Keep {
        let case = patch.case_id.value().copied();
        let case = borrower::check_case(work, row.service_id, row.household_id, case, &mut faults)?;
        let organisation = organisations::store::find(work.conn, row.service_id, row.organisation_id.as_slice())?;
        let kind = organisation.values().next().map(|organisation| &organisation.kind);
        borrower::check_school(work, kind, case.as_ref(), "/case_id", &mut faults)?;
    }
    faults.finish()?;
    new.case_id = patch.case_id.over(row.case_id);
    let contact_changes = patch.name.is_some() || patch.phone != Field::Keep || patch.email != Field::Keep;
    if contact_changes || patch.note != Field::Keep {
        let key = key_of(work, row)?;
        if contact_changes {
            let before: Contact = key.open_some(identity_at(&row.id), row.identity.as_deref())?.unwrap_or_default();
            let kept = before.clone();
            let after = Contact {
                name: patch.name.or(before.name),
                phone: patch.phone.over(before.phone),
                email: patch.email.over(before.email),
            };
            if after != kept {
                new.identity = Some(key.seal(identity_at(&row.id), &after)?);
            }
        }
        let note: Option<Secret<String>> = key.open_some(note_at(&row.id), row.note.as_deref())?;
        let corrected = patch.note.over(note.clone());
        if corrected != note {
            new.note = corrected.map(|note| key.seal(note_at(&row.id), &note)).transpose()?;
        }
    }
    if new == *row {
        return show_one(work, new);
    }
    let new = replace(work, row, new)?;
    show_one(work, new)
}

/// A reservation as it was just written.
pub(super) fn show_one(work: &mut Work<'_>, row: ReservationRow) -> Result<Reservation, ApiError> {
    show(work, &ServiceScope::one(row.service_id), vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A reservation as it was just written, with what was read of other tables before.
pub(super) fn show_related(
    work: &mut Work<'_>,
    row: ReservationRow,
    related: store::Related,
) -> Result<Reservation, ApiError> {
    assembled(work, vec![row], related)?.pop().ok_or_else(ApiError::not_found)
}

/// The data key of a reservation. Creates it if the reservation has had no personal data so far.
fn key_of(work: &mut Work<'_>, row: &ReservationRow) -> Result<DataKey, ApiError> {
    let owner = row.key_owner();
    match data_keys(work, &[owner])?.remove(&owner) {
        Some(key) => Ok(key),
        None if row.household_id.is_none() && row.identity.is_none() && row.note.is_none() => {
            create_data_key(work, row.service_id, owner)
        }
        None => Err(ApiError::not_found()),
    }
}

/// The faults of a correction that gives contact details to a borrower who is not a professional.
fn patch_faults(row: &ReservationRow, patch: &ReservationPatch) -> Vec<Fault> {
    if row.borrower_kind == BorrowerKind::Professional {
        return Vec::new();
    }
    let given = [
        ("/name", patch.name.is_some()),
        ("/phone", patch.phone != Field::Keep),
        ("/email", patch.email != Field::Keep),
    ];
    let fault = |(pointer, given): (&str, bool)| {
        given.then(|| {
            let message = Text::new(
                "Ce champ est sans objet pour ce type d'emprunt.",
                "This field is not allowed for this kind of borrower.",
            );
            Fault::new(pointer, "not_for_this_borrower", message)
        })
    };
    given.into_iter().filter_map(fault).collect()
}
