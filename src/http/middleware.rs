//! Request ids, the access log and problem documents: what wraps every operation.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, web};

use crate::auth::PrincipalId;
use crate::context::Context;
use crate::error::{ApiError, Code, Lang, render};

static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The identifier of a request: the caller's own if it is a sane one, else ours.
#[derive(Clone, Debug)]
struct RequestId(String);

/// Gives the request its id, and logs one line when it is answered: method, route template, status,
/// milliseconds, request id, principal id. Never a path value, a parameter or a body.
pub async fn access_log(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let started = Instant::now();
    let given = req.headers().get(&X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| sane(id));
    let id = given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    req.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.call(req).await?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID.clone(), value);
    }
    let request = response.request();
    let principal = request.extensions().get::<LoggedPrincipal>().map(|principal| principal.0);
    log::info!(
        target: "passerelle::access",
        method = request.method().as_str(),
        route = request.match_pattern().as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id = id.as_str(),
        principal = principal.map_or_else(|| "-".to_owned(), |principal| principal.to_string()).as_str();
        "request"
    );
    Ok(response)
}

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

/// Letters, digits, `-`, `_` and `.`, at most 64: an id from outside goes into logs and headers.
fn sane(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// Writes every error as a problem document, the framework's own included.
pub async fn problems<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    // The request must not be cloned before it is routed: actix then owns it alone.
    let response = next.call(req).await?;
    let Some(error) = problem_of(&response) else { return Ok(response.map_into_left_body()) };
    let (request, _) = response.into_parts();
    let base = request.app_data::<web::Data<Context>>().map(|context| context.public_url.clone()).unwrap_or_default();
    let response = render(&error, &base, request.path(), &request_id(&request), lang_of(&request));
    Ok(ServiceResponse::new(request, response).map_into_right_body())
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
        status if status.is_client_error() => Code::MalformedBody,
        _ => Code::Internal,
    })
}
