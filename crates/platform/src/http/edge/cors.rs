//! CORS: the web origins that may call the API from a browser. None by default; exact origins only; no credentials,
//! because the API uses no cookies. What is open to everybody may be read by the pages of every origin.

use std::str::FromStr;

use actix_web::HttpResponse;
use actix_web::dev::ServiceRequest;
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN,
};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "Allow, Content-Language, Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate, X-Request-Id",
);
/// What may be called of open resources, and with which headers.
const OPEN_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");
const OPEN_REQUEST_HEADERS: HeaderValue = HeaderValue::from_static("Accept-Language, If-None-Match, X-Request-Id");
const EVERY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
/// Seconds for which a browser may cache a preflight response: two hours, the most that Chromium allows.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");

/// The origins that may call: `https://app.example, http://localhost:5173`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins(Vec<String>);

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let origin = |part: &str| {
            let host = part.strip_prefix("https://").or_else(|| part.strip_prefix("http://")).unwrap_or_default();
            let exact =
                !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' ']) && *part == part.to_lowercase();
            if exact {
                Ok(part.to_owned())
            } else {
                Err(format!("{part:?} is not an origin such as https://app.example"))
            }
        };
        parts.map(origin).collect::<Result<_, _>>().map(Self)
    }
}

impl Origins {
    /// Whether any origin may call: responses then vary by origin.
    pub(in crate::http) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// The origin of a request, if it may call.
    fn of(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(&ORIGIN)?;
        self.0.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

/// Whether a path is open to everybody: open data, the contract, public keys, explanations of problems. Every address
/// with a secret in it (invitations, questionnaires, calendars) and everything that takes a token is not.
pub(in crate::http) fn is_open(path: &str) -> bool {
    path.starts_with("/v1/open-data/")
        || path.starts_with("/problems/")
        || path.starts_with("/openapi/")
        || matches!(path, "/openapi.json" | "/v1/statistics/keys" | "/.well-known/jwks.json")
}

/// The origins whose pages may read the response: every one if the path is open, else that of the request if the
/// operator allows it.
pub(in crate::http) fn allowed(req: &ServiceRequest, origins: &Origins) -> Option<HeaderValue> {
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(req.method());
    if reads && is_open(req.path()) { Some(EVERY_ORIGIN) } else { origins.of(req.headers()) }
}

/// The response to a preflight request of an allowed origin; `None` for any other request.
pub(in crate::http) fn preflight(req: &ServiceRequest, allowed: Option<&HeaderValue>) -> Option<HttpResponse> {
    let is_preflight = req.method() == Method::OPTIONS && req.headers().contains_key(&ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let (methods, headers) =
        if *allowed? == EVERY_ORIGIN { (OPEN_METHODS, OPEN_REQUEST_HEADERS) } else { (METHODS, REQUEST_HEADERS) };
    let mut response = HttpResponse::NoContent();
    response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, methods));
    response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, headers));
    response.insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE));
    Some(response.finish())
}

/// Lets a page of an allowed origin read the response, errors included.
pub(in crate::http) fn allow(headers: &mut HeaderMap, allowed: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
}

#[cfg(test)]
mod tests {
    use crate::http::edge::cors::*;

    #[test]
    fn an_origin_is_exact() {
        let origins: Origins = "https://app.example, http://localhost:5173".parse().unwrap();
        assert_eq!(origins.0.len(), 2);
        assert!(!"".parse::<Origins>().unwrap().any());
        for bad in
            ["*", "app.example", "https://", "https://*.example", "https://app.example/", "https://App.example", "null"]
        {
            assert!(bad.parse::<Origins>().is_err(), "{bad}");
        }
    }
}
