//! Use cases of conventions: recording, reading, correcting. Decisions are in `act.rs`.

use chrono::{Duration, NaiveDate};

use super::dto::actions::{ConventionEvent, ConventionEventAction, ConventionEventPage};
use super::dto::filter::{ConventionFilter, ExpiringFilter};
use super::dto::new::{ConventionInput, ConventionPatch};
use super::dto::{Convention, ConventionPage, OpenedService};
use super::model::{ConventionAction, ConventionStatus, years};
use super::rules;
use super::store::parts::{self, NewTerms, Parts};
use super::store::{self, Change, ConventionRow, history, pages};
use crate::auth::ServiceScope;
use crate::conventions::contributions;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::{List, PageRequest};
use crate::naming::ops::named;
use crate::nomenclatures::codes::{ComplementaryService, ConventionReason};
use crate::services;
use crate::services::model::ServiceDays;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A convention ends soon when it ends within this number of days, by default.
const EXPIRING_DAYS: i32 = 90;

/// Records a convention as a draft.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &ConventionInput) -> Result<Convention, ApiError> {
    let settings = services::ops::require(work, scope, new.service_id, "/service_id")?;
    let today = settings.date_of(work.now);
    let mut faults = rules::period(new.starts_on, new.ends_on, today);
    faults.extend(rules::party(&new.collectivity, &settings.departements));
    faults.extend(rules::services(codes(&new.services)));
    let row = ConventionRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        collectivity_kind: new.collectivity.kind,
        collectivity_code: new.collectivity.code.clone(),
        reference: new.reference.clone(),
        status: ConventionStatus::Draft,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        proposed_on: None,
        signed_on: None,
        declined_on: None,
        terminated_on: None,
        reason: None,
        renews_id: new.renews_id,
        terms_number: 0,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    faults.extend(renewal_fault(work, &row)?);
    ApiError::reject_if_any(faults)?;
    refuse_second_renewal(work, &row)?;
    refuse_taken_years(work, &row)?;
    parts::insert(work.conn, &row, &initial_terms(&row, &new.services), &new.signatories, &new.documents)?;
    work.created(Resource::Convention, row.service_id, row.id);
    show(work, row)
}

/// The codes of the services opened.
pub(super) fn codes(opened: &[OpenedService]) -> impl Iterator<Item = &ComplementaryService> {
    opened.iter().map(|one| &one.complementary_service)
}

/// A convention renews an earlier convention of the same local authority and service.
fn renewal_fault(work: &mut Work<'_>, row: &ConventionRow) -> Result<Option<Fault>, ApiError> {
    use diesel::OptionalExtension;
    let Some(id) = row.renews_id else { return Ok(None) };
    let renewed = store::get(work.conn, &ServiceScope::one(row.service_id), id).optional()?;
    let fits = renewed.is_some_and(|one| one.collectivity() == row.collectivity() && one.starts_on < row.starts_on);
    Ok((!fits).then(|| {
        let message = Text::new(
            "Aucune convention antérieure de cette collectivité ne porte cet identifiant.",
            "No earlier convention of this local authority has this identifier.",
        );
        Fault::new("/renews_id", "not_its_renewal", message)
    }))
}

/// A convention is renewed at most once.
fn refuse_second_renewal(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    let Some(renewed) = row.renews_id else { return Ok(()) };
    work.conn.lock_one(Lock::ConventionYears, row.service_id)?;
    let renewal = parts::of(work.conn, &[renewed])?.remove(&renewed).and_then(|parts| parts.renewed_by_id);
    let Some(existing) = renewal else { return Ok(()) };
    let message = Text::new("Cette convention est déjà renouvelée.", "This convention is already renewed.");
    Err(ApiError::faults(Code::Conflict, vec![Fault::new("/renews_id", "already_renewed", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str()))
}

/// A local authority has at most one convention with a service per calendar year. A concurrent request of the service is
/// waited for.
pub(super) fn refuse_taken_years(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    work.conn.lock_one(Lock::ConventionYears, row.service_id)?;
    let Some((year, existing)) = store::years::taken(work.conn, row, &years(row.starts_on, row.ends_on))? else {
        return Ok(());
    };
    let message = Text::new(
        format!("Cette collectivité a déjà une convention pour l'année {year}."),
        format!("This local authority already has a convention for {year}."),
    );
    let pointer = if year == chrono::Datelike::year(&row.starts_on) { "/starts_on" } else { "/ends_on" };
    Err(ApiError::faults(Code::Conflict, vec![Fault::new(pointer, "year_taken", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str())
        .with("year", year))
}

fn initial_terms<'a>(row: &ConventionRow, services: &'a [OpenedService]) -> NewTerms<'a> {
    NewTerms { number: 0, effective_on: row.starts_on, ends_on: row.ends_on, signed_on: None, summary: None, services }
}

/// The row of a convention of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ConventionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One convention of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Convention, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, row)
}

/// A convention as it was read or written.
pub(super) fn show(work: &mut Work<'_>, row: ConventionRow) -> Result<Convention, ApiError> {
    conventions(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the conventions of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ConventionFilter>,
) -> Result<ConventionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let days = match &list.filter.standing {
        Some(_) => services::ops::by_day(work, &scope)?,
        None => ServiceDays::default(),
    };
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, &days, &list.page)?;
    Ok(ConventionPage { data: conventions(work, rows)?, page })
}

