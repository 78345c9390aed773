//! A unit of work: what a use case has at hand while its transaction runs.

use crate::privacy::Vault;
use crate::trail::{Call, Change, ChangeKind, DeletionReason, Resource, Trail};
use passerelle_base::error::ApiError;
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::AnyConn;

/// One unit of work: a connection inside its transaction, and what a use case may need besides.
pub struct Work<'a> {
    /// The connection.
    pub conn: &'a mut AnyConn,
    /// Keys of personal data.
    pub vault: &'a Vault,
    /// The instant of the request.
    pub now: UtcTs,
    /// Who asks, by which request.
    pub call: Call,
    /// What has been changed and opened so far.
    pub trail: Trail,
}

impl<'a> Work<'a> {
    /// Begins a unit of work on a connection that is inside its transaction.
    pub fn new(conn: &'a mut AnyConn, vault: &'a Vault, now: UtcTs, call: impl Into<Call>) -> Self {
        Self { conn, vault, now, call: call.into(), trail: Trail::default() }
    }

    /// The author as columns store it.
    pub fn author(&self) -> String {
        self.call.principal.to_string()
    }

    /// Runs a part that may be refused without undoing the rest: a savepoint. The outer error is the
    /// database's.
    pub fn attempt<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<Result<T, ApiError>, ApiError> {
        self.conn.savepoint()?;
        let before = self.trail.clone();
        let outcome = f(self);
        if outcome.is_err() {
            self.trail = before;
        }
        self.conn.end_savepoint(outcome.is_ok())?;
        Ok(outcome)
    }

    /// Notes that an object of a service is new.
    pub fn created(&mut self, resource: Resource, service: Id, id: Id) {
        self.note(resource, Some(service), id, ChangeKind::Created, None);
    }

    /// Notes that an object of a service has another version.
    pub fn changed(&mut self, resource: Resource, service: Id, id: Id) {
        self.note(resource, Some(service), id, ChangeKind::Updated, None);
    }

    /// Notes that an object of a service is gone.
    pub fn deleted(&mut self, resource: Resource, service: Id, id: Id, reason: DeletionReason) {
        self.note(resource, Some(service), id, ChangeKind::Deleted, Some(reason));
    }

    /// Notes a change of an account, which belongs to the deployment: for the journal alone.
    pub fn account(&mut self, resource: Resource, id: Id, kind: ChangeKind) {
        self.note(resource, None, id, kind, None);
    }

    fn note(
        &mut self,
        resource: Resource,
        service_id: Option<Id>,
        id: Id,
        kind: ChangeKind,
        reason: Option<DeletionReason>,
    ) {
        self.trail.change(Change { resource, id, service_id, kind, reason });
    }
}
