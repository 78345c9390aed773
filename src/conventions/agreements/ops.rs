//! Use cases of conventions: recording, reading, correcting. Deciding is in `act.rs`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{Duration, NaiveDate};

use super::dto::actions::{ConventionEventAction, ConventionEventPage};
use super::dto::filter::{ConventionFilter, ExpiringFilter};
use super::dto::new::{ConventionPatch, NewConvention};
use super::dto::{Convention, ConventionPage, OpenedService};
use super::model::{ConventionAction, ConventionStatus, years};
use super::rules;
use super::store::parts::{self, NewTerms};
use super::store::{self, ConventionRow, history, pages};
use crate::auth::ServiceScope;
use crate::clock;
use crate::conventions::contributions;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::{List, PageRequest};
use crate::nomenclatures::codes::{ComplementaryService, ConventionReason};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Days before the end from which on a convention is about to end, unless said.
const EXPIRING_DAYS: i32 = 90;

/// Records a convention as a draft.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewConvention) -> Result<Convention, ApiError> {
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
    ApiError::unless_none(faults)?;
    refuse_second_renewal(work, &row)?;
    refuse_taken_years(work, &row)?;
    store::insert(work.conn, &row)?;
    store::years::take(work.conn, &row, years(row.starts_on, row.ends_on))?;
    put_first_terms(work, &row, &new.services)?;
    parts::put_signatories(work.conn, row.id, &new.signatories)?;
    parts::put_documents(work.conn, row.id, &new.documents)?;
    work.created(Resource::Convention, row.service_id, row.id);
    get(work, scope, row.id)
}

/// Which services are opened.
pub(super) fn codes(opened: &[OpenedService]) -> impl Iterator<Item = &ComplementaryService> {
    opened.iter().map(|one| &one.complementary_service)
}

/// What a convention follows is one of the same collectivity and service that began before it.
fn renewal_fault(work: &mut Work<'_>, row: &ConventionRow) -> Result<Option<Fault>, ApiError> {
    use diesel::OptionalExtension;
    let Some(id) = row.renews_id else { return Ok(None) };
    let before = store::get(work.conn, &ServiceScope::one(row.service_id), id).optional()?;
    let fits = before.is_some_and(|one| one.collectivity() == row.collectivity() && one.starts_on < row.starts_on);
    Ok((!fits).then(|| {
        let message = Text::new(
            "Pas de convention de cette collectivité, plus ancienne, sous cet identifiant.",
            "No earlier convention of this collectivity under this identifier.",
        );
        Fault::new("/renews_id", "not_its_renewal", message)
    }))
}

