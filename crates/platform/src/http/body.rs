//! `Body<T>` and `Form<T>`: a request body, validated against the contract. Every fault is reported.

use std::any::TypeId;
use std::future::Future;
use std::pin::Pin;

use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use validator::Validate;

use super::contract::Contract;
use super::description::{Argument, Description};
use super::edge::Edge;
use super::idempotency::{BodyDigest, IDEMPOTENCY_KEY};
use super::json;
use super::query::to_object;
use super::rehearsal;
use crate::privacy::sha256;
use passerelle_base::error::{ApiError, Code, Fault, Text};

/// The maximum size of a body, in bytes. Free texts have bounds in their own schema.
pub const MAX_BODY: usize = 1 << 20;

/// A JSON body of the type `T`, validated against its schema, then against the rules of the type.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// An `application/x-www-form-urlencoded` body of the type `T`, validated in the same way.
#[derive(Debug)]
pub struct Form<T>(pub T);

pub(super) type BodyFuture<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = BodyFuture<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let read = read::<T>(req, payload.take(), "application/json", |_, bytes| json::parse(bytes));
        Box::pin(async move { read.await.map(Self) })
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Form<T> {
    type Error = ApiError;
    type Future = BodyFuture<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let read = read::<T>(req, payload.take(), "application/x-www-form-urlencoded", parse_form::<T>);
        Box::pin(async move { read.await.map(Self) })
    }
}

impl<T: ToSchema + 'static> Argument for Body<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/json");
    }
}

impl<T: ToSchema + 'static> Argument for Form<T> {
    fn describe(description: &mut Description<'_>) {
        description.body::<T>("application/x-www-form-urlencoded");
    }
}

/// Collects a body, parses it and validates it against the contract.
pub(super) fn read<T: DeserializeOwned + Validate + 'static>(
    req: &HttpRequest,
    payload: dev::Payload,
    media_type: &'static str,
    parse: fn(&HttpRequest, &[u8]) -> Result<Value, ApiError>,
) -> BodyFuture<T> {
    let req = req.clone();
    Box::pin(async move {
        let value = receive(req.clone(), payload, media_type, parse, TypeId::of::<T>()).await?;
        typed(&req, value)
    })
}

/// Collects a body as JSON that is valid by the schema of a request type: 400 with every fault otherwise, or a body to
/// rehearse with.
async fn receive(
    req: HttpRequest,
    payload: dev::Payload,
    media_type: &'static str,
    parse: fn(&HttpRequest, &[u8]) -> Result<Value, ApiError>,
    request: TypeId,
) -> Result<Value, ApiError> {
    if let Some(body) = rehearsal::next_body(&req) {
        return Ok(body);
    }
    let value = parsed(&req, payload, media_type, parse).await?;
    let contract = Contract::of(&req)?;
    let faults = contract.faults_of(request, &value, false)?;
    if faults.is_empty() { Ok(value) } else { rehearsal::begin(&req, contract, request, &value, faults) }
}

/// Collects a body as JSON, which may break its schema.
pub(super) async fn parsed(
    req: &HttpRequest,
    payload: dev::Payload,
    media_type: &'static str,
    parse: fn(&HttpRequest, &[u8]) -> Result<Value, ApiError>,
) -> Result<Value, ApiError> {
    expect_media_type(req, media_type)?;
    let bytes = collect(req, payload).await?;
    if req.headers().contains_key(IDEMPOTENCY_KEY) {
        req.extensions_mut().insert(BodyDigest(sha256(&bytes)));
    }
    parse(req, &bytes)
}

fn parse_form<T: 'static>(req: &HttpRequest, bytes: &[u8]) -> Result<Value, ApiError> {
    json::measure_form(bytes)?;
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|_| ApiError::new(Code::MalformedBody))?;
    to_object(Contract::of(req)?, TypeId::of::<T>(), pairs)
        .map_err(|faults| ApiError::faults(Code::InvalidBody, faults))
}

/// Reads a valid body as its type, then checks the rules of the type: 422 with every fault, those of the use case included
/// if it can be rehearsed.
fn typed<T: DeserializeOwned + Validate + 'static>(req: &HttpRequest, value: Value) -> Result<T, ApiError> {
    let body = of_type::<T>(value)?;
    check_rules(&body).or_else(|error| rehearsal::breaks_rules(req, error))?;
    Ok(body)
}

