//! The shared state of the process, built once: transactions, keys of access tokens, caches.

use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::lookup_cache::LookupCache;
use super::response_cache::ResponseCache;
use super::stopping::Stopping;
use crate::auth::{self, AccountPolicy, KeyRing, Principal, PrincipalId, Principals, Revocations, SharedRead};
use crate::deployment;
use crate::privacy::Vault;
use crate::transactions::Transactions;
use passerelle_base::clock::Clock;
use passerelle_base::error::ApiError;
use passerelle_base::startup::StartupError;
use passerelle_database::{Db, SystemScope};

/// Minimum time between two reads of the signing keys.
const KEY_RELOAD_INTERVAL: Duration = Duration::from_secs(5);

/// The shared state of the process: caches and handles. Nothing is lost when the process stops.
pub struct Context {
    transactions: Transactions,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Cache of principals and their rights.
    pub principals: Principals,
    /// Cache of revoked tokens.
    pub revocations: Revocations,
    /// The URL under which clients know the API, without a trailing slash.
    pub public_url: String,
    /// Cache of responses that never change.
    pub responses: ResponseCache,
    /// Cache of query results that never become invalid.
    pub lookups: LookupCache,
    /// Whether this instance is about to stop.
    pub stopping: Stopping,
    reload_keys: SharedRead,
    keys_read_at: Mutex<Option<Instant>>,
}

/// `context.read` and `context.write` are those of its transactions.
impl Deref for Context {
    type Target = Transactions;

    fn deref(&self) -> &Transactions {
        &self.transactions
    }
}

impl Context {
    /// Builds the context on a migrated database. Fails if the database was created with another master key.
    pub fn new(db: Db, vault: Vault, clock: Clock, public_url: &str) -> Result<Self, StartupError> {
        let public_url = public_url.trim_end_matches('/').to_owned();
        let transactions = Transactions::new(db, vault, clock);
        let keys = KeyRing::new(public_url.clone());
        deployment::prepare(&transactions, &keys)?;
        Ok(Self {
            transactions,
            keys,
            principals: Principals::default(),
            revocations: Revocations::default(),
            public_url,
            responses: ResponseCache::default(),
            lookups: LookupCache::default(),
            stopping: Stopping::default(),
            reload_keys: SharedRead::default(),
            keys_read_at: Mutex::default(),
        })
    }

    /// The same context, under a policy of accounts.
    #[must_use]
    pub fn under(mut self, policy: AccountPolicy) -> Self {
        self.transactions.policy = policy;
        self
    }

    /// A principal with its rights, at most five seconds old; `None` if it is disabled.
    pub async fn active(&self, id: PrincipalId) -> Result<Option<Arc<Principal>>, ApiError> {
        if let Some(cached) = self.principals.get(id) {
            return Ok(cached);
        }
        let (now, key) = (self.now(), self.vault.authority_key().clone());
        let read = self.db.read_reserved(SystemScope::SignIn, move |conn| auth::principal(conn, &key, id, now));
        let principal = read.await?.map(Arc::new);
        self.principals.put(id, principal.clone());
        Ok(principal)
    }

    /// Reads the signing keys again, at most every five seconds: another instance may have added one.
    pub async fn reload_keys(&self) -> Result<(), ApiError> {
        let reader = self.reload_keys.wait().await?;
        if self.keys_read_at().is_some_and(|read_at| read_at.elapsed() < KEY_RELOAD_INTERVAL) {
            return Ok(());
        }
        let ring = reader.share(self.db.read_reserved(SystemScope::Deployment, KeyRing::stored).await)?;
        self.keys.install(&ring, &self.vault)?;
        *self.keys_read_at() = Some(Instant::now());
        Ok(())
    }

    fn keys_read_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.keys_read_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// [`Self::reload_keys`] for programs without an event loop, without a minimum interval.
    pub fn reload_keys_blocking(&self) -> Result<(), ApiError> {
        let ring = self.db.read_blocking(SystemScope::Deployment, KeyRing::stored)?;
        self.keys.install(&ring, &self.vault)
    }
}
