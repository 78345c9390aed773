//! Use cases of attendances.

use chrono::NaiveDate;

use super::dto::{
    CreatedReferentAttendances, ReferentAttendance, ReferentAttendanceInput, ReferentAttendancePage,
    ReferentAttendancesInput,
};
use super::store::{self, AttendanceRow};
use crate::actions;
use crate::actions::model::ActionStatus;
use crate::auth::ServiceScope;
use crate::conventions::coverage;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::http::Items;
use crate::http::bulk::{Run, create_all};
use crate::http::page::PageRequest;
use crate::naming::ops::{learn_action, named};
use crate::nomenclatures::{self, codes::CollectiveActionType};
use crate::referents;
use crate::referents::model::{AttendanceKind, ReferentFacts};
use crate::referents::store::ReferentRow;
use crate::services;
use crate::services::ops::today;
use crate::territories::CommuneCode;
use crate::trail::Resource;
use crate::work::Work;

/// The kind of collective action that an attendance of this kind belongs to.
fn action_kind(kind: AttendanceKind) -> &'static str {
    match kind {
        AttendanceKind::ExternalTraining | AttendanceKind::OwnTraining => "referent_training_day",
        AttendanceKind::FollowUpMeeting => "referent_follow_up_meeting",
        AttendanceKind::ThemedDay => "referent_themed_day",
    }
}

/// The row of a referent in scope, to record an attendance: the lock of the network comes before it.
pub(super) fn find_referent(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReferentRow, ApiError> {
    let row = referents::ops::find(work, scope, id)?;
    work.lock_first(Lock::Referents, row.service_id);
    Ok(row)
}

/// A service in scope, to record the attendances of a day: the lock of its network comes before them.
pub(super) fn find_network(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Id, ApiError> {
    work.lock_first(Lock::Referents, id);
    services::ops::settings(work, scope, id)?;
    Ok(id)
}

/// Records an attendance of a referent.
pub fn create(
    work: &mut Work<'_>,
    row: &ReferentRow,
    new: &ReferentAttendanceInput,
) -> Result<ReferentAttendance, ApiError> {
    let service = row.service_id;
    work.lock_one(Lock::Referents, service)?;
    // The row was read before the lock was taken: read it again.
    let row = referents::ops::find(work, &ServiceScope::one(service), row.id)?;
    let mut faults = Faults::default();
    faults.add(day_faults(work, service, new)?);
    attend(work, &row, new, "/held_on", faults)
}

/// Records the attendances of a day, each with its own result. A fault in the day rejects the whole request.
pub(super) fn create_day(
    work: &mut Work<'_>,
    run: &Run,
    service: Id,
    new: Items<ReferentAttendancesInput>,
) -> Result<CreatedReferentAttendances, ApiError> {
    work.lock_one(Lock::Referents, service)?;
    let (scope, attendance) = (ServiceScope::one(service), new.rest.for_each_referent());
    ApiError::reject_if_any(day_faults(work, service, &attendance)?)?;
    create_all::<ReferentAttendancesInput, _>(work, run, new.items, |work, id| {
        let row = referents::ops::find(work, &scope, id).map_err(|error| {
            if error.code != Code::NotFound {
                return error;
            }
            let message =
                Text::new("Cette personne n'est pas dans le réseau du service.", "Not in the network of the service.");
            ApiError::rule("", "unknown_referent", message)
        })?;
        attend(work, &row, &attendance, "", Faults::default())
    })
}

/// The faults of the day and of the action, which are the same for every referent.
fn day_faults(work: &mut Work<'_>, service: Id, new: &ReferentAttendanceInput) -> Result<Vec<Fault>, ApiError> {
    let today = today(work, service)?;
    let mut faults: Vec<Fault> = dates::not_in_the_future("/held_on", new.held_on, today).into_iter().collect();
    let Some(id) = new.action_id else { return Ok(faults) };
    let fault =
        |pointer: &str, code: &'static str, fr: String, en: String| Fault::new(pointer, code, Text::new(fr, en));
    let Some(action) = actions::store::find(work.conn, service, id)? else {
        let (fr, en) = ("Action collective introuvable.", "No such collective action.");
        faults.push(fault("/action_id", "unknown_action", fr.to_owned(), en.to_owned()));
        return Ok(faults);
    };
    learn_action(work, service, id, &action.title);
    let expected = action_kind(new.kind);
    if !action.kind.is(expected) {
        let kind = action.kind.as_str();
        let label = |code| {
            nomenclatures::list(CollectiveActionType::LIST).and_then(|list| list.get(code)).map(|code| code.label("fr"))
        };
        let (label, expected_label) = (label(kind).unwrap_or(kind), label(expected).unwrap_or(expected));
        let fr = format!("Cette action est du type « {label} » au lieu de « {expected_label} ».");
        let en = format!("This action is of the kind `{kind}`, not `{expected}`.");
        faults.push(fault("/action_id", "action_of_another_kind", fr, en));
    }
    if action.status == ActionStatus::Cancelled {
        let (fr, en) = ("Cette action a été annulée.", "This action was cancelled.");
        faults.push(fault("/action_id", "action_cancelled", fr.to_owned(), en.to_owned()));
    }
    if action.held_on != new.held_on {
        let day = action.held_on;
        faults.push(fault(
            "/held_on",
            "not_the_day_of_the_action",
            format!("L'action a lieu le {}.", dates::french(day)),
            format!("The action takes place on {day}."),
        ));
    }
    Ok(faults)
}

/// The fault of a day on which the referent was not in the network.
fn network_faults(row: &ReferentRow, held_on: NaiveDate, pointer: &str) -> Option<Fault> {
    let after = row.left_on.and_then(|left| dates::not_after(pointer, held_on, left, "after_departure"));
    dates::not_before(pointer, held_on, row.appointed_on, "before_appointment").or(after)
}

/// Adds the fault of a day on which no convention opens the network to the structure of a referent. PRPE: the training,
/// the meetings and the themed days of the network are complementary services.
fn check_convention(
    work: &mut Work<'_>,
    row: &ReferentRow,
    commune: &CommuneCode,
    new: &ReferentAttendanceInput,
    pointer: &str,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let kind = action_kind(new.kind).parse().map_err(|_| ApiError::new(Code::Internal))?;
    let Some(wanted) = actions::model::reserved_for(&kind) else { return Ok(()) };
    let covered = coverage::ops::require(work, row.service_id, commune, new.held_on, &wanted, pointer);
    faults.take(covered).map(drop)
}

/// The fault of a second day of training on one date.
fn second_training(facts: &ReferentFacts, new: &ReferentAttendanceInput, pointer: &str) -> Option<Fault> {
    use AttendanceKind::{ExternalTraining, OwnTraining};
    let other = match new.kind {
        ExternalTraining => OwnTraining,
        OwnTraining => ExternalTraining,
        AttendanceKind::FollowUpMeeting | AttendanceKind::ThemedDay => return None,
    };
    facts.attended.contains(&(other, new.held_on)).then(|| {
        let day = dates::french(new.held_on);
        let message = Text::new(
            format!(
                "Une journée de formation (`{other}`) est déjà enregistrée le {day} : corriger la date, ou supprimer l'autre journée."
            ),
            format!(
                "A day of training (`{other}`) is already recorded on {}: correct the date, or delete the other day.",
                new.held_on
            ),
        );
        Fault::new(pointer, "second_training_on_the_day", message)
    })
}

/// Records an attendance, if nothing is wrong with it or with its day. Fails if it is already recorded.
fn attend(
    work: &mut Work<'_>,
    row: &ReferentRow,
    new: &ReferentAttendanceInput,
    pointer: &str,
    mut faults: Faults,
) -> Result<ReferentAttendance, ApiError> {
    faults.add(network_faults(row, new.held_on, pointer));
    let (attended, commune) = referents::store::attended_in(work.conn, row)?;
    if let Some(commune) = commune {
        check_convention(work, row, &commune, new, pointer, &mut faults)?;
    }
    let facts = row.facts(attended);
    faults.add(second_training(&facts, new, pointer));
    faults.add(certification_fault(&facts, new, pointer));
    faults.finish()?;
    // The unique key decides; the facts tell whether there is anything to look for.
    let is_recorded = facts.attended.contains(&(new.kind, new.held_on));
    let existing = if is_recorded { store::find_on_day(work.conn, row.id, new.kind, new.held_on)? } else { None };
    if let Some(existing) = existing {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Cette présence est déjà enregistrée (voir `existing_id`).",
                "This attendance is already recorded: see `existing_id`.",
            )
            .with("existing_id", existing.as_str()));
    }
    let attendance = AttendanceRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        referent_id: row.id,
        kind: new.kind,
        held_on: new.held_on,
        action_id: new.action_id,
        author: work.author(),
        created_at: work.now,
    };
    work.changed(Resource::Referent, row.service_id, row.id);
    ApiError::require_first(store::insert(work.conn, &attendance, row, work.now)?)?;
    named(work, attendance.into())
}

