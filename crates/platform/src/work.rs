//! A unit of work: what a use case can use while its transaction runs.

use std::any::{Any, TypeId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::auth::AccountPolicy;
use crate::notices::Notice;
use crate::privacy::{DataKey, Vault};
use crate::trail::{Call, Change, ChangeKind, DeletionReason, Resource, RightsChange, Trail};
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::{Id, UtcTs};
use passerelle_database::{AnyConn, Lock, Writes};

/// One unit of work: a connection inside its transaction, the keys, the time and the caller.
pub struct Work<'a> {
    /// The connection.
    pub conn: &'a mut AnyConn,
    /// Keys of personal data.
    pub vault: &'a Vault,
    /// The time of the request.
    pub now: UtcTs,
    /// The caller and the request.
    pub call: Call,
    /// What the deployment requires of accounts.
    pub policy: AccountPolicy,
    /// What the work has changed and opened so far.
    pub trail: Trail,
    /// The response to store for the `Idempotency-Key` of the call.
    pub reply: Option<NewReply>,
    /// Writes that PostgreSQL runs with the record of the work, in one round trip: what nothing in the work reads.
    pub later: Writes<'static>,
    /// The data keys read so far, by owner.
    pub(crate) keys: HashMap<Id, HeldKey>,
    /// Whether long work must end before it is done: see [`Self::go_on`].
    interrupt: Option<Arc<AtomicBool>>,
    /// The number of parts that were [attempted](Self::attempt).
    parts: usize,
    /// The locks that it holds.
    locks: HashSet<(Lock, Id)>,
    /// The lock to take before the use case: see [`Self::lock_first`].
    first_lock: Option<(Lock, Id)>,
    /// What was read so far and does not change during the work.
    known: HashMap<(TypeId, Id), Box<dyn Any>>,
}

/// A response to store, sealed.
pub struct NewReply {
    /// The caller.
    pub principal: String,
    /// MAC of the caller's key.
    pub key_mac: Vec<u8>,
    /// MAC of the request.
    pub fingerprint: Vec<u8>,
    /// The sealed response.
    pub reply: Vec<u8>,
    /// The owners whose keys seal it.
    pub owners: String,
}

/// A data key that a unit of work has read.
#[derive(Clone)]
pub(crate) struct HeldKey {
    /// Who opens with it.
    pub(crate) holder: Id,
    pub(crate) service: Id,
    pub(crate) key: DataKey,
}

impl<'a> Work<'a> {
    /// Starts a unit of work on a connection inside its transaction.
    pub fn new(conn: &'a mut AnyConn, vault: &'a Vault, now: UtcTs, call: impl Into<Call>) -> Self {
        Self {
            conn,
            vault,
            now,
            call: call.into(),
            policy: AccountPolicy::default(),
            trail: Trail::default(),
            reply: None,
            later: Writes::default(),
            keys: HashMap::new(),
            interrupt: None,
            parts: 0,
            locks: HashSet::new(),
            first_lock: None,
            known: HashMap::new(),
        }
    }

    /// The same unit of work, under a policy of accounts.
    #[must_use]
    pub fn under(mut self, policy: AccountPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// Lets long work end before it is done, once this is true.
    pub fn interrupted_by(&mut self, interrupt: Arc<AtomicBool>) {
        self.interrupt = Some(interrupt);
    }

    /// Fails if the work must end before it is done. For the steps of long work: what it has written is rolled back.
    pub fn go_on(&self) -> Result<(), ApiError> {
        match &self.interrupt {
            Some(interrupt) if interrupt.load(Ordering::SeqCst) => Err(ApiError::new(Code::Unavailable).retry_after(1)),
            _ => Ok(()),
        }
    }

    /// What this unit of work has [learned](Self::learn) about an object.
    pub fn known<T: Clone + 'static>(&self, id: Id) -> Option<T> {
        self.known.get(&(TypeId::of::<T>(), id)).and_then(|known| known.downcast_ref::<T>()).cloned()
    }