/// A page of the conventions of a service of the scope that end soon and that no convention renews.
pub fn expiring(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<ExpiringFilter>,
) -> Result<ConventionPage, ApiError> {
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let days = i64::from(list.filter.days.unwrap_or(EXPIRING_DAYS));
    let until = today.checked_add_signed(Duration::days(days)).unwrap_or(today);
    let scope = scope.within(Some(service));
    let (rows, page) = pages::expiring(work.conn, &scope, &list.filter, (today, until), &list.page)?;
    Ok(ConventionPage { data: conventions(work, rows)?, page })
}

/// Conventions with their parts, which are read together whatever the number of rows.
fn conventions(work: &mut Work<'_>, rows: Vec<ConventionRow>) -> Result<Vec<Convention>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut parts = parts::of(work.conn, &ids)?;
    let of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &of)?;
    let as_of_today = |row: ConventionRow| {
        let today = days.get(&row.service_id).copied().unwrap_or_default();
        let own = parts.remove(&row.id).unwrap_or_default();
        convention(row, own, today)
    };
    let shown: Vec<Convention> = rows.into_iter().map(as_of_today).collect();
    named(work, shown)
}

/// A convention as it is on a day.
fn convention(row: ConventionRow, parts: Parts, today: NaiveDate) -> Convention {
    let in_effect = parts.terms.iter().rev().find(|terms| terms.effective_on <= today);
    let services = in_effect.or(parts.terms.first()).map(|terms| terms.services.clone()).unwrap_or_default();
    Convention {
        collectivity: row.collectivity(),
        collectivity_name: row.collectivity_name(),
        standing: row.status.standing(row.starts_on, row.last_day(), today),
        available_actions: row.status.available_actions(),
        last_day: row.last_day(),
        id: row.id,
        service_id: row.service_id,
        reference: row.reference,
        status: row.status,
        starts_on: row.starts_on,
        ends_on: row.ends_on,
        proposed_on: row.proposed_on,
        signed_on: row.signed_on,
        declined_on: row.declined_on,
        terminated_on: row.terminated_on,
        reason: row.reason,
        renews_id: row.renews_id,
        renewed_by_id: parts.renewed_by_id,
        services,
        terms: parts.terms,
        signatories: parts.signatories,
        documents: parts.documents,
        suspensions: parts.suspensions,
        author: row.author,
        author_name: None,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// Corrects a convention. Its period and services can change only before the signature.
pub fn correct(work: &mut Work<'_>, row: &ConventionRow, patch: ConventionPatch) -> Result<Convention, ApiError> {
    let today = services::ops::today(work, row.service_id)?;
    let patch = without_what_is_the_same(work, row, patch)?;
    let mut new = row.clone();
    let terms_fields = [
        ("/starts_on", patch.starts_on.is_some_and(|day| day != row.starts_on)),
        ("/ends_on", patch.ends_on.is_some_and(|day| day != row.ends_on)),
        ("/services", patch.services.is_some()),
    ];
    let mut faults = Vec::new();
    if !row.status.is_open() {
        let frozen = terms_fields.iter().filter(|(_, given)| *given).map(|(pointer, _)| {
            let message = Text::new(
                "Ces termes ne peuvent plus être corrigés : une fois la convention signée, seul un avenant (`amend`) les modifie.",
                "These terms can no longer be corrected: once the convention is signed, only an amendment (`amend`) changes them.",
            );
            Fault::new(*pointer, "frozen", message)
        });
        faults.extend(frozen);
    }
    new.reference = patch.reference.over(new.reference);
    new.starts_on = patch.starts_on.unwrap_or(new.starts_on);
    new.ends_on = patch.ends_on.unwrap_or(new.ends_on);
    let period_changed = (new.starts_on, new.ends_on) != (row.starts_on, row.ends_on);
    faults.extend(patch.services.as_deref().map(|opened| rules::services(codes(opened))).unwrap_or_default());
    if period_changed {
        faults.extend(rules::period(new.starts_on, new.ends_on, today));
        faults.extend(renewal_fault(work, &new)?);
    }
    ApiError::reject_if_any(faults)?;
    if period_changed {
        contributions::ops::refuse_computed(work, row)?;
        refuse_taken_years(work, &new)?;
    }
    let parts_change = patch.services.is_some() || patch.signatories.is_some() || patch.documents.is_some();
    if new == *row && !parts_change {
        return show(work, new);
    }
    let new = replace(work, row, new)?;
    if period_changed {
        store::years::release(work.conn, row.id, None)?;
        store::years::take(work.conn, &new, years(new.starts_on, new.ends_on))?;
    }
    if period_changed || patch.services.is_some() {
        let services = match patch.services {
            Some(services) => services,
            None => initial_services(work, row.id)?,
        };
        parts::delete_terms(work.conn, row.id)?;
        parts::insert_terms(work.conn, row.id, &initial_terms(&new, &services), work.now)?;
    }
    if let Some(signatories) = &patch.signatories {
        parts::put_signatories(work.conn, row.id, signatories)?;
    }
    if let Some(documents) = &patch.documents {
        parts::put_documents(work.conn, row.id, documents)?;
    }
    show(work, new)
}

/// A patch without the lists that the convention has already. The services of a convention have no order.
fn without_what_is_the_same(
    work: &mut Work<'_>,
    row: &ConventionRow,
    mut patch: ConventionPatch,
) -> Result<ConventionPatch, ApiError> {
    if patch.services.is_none() && patch.signatories.is_none() && patch.documents.is_none() {
        return Ok(patch);
    }
    let had = parts::of(work.conn, &[row.id])?.remove(&row.id).unwrap_or_default();
    let services = had.terms.into_iter().next().map(|terms| terms.services).unwrap_or_default();
    patch.services = patch.services.filter(|given| {
        let same = given.iter().all(|one| services.contains(one)) && services.iter().all(|one| given.contains(one));
        given.len() != services.len() || !same
    });
    patch.signatories = patch.signatories.filter(|given| *given != had.signatories);
    patch.documents = patch.documents.filter(|given| *given != had.documents);
    Ok(patch)
}

/// The services that the initial terms open.
fn initial_services(work: &mut Work<'_>, convention: Id) -> Result<Vec<OpenedService>, ApiError> {
    let parts = parts::of(work.conn, &[convention])?.remove(&convention).unwrap_or_default();
    Ok(parts.terms.into_iter().next().map(|terms| terms.services).unwrap_or_default())
}

/// Writes the next version of a convention.
pub(super) fn replace(
    work: &mut Work<'_>,
    row: &ConventionRow,
    mut new: ConventionRow,
) -> Result<ConventionRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::Convention, row.service_id, row.id);
    Ok(new)
}

