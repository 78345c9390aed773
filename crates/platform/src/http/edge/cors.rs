//! Which web origins may call the API from a browser: none, unless configured. Exact origins only, and no cookies:
//! the API has none.

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
const TAKEN: HeaderValue = HeaderValue::from_static(
    "Accept-Language, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id",
);
const SHOWN: HeaderValue = HeaderValue::from_static(
    "Allow, Content-Language, Deprecation, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, Sunset, WWW-Authenticate, X-Request-Id",
);
/// Browsers keep a preflight at most two hours; a day is the longest that any takes.
const KEPT: HeaderValue = HeaderValue::from_static("7200");

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
    /// Whether any origin may call: answers then depend on the caller's.
    pub(in crate::http) fn any(&self) -> bool {
        !self.0.is_empty()
    }

    /// The origin of a request, when it may call.
    pub(in crate::http) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(&ORIGIN)?;
        self.0.iter().any(|known| known.as_bytes() == origin.as_bytes()).then(|| origin.clone())
    }
}

/// The answer to a browser that asks before it calls; `None` for any other request.
pub(in crate::http) fn preflight(req: &ServiceRequest, allowed: Option<&HeaderValue>) -> Option<HttpResponse> {
    let asks = req.method() == Method::OPTIONS && req.headers().contains_key(&ACCESS_CONTROL_REQUEST_METHOD);
    if !asks || allowed.is_none() {
        return None;
    }
    let mut response = HttpResponse::NoContent();
    response.insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS));
    response.insert_header((ACCESS_CONTROL_ALLOW_HEADERS, TAKEN));
    response.insert_header((ACCESS_CONTROL_MAX_AGE, KEPT));
    Some(response.finish())
}

/// Lets the page of an allowed origin read the answer, errors included.
pub(in crate::http) fn share(headers: &mut HeaderMap, allowed: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
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
