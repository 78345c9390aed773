//! Reading and deleting appointments.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::filter::AppointmentFilter;
use super::dto::{Appointment, AppointmentPage, HeldIntervention};
use super::model::{AppointmentAction, AppointmentStatus, Standing, takes_work};
use super::sealing::{self, Content};
use super::store::{self, CaseLink, Parts, pages};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::data_keys::{data_keys, destroy_data_key};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::households::absorbed::ops::refuse_merged;
use crate::http::page::List;
use crate::naming::ops::named;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

pub use super::act::{Command, act};
pub use super::plan::{correct, create};
pub use super::store::AppointmentRow;

/// The row of an appointment of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<AppointmentRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One appointment of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Appointment, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, row)
}

/// A page of the appointments of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<AppointmentFilter>,
) -> Result<AppointmentPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &list.page)?;
    refuse_merged(work, &scope, rows.len(), &[("case_id", list.filter.case_id)])?;
    let parts = store::parts(work.conn, &rows)?;
    Ok(AppointmentPage { data: assemble(work, rows, parts)?, page })
}

/// An appointment as it was just written.
pub(super) fn show(work: &mut Work<'_>, row: AppointmentRow) -> Result<Appointment, ApiError> {
    let parts = store::parts(work.conn, std::slice::from_ref(&row))?;
    show_with(work, row, parts)
}

/// An appointment from its row and what it has in other tables.
pub(super) fn show_with(work: &mut Work<'_>, row: AppointmentRow, parts: Parts) -> Result<Appointment, ApiError> {
    assemble(work, vec![row], parts)?.pop().ok_or_else(ApiError::not_found)
}

/// Appointments with their parts. The keys of all texts are one query, whatever the number of rows.
fn assemble(work: &mut Work<'_>, rows: Vec<AppointmentRow>, mut parts: Parts) -> Result<Vec<Appointment>, ApiError> {
    let sealing: Vec<Id> =
        rows.iter().filter(|row| row.content.is_some()).flat_map(|row| owners_of(row, &parts)).collect();
    let keys = if sealing.is_empty() { HashMap::new() } else { data_keys(work, &sealing)? };
    let late_days: HashMap<Id, i32> =
        parts.settings.iter().map(|settings| (settings.id, settings.late_entry_days)).collect();
    for settings in std::mem::take(&mut parts.settings) {
        work.learn(settings.id, settings);
    }
    let services: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &services)?;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        for link in parts.cases.get(&row.id).into_iter().flatten() {
            work.trail.open(link.owner, row.service_id);
        }
        let owners = owners_of(&row, &parts);
        let content = sealing::open(&keys, row.id, &owners, row.content.as_deref())?;
        let today = days.get(&row.service_id).copied().ok_or_else(ApiError::not_found)?;
        let late_entry_days = late_days.get(&row.service_id).copied().unwrap_or_default();
        let standing = standing(&row, &parts, today, late_entry_days);
        data.push(appointment(row, content, &mut parts, standing));
    }
    if !names::ops::are_shown(work) {
        for one in &mut data {
            one.organisation_name = None;
            one.professional_names.clear();
        }
    }
    named(work, data)
}

/// The owners of the keys that seal the text of an appointment.
pub(super) fn owners_of(row: &AppointmentRow, parts: &Parts) -> Vec<Id> {
    sealing::owners(row.id, parts.cases.get(&row.id).into_iter().flatten().map(|link| link.owner))
}

/// What decides which actions an appointment takes.
fn standing(row: &AppointmentRow, parts: &Parts, today: NaiveDate, late_entry_days: i32) -> Standing {
    let takes = |(_, closed_on)| takes_work(closed_on, late_entry_days, row.planned_on, today);
    Standing {
        planned_on: row.planned_on,
        today,
        has_work: !parts.recorded(row.id).is_empty(),
        cases_take_work: parts.closed(row.id).all(takes),
    }
}

