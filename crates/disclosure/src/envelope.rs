//! Signed envelopes (DSSE 1.0): making, opening and checking them.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

/// The payload type of an envelope.
pub const PAYLOAD_TYPE: &str = "application/vnd.passerelle.release+json";

/// The length of an Ed25519 public key in bytes.
const KEY: usize = 32;

/// A signature, and the key that it claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The key: the base64url of the SHA-256 of its public half.
    pub key_id: String,
    /// The Ed25519 signature of [`pae`].
    pub bytes: Vec<u8>,
}

/// The public half of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    /// Its identifier.
    pub key_id: String,
    /// Its 32 bytes.
    pub public_key: Vec<u8>,
}

impl VerifyingKey {
    /// Whether this key made this signature of these bytes.
    pub fn signed(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.public_key).verify(&pae(bytes), signature).is_ok()
    }
}

/// An envelope that was read but not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The bytes that it holds.
    pub payload: Vec<u8>,
    /// Its signatures.
    pub signatures: Vec<Signature>,
}

/// Why an envelope or a key file is rejected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes are not an envelope.
    #[error("not an envelope: {0}")]
    NotAnEnvelope(String),
    /// The envelope holds something other than a release.
    #[error("the envelope holds {0:?}, not a release")]
    OtherPayload(String),
    /// The envelope is not signed.
    #[error("the envelope has no signature")]
    Unsigned,
    /// No signature was made by a known key.
    #[error("no signature is valid for the given keys")]
    WrongSignature,
    /// The key file has no usable key.
    #[error("not a key file: {0}")]
    NoKeys(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    payload_type: String,
    payload: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature {
    // Optional in the specification: an unauthenticated hint.
    #[serde(default)]
    keyid: String,
    sig: String,
}

/// The bytes that are signed: the pre-authentication encoding of DSSE. It cannot be confused with bytes of another
/// type.
pub fn pae(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = format!("DSSEv1 {} {PAYLOAD_TYPE} {} ", PAYLOAD_TYPE.len(), bytes.len()).into_bytes();
    encoded.extend_from_slice(bytes);
    encoded
}

/// Makes the envelope of signed bytes.
pub fn envelope(bytes: &[u8], key_id: &str, signature: &[u8]) -> Vec<u8> {
    let signature = serde_json::json!({ "keyid": key_id, "sig": STANDARD.encode(signature) });
    let wire = serde_json::json!({
        "payloadType": PAYLOAD_TYPE,
        "payload": STANDARD.encode(bytes),
        "signatures": [signature],
    });
    wire.to_string().into_bytes()
}

/// Opens an envelope. Fails unless one of its signatures is valid for one of these keys.
pub fn open(envelope: &[u8], keys: &[VerifyingKey]) -> Result<Vec<u8>, Flaw> {
    let envelope = Envelope::read(envelope)?;
    envelope.signer(keys)?;
    Ok(envelope.payload)
}

/// Whether bytes look like an envelope.
pub fn is_envelope(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Kind {
        #[serde(rename = "payloadType")]
        _payload_type: serde::de::IgnoredAny,
    }
    serde_json::from_slice::<Kind>(bytes).is_ok()
}

impl Envelope {
    /// Reads an envelope and checks only its form.
    pub fn read(bytes: &[u8]) -> Result<Self, Flaw> {
        let wire: Wire = serde_json::from_slice(bytes).map_err(|error| Flaw::NotAnEnvelope(error.to_string()))?;
        if wire.payload_type != PAYLOAD_TYPE {
            return Err(Flaw::OtherPayload(wire.payload_type));
        }
        let signature = |one: WireSignature| Ok(Signature { key_id: one.keyid, bytes: base64(&one.sig)? });
        Ok(Self {
            payload: base64(&wire.payload)?,
            signatures: wire.signatures.into_iter().map(signature).collect::<Result<_, Flaw>>()?,
        })
    }

    /// The key of a valid signature. All given keys are tried, whatever key the signature claims.
    pub fn signer<'k>(&self, keys: &'k [VerifyingKey]) -> Result<&'k VerifyingKey, Flaw> {
        if self.signatures.is_empty() {
            return Err(Flaw::Unsigned);
        }
        let right = |key: &&VerifyingKey| self.signatures.iter().any(|one| key.signed(&self.payload, &one.bytes));
        keys.iter().find(right).ok_or(Flaw::WrongSignature)
    }
}

