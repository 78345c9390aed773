//! Use cases of builds and releases.

use super::dto::{
    StatisticsBuild, StatisticsBuildFilter, StatisticsBuildInput, StatisticsBuildPage, StatisticsReleaseFilter,
    StatisticsReleasePage,
};
use super::live::Live;
use super::model::{BuildAction, BuildRecords, BuildStatus, TierCode, opens_on};
use super::prepare;
use super::store::{self, BuildRow, EntryRow, Readers};
use super::trials;
use crate::auth::ServiceScope;
use crate::db::{Id, Lock, UtcTs};
use crate::error::{ApiError, Code, Text};
use crate::http::page::List;
use crate::naming::ops::named;
use crate::services;
use crate::statistics::records::ops::Year;
use crate::statistics::{records, settings, specs};
use crate::trail::Resource;
use crate::work::Work;

pub use super::audit::{Audited, audit};
pub use super::publish::publish;

/// Requests a build for a caller of the API who reads the live figures: whether it is ready depends on hidden counts.
pub fn request(
    work: &mut Work<'_>,
    live: &Live,
    service: Id,
    new: &StatisticsBuildInput,
) -> Result<StatisticsBuild, ApiError> {
    live.require(service)?;
    create(work, service, new)
}

/// Requests a build of a year up to a quarter.
pub fn create(work: &mut Work<'_>, service: Id, new: &StatisticsBuildInput) -> Result<StatisticsBuild, ApiError> {
    work.lock_one(Lock::Statistics, service)?;
    let today = services::ops::settings(work, &ServiceScope::one(service), service)?.date_of(work.now);
    if opens_on(new.year, new.quarter).is_none_or(|opens| today < opens) {
        let message = Text::new(
            "Ce trimestre n'est pas clos : ses chiffres peuvent être établis quinze jours après sa fin.",
            "This quarter is not closed: its figures can be taken fifteen days after its end.",
        );
        return Err(ApiError::rule("/quarter", "quarter_not_closed", message));
    }
    let year = records::ops::year(work, service, new.year)?;
    let published = i32::from(year.published_through);
    match (&new.reason, new.quarter.cmp(&published)) {
        (None, std::cmp::Ordering::Greater) | (Some(_), std::cmp::Ordering::Equal) => {}
        // A trial of another specification on the last release.
        (None, std::cmp::Ordering::Equal) if new.trial_spec.is_some() => {}
        (Some(_), _) => {
            let message = Text::new(
                "Un motif ne peut être donné que pour remplacer la dernière publication de l'année.",
                "A reason can only be given to replace the last release of the year.",
            );
            return Err(ApiError::rule("/reason", "nothing_to_replace", message));
        }
        (None, _) => {
            return Err(ApiError::new(Code::Conflict).detail(
                "Ce trimestre est déjà publié : indiquez un motif pour remplacer la dernière publication.",
                "This quarter is published: give a reason to replace the last release.",
            ));
        }
    }
    let records = new.records.unwrap_or(BuildRecords::AsPublished);
    if records == BuildRecords::Corrected {
        can_be_corrected(new, &year)?;
    }
    if let Some(code) = &new.trial_spec
        && specs::ops::latest(work, service, code)?.is_none()
    {
        let message = Text::new(
            "Le service n'a pas de spécification portant ce code.",
            "The service has no specification with this code.",
        );
        return Err(ApiError::rule("/trial_spec", "unknown_spec", message));
    }
    if new.trial_spec.is_some() {
        trials::require_one_more(work, service)?;
    }
    same_groups(work, service, new)?;
    for open in store::open_builds(work.conn, service, new.year)? {
        if open.status != BuildStatus::Ready {
            return Err(ApiError::new(Code::Conflict)
                .detail("Cette année est déjà en préparation.", "This year is already being prepared.")
                .with("existing_id", serde_json::json!(open.id)));
        }
        // A new build cancels an unpublished draft; a new trial cancels a trial of the same specification.
        if open.trial_spec == new.trial_spec {
            cancel_row(work, &open)?;
        }
    }
    let row = BuildRow {
        id: Id::at(work.now),
        service_id: service,
        year: new.year,
        quarter: new.quarter,
        status: BuildStatus::Queued,
        reason: new.reason.clone(),
        published_through: None,
        cut_off: None,
        proved: 0,
        to_prove: 0,
        seen_at: None,
        result: None,
        refusal: None,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
        records,
        attempts: 0,
        trial_spec: new.trial_spec.clone(),
    };
    store::insert_build(work.conn, &row)?;
    work.created(Resource::StatisticsBuild, service, row.id);
    named(work, row.into())
}

/// Refuses other groups of places than those that a release of the year shows: the difference of a former and a new
/// group would give the count of a single EPCI.
fn same_groups(work: &mut Work<'_>, service: Id, new: &StatisticsBuildInput) -> Result<(), ApiError> {
    let Some(before) = prepare::spec_of_year(work, service, new.year)? else { return Ok(()) };
    let now = settings::ops::policy_with(work, service, new.trial_spec.as_deref())?.spec;
    if before.body.groups.is_empty() || before.body.same_groups(&now.body) {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict).detail(
        "Une publication de l'année montre d'autres groupes d'EPCI. De nouveaux groupes valent à partir de l'année suivante.",
        "A release of the year shows other groups of EPCI. New groups hold from the next year on.",
    ))
}

