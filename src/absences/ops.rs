//! Use cases of absences.

use super::dto::{Absence, AbsenceFilter, AbsenceInput, AbsencePage, AbsencePatch};
use super::model::Days;
use super::store::{self, AbsenceRow};
use crate::accounts::names;
use crate::auth::{Permission, PrincipalId, ServiceScope};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::Can;
use crate::http::page::List;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Whose absences a caller may declare, correct and remove: their own, and everybody's where they hold `cases:correct`.
#[derive(Clone, Debug)]
pub struct Declarer {
    scope: ServiceScope,
    everybody: ServiceScope,
}

impl Declarer {
    /// What the caller of a request may do.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self { scope: can.scope.clone(), everybody: can.principal.scope_of(Permission::CasesCorrect) }
    }

    /// A person who declares their own absences in some services.
    pub fn of_own(scope: ServiceScope) -> Self {
        Self { scope, everybody: ServiceScope::Only(Vec::new()) }
    }

    /// Fails with a 403 that says who may, unless the caller may declare the absences of this person.
    fn require(&self, work: &Work<'_>, service: Id, user: Id) -> Result<(), ApiError> {
        if work.call.principal == PrincipalId::User(user) || self.everybody.contains(service) {
            return Ok(());
        }
        Err(ApiError::new(Code::Forbidden)
            .detail(
                "Cette absence n'est pas la vôtre : la déclarer, la corriger et la supprimer sont réservés à la personne concernée, à la coordination et à la direction du service (`cases:correct`).",
                "This absence is not yours: the person concerned, coordinators and managers (`cases:correct`) may declare it, correct it and remove it.",
            )
            .with("required_permission", Permission::CasesCorrect.as_str()))
    }
}

/// Declares an absence.
pub fn create(work: &mut Work<'_>, declarer: &Declarer, new: &AbsenceInput) -> Result<Absence, ApiError> {
    let settings = services::ops::require(work, &declarer.scope, new.service_id, "/service_id")?;
    let days = Days { starts_on: new.starts_on, ends_on: new.ends_on };
    let mut faults = days.faults(settings.date_of(work.now));
    let caller = match work.call.principal {
        PrincipalId::User(user) => Some(user),
        PrincipalId::Client(_) | PrincipalId::Local => None,
    };
    let Some(user) = new.user_id.or(caller) else {
        let message = Text::new("Indiquer la personne absente.", "Say who is away.");
        faults.push(Fault::new("/user_id", "user_required", message));
        return Err(ApiError::broken(faults));
    };
    declarer.require(work, settings.id, user)?;
    work.lock_one(Lock::Absences, user)?;
    let (others, works_in) = store::around(work.conn, (settings.id, user), days)?;
    if !works_in {
        let message = Text::new("Aucun compte actif du service n'a cet identifiant.", "No active user of the service.");
        faults.push(Fault::new("/user_id", "unknown_professional", message));
    }
    ApiError::reject_if_any(faults)?;
    refuse_overlap(&others, None)?;
    let row = AbsenceRow {
        id: Id::at(work.now),
        service_id: settings.id,
        user_id: user,
        starts_on: days.starts_on,
        ends_on: days.ends_on,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::Absence, row.service_id, row.id);
    show_one(work, row)
}

fn refuse_overlap(others: &[AbsenceRow], but: Option<Id>) -> Result<(), ApiError> {
    match others.iter().find(|other| Some(other.id) != but) {
        None => Ok(()),
        Some(existing) => Err(ApiError::new(Code::Conflict)
            .detail(
                "Cette personne a déjà une absence sur une partie de ces jours (voir `existing_id`) : la corriger.",
                "This person has an absence on some of these days already: correct it. See `existing_id`.",
            )
            .with("existing_id", existing.id.as_str())),
    }
}

/// The row of an absence in scope, for a use case to change. Takes the lock of the person's absences: their days are checked
/// against one another.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<AbsenceRow, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    work.lock_first(Lock::Absences, row.user_id);
    Ok(row)
}

/// One absence in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Absence, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show_one(work, row)
}

/// A page of the absences in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<AbsenceFilter>) -> Result<AbsencePage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(AbsencePage { data: show(work, rows)?, page })
}

/// Corrects the days of an absence.
pub fn correct(
    work: &mut Work<'_>,
    declarer: &Declarer,
    row: &AbsenceRow,
    patch: &AbsencePatch,
) -> Result<Absence, ApiError> {
    declarer.require(work, row.service_id, row.user_id)?;
    let days =
        Days { starts_on: patch.starts_on.unwrap_or(row.starts_on), ends_on: patch.ends_on.unwrap_or(row.ends_on) };
    if days == row.days() {
        return show_one(work, row.clone());
    }
    ApiError::reject_if_any(days.faults(services::ops::today(work, row.service_id)?))?;
    let (others, _) = store::around(work.conn, (row.service_id, row.user_id), days)?;
    refuse_overlap(&others, Some(row.id))?;
    let new = AbsenceRow {
        starts_on: days.starts_on,
        ends_on: days.ends_on,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::Absence, new.service_id, new.id);
    show_one(work, new)
}

/// Removes an absence: it was declared by mistake, or the person is there after all.
pub fn delete(
    work: &mut Work<'_>,
    declarer: &Declarer,
    row: &AbsenceRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    declarer.require(work, row.service_id, row.user_id)?;
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::Absence, row.service_id, row.id, reason);
    Ok(())
}

fn show_one(work: &mut Work<'_>, row: AbsenceRow) -> Result<Absence, ApiError> {
    show(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

fn show(work: &mut Work<'_>, rows: Vec<AbsenceRow>) -> Result<Vec<Absence>, ApiError> {
    let users: Vec<String> = rows.iter().map(|row| PrincipalId::User(row.user_id).to_string()).collect();
    let accounts = rows.iter().map(|row| row.author.as_str()).chain(users.iter().map(String::as_str));
    let names = names::ops::read(work, accounts)?;
    let absence = |row: AbsenceRow| Absence {
        user_name: names.of_user(row.user_id),
        author_name: names.of(&row.author),
        id: row.id,
        service_id: row.service_id,
        user_id: row.user_id,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    };
    Ok(rows.into_iter().map(absence).collect())
}