/// Reads a valid value as its type.
pub(super) fn of_type<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    serde_json::from_value(value).map_err(|error| {
        // The schema accepts a value that the type does not: a defect of the contract, logged as an error and still a
        // 400 for the caller. serde's message can quote the value, so it is not logged.
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidBody)
    })
}

/// Checks the rules of a request type. The command line, which has no body, uses it too.
pub fn check_rules(request: &impl Validate) -> Result<(), ApiError> {
    request.validate().map_err(|errors| ApiError::broken(rule_faults("", &errors)))
}

/// `validator` reports field names; the contract reports pointers and messages in two languages.
fn rule_faults(at: &str, errors: &validator::ValidationErrors) -> Vec<Fault> {
    use validator::ValidationErrorsKind as Kind;
    let mut found = Vec::new();
    for (field, kind) in errors.errors() {
        // `__all__` is validator's name for a rule on the whole struct.
        let here = if field == "__all__" { at.to_owned() } else { format!("{at}/{field}") };
        match kind {
            Kind::Struct(inner) => found.extend(rule_faults(&here, inner)),
            Kind::List(items) => {
                for (index, inner) in items {
                    found.extend(rule_faults(&format!("{here}/{index}"), inner));
                }
            }
            Kind::Field(errors) => found.extend(errors.iter().map(|error| rule_fault(&here, error))),
        }
    }
    found.sort_by(|a, b| a.pointer.cmp(&b.pointer));
    found
}

fn rule_fault(here: &str, error: &validator::ValidationError) -> Fault {
    let param = |name: &str| error.params.get(name).and_then(Value::as_str).map(str::to_owned);
    let at = param("pointer").map_or_else(|| here.to_owned(), |field| format!("{here}{field}"));
    let en = error.message.clone().unwrap_or_else(|| "Invalid value.".into());
    let fr = param("fr").map_or_else(|| en.clone(), Into::into);
    Fault::new(at, error.code.clone(), Text { fr, en })
}

/// The error of a broken rule: its code, the field that breaks it (empty for the whole struct), both messages.
pub fn broken_rule(
    code: &'static str,
    field: &'static str,
    fr: &'static str,
    en: &'static str,
) -> validator::ValidationError {
    let mut error = validator::ValidationError::new(code).with_message(en.into());
    if !field.is_empty() {
        error.add_param("pointer".into(), &format!("/{field}"));
    }
    error.add_param("fr".into(), &fr);
    error
}

fn expect_media_type(req: &HttpRequest, expected: &'static str) -> Result<(), ApiError> {
    let header = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = header.split(';').next().unwrap_or_default().trim();
    let charset_ok = header
        .split(';')
        .skip(1)
        .filter_map(|p| p.trim().strip_prefix("charset="))
        .all(|c| c.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    // Generated clients send a merge patch as JSON, which has no other meaning here.
    let as_json = req.method() == Method::PATCH && essence.eq_ignore_ascii_case("application/json");
    if (as_json || essence.eq_ignore_ascii_case(expected)) && charset_ok {
        return Ok(());
    }
    let header_name = if req.method() == Method::PATCH { "Accept-Patch" } else { "Accept" };
    Err(ApiError::new(Code::UnsupportedMediaType)
        .detail(
            format!("Le corps doit être au format {expected}, encodé en UTF-8."),
            format!("The body must be {expected}, encoded in UTF-8."),
        )
        .header(header_name, expected))
}

async fn collect(req: &HttpRequest, mut payload: dev::Payload) -> Result<BytesMut, ApiError> {
    let too_large = || {
        ApiError::new(Code::TooLarge)
            .detail(format!("Au plus {} Mio.", MAX_BODY >> 20), format!("At most {} MiB.", MAX_BODY >> 20))
            .with("limit_bytes", MAX_BODY)
    };
    let declared =
        req.headers().get("content-length").and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if declared.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    let reading = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| ApiError::new(Code::MalformedBody))?;
            if bytes.len() + chunk.len() > MAX_BODY {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    // A timeout on the whole body, however slowly it arrives: actix itself has none.
    let Some(edge) = req.app_data::<Data<Edge>>() else { return Err(ApiError::new(Code::Internal)) };
    tokio::time::timeout(edge.options.body_timeout, reading)
        .await
        .unwrap_or_else(|_| Err(ApiError::new(Code::RequestTimeout)))
}
