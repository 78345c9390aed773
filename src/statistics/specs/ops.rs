//! Use cases of specifications.

use chrono::Datelike;

use super::compile::{Setting, compile};
use super::dto::{StatisticsSpec, StatisticsSpecInput, StatisticsSpecPage};
use super::model::{Body, Spec, built_in};
use super::rules;
use super::store::{self, SpecRow};
use crate::auth::ServiceScope;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code};
use crate::http::page::PageRequest;
use crate::naming::ops::named;
use crate::privacy::sha256_hex;
use crate::services;
use crate::statistics::records::model::days_of;
use crate::trail::Resource;
use crate::work::Work;
use passerelle_disclosure::population::Population;

/// The SHA-256 of the canonical form of a specification, in hexadecimal.
pub fn hash(spec: &Spec) -> String {
    sha256_hex(spec.canonical().as_bytes())
}

/// A service in scope, to define a specification or to prepare a release: the lock of its statistics comes before them.
pub fn find_service(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Id, ApiError> {
    work.lock_first(Lock::Statistics, id);
    services::ops::settings(work, scope, id)?;
    Ok(id)
}

/// Defines the next version of a specification of a service; the first one for a new code.
pub fn create(work: &mut Work<'_>, service: Id, new: &StatisticsSpecInput) -> Result<StatisticsSpec, ApiError> {
    work.lock_one(Lock::Statistics, service)?;
    let settings = services::ops::settings(work, &ServiceScope::one(service), service)?;
    let (body, children) = (new.body(), children_a_year(work, service)?);
    ApiError::reject_if_any(rules::faults(&new.code, &body, &settings.departements, children))?;
    let latest = store::versions(work.conn, service, &new.code)?.first().map_or(0, |row| row.version);
    let spec = Spec { code: new.code.clone(), version: latest + 1, body };
    let row = SpecRow {
        id: Id::at(work.now),
        service_id: service,
        code: spec.code.clone(),
        version: spec.version,
        body: spec.canonical(),
        sha256: hash(&spec),
        author: work.author(),
        created_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::StatisticsSpec, service, row.id);
    let (remarks, lang) = (rules::advice(&spec.body, children), work.call.lang);
    let made = StatisticsSpec::new(service, spec, row.sha256, Some((row.author, row.created_at)));
    named(work, made.with_advice(remarks, lang))
}

/// The number of children that a service follows per year: that of last year or of this year so far, whichever is
/// larger. For its own staff: it is not a figure of a release.
pub fn children_a_year(work: &mut Work<'_>, service: Id) -> Result<i64, ApiError> {
    let settings = services::ops::settings(work, &ServiceScope::one(service), service)?;
    let this = settings.date_of(work.now).year();
    match days_of(this - 1).zip(days_of(this)) {
        Some(years) => Ok(store::most_children(work.conn, service, years)?),
        None => Ok(0),
    }
}

/// The number of children that a service follows in a year, so far. For its own staff too.
pub fn children_of(work: &mut Work<'_>, service: Id, year: i32) -> Result<i64, ApiError> {
    let Some(days) = days_of(year) else { return Ok(0) };
    Ok(store::children(work.conn, service, days)?)
}

/// The specification of a row.
fn read(row: &SpecRow) -> Result<Spec, ApiError> {
    let stored: Option<Body> = serde_json::from_str::<serde_json::Value>(&row.body)
        .ok()
        .and_then(|mut stored| serde_json::from_value(stored["body"].take()).ok());
    let body = stored.ok_or_else(|| {
        log::error!("a stored specification of statistics cannot be read");
        ApiError::new(Code::Internal)
    })?;
    Ok(Spec { code: row.code.clone(), version: row.version, body })
}

fn shown(row: SpecRow) -> Result<StatisticsSpec, ApiError> {
    Ok(StatisticsSpec::new(row.service_id, read(&row)?, row.sha256, Some((row.author, row.created_at))))
}

fn shown_built_in(service: Id, spec: Spec) -> StatisticsSpec {
    let hash = hash(&spec);
    StatisticsSpec::new(service, spec, hash, None)
}

/// A page of the specifications of a service of the scope: the built-in ones, then its own by code, latest version
/// first. A service has a few dozen, so paging is done in memory.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> Result<StatisticsSpecPage, ApiError> {
    services::ops::settings(work, scope, service)?;
    let mut all: Vec<StatisticsSpec> = built_in().into_iter().map(|spec| shown_built_in(service, spec)).collect();
    for row in store::all(work.conn, scope, service)? {
        all.push(shown(row)?);
    }
    let total = i64::try_from(all.len()).unwrap_or(i64::MAX);
    // The cursor is a code and a version, so a specification defined meanwhile does not shift the page.
    let after = page.after::<(String, i32)>();
    let start = after.map_or(0, |(code, version)| {
        all.iter().position(|one| one.code == code && one.version == version).map_or(all.len(), |at| at + 1)
    });
    let rest = all.into_iter().skip(start).take(usize::try_from(page.fetch()).unwrap_or_default()).collect();
    let (data, info) = page.cut(rest, |one: &StatisticsSpec| (one.code.clone(), one.version));
    let page = page.counted(info, || Ok::<_, ApiError>(total))?;
    Ok(StatisticsSpecPage { data: named(work, data)?, page })
}

/// A version of a specification of a service of the scope; the latest by default.
pub fn get(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    code: &str,
    version: Option<i32>,
) -> Result<StatisticsSpec, ApiError> {
    services::ops::settings(work, scope, service)?;
    let is_requested = |one: i32| version.is_none_or(|version| version == one);
    let own = || built_in().into_iter().filter(|spec| spec.code == code);
    if own().next().is_some() {
        let found = own().find(|spec| is_requested(spec.version));
        return found.map(|spec| shown_built_in(service, spec)).ok_or_else(ApiError::not_found);
    }
    let row = store::versions(work.conn, service, code)?.into_iter().find(|row| is_requested(row.version));
    let found = row.map_or_else(|| Err(ApiError::not_found()), shown)?;
    named(work, found)
}

/// A version of a specification of a service, if it has that version.
pub fn version(work: &mut Work<'_>, service: Id, code: &str, version: i32) -> Result<Option<Spec>, ApiError> {
    if let Some(spec) = built_in().into_iter().find(|spec| spec.code == code && spec.version == version) {
        return Ok(Some(spec));
    }
    store::versions(work.conn, service, code)?.iter().find(|row| row.version == version).map(read).transpose()
}

/// The latest version of a specification of a service, if it has one.
pub fn latest(work: &mut Work<'_>, service: Id, code: &str) -> Result<Option<Spec>, ApiError> {
    if let Some(spec) = built_in().into_iter().find(|spec| spec.code == code) {
        return Ok(Some(spec));
    }
    store::versions(work.conn, service, code)?.first().map(read).transpose()
}

/// The populations of a specification for a service, with their dimensions and tables, without units.
pub fn compiled(work: &mut Work<'_>, service: Id, spec: &Spec) -> Result<Vec<Population>, ApiError> {
    let settings = services::ops::settings(work, &ServiceScope::one(service), service)?;
    let setting = Setting {
        departements: settings.departements,
        kits: store::kits(work.conn, service)?,
        upper_birthday: Some(settings.age_upper_birthday),
    };
    Ok(compile(spec, &setting))
}
