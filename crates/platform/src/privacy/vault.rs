//! The vault: it holds the derived keys, unwraps service keys and data keys, and makes blind tokens.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use super::keys::{MacKey, MasterKey, random_bytes};
use super::sealed::{DataKey, Place, SealError};
use super::tokens::Tokens;
use passerelle_base::values::Id;

/// Every key the process needs, derived from the master key. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

struct Inner {
    root: DataKey,
    check: [u8; 32],
    vouched_check: [u8; 32],
    cursors: MacKey,
    tokens: MacKey,
    journal: MacKey,
    accounts: MacKey,
    authority: MacKey,
    statistics: MacKey,
    /// Cache of unwrapped service keys: a handful, used by every request.
    services: RwLock<HashMap<Id, Arc<DataKey>>>,
}

impl Vault {
    /// Derives the keys of each purpose from the master key.
    pub fn new(master: &MasterKey) -> Result<Self, SealError> {
        Ok(Self {
            inner: Arc::new(Inner {
                root: DataKey::new(&master.derive("wrap service keys v1"))?,
                check: master.derive("check v1"),
                vouched_check: master.derive("check of vouched rows v1"),
                cursors: MacKey::new(master, "sign cursors v1"),
                tokens: MacKey::new(master, "blind look-up tokens v1"),
                journal: MacKey::new(master, "chain audit journal v1"),
                accounts: MacKey::new(master, "hide recovery codes and who signs in v1"),
                authority: MacKey::new(master, "vouch for rows that give rights v1"),
                statistics: MacKey::new(master, "link statistics to their sources v1"),
                services: RwLock::default(),
            }),
        })
    }

    /// A check value that databases of earlier versions store, to refuse a start with another master key.
    pub fn check(&self) -> &[u8; 32] {
        &self.inner.check
    }

    /// The check value of a database whose rows that give rights have a MAC.
    pub fn vouched_check(&self) -> &[u8; 32] {
        &self.inner.vouched_check
    }

    /// The key of page cursors and entity tags.
    pub fn cursor_key(&self) -> MacKey {
        self.inner.cursors.clone()
    }

    /// The key that chains the audit journal.
    pub fn journal_key(&self) -> &MacKey {
        &self.inner.journal
    }

    /// The key that hides recovery codes, and the accounts whose sign-ins are counted.
    pub fn accounts_key(&self) -> &MacKey {
        &self.inner.accounts
    }

    /// The key that vouches for the rows that give rights.
    pub fn authority_key(&self) -> &MacKey {
        &self.inner.authority
    }

    /// The key that links the records of the statistics to their sources.
    pub fn statistics_key(&self) -> &MacKey {
        &self.inner.statistics
    }

    /// The link from a record of the statistics of a year to its source, a MAC. It cannot be computed without the key, and
    /// the links of two years are unrelated.
    pub fn statistics_link(&self, service: Id, population: &str, year: i32, source: &str) -> Vec<u8> {
        let parts = [service.as_str(), population, &year.to_string(), source];
        self.inner.statistics.tag(&parts.map(str::as_bytes)).to_vec()
    }

    /// The maker of the blind tokens of a service.
    pub fn tokens(&self, service: Id) -> Tokens<'_> {
        Tokens::new(&self.inner.tokens, service)
    }

    /// A new service key, wrapped for the database.
    pub fn new_service_key(&self, service: Id) -> Result<Vec<u8>, SealError> {
        self.inner.root.seal_bytes(service_key_at(&service), &random_bytes::<32>())
    }

    /// A new data key of a service, and the same key wrapped for the database.
    pub fn new_data_key(
        &self,
        service: Id,
        wrapped_service_key: &[u8],
        owner: Id,
    ) -> Result<(DataKey, Vec<u8>), SealError> {
        let bytes = random_bytes::<32>();
        let wrapped = self.service_key(service, wrapped_service_key)?.seal_bytes(data_key_at(&owner), &bytes)?;
        Ok((DataKey::new(&bytes)?, wrapped))
    }

    /// Unwraps a data key.
    pub fn data_key(
        &self,
        service: Id,
        wrapped_service_key: &[u8],
        owner: Id,
        wrapped: &[u8],
    ) -> Result<DataKey, SealError> {
        DataKey::new(&self.service_key(service, wrapped_service_key)?.open_bytes(data_key_at(&owner), wrapped)?)
    }

    /// Seals a secret of the deployment itself, such as a signing key.
    pub fn seal_deployment_secret(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.inner.root.seal_bytes(place, plain)
    }

    /// Opens a secret of the deployment.
    pub fn open_deployment_secret(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        self.inner.root.open_bytes(place, sealed)
    }

    /// Whether the key of a service is unwrapped already, so that its wrapped form need not be read.
    pub fn has_service_key(&self, service: Id) -> bool {
        self.inner.services.read().is_ok_and(|keys| keys.contains_key(&service))
    }

    fn service_key(&self, service: Id, wrapped: &[u8]) -> Result<Arc<DataKey>, SealError> {
        if let Some(key) = self.inner.services.read().ok().and_then(|keys| keys.get(&service).cloned()) {
            return Ok(key);
        }
        let key = Arc::new(DataKey::new(&self.inner.root.open_bytes(service_key_at(&service), wrapped)?)?);
        if let Ok(mut keys) = self.inner.services.write() {
            keys.insert(service, Arc::clone(&key));
        }
        Ok(key)
    }
}

fn service_key_at(service: &Id) -> Place<'_> {
    Place { table: "services", column: "wrapped_key", row: service.as_str() }
}

fn data_key_at(owner: &Id) -> Place<'_> {
    Place { table: "data_keys", column: "wrapped_key", row: owner.as_str() }
}