fn appointment(row: AppointmentRow, content: Content, parts: &mut Parts, standing: Standing) -> Appointment {
    let available_actions = row.status.actions_of(standing);
    let links = parts.cases.remove(&row.id).unwrap_or_default();
    let (professional_ids, professional_names) =
        parts.professionals.remove(&row.id).unwrap_or_default().into_iter().unzip();
    let held =
        |link: &CaseLink| Some(HeldIntervention { case_id: link.case_id, intervention_id: link.intervention_id? });
    Appointment {
        id: row.id,
        service_id: row.service_id,
        status: row.status,
        available_actions,
        kind: row.type_,
        planned_on: row.planned_on,
        starts_at: row.starts_at,
        minutes: row.minutes,
        place: row.place,
        organisation_id: row.organisation_id,
        organisation_name: row.organisation_id.and_then(|id| parts.organisations.get(&id).cloned()),
        on_school_time: row.on_school_time,
        case_ids: links.iter().map(|link| link.case_id).collect(),
        case_names: vec![None; links.len()],
        professional_ids,
        professional_names,
        participants: parts.participants.remove(&row.id).unwrap_or_default(),
        title: content.title,
        note: content.note,
        cancelled_by: row.cancelled_by,
        excused: row.excused,
        interventions: links.iter().filter_map(held).collect(),
        work_id: parts.works.remove(&row.id),
        moves: parts.moves.remove(&row.id).unwrap_or_default(),
        warnings: None,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The refusal of a call that its state does not allow, with the actions that are allowed.
pub(super) fn wrong_state(work: &mut Work<'_>, row: &AppointmentRow) -> Result<ApiError, ApiError> {
    let parts = store::parts(work.conn, std::slice::from_ref(row))?;
    let settings = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
    let actions = row.status.actions_of(standing(row, &parts, settings.date_of(work.now), settings.late_entry_days));
    Ok(ApiError::wrong_state(row.status.as_str(), actions.iter().map(AppointmentAction::as_str)))
}

/// The next version of an appointment, to be written.
pub(super) fn next(work: &mut Work<'_>, row: &AppointmentRow, mut new: AppointmentRow) -> AppointmentRow {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Appointment, row.service_id, row.id);
    new
}

/// Fails with a 409 if the interventions that an appointment became are still recorded.
pub(super) fn require_no_interventions(row: &AppointmentRow, parts: &Parts) -> Result<(), ApiError> {
    let recorded: Vec<String> = parts.recorded(row.id).iter().map(Id::to_string).collect();
    if recorded.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Ce rendez-vous a donné lieu à des interventions (voir `intervention_ids`) : les supprimer d'abord.",
            "This appointment became interventions: delete them first, see `intervention_ids`.",
        )
        .with("intervention_ids", recorded))
}

/// Fails with a 409 if a case of an appointment takes no more work of its day: nobody could say what became of it.
pub(super) fn require_cases(work: &mut Work<'_>, row: &AppointmentRow, parts: &Parts) -> Result<(), ApiError> {
    let settings = services::ops::settings(work, &ServiceScope::one(row.service_id), row.service_id)?;
    let today = settings.date_of(work.now);
    let takes = |closed_on| takes_work(closed_on, settings.late_entry_days, row.planned_on, today);
    match parts.closed(row.id).find(|(_, closed_on)| !takes(*closed_on)) {
        None => Ok(()),
        Some((case, _)) => Err(ApiError::new(Code::Conflict)
            .detail(
                "Un suivi concerné est clos (voir `case_id`) et n'accepte plus de travail de ce jour : le rouvrir d'abord (`POST /v1/cases/{id}/reopen`), ou prévoir un autre rendez-vous.",
                "A case that it is about is closed (see `case_id`) and takes no more work of this day: reopen it first (`POST /v1/cases/{id}/reopen`), or plan another appointment.",
            )
            .with("case_id", case.as_str())),
    }
}

/// Deletes an appointment recorded by mistake. One that was held can be deleted once its interventions are.
pub fn delete(work: &mut Work<'_>, row: &AppointmentRow, reason: DeletionReason) -> Result<(), ApiError> {
    if row.status == AppointmentStatus::Held {
        let parts = store::parts(work.conn, std::slice::from_ref(row))?;
        require_no_interventions(row, &parts)?;
    }
    store::clear(work.conn, row.id)?;
    ApiError::require_first(store::delete(work.conn, row)?)?;
    destroy_data_key(work, row.id)?;
    work.deleted(Resource::Appointment, row.service_id, row.id, reason);
    Ok(())
}
