//! Limits on the head of a request, checked before anything reads it. The framework itself accepts 128 kB, and decodes
//! a badly encoded path to a different one.

use actix_web::dev::ServiceRequest;

use passerelle_base::error::{ApiError, Code};

/// Maximum length of the path and query, in bytes.
const MAX_URI: usize = 8 * 1024;
/// Maximum number of headers. The framework itself refuses more than 96.
const MAX_HEADERS: usize = 64;
/// Maximum size of all headers together, in bytes.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// Refuses a head that is too large (414, 431) or a URI that does not decode to UTF-8 (400).
pub(in crate::http) fn check(req: &ServiceRequest) -> Result<(), ApiError> {
    let uri = req.uri();
    if uri.path_and_query().map_or(0, |given| given.as_str().len()) > MAX_URI {
        return Err(ApiError::new(Code::UriTooLong)
            .detail(format!("Au plus {} Kio.", MAX_URI >> 10), format!("At most {} KiB.", MAX_URI >> 10))
            .with("limit_bytes", MAX_URI));
    }
    let (mut number, mut bytes) = (0, 0);
    for (name, value) in req.headers() {
        number += 1;
        bytes += name.as_str().len() + value.len() + 4;
    }
    if number > MAX_HEADERS || bytes > MAX_HEADER_BYTES {
        return Err(ApiError::new(Code::HeadersTooLarge)
            .detail(
                format!("Au plus {MAX_HEADERS} en-têtes et {} Kio.", MAX_HEADER_BYTES >> 10),
                format!("At most {MAX_HEADERS} headers and {} KiB.", MAX_HEADER_BYTES >> 10),
            )
            .with("limit_headers", MAX_HEADERS)
            .with("limit_bytes", MAX_HEADER_BYTES));
    }
    if !is_encoded_text(uri.path()) {
        return Err(ApiError::new(Code::MalformedRequest)
            .detail("Le chemin de l'adresse n'est pas encodé en UTF-8.", "The path is not percent-encoded UTF-8."));
    }
    if !uri.query().is_none_or(is_encoded_text) {
        return Err(ApiError::new(Code::InvalidParameters).detail(
            "Les paramètres de l'adresse ne sont pas encodés en UTF-8.",
            "The parameters are not percent-encoded UTF-8.",
        ));
    }
    Ok(())
}

/// Whether each `%` starts an encoded byte and the decoded bytes are UTF-8.
fn is_encoded_text(text: &str) -> bool {
    if !text.contains('%') {
        return true;
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) else { return false };
        decoded.push(u8::try_from(high * 16 + low).unwrap_or_default());
    }
    std::str::from_utf8(&decoded).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_encoded_text;

    #[test]
    fn only_percent_encoded_utf_8_is_accepted() {
        for good in ["", "plain", "a%20b", "%C3%A9", "%c3%a9", "%00", "%25"] {
            assert!(is_encoded_text(good), "{good}");
        }
        for bad in ["%", "%2", "%zz", "%ff", "%C3", "a%C3b%A9", "%+1", "100%"] {
            assert!(!is_encoded_text(bad), "{bad}");
        }
    }
}