/// A convention is followed by one.
fn refuse_second_renewal(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    let Some(renewed) = row.renews_id else { return Ok(()) };
    let by = parts::of(work.conn, &[renewed])?.remove(&renewed).and_then(|parts| parts.renewed_by_id);
    let Some(existing) = by else { return Ok(()) };
    let message = Text::new("Cette convention est déjà renouvelée.", "This convention is renewed already.");
    Err(ApiError::faults(Code::Conflict, vec![Fault::new("/renews_id", "already_renewed", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str()))
}

/// A collectivity has one convention a calendar year with a service. Of twins that race, the key keeps one.
pub(super) fn refuse_taken_years(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    let Some((year, existing)) = store::years::taken(work.conn, row, &years(row.starts_on, row.ends_on))? else {
        return Ok(());
    };
    let message = Text::new(
        format!("Cette collectivité a déjà une convention pour l'année {year}."),
        format!("This collectivity has a convention for the year {year} already."),
    );
    let pointer = if year == chrono::Datelike::year(&row.starts_on) { "/starts_on" } else { "/ends_on" };
    Err(ApiError::faults(Code::Conflict, vec![Fault::new(pointer, "year_taken", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str())
        .with("year", year))
}

fn put_first_terms(work: &mut Work<'_>, row: &ConventionRow, services: &[OpenedService]) -> Result<(), ApiError> {
    let first = NewTerms {
        number: 0,
        effective_on: row.starts_on,
        ends_on: row.ends_on,
        signed_on: None,
        summary: None,
        services,
    };
    Ok(parts::insert_terms(work.conn, row.id, &first, work.now)?)
}

/// The row of a convention of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ConventionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One convention of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Convention, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    shown(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the conventions of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ConventionFilter>,
) -> Result<ConventionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    // The list may span services of several time zones: which conventions stand how is told by one day.
    let today = clock::date_in(chrono_tz::UTC, work.now);
    let (rows, page) = pages::list(work.conn, &scope, &list.filter, today, &list.page)?;
    Ok(ConventionPage { data: shown(work, rows)?, page })
}

/// A page of the conventions of a service of the scope that end soon and that nothing follows.
pub fn expiring(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<ExpiringFilter>,
) -> Result<ConventionPage, ApiError> {
    let today = services::store::settings(work.conn, scope, service)?.date_of(work.now);
    let days = i64::from(list.filter.days.unwrap_or(EXPIRING_DAYS));
    let until = today.checked_add_signed(Duration::days(days)).unwrap_or(today);
    let scope = scope.within(Some(service));
    let (rows, page) = pages::expiring(work.conn, &scope, &list.filter, (today, until), &list.page)?;
    Ok(ConventionPage { data: shown(work, rows)?, page })
}

/// Rows with what stands in other tables: one query each, whatever the number of rows.
fn shown(work: &mut Work<'_>, rows: Vec<ConventionRow>) -> Result<Vec<Convention>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut parts = parts::of(work.conn, &ids)?;
    let mut days: HashMap<Id, NaiveDate> = HashMap::new();
    let mut all = Vec::new();
    for row in rows {
        let today = match days.entry(row.service_id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(unknown) => *unknown.insert(today(work, row.service_id)?),
        };
        let own = parts.remove(&row.id).unwrap_or_default();
        all.push(Convention::new(row, own, today));
    }
    Ok(all)
}

/// The date where a service is.
pub fn today(work: &mut Work<'_>, service: Id) -> Result<NaiveDate, ApiError> {
    Ok(services::store::settings(work.conn, &ServiceScope::one(service), service)?.date_of(work.now))
}

/// Corrects a convention. What was signed stays as it was signed.
pub fn correct(work: &mut Work<'_>, row: &ConventionRow, patch: ConventionPatch) -> Result<Convention, ApiError> {
    let today = today(work, row.service_id)?;
    let mut new = row.clone();
    let of_terms = [
        ("/starts_on", patch.starts_on.is_some()),
        ("/ends_on", patch.ends_on.is_some()),
        ("/services", patch.services.is_some()),
    ];
    if !row.status.is_open() {
        let frozen = of_terms.iter().filter(|(_, given)| *given).map(|(pointer, _)| {
            let message = Text::new(
                "Ces termes ne se corrigent plus : un avenant les change (amend) une fois la convention signée.",
                "These terms are not corrected any more: an amendment changes them (amend) once the convention is signed.",
            );
            Fault::new(*pointer, "frozen", message)
        });
        ApiError::unless_none(frozen)?;
    }
    new.reference = patch.reference.over(new.reference);
    new.starts_on = patch.starts_on.unwrap_or(new.starts_on);
    new.ends_on = patch.ends_on.unwrap_or(new.ends_on);
    let moved = (new.starts_on, new.ends_on) != (row.starts_on, row.ends_on);
    let mut faults = patch.services.as_deref().map(|opened| rules::services(codes(opened))).unwrap_or_default();
    if moved {
        faults.extend(rules::period(new.starts_on, new.ends_on, today));
        faults.extend(renewal_fault(work, &new)?);
    }
    ApiError::unless_none(faults)?;
    if moved {
        contributions::ops::refuse_computed(work, row)?;
        refuse_taken_years(work, &new)?;
    }
    let new = replace(work, row, new)?;
    if moved {
        store::years::give_back(work.conn, row.id, None)?;
        store::years::take(work.conn, &new, years(new.starts_on, new.ends_on))?;
    }
    if moved || patch.services.is_some() {
        let services = match patch.services {
            Some(services) => services,
            None => first_services(work, row.id)?,
        };
        parts::delete_terms(work.conn, row.id)?;
        put_first_terms(work, &new, &services)?;
    }
    if let Some(signatories) = &patch.signatories {
        parts::put_signatories(work.conn, row.id, signatories)?;
    }
    if let Some(documents) = &patch.documents {
        parts::put_documents(work.conn, row.id, documents)?;
    }
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// The services that the first terms open.
fn first_services(work: &mut Work<'_>, convention: Id) -> Result<Vec<OpenedService>, ApiError> {
    let parts = parts::of(work.conn, &[convention])?.remove(&convention).unwrap_or_default();
    Ok(parts.terms.into_iter().next().map(|terms| terms.services).unwrap_or_default())
}

/// Writes another version of a convention.
pub(super) fn replace(
    work: &mut Work<'_>,
    row: &ConventionRow,
    mut new: ConventionRow,
) -> Result<ConventionRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    if !store::update(work.conn, row, &new)? {
        return Err(ApiError::overtaken());
    }
    work.changed(Resource::Convention, row.service_id, row.id);
    Ok(new)
}

/// Deletes a draft. What was proposed is declined instead, and stays.
pub fn delete(work: &mut Work<'_>, row: &ConventionRow, reason: DeletionReason) -> Result<(), ApiError> {
    if row.status != ConventionStatus::Draft {
        let actions = row.status.available_actions();
        return Err(ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str)));
    }
    contributions::ops::refuse_computed(work, row)?;
    store::years::give_back(work.conn, row.id, None)?;
    parts::delete_terms(work.conn, row.id)?;
    parts::put_signatories(work.conn, row.id, &[])?;
    parts::put_documents(work.conn, row.id, &[])?;
    let deleted = store::delete(work.conn, row).map_err(|error| {
        ApiError::still_named(error, "Une autre convention renouvelle celle-ci.", "Another convention renews this one.")
    })?;
    if !deleted {
        return Err(ApiError::overtaken());
    }
    work.deleted(Resource::Convention, row.service_id, row.id, reason);
    Ok(())
}

/// Records what was decided, in the transaction that decides it.
pub(super) fn record(
    work: &mut Work<'_>,
    row: &ConventionRow,
    action: ConventionEventAction,
    on: NaiveDate,
    reason: Option<ConventionReason>,
) -> Result<(), ApiError> {
    let event = history::EventRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        convention_id: row.id,
        version: row.version,
        action,
        happened_on: on,
        reason,
        author: work.author(),
        created_at: work.now,
    };
    Ok(history::insert(work.conn, &event)?)
}

/// A page of the history of a convention of the scope, oldest first.
pub fn history(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    id: Id,
    page: &PageRequest,
) -> Result<ConventionEventPage, ApiError> {
    store::get(work.conn, scope, id)?;
    let (rows, info) = history::list(work.conn, scope, id, page)?;
    Ok(ConventionEventPage { data: rows.into_iter().map(Into::into).collect(), page: info })
}
