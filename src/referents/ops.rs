//! Recording, reading and correcting referents.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::dto::filter::ReferentFilter;
use super::dto::new::{ReferentIdentityPatch, ReferentInput, ReferentPatch};
use super::dto::{Referent, ReferentPage};
use super::identity::{Identity, identity_at};
use super::model::{AttendanceKind, ReferentAction, ReferentFacts};
use super::store::{self, ReferentRow, StructureRow};
use crate::auth::ServiceScope;
use crate::data_keys::{data_key, data_keys, destroy_data_key, new_data_key, unwrap_keys};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Faults};
use crate::http::page::List;
use crate::naming::ops::named;
use crate::organisations;
use crate::privacy::open_unless_erased;
use crate::services::public::model::school::{Around, Door};
use crate::services::{self, ops::today};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Records a referent.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &ReferentInput) -> Result<Referent, ApiError> {
    let service = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let today = service.date_of(work.now);
    let mut faults = Faults::default();
    faults.add(dates::not_in_the_future("/appointed_on", new.appointed_on, today));
    check_structure(work, new.service_id, new.organisation_id, &mut faults)?;
    faults.finish()?;
    let id = Id::at(work.now);
    let (key, key_row) = new_data_key(work, new.service_id, id)?;
    let identity = Identity {
        name: Some(new.identity.name.clone()),
        phone: new.identity.phone.clone(),
        email: new.identity.email.clone(),
        role: new.identity.role.clone(),
    };
    let row = ReferentRow {
        id,
        service_id: new.service_id,
        organisation_id: new.organisation_id,
        identity: key.seal(identity_at(&id), &identity)?,
        appointed_on: new.appointed_on,
        left_on: None,
        departure_reason: None,
        charter_version: None,
        signed_by_referent_on: None,
        signed_by_structure_on: None,
        signed_by_service_on: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &key_row, &row)?;
    work.created(Resource::Referent, new.service_id, id);
    show(work, row)
}

/// Checks the structure of a request: it must be in the directory, and is not a school.
fn check_structure(work: &mut Work<'_>, service: Id, id: Id, faults: &mut Faults) -> Result<(), ApiError> {
    let at = "/organisation_id";
    let found = organisations::ops::find_named(work, service, &[(at, Some(id))], faults)?;
    let kinds = found.values().map(|organisation| (at.to_owned(), &organisation.kind));
    faults.add(Around::new(Door::Referent).organisations(kinds).faults());
    Ok(())
}

/// The row of a referent in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ReferentRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One referent in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Referent, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, row)
}

/// A referent as it was read or written.
fn show(work: &mut Work<'_>, row: ReferentRow) -> Result<Referent, ApiError> {
    to_referents(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the referents in scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<ReferentFilter>) -> Result<ReferentPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let mut days = Vec::new();
    if list.filter.standing.is_some() {
        days.extend(services::ops::days(work, scope.ids())?);
        days.sort_unstable();
    }
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &days, &list.page)?;
    Ok(ReferentPage { data: to_referents(work, rows)?, page })
}

/// Loads what the standing of a referent is computed from.
pub(super) fn load_facts(work: &mut Work<'_>, row: &ReferentRow) -> Result<ReferentFacts, ApiError> {
    let attended = store::attended(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default();
    Ok(row.facts(attended))
}

/// Referents from their rows and the related tables, which are read together whatever the number of rows.
fn to_referents(work: &mut Work<'_>, rows: Vec<ReferentRow>) -> Result<Vec<Referent>, ApiError> {
    let store::Related { structures, mut attended, keys } = store::related(work.conn, &rows)?;
    unwrap_keys(work, keys)?;
    let mut identities = identities(work, &rows)?;
    let of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &of)?;
    let to_referent = |row: ReferentRow| {
        let (structure, today) = (structures.get(&row.organisation_id), days.get(&row.service_id));
        let (structure, today) = structure.zip(today).ok_or_else(|| ApiError::new(Code::Internal))?;
        let facts = row.facts(attended.remove(&row.id).unwrap_or_default());
        let identity = identities.remove(&row.id).unwrap_or_default();
        Ok(referent(row, structure.clone(), identity, &facts, *today))
    };
    let shown = rows.into_iter().map(to_referent).collect::<Result<Vec<_>, ApiError>>()?;
    named(work, shown)
}