    /// Keeps what was read about an object until the end of the unit of work: for settings that several rules need. Who
    /// changes the object must [forget](Self::forget_known).
    pub fn learn<T: Clone + 'static>(&mut self, id: Id, read: T) {
        self.known.insert((TypeId::of::<T>(), id), Box::new(read));
    }

    /// Forgets what was [learned](Self::learn).
    pub fn forget_known(&mut self) {
        self.known.clear();
    }

    /// Waits for the lock of an object, unless this unit of work holds it.
    pub fn lock_one(&mut self, lock: Lock, object: Id) -> Result<(), ApiError> {
        if !self.locks.contains(&(lock, object)) {
            self.conn.lock_one(lock, object)?;
            self.locks.insert((lock, object));
        }
        Ok(())
    }

    /// [`Self::lock_one`] for several objects, in the order given, in one round trip.
    pub fn lock_all(&mut self, wanted: &[(Lock, Id)]) -> Result<(), ApiError> {
        let missing: Vec<(Lock, Id)> = wanted.iter().filter(|one| !self.locks.contains(*one)).copied().collect();
        if !missing.is_empty() {
            self.conn.lock_all(&missing)?;
            self.locks.extend(missing);
        }
        Ok(())
    }

    /// Asks for the lock of an object before the use case begins. For the function that finds the object of a write: the
    /// lock is taken together with the look-up of the stored response, which saves a round trip. What the use case then
    /// reads is not older than the lock; what was found before may be, and its version decides.
    pub fn lock_first(&mut self, lock: Lock, object: Id) {
        self.first_lock = Some((lock, object));
    }

    /// The lock that was asked for and is not taken yet.
    pub(crate) fn first_lock(&self) -> Option<(Lock, Id)> {
        self.first_lock
    }

    /// Records that the lock that was asked for is taken.
    pub(crate) fn first_lock_taken(&mut self) {
        self.locks.extend(self.first_lock.take());
    }

    /// Takes the lock that was asked for, if it is not taken yet.
    pub(crate) fn take_first_lock(&mut self) -> Result<(), ApiError> {
        match self.first_lock.take() {
            Some((lock, object)) => self.lock_one(lock, object),
            None => Ok(()),
        }
    }

    /// The caller, as columns store it.
    pub fn author(&self) -> String {
        self.call.principal.to_string()
    }

    /// Runs a part in a savepoint: if it is refused, only the part is rolled back. The outer error is that of the
    /// savepoint itself.
    pub fn attempt<T>(
        &mut self,
        f: impl FnOnce(&mut Self) -> Result<T, ApiError>,
    ) -> Result<Result<T, ApiError>, ApiError> {
        self.parts += 1;
        let part = self.parts;
        self.conn.savepoint(part)?;
        let before = (self.trail.clone(), self.locks.clone());
        let later = self.later.len();
        let outcome = f(self);
        if outcome.is_err() {
            self.later.truncate(later);
            // PostgreSQL releases the locks that were taken since the savepoint.
            (self.trail, self.locks) = before;
            // They may come from rows that no longer exist.
            self.keys.clear();
            self.forget_known();
            self.conn.roll_back_to(part)?;
        }
        Ok(outcome)
    }

    /// Runs a part and takes back everything that it wrote, for a dry run. The outcome is that of the part.
    pub fn rehearse<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let mut outcome = Err(ApiError::new(Code::Internal));
        // A part that is refused is rolled back.
        let _taken_back = self.attempt(|work| {
            outcome = f(work);
            Err::<(), ApiError>(ApiError::new(Code::Conflict))
        })?;
        outcome
    }

    /// Runs a part that only reads, with every statement on the same state of the database.
    pub fn in_snapshot<T>(&mut self, f: impl FnOnce(&mut Self) -> Result<T, ApiError>) -> Result<T, ApiError> {
        self.conn.begin_snapshot()?;
        let outcome = f(self);
        self.conn.end_snapshot()?;
        outcome
    }

    /// Records that an object of a service was created.
    pub fn created(&mut self, resource: Resource, service: Id, id: Id) {
        self.record(resource, Some(service), id, ChangeKind::Created, None, None);
    }

    /// Records that an object of a service was changed.
    pub fn changed(&mut self, resource: Resource, service: Id, id: Id) {
        self.record(resource, Some(service), id, ChangeKind::Updated, None, None);
    }

    /// Records that an object of a service was deleted.
    pub fn deleted(&mut self, resource: Resource, service: Id, id: Id, reason: DeletionReason) {
        self.record(resource, Some(service), id, ChangeKind::Deleted, Some(reason), None);
    }

    /// Records that an object of a service is gone because another one, which has what it had, holds the same information.
    pub fn merged(&mut self, resource: Resource, service: Id, id: Id, into: Id) {
        self.trail.change(Change {
            resource,
            id,
            service_id: Some(service),
            kind: ChangeKind::Deleted,
            reason: Some(DeletionReason::Duplicate),
            parent: None,
            merged_into: Some(into),
        });
    }

    /// Records that a part of an object was created. The feed names both.
    pub fn created_in(&mut self, parent: Id, resource: Resource, service: Id, id: Id) {
        self.record(resource, Some(service), id, ChangeKind::Created, None, Some(parent));
    }

    /// Records that a part of an object was changed. The feed names both.
    pub fn changed_in(&mut self, parent: Id, resource: Resource, service: Id, id: Id) {
        self.record(resource, Some(service), id, ChangeKind::Updated, None, Some(parent));
    }

    /// Records that a part of an object was deleted. The feed names both.
    pub fn deleted_in(&mut self, parent: Id, resource: Resource, service: Id, id: Id, reason: DeletionReason) {
        self.record(resource, Some(service), id, ChangeKind::Deleted, Some(reason), Some(parent));
    }

    /// Records a change of an account. Accounts belong to the deployment, so only the journal has it.
    pub fn account_changed(&mut self, resource: Resource, id: Id, kind: ChangeKind) {
        self.record(resource, None, id, kind, None, None);
    }

    /// Records a change of rights in the journal of the service concerned, or of the deployment.
    pub fn rights_changed(&mut self, change: RightsChange) {
        self.trail.change_rights(change);
    }

    /// Tells people about a change of accounts.
    pub fn notify(&mut self, notice: Notice) {
        self.trail.notify(notice);
    }

    fn record(
        &mut self,
        resource: Resource,
        service_id: Option<Id>,
        id: Id,
        kind: ChangeKind,
        reason: Option<DeletionReason>,
        parent: Option<Id>,
    ) {
        self.trail.change(Change { resource, id, service_id, kind, reason, parent, merged_into: None });
    }
}