/// The fault of an attendance that would move the certification to an earlier date.
fn certification_fault(facts: &ReferentFacts, new: &ReferentAttendanceInput, pointer: &str) -> Option<Fault> {
    let (before, after) = facts.moves_certification((new.kind, new.held_on))?;
    let message = Text::new(
        format!(
            "La certification date du {} ; cette présence la ferait remonter au {}. Supprimer d'abord la présence erronée.",
            dates::french(before),
            dates::french(after),
        ),
        format!(
            "The certification dates from {before}; this attendance would move it to {after}. Delete the wrong attendance first."
        ),
    );
    Some(Fault::new(pointer, "moves_certification", message))
}

/// Gives the referent a new version: a change of its attendances is a change of the referent.
fn touch(work: &mut Work<'_>, row: &ReferentRow) -> Result<(), ApiError> {
    work.changed(Resource::Referent, row.service_id, row.id);
    ApiError::require_first(referents::store::touch(work.conn, row, work.now)?)
}

/// A page of the attendances of a referent in scope.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    referent: Id,
    page: &PageRequest,
) -> Result<ReferentAttendancePage, ApiError> {
    let row = referents::ops::find(work, scope, referent)?;
    let (rows, page) = store::list(work.conn, row.id, page)?;
    let data: Vec<_> = rows.into_iter().map(ReferentAttendance::from).collect();
    Ok(ReferentAttendancePage { data: named(work, data)?, page })
}

/// The row of an attendance in scope; 404 if there is none.
pub(super) fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<AttendanceRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// Deletes an attendance recorded by mistake. The feed of changes shows it as a change of the referent.
pub(super) fn delete(work: &mut Work<'_>, row: &AttendanceRow) -> Result<(), ApiError> {
    work.lock_one(Lock::Referents, row.service_id)?;
    let referent = referents::ops::find(work, &ServiceScope::one(row.service_id), row.referent_id)?;
    ApiError::require_first(store::delete(work.conn, row.id)?)?;
    touch(work, &referent)
}