/// A referent from its row, its structure, its identity and the facts of its standing, on a day.
fn referent(
    row: ReferentRow,
    structure: StructureRow,
    identity: Identity,
    facts: &ReferentFacts,
    today: NaiveDate,
) -> Referent {
    let next = facts.next_change(today);
    let this_year = |kind| facts.first_in_year(kind, today.year(), today);
    Referent {
        id: row.id,
        service_id: row.service_id,
        organisation_id: row.organisation_id,
        organisation_name: structure.name,
        organisation_kind: structure.kind,
        commune_name: structure.commune_code.name(),
        commune_code: structure.commune_code,
        identity: identity.into(),
        appointed_on: row.appointed_on,
        available_actions: ReferentAction::available(row.left_on),
        left_on: row.left_on,
        departure_reason: row.departure_reason,
        charter_version: row.charter_version,
        signed_by_referent_on: row.signed_by_referent_on,
        signed_by_structure_on: row.signed_by_structure_on,
        signed_by_service_on: row.signed_by_service_on,
        external_training_days: facts.number_of(AttendanceKind::ExternalTraining),
        own_training_days: facts.number_of(AttendanceKind::OwnTraining),
        trained_on: facts.trained_on(),
        signed_on: facts.signed_on(),
        certified_on: facts.certified_on(),
        standing: facts.standing(today),
        standing_on: today,
        reasons: facts.reasons(today),
        changes_on: next.map(|(day, _)| day),
        changes_to: next.map(|(_, standing)| standing),
        follow_up_meeting_this_year_on: this_year(AttendanceKind::FollowUpMeeting),
        themed_day_this_year_on: this_year(AttendanceKind::ThemedDay),
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The identities of several referents. Those of erased referents are absent.
pub(super) fn identities(work: &mut Work<'_>, rows: &[ReferentRow]) -> Result<HashMap<Id, Identity>, ApiError> {
    let owners: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let keys = data_keys(work, &owners)?;
    let mut identities = HashMap::new();
    for row in rows {
        if let Some(identity) = open_unless_erased(keys.get(&row.id), identity_at(&row.id), Some(&row.identity))? {
            identities.insert(row.id, identity);
        }
    }
    Ok(identities)
}

/// Writes the next version of a referent.
pub(super) fn replace(work: &mut Work<'_>, row: &ReferentRow, mut new: ReferentRow) -> Result<Referent, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    work.changed(Resource::Referent, row.service_id, row.id);
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    show(work, new)
}

/// Corrects the structure, the identity or the first day of a referent.
pub fn correct(work: &mut Work<'_>, row: &ReferentRow, patch: ReferentPatch) -> Result<Referent, ApiError> {
    let mut new = row.clone();
    let mut faults = Faults::default();
    if let Some(organisation) = patch.organisation_id.filter(|id| *id != row.organisation_id) {
        check_structure(work, row.service_id, organisation, &mut faults)?;
        new.organisation_id = organisation;
    }
    if let Some(day) = patch.appointed_on.filter(|day| *day != row.appointed_on) {
        let first = load_facts(work, row)?.first_event().into_iter().chain(row.left_on).min();
        let late = first.and_then(|first| dates::not_after("/appointed_on", day, first, "after_first_event"));
        let today = today(work, row.service_id)?;
        faults.add(dates::not_in_the_future("/appointed_on", day, today).or(late));
        new.appointed_on = day;
    }
    faults.finish()?;
    if let Some(identity) = patch.identity {
        new.identity = corrected(work, row, identity)?;
    }
    if new == *row {
        return show(work, new);
    }
    replace(work, row, new)
}

/// The corrected identity, sealed; as it is if nothing of it changes.
fn corrected(work: &mut Work<'_>, row: &ReferentRow, patch: ReferentIdentityPatch) -> Result<Vec<u8>, ApiError> {
    let key = data_key(work, row.id)?;
    let before: Identity = key.open(identity_at(&row.id), &row.identity)?;
    let kept = before.clone();
    let after = Identity {
        name: patch.name.or(before.name),
        phone: patch.phone.over(before.phone),
        email: patch.email.over(before.email),
        role: patch.role.over(before.role),
    };
    if after == kept {
        return Ok(row.identity.clone());
    }
    Ok(key.seal(identity_at(&row.id), &after)?)
}

/// Deletes a referent and their key. Fails with a 409 if they have attendances: the foreign keys decide.
pub fn delete(work: &mut Work<'_>, row: &ReferentRow, reason: DeletionReason) -> Result<(), ApiError> {
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Des présences sont enregistrées pour cette personne : enregistrer son départ au lieu de la supprimer.",
            "This referent has attendances: record their departure instead of deleting them.",
        )
    })?;
    ApiError::require_first(deleted)?;
    destroy_data_key(work, row.id)?;
    work.deleted(Resource::Referent, row.service_id, row.id, reason);
    Ok(())
}
