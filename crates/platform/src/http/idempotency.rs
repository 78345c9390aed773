//! `Idempotency-Key`: reads the header, and identifies the request that carries it.

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};

use crate::auth::PrincipalId;
use crate::privacy::MacKey;
use crate::replays::{IdempotencyKey, IdempotentCall};
use passerelle_base::error::{ApiError, Code, Fault, Text};

/// The header that names a call, so that it can be retried safely.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The SHA-256 of a body, left in the request for the fingerprint of the call.
pub(super) struct BodyDigest(pub(super) Vec<u8>);

/// Reads the header; a malformed or repeated one is a fault of the request.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY);
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse).map(Some).ok_or_else(malformed),
        (Some(_), Some(_)) => Err(malformed()),
    }
}

/// A call under its key: the method, the URI and the body are its fingerprint. Every argument must have been read, so
/// that the digest of the body is in the request.
pub(super) fn call_under(
    key: &IdempotencyKey,
    req: &HttpRequest,
    principal: PrincipalId,
    mac: &MacKey,
) -> IdempotentCall {
    let body = req.extensions().get::<BodyDigest>().map_or_else(Vec::new, |digest| digest.0.clone());
    let uri = req.uri().to_string();
    let request = [req.method().as_str().as_bytes(), uri.as_bytes(), &body];
    IdempotentCall::new(mac, &principal.to_string(), key, &request)
}

fn malformed() -> ApiError {
    let message = Text::new(
        "De 1 à 255 caractères ASCII visibles, dans un seul en-tête.",
        "1 to 255 visible ASCII characters, in a single header.",
    );
    ApiError::faults(Code::InvalidParameters, vec![Fault::new("Idempotency-Key", "idempotency_key", message)])
}