/// The Ed25519 keys of a JWKS (RFC 7517). Keys of other kinds are ignored.
pub fn keys_of(jwks: &[u8]) -> Result<Vec<VerifyingKey>, Flaw> {
    #[derive(Deserialize)]
    struct Jwks {
        keys: Vec<serde_json::Value>,
    }
    let jwks: Jwks = serde_json::from_slice(jwks).map_err(|error| Flaw::NoKeys(error.to_string()))?;
    let key = |jwk: &serde_json::Value| {
        let is = |name: &str, value: &str| jwk[name].as_str() == Some(value);
        let public_key = URL_SAFE_NO_PAD.decode(jwk["x"].as_str()?).ok()?;
        let usable = is("kty", "OKP") && is("crv", "Ed25519") && public_key.len() == KEY;
        usable.then(|| VerifyingKey { key_id: jwk["kid"].as_str().unwrap_or_default().to_owned(), public_key })
    };
    let keys: Vec<VerifyingKey> = jwks.keys.iter().filter_map(key).collect();
    if keys.is_empty() { Err(Flaw::NoKeys("it has no Ed25519 key".to_owned())) } else { Ok(keys) }
}

/// Decodes either base64 alphabet, as the specification requires.
fn base64(text: &str) -> Result<Vec<u8>, Flaw> {
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.map_err(|error| Flaw::NotAnEnvelope(error.to_string()))
}

#[cfg(test)]
mod tests {
    use crate::envelope::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    fn pair(seed: u8) -> (Ed25519KeyPair, VerifyingKey) {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        let key = VerifyingKey { key_id: format!("key-{seed}"), public_key: pair.public_key().as_ref().to_vec() };
        (pair, key)
    }

    #[test]
    fn signed_bytes_state_their_type_and_their_length() {
        let expected = "DSSEv1 39 application/vnd.passerelle.release+json 11 hello world";
        assert_eq!(String::from_utf8(pae(b"hello world")).unwrap(), expected);
        assert_eq!(PAYLOAD_TYPE.len(), 39);
        assert!(pae("é".as_bytes()).ends_with(" 2 é".as_bytes()), "bytes are counted, not characters");
    }

    #[test]
    fn an_envelope_opens_only_with_its_key() {
        let ((pair, key), (_, other)) = (pair(1), pair(2));
        let signed = envelope(b"bytes", &key.key_id, pair.sign(&pae(b"bytes")).as_ref());
        assert!(is_envelope(&signed) && !is_envelope(b"{}") && !is_envelope(b"no JSON"));
        assert_eq!(open(&signed, &[other.clone(), key.clone()]), Ok(b"bytes".to_vec()));
        assert_eq!(open(&signed, &[other]), Err(Flaw::WrongSignature));
        assert_eq!(open(&signed, &[]), Err(Flaw::WrongSignature));
        // A signature of the bare bytes is not valid.
        let bare = envelope(b"bytes", &key.key_id, pair.sign(b"bytes").as_ref());
        assert_eq!(open(&bare, &[key]), Err(Flaw::WrongSignature));
    }

    #[test]
    fn a_changed_envelope_is_rejected() {
        let (pair, key) = pair(3);
        let keys = [key];
        let signed = envelope(b"bytes", "", pair.sign(&pae(b"bytes")).as_ref());
        let text = String::from_utf8(signed).unwrap();
        let changed = |from: &str, to: &str| {
            assert!(text.contains(from), "{text}");
            open(text.replace(from, to).as_bytes(), &keys)
        };
        assert_eq!(changed("keyid", "keyid"), Ok(b"bytes".to_vec()));
        assert_eq!(changed(&STANDARD.encode("bytes"), &STANDARD.encode("other")), Err(Flaw::WrongSignature));
        assert!(matches!(changed("release+json", "other+json"), Err(Flaw::OtherPayload(_))));
        assert!(matches!(changed(&STANDARD.encode("bytes"), "?"), Err(Flaw::NotAnEnvelope(_))));
        let unsigned = format!("{{\"payloadType\":\"{PAYLOAD_TYPE}\",\"payload\":\"\",\"signatures\":[]}}");
        assert_eq!(open(unsigned.as_bytes(), &keys), Err(Flaw::Unsigned));
    }

    #[test]
    fn keys_are_read_from_the_served_format() {
        let (_, key) = pair(4);
        let x = URL_SAFE_NO_PAD.encode(&key.public_key);
        let jwks = serde_json::json!({"keys": [
            {"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "key-4", "created_at": "2026-01-01T00:00:00Z"},
            {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "other"},
            {"kty": "OKP", "crv": "Ed25519", "x": "AAAA", "kid": "short"},
        ]});
        assert_eq!(keys_of(jwks.to_string().as_bytes()), Ok(vec![key]));
        assert!(matches!(keys_of(b"{\"keys\":[]}"), Err(Flaw::NoKeys(_))));
        assert!(matches!(keys_of(b"[]"), Err(Flaw::NoKeys(_))));
    }
}
