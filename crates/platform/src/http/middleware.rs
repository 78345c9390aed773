//! The middleware around every operation. Before it: request id, rate limit of the address, limits on the head, CORS.
//! After it: problem document, compression, headers, log line and counters.
//!
//! One middleware and not one per concern: one pass, and one allocation of a future.

use std::time::Instant;

use actix_http::encoding::Encoder;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use super::edge::{Edge, compression, cors, head, headers, limiter, rate};
use super::error_page;
use crate::auth::PrincipalId;
use passerelle_base::error::{ApiError, Code, Lang, render};

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The identifier of the request, left in it for logs, problems and the journal.
#[derive(Clone, Debug)]
struct RequestId(String);

/// The identifier of a request, as in the log and in problems.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// The language that the caller prefers.
pub fn lang_of(req: &HttpRequest) -> Lang {
    Lang::negotiate(req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// The principal, left in the request by authentication for the access log.
#[derive(Clone, Copy, Debug)]
pub struct LoggedPrincipal(pub PrincipalId);

/// Runs the edge around a request.
pub async fn edge<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Encoder<EitherBody<B>>>, Error> {
    let started = Instant::now();
    let id = id_of(&req);
    req.extensions_mut().insert(RequestId(id.clone()));
    let Some(edge) = req.app_data::<web::Data<Edge>>().cloned() else {
        let failed = req.error_response(ApiError::new(Code::Internal));
        return Ok(compression::compress(failed.map_into_right_body()).await);
    };
    let _flight = edge.metrics.flight();
    let origin = cors::allowed(&req, &edge.options.cors_origins);
    let response = match admit(&edge, &req) {
        Err(error) => req.error_response(error).map_into_right_body(),
        Ok(()) => match cors::preflight(&req, origin.as_ref()) {
            Some(response) => req.into_response(response).map_into_right_body(),
            // The request must not be cloned before it is routed: actix requires to be its only owner.
            None => next.call(req).await?.map_into_left_body(),
        },
    };
    let mut response = compression::compress(as_problem(response, &edge, &id)).await;
    let bucket_states = response.request().extensions().get::<limiter::BucketStates>().copied();
    let is_open = cors::is_open(response.request().path());
    let path_is_docs = response.request().path().starts_with("/docs");
    let headers = response.headers_mut();
    let pages = if is_open {
        headers::AllowedPages::All
    } else {
        headers::AllowedPages::OfOrigins(edge.options.cors_origins.any())
    };
    headers::complete(headers, path_is_docs, edge.is_https(), pages);
    if let Some(origin) = origin {
        cors::allow(headers, origin);
    }
    set(headers, &X_REQUEST_ID, &id);
    if let Some(policy) = edge.limiters.policy() {
        set(headers, &RATE_LIMIT_POLICY, policy);
    }
    if let Some(bucket_states) = bucket_states {
        set(headers, &RATE_LIMIT, &bucket_states.header());
    }
    record(&edge, &response, &id, started);
    Ok(response)
}

/// The checks that need no authentication, the rate limit of the address first: it is the cheapest.
fn admit(edge: &Edge, req: &ServiceRequest) -> Result<(), ApiError> {
    rate::of_address(edge, req)?;
    head::check(req)
}

fn set(headers: &mut actix_web::http::header::HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name.clone(), value);
    }
}

/// The caller's `X-Request-Id` if it is safe, else a new one.
fn id_of(req: &ServiceRequest) -> String {
    let given = req.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_safe(id));
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Letters, digits, `-`, `_` and `.`, at most 64: the id goes into logs and headers.
fn is_safe(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Writes one log line per request and counts it: method, route template, status, milliseconds, request id, principal
/// id. Never a path value, a parameter or a body.
fn record<B>(edge: &Edge, response: &ServiceResponse<B>, id: &str, started: Instant) {
    let request = response.request();
    let principal = request.extensions().get::<LoggedPrincipal>().map(|principal| principal.0);
    let (route, took, status) = (request.match_pattern(), started.elapsed(), response.status().as_u16());
    log::info!(
        target: "passerelle::access",
        method = request.method().as_str(),
        route = route.as_deref().unwrap_or("-"),
        status = status,
        ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        request_id = id,
        principal = principal.map_or_else(|| "-".to_owned(), |principal| principal.to_string()).as_str();
        "request"
    );
    edge.metrics.answered(route, request.method(), status, took);
}

/// Turns every error into a problem document, including the framework's own.
fn as_problem<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B, BoxBody>>,
    edge: &Edge,
    id: &str,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let Some(error) = error_of(&response) else { return response };
    let (request, _) = response.into_parts();
    // A path may be as long as a whole head.
    let path = if error.code == Code::UriTooLong { "" } else { request.path() };
    let lang = lang_of(&request);
    let response = render(&error, &edge.public_url, path, id, lang);
    let response = error_page::for_a_person(&request, lang, &error, id, response);
    ServiceResponse::new(request, response).map_into_right_body()
}

fn error_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
    if let Some(error) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        return Some(error.clone());
    }
    (status.is_client_error() || status.is_server_error()).then(|| framework_error(status))
}

/// The error code of a status that actix returns without a body.
fn framework_error(status: StatusCode) -> ApiError {
    ApiError::new(match status {
        StatusCode::NOT_FOUND => Code::UnknownPath,
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
        StatusCode::REQUEST_TIMEOUT => Code::RequestTimeout,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
        status if status.is_client_error() => Code::MalformedRequest,
        _ => Code::Internal,
    })
}
