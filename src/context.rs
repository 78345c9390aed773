//! What every request needs, built once: database, keys, clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::auth::{self, KeyRing, Principal, PrincipalId, Principals, Revocations};
use crate::clock::Clock;
use crate::db::{AnyConn, Db, Id, UtcTs};
use crate::deployment;
use crate::error::ApiError;
use crate::http::kept::Kept;
use crate::http::settled::Settled;
use crate::privacy::Vault;
use crate::startup::StartupError;
use crate::trail::{Call, Change, ChangeKind, DeletionReason, Resource, Trail};
use crate::{journal, outbox};

/// Another instance's new signing key is looked for at most this often.
const KEYS_EVERY: Duration = Duration::from_secs(5);

/// The shared state of the process. It keeps nothing that matters: caches, and handles.
pub struct Context {
    /// The database.
    pub db: Db,
    /// Keys of personal data.
    pub vault: Vault,
    /// The clock.
    pub clock: Clock,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Rights read lately.
    pub principals: Principals,
    /// Tokens revoked lately.
    pub revocations: Revocations,
    /// The address under which clients know this API, without a final slash.
    pub public_url: String,
    /// Answers that never change, asked for lately.
    pub kept: Kept,
    /// What the database said lately that cannot become untrue.
    pub settled: Settled,
    /// Events of reads that wait to be written.
    pub journal: journal::Queue,
    keys_read: Mutex<Option<Instant>>,
}

impl Context {
    /// Builds the context on a migrated database; refuses a master key that is not the database's.
    pub fn new(db: Db, vault: Vault, clock: Clock, public_url: &str) -> Result<Self, StartupError> {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let context = Self {
            keys: KeyRing::new(public_url.clone()),
            db,
            vault,
            clock,
            principals: Principals::default(),
            revocations: Revocations::default(),
            public_url,
            kept: Kept::default(),
            settled: Settled::default(),
            journal: journal::Queue::default(),
            keys_read: Mutex::default(),
        };
        deployment::check_master_key(&context)?;
        Ok(context)
    }

    /// The present instant.
    pub fn now(&self) -> UtcTs {
        self.clock.now()
    }

    /// Runs a use case that reads. Whose personal data it opens is in the journal before the answer leaves.
    pub async fn read<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        let read = move |conn: &mut AnyConn| {
            let mut work = Work::new(conn, &vault, now, call);
            let value = f(&mut work)?;
            Ok::<_, ApiError>((value, journal::of_read(&work)))
        };
        let (value, events) = self.db.read(read).await?;
        journal::keep(self, events).await?;
        Ok(value)
    }

    /// Runs a use case in one write transaction, with its changes for those who follow and its event for the journal.
    pub async fn write<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.write(move |conn| Work::new(conn, &vault, now, call).run(f)).await
    }

    /// [`Self::write`] for programs without an event loop.
    pub fn write_blocking<T, F>(&self, call: impl Into<Call>, f: F) -> Result<T, ApiError>
    where
        F: FnOnce(&mut Work<'_>) -> Result<T, ApiError> + Send + 'static,
        T: Send + 'static,
    {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.write_blocking(move |conn| Work::new(conn, &vault, now, call).run(f))
    }

    /// [`Self::read`] for programs without an event loop.
    pub fn read_blocking<T>(
        &self,
        call: impl Into<Call>,
        f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let (vault, now, call) = (self.vault.clone(), self.now(), call.into());
        self.db.read_blocking(move |conn| f(&mut Work::new(conn, &vault, now, call)))
    }

    /// A principal with its current rights, read at most every five seconds; `None` when disabled.
    pub async fn active(&self, id: PrincipalId) -> Result<Option<Arc<Principal>>, ApiError> {
        if let Some(known) = self.principals.get(id) {
            return Ok(known);
        }
        let now = self.now();
        let principal = self.db.read(move |conn| auth::principal(conn, id, now)).await?.map(Arc::new);
        self.principals.put(id, principal.clone());
        Ok(principal)
    }

    /// Reads the signing keys again, at most every five seconds: another instance may have made one.
    pub async fn reload_keys(&self) -> Result<(), ApiError> {
        let mut read = self.keys_read.lock().await;
        if read.is_some_and(|read| read.elapsed() < KEYS_EVERY) {
            return Ok(());
        }
        let ring = self.db.read(KeyRing::stored).await?;
        self.keys.install(&ring, &self.vault)?;
        *read = Some(Instant::now());
        Ok(())
    }

    /// [`Self::reload_keys`] for programs without an event loop, now.
    pub fn reload_keys_blocking(&self) -> Result<(), ApiError> {
        let ring = self.db.read_blocking(KeyRing::stored)?;
        self.keys.install(&ring, &self.vault)
    }
}

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

    /// Runs a use case and settles what it did.
    pub fn run<T>(mut self, f: impl FnOnce(&mut Self) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let value = f(&mut self)?;
        outbox::record(&mut self)?;
        journal::record(&mut self)?;
        Ok(value)
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
