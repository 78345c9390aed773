//! The headers of every response about caching and browser security.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS,
};

static CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// API responses are data: nothing in them may be run or framed.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
/// The documentation pages load everything from this server and call it. Scalar uses inline styles.
const DOCS_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The web pages that may read a response.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::http) enum AllowedPages {
    /// Those of every origin.
    All,
    /// Those of the origins of the settings; whether there are any.
    OfOrigins(bool),
}

/// Adds the headers that the operation has not set itself.
pub(in crate::http) fn complete(headers: &mut HeaderMap, docs: bool, https: bool, pages: AllowedPages) {
    if !headers.contains_key(&CACHE_CONTROL) {
        let value = if docs { "no-cache" } else { "no-store" };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
    }
    if docs {
        say_charset(headers);
    }
    headers.insert(VARY, HeaderValue::from_static(vary(headers, pages == AllowedPages::OfOrigins(true))));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    let embedded_by = if pages == AllowedPages::All { "cross-origin" } else { "same-origin" };
    headers.insert(CROSS_ORIGIN_RESOURCE_POLICY.clone(), HeaderValue::from_static(embedded_by));
    if !headers.contains_key(&CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, if docs { DOCS_POLICY } else { DATA_POLICY });
    }
    if https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
}

/// The files of the documentation are served without their charset.
fn say_charset(headers: &mut HeaderMap) {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else { return };
    if kind.starts_with("text/")
        && !kind.contains("charset")
        && let Ok(kind) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, kind);
    }
}

/// The request headers that a response depends on. Open data does not depend on the caller.
fn vary(headers: &HeaderMap, cors: bool) -> &'static str {
    let open = headers.get(CACHE_CONTROL).is_some_and(|value| value.as_bytes().starts_with(b"public"));
    match (open, headers.contains_key(&CONTENT_LANGUAGE), cors) {
        (true, false, false) => "Accept, Accept-Encoding",
        (true, false, true) => "Accept, Accept-Encoding, Origin",
        (true, true, false) => "Accept, Accept-Encoding, Accept-Language",
        (true, true, true) => "Accept, Accept-Encoding, Accept-Language, Origin",
        (false, _, false) => "Accept, Accept-Encoding, Accept-Language, Authorization",
        (false, _, true) => "Accept, Accept-Encoding, Accept-Language, Authorization, Origin",
    }
}
