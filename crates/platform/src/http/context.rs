//! What every request needs, built once: transactions, keys of access tokens, caches.

use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::answer_cache::AnswerCache;
use super::lookup_cache::LookupCache;
use crate::auth::{self, KeyRing, Principal, PrincipalId, Principals, Revocations};
use crate::deployment;
use crate::privacy::Vault;
use crate::transactions::Transactions;
use passerelle_base::clock::Clock;
use passerelle_base::error::ApiError;
use passerelle_base::startup::StartupError;
use passerelle_database::Db;

/// New signing keys of another instance are looked for at most this often.
const KEYS_EVERY: Duration = Duration::from_secs(5);

/// The shared state of the process: caches and handles. Nothing of it is lost with the process.
pub struct Context {
    transactions: Transactions,
    /// Keys of access tokens.
    pub keys: KeyRing,
    /// Rights read recently.
    pub principals: Principals,
    /// Tokens revoked recently.
    pub revocations: Revocations,
    /// The address under which clients know this API, without a final slash.
    pub public_url: String,
    /// Answers that never change, asked for recently.
    pub answers: AnswerCache,
    /// What the database said recently that cannot become untrue.
    pub lookups: LookupCache,
    keys_read: Mutex<Option<Instant>>,
}

/// A handler reads and writes through the context as through its transactions.
impl Deref for Context {
    type Target = Transactions;

    fn deref(&self) -> &Transactions {
        &self.transactions
    }
}

impl Context {
    /// Builds the context on a migrated database; refuses a master key that is not the database's.
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
            answers: AnswerCache::default(),
            lookups: LookupCache::default(),
            keys_read: Mutex::default(),
        })
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