/// Deletes a draft. Once proposed, a convention can only be declined, and its row is kept.
pub fn delete(work: &mut Work<'_>, row: &ConventionRow, reason: DeletionReason) -> Result<(), ApiError> {
    if row.status != ConventionStatus::Draft {
        let actions = row.status.available_actions();
        return Err(ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str)));
    }
    contributions::ops::refuse_computed(work, row)?;
    parts::delete_all(work.conn, row.id)?;
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_referenced(
            error,
            "Une autre convention renouvelle celle-ci.",
            "Another convention renews this one.",
        )
    })?;
    ApiError::require_first(deleted)?;
    work.deleted(Resource::Convention, row.service_id, row.id, reason);
    Ok(())
}

/// A decision, as its history records it.
pub(super) struct Decided {
    pub(super) action: ConventionEventAction,
    pub(super) on: NaiveDate,
    pub(super) reason: Option<ConventionReason>,
}

/// Writes a decision: what it changes, its event in the history, and the next version of the convention.
pub(super) fn decide(
    work: &mut Work<'_>,
    row: &ConventionRow,
    mut new: ConventionRow,
    change: Change,
    decided: Decided,
) -> Result<ConventionRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    let event = history::EventRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        convention_id: row.id,
        version: new.version,
        action: decided.action,
        happened_on: decided.on,
        reason: decided.reason,
        author: work.author(),
        created_at: work.now,
    };
    ApiError::require_first(store::decide(work.conn, row, &new, &event, change)?)?;
    work.changed(Resource::Convention, row.service_id, row.id);
    Ok(new)
}

/// A page of the history of a convention of the scope, oldest event first.
pub fn history(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    id: Id,
    page: &PageRequest,
) -> Result<ConventionEventPage, ApiError> {
    store::get(work.conn, scope, id)?;
    let (rows, info) = history::list(work.conn, scope, id, page)?;
    let data: Vec<ConventionEvent> = rows.into_iter().map(Into::into).collect();
    Ok(ConventionEventPage { data: named(work, data)?, page: info })
}
