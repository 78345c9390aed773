//! What wraps every operation, from the outside in: request id, limits, rate of the address, origins; then the
//! operation; then the problem document, the headers, the compression, the log line and the counters.
//!
//! One pass and one allocation of a future, not one a concern.

use std::time::Instant;

use actix_http::encoding::Encoder;
use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use super::edge::{Edge, compression, cors, head, headers, rate};
use crate::auth::PrincipalId;
use passerelle_base::error::{ApiError, Code, Lang, render};

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
static RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
static RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The identifier of the request, left in it for whoever writes it down.
#[derive(Clone, Debug)]
struct RequestId(String);

/// The identifier of a request, as in the log and in problems.
pub fn request_id(req: &HttpRequest) -> String {
    req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// The language that the caller reads.
pub fn lang_of(req: &HttpRequest) -> Lang {
    Lang::negotiate(req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
}

/// Left in the request by authentication, for the access log.
#[derive(Clone, Copy, Debug)]
pub struct LoggedPrincipal(pub PrincipalId);

/// Everything that the edge does with a request and its answer, in its order.
pub async fn edge<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Encoder<EitherBody<B>>>, Error> {
    let started = Instant::now();
    let id = given_id(&req);
    req.extensions_mut().insert(RequestId(id.clone()));
    let Some(edge) = req.app_data::<web::Data<Edge>>().cloned() else {
        let refused = req.error_response(ApiError::new(Code::Internal));
        return Ok(compression::pack(refused.map_into_right_body()).await);
    };
    let _flight = edge.metrics.flight();
    let origin = edge.options.cors_origins.allowed(req.headers());
    let response = match admit(&edge, &req) {
        Err(error) => req.error_response(error).map_into_right_body(),
        Ok(()) => match cors::preflight(&req, origin.as_ref()) {
            Some(answer) => req.into_response(answer).map_into_right_body(),
            // The request must not be cloned before it is routed: actix then owns it alone.
            None => next.call(req).await?.map_into_left_body(),
        },
    };
    let mut response = compression::pack(written(response, &edge, &id)).await;
    let standings = response.request().extensions().get::<rate::Standings>().copied();
    let path_is_docs = response.request().path().starts_with("/docs");
    let answer = response.headers_mut();
    headers::complete(answer, path_is_docs, edge.is_https(), edge.options.cors_origins.any());
    if let Some(origin) = origin {
        cors::share(answer, origin);
    }
    set(answer, &X_REQUEST_ID, &id);
    if let Some(policy) = edge.rates.policy() {
        set(answer, &RATE_LIMIT_POLICY, policy);
    }
    if let Some(standings) = standings {
        set(answer, &RATE_LIMIT, &standings.header());
    }
    note(&edge, &response, &id, started);
    Ok(response)
}

/// What can be refused before anybody knows who asks: the address's rate first, which is cheapest.
fn admit(edge: &Edge, req: &ServiceRequest) -> Result<(), ApiError> {
    rate::of_address(edge, req)?;
    head::check(req)
}

fn set(headers: &mut actix_web::http::header::HeaderMap, name: &HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name.clone(), value);
    }
}

/// The caller's own if it is a sane one, else ours.
fn given_id(req: &ServiceRequest) -> String {
    let given = req.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| sane(id));
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Letters, digits, `-`, `_` and `.`, at most 64: an id from outside goes into logs and headers.
fn sane(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// One line a request and its counters: method, route template, status, milliseconds, request id, principal id.
/// Never a path value, a parameter or a body.
fn note<B>(edge: &Edge, response: &ServiceResponse<B>, id: &str, started: Instant) {
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

/// Writes every error as a problem document, the framework's own included.
fn written<B: MessageBody + 'static>(
    response: ServiceResponse<EitherBody<B, BoxBody>>,
    edge: &Edge,
    id: &str,
) -> ServiceResponse<EitherBody<B, BoxBody>> {
    let Some(error) = problem_of(&response) else { return response };
    let (request, _) = response.into_parts();
    let response = render(&error, &edge.public_url, request.path(), id, lang_of(&request));
    ServiceResponse::new(request, response).map_into_right_body()
}

fn problem_of<B>(response: &ServiceResponse<B>) -> Option<ApiError> {
    let status = response.status();
    if let Some(error) = response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        return Some(error.clone());
    }
    (status.is_client_error() || status.is_server_error()).then(|| framework_error(status))
}

/// What actix says with a bare status, in the words of the table.
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