/// Refuses to correct records if nothing is replaced, if the links are deleted, or for a second time.
fn can_be_corrected(new: &StatisticsBuildInput, year: &Year) -> Result<(), ApiError> {
    let (rule, message) = if new.reason.is_none() {
        let message = Text::new(
            "Pour corriger les fiches, remplacez la dernière publication de l'année en indiquant un motif.",
            "To correct records, replace the last release of the year and give a reason.",
        );
        ("nothing_to_replace", message)
    } else if year.unlinked {
        let message = Text::new(
            "L'année est close : l'origine de ses fiches n'est plus connue. Les corrections comptent dans l'année suivante.",
            "The year is closed: the sources of its records are no longer known. Corrections count in the next year.",
        );
        ("records_unlinked", message)
    } else if year.generation > 1 {
        let message = Text::new(
            "Les fiches de cette année ont déjà été corrigées : la preuve n'admet qu'une correction par année.",
            "The records of this year have already been corrected: the proof allows one correction per year.",
        );
        ("corrected_already", message)
    } else {
        return Ok(());
    };
    Err(ApiError::rule("/records", rule, message))
}

/// The row of a build of the scope, for an action.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<BuildRow, ApiError> {
    Ok(store::build(work.conn, scope, id)?)
}

/// A build of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<StatisticsBuild, ApiError> {
    let build = find(work, scope, id)?.shown(work.call.lang);
    named(work, build)
}

/// What a build that is ready would publish to a tier: the bytes, and their SHA-256 in hexadecimal.
pub fn preview(
    work: &mut Work<'_>,
    (scope, live): (&ServiceScope, &Live),
    id: Id,
    tier: TierCode,
) -> Result<(Vec<u8>, String), ApiError> {
    let row = find(work, scope, id)?;
    live.require(row.service_id)?;
    let release = row.drafts().map(|drafts| drafts.into_tier(tier)).ok_or_else(|| refused(&row))?;
    prepare::serialise(&release)
}

/// The build of a quarter that is ready, if there is one.
pub fn left_ready(work: &mut Work<'_>, service: Id, year: i32, quarter: i32) -> Result<Option<Id>, ApiError> {
    let open = store::open_builds(work.conn, service, year)?;
    Ok(open.into_iter().find(|row| row.quarter == quarter && row.is_ready()).map(|row| row.id))
}

/// Whether a year has a draft that waits for a user, or a build in progress. Trials do not count: they are never
/// published.
pub(super) fn has_draft(work: &mut Work<'_>, service: Id, year: i32) -> Result<bool, ApiError> {
    Ok(store::open_builds(work.conn, service, year)?.iter().any(|row| row.trial_spec.is_none()))
}

/// A page of the builds of a service of the scope.
pub fn list(
    work: &mut Work<'_>,
    (scope, live): (&ServiceScope, &Live),
    service: Id,
    list: &List<StatisticsBuildFilter>,
) -> Result<StatisticsBuildPage, ApiError> {
    services::ops::find(work, scope, service)?;
    let (rows, page) = store::list_builds(work.conn, &scope.within(Some(service)), &list.filter, &list.page)?;
    let lang = work.call.lang;
    let data: Vec<StatisticsBuild> = rows.into_iter().map(|row| live.shown(row.shown(lang))).collect();
    Ok(StatisticsBuildPage { data: named(work, data)?, page })
}

/// Cancels a build, or discards its draft.
pub fn cancel(work: &mut Work<'_>, row: &BuildRow) -> Result<StatisticsBuild, ApiError> {
    if !row.actions().contains(&BuildAction::Cancel) {
        return Err(refused(row));
    }
    let cancelled = cancel_row(work, row)?;
    named(work, cancelled.into())
}

/// Cancels the running builds of a year whose worker has sent no heartbeat since an instant.
pub(super) fn cancel_abandoned(work: &mut Work<'_>, service: Id, year: i32, since: UtcTs) -> Result<(), ApiError> {
    for open in store::open_builds(work.conn, service, year)? {
        if open.status == BuildStatus::Running && open.seen_at.is_none_or(|seen| seen < since) {
            cancel_row(work, &open)?;
        }
    }
    Ok(())
}

fn cancel_row(work: &mut Work<'_>, row: &BuildRow) -> Result<BuildRow, ApiError> {
    let next = BuildRow {
        status: BuildStatus::Cancelled,
        result: None,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    ApiError::require_first(store::put_build(work.conn, row.version, &next)?)?;
    work.changed(Resource::StatisticsBuild, row.service_id, row.id);
    Ok(next)
}

/// The error of an action that is not allowed in this state.
pub(super) fn refused(row: &BuildRow) -> ApiError {
    ApiError::wrong_state(row.status.as_str(), row.actions().iter().map(BuildAction::as_str))
}

/// A page of the catalogue of the releases that these readers may read.
pub fn catalogue(
    work: &mut Work<'_>,
    readers: &Readers,
    list: &List<StatisticsReleaseFilter>,
) -> Result<StatisticsReleasePage, ApiError> {
    let (rows, page) = store::list(work.conn, readers, &list.filter, &list.page)?;
    let replaced = store::replaced(work.conn, &rows)?;
    let entry = |row: EntryRow| {
        let superseded_by = replaced.get(&row.id).copied();
        row.entry(superseded_by)
    };
    Ok(StatisticsReleasePage { data: rows.into_iter().map(entry).collect(), page })
}
