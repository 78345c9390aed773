//! Use cases of services.

use super::dto::{NewPosition, NewService, Position, PositionPage, Service, ServicePage};
use super::model::Settings;
use super::store;
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::page::PageRequest;

/// Creates a service and its key. Only whoever sees every service may.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &NewService) -> Result<Service, ApiError> {
    if *scope != ServiceScope::All {
        return Err(ApiError::new(Code::Forbidden).detail(
            "Seul un administrateur du déploiement crée un service.",
            "Only an administrator of the deployment creates a service.",
        ));
    }
    let id = Id::at(work.now);
    let wrapped_key = work.vault.new_service_key(id)?;
    store::insert(work.conn, id, new, &wrapped_key, work.now)?;
    get(work, scope, id)
}

/// The settings of the service that a body names. A service outside the scope and one that does not
/// exist are refused in the same words.
pub fn require(work: &mut Work<'_>, scope: &ServiceScope, id: Id, pointer: &str) -> Result<Settings, ApiError> {
    use diesel::OptionalExtension;
    store::settings(work.conn, scope, id).optional()?.ok_or_else(|| {
        ApiError::rule(pointer, "unknown_service", Text::new("Service introuvable.", "No such service."))
    })
}

/// One service of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Service, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let (mut departements, mut groups) = store::coverage(work.conn, &[id])?;
    Ok(Service::new(row, departements.remove(&id).unwrap_or_default(), groups.remove(&id).unwrap_or_default()))
}

/// A page of the services of the scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, page: &PageRequest) -> Result<ServicePage, ApiError> {
    let rows = store::list(work.conn, scope, page.after(), page.fetch())?;
    let (rows, info) = page.cut(rows, |row| row.id);
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let (mut departements, mut groups) = store::coverage(work.conn, &ids)?;
    let data = rows.into_iter().map(|row| {
        let id = row.id;
        Service::new(row, departements.remove(&id).unwrap_or_default(), groups.remove(&id).unwrap_or_default())
    });
    Ok(ServicePage { data: data.collect(), page: info })
}

/// Adds a staff position.
pub fn add_position(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    new: &NewPosition,
) -> Result<Position, ApiError> {
    store::get(work.conn, scope, service)?;
    let id = Id::at(work.now);
    store::insert_position(work.conn, service, id, new, work.now)?;
    Ok(Position {
        id,
        service_id: service,
        title: new.title.clone(),
        fte_percent: new.fte_percent,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        counted: new.counted,
    })
}

/// A page of the positions of a service.
pub fn positions(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> Result<PositionPage, ApiError> {
    store::get(work.conn, scope, service)?;
    let rows = store::list_positions(work.conn, service, page.after(), page.fetch())?;
    let (rows, info) = page.cut(rows, |row| (row.starts_on, row.id));
    Ok(PositionPage { data: rows.into_iter().map(Position::from).collect(), page: info })
}
