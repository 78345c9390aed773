//! Sealed values: AES-256-GCM under a data key, bound to the table, the column and the row.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use zeroize::Zeroize;

use super::keys::random_bytes;
use passerelle_base::error::{ApiError, Code};

const VERSION: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;

/// A personal value in memory: `Debug` does not print it, and dropping it wipes the memory.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Marks a value as personal.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for a caller that is entitled to it.
    pub fn reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// In JSON it is the plain value: requests contain it, and so do the responses to callers that are entitled to it.
impl<T: Zeroize + Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Zeroize + Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}

impl PartialSchema for Secret<String> {
    fn schema() -> RefOr<Schema> {
        let description = "Personal text. It is encrypted at rest and never appears in logs or URLs.";
        ObjectBuilder::new().schema_type(Type::String).description(Some(description)).max_length(Some(4000)).into()
    }
}

impl ToSchema for Secret<String> {
    fn name() -> std::borrow::Cow<'static, str> {
        "PersonalText".into()
    }
}

/// The place of a sealed value. Moved to another row or column, it cannot be opened.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Table name.
    pub table: &'static str,
    /// Column name.
    pub column: &'static str,
    /// The row's identifier.
    pub row: &'a str,
}

impl Place<'_> {
    fn aad(&self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\u{1f}").into_bytes()
    }
}

/// A value cannot be opened: the key or the place is another, or the bytes were altered.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct SealError;

impl From<SealError> for ApiError {
    fn from(_: SealError) -> Self {
        log::error!("a sealed value cannot be opened");
        Self::new(Code::Internal)
    }
}

/// The key of one household, or of one referral or case about a structure, with those of the households that were merged into
/// it. It seals with its own, and opens with any of them. Cheap to clone.
#[derive(Clone)]
pub struct DataKey {
    own: Arc<LessSafeKey>,
    absorbed: Arc<[Arc<LessSafeKey>]>,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

impl DataKey {
    pub(super) fn new(bytes: &[u8]) -> Result<Self, SealError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| SealError)?;
        Ok(Self { own: Arc::new(LessSafeKey::new(key)), absorbed: Arc::default() })
    }

    /// The same key, which also opens what others have sealed.
    #[must_use]
    pub(crate) fn with_absorbed(self, others: Vec<Self>) -> Self {
        if others.is_empty() {
            return self;
        }
        Self { own: self.own, absorbed: others.into_iter().map(|other| other.own).collect() }
    }

    /// Seals bytes. The result is a version, a nonce, the ciphertext and its tag.
    pub fn seal_bytes(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let nonce: [u8; NONCE] = random_bytes();
        let mut buffer = plain.to_vec();
        self.own
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.aad()), &mut buffer)
            .map_err(|_| SealError)?;
        let mut sealed = Vec::with_capacity(1 + NONCE + buffer.len());
        sealed.push(VERSION);
        sealed.extend_from_slice(&nonce);
        sealed.append(&mut buffer);
        Ok(sealed)
    }

    /// Opens bytes sealed at the same place.
    pub fn open_bytes(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        if sealed.len() < 1 + NONCE + TAG || sealed[0] != VERSION {
            return Err(SealError);
        }
        let (nonce, body) = sealed[1..].split_at(NONCE);
        let mut keys = std::iter::once(&self.own).chain(self.absorbed.iter());
        // The tag tells whether a key is the right one: a value opens with one of them at most.
        keys.find_map(|key| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut buffer = body.to_vec();
            let length = key.open_in_place(nonce, Aad::from(place.aad()), &mut buffer).ok()?.len();
            buffer.truncate(length);
            Some(buffer)
        })
        .ok_or(SealError)
    }

    /// Seals a document as JSON.
    pub fn seal<T: Serialize>(&self, place: Place<'_>, value: &T) -> Result<Vec<u8>, SealError> {
        let mut plain = serde_json::to_vec(value).map_err(|_| SealError)?;
        let sealed = self.seal_bytes(place, &plain);
        plain.zeroize();
        sealed
    }

    /// Opens a document sealed as JSON.
    pub fn open<T: DeserializeOwned>(&self, place: Place<'_>, sealed: &[u8]) -> Result<T, SealError> {
        let mut plain = self.open_bytes(place, sealed)?;
        let value = serde_json::from_slice(&plain).map_err(|_| SealError);
        plain.zeroize();
        value
    }

    /// [`Self::seal`] for an optional value.
    pub fn seal_some<T: Serialize>(&self, place: Place<'_>, value: Option<&T>) -> Result<Option<Vec<u8>>, SealError> {
        value.map(|value| self.seal(place, value)).transpose()
    }

    /// [`Self::open`] for an optional value.
    pub fn open_some<T: DeserializeOwned>(
        &self,
        place: Place<'_>,
        sealed: Option<&[u8]>,
    ) -> Result<Option<T>, SealError> {
        sealed.map(|sealed| self.open(place, sealed)).transpose()
    }
}

/// Opens a value whose key may be destroyed: after an erasure it reads as absent.
pub fn open_unless_erased<T: DeserializeOwned>(
    key: Option<&DataKey>,
    place: Place<'_>,
    sealed: Option<&[u8]>,
) -> Result<Option<T>, SealError> {
    key.map_or(Ok(None), |key| key.open_some(place, sealed))
}

#[cfg(test)]
mod tests {
    use crate::privacy::sealed::*;

    const HERE: Place<'static> = Place { table: "children", column: "identity", row: "a" };

    #[test]
    fn a_value_opens_only_in_its_place() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(HERE, &"Zélie").unwrap();
        assert!(!String::from_utf8_lossy(&sealed).contains("lie"));
        assert_eq!(key.open::<String>(HERE, &sealed).unwrap(), "Zélie");
        for elsewhere in
            [Place { table: "contacts", ..HERE }, Place { column: "address", ..HERE }, Place { row: "b", ..HERE }]
        {
            assert!(key.open::<String>(elsewhere, &sealed).is_err());
        }
        assert!(DataKey::new(&[8; 32]).unwrap().open::<String>(HERE, &sealed).is_err());
    }

    #[test]
    fn a_key_opens_what_it_and_the_absorbed_ones_have_sealed_and_seals_with_its_own() {
        let (own, other) = (DataKey::new(&[7; 32]).unwrap(), DataKey::new(&[8; 32]).unwrap());
        let ring = own.clone().with_absorbed(vec![other.clone()]);
        for key in [&own, &other] {
            assert_eq!(ring.open::<String>(HERE, &key.seal(HERE, &"Zélie").unwrap()).unwrap(), "Zélie");
        }
        let sealed = ring.seal(HERE, &"Zélie").unwrap();
        assert!(own.open::<String>(HERE, &sealed).is_ok() && other.open::<String>(HERE, &sealed).is_err());
        let third = DataKey::new(&[9; 32]).unwrap().seal(HERE, &"Zélie").unwrap();
        assert!(ring.open::<String>(HERE, &third).is_err());
    }

    #[test]
    fn an_altered_value_does_not_open() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(HERE, &"x").unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(key.open::<String>(HERE, &altered).is_err(), "byte {index}");
        }
        assert!(key.open::<String>(HERE, &[]).is_err());
    }

    #[test]
    fn debug_does_not_print_the_value() {
        assert_eq!(format!("{:?}", Secret::new("Zélie".to_owned())), "[personal]");
    }

    #[test]
    fn json_is_the_plain_value() {
        let secret: Secret<String> = serde_json::from_str("\"Zélie\"").unwrap();
        assert_eq!(secret.reveal(), "Zélie");
        assert_eq!(serde_json::to_string(&secret).unwrap(), "\"Zélie\"");
    }
}
