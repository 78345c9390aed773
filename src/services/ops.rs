//! Use cases of services.

use super::dto::{NewPosition, NewService, Position, PositionPage, Service, ServicePage};
use super::model::Settings;
use super::store;
use crate::auth::ServiceScope;
use crate::context::Work;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::page::PageRequest;
use crate::trail::Resource;

pub use super::store::{PositionRow, ServiceRow};

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
    work.created(Resource::Service, id, id);
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

/// The row of a service of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ServiceRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
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

/// Adds a staff position to a service.
pub fn add_position(work: &mut Work<'_>, service: Id, new: &NewPosition) -> Result<Position, ApiError> {
    let id = Id::at(work.now);
    store::insert_position(work.conn, service, id, new, work.now)?;
    work.created(Resource::Position, service, id);
    position(work, &ServiceScope::one(service), id)
}

/// One position of a service of the scope.
pub fn position(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Position, ApiError> {
    Ok(store::position(work.conn, scope, id)?.into())
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
