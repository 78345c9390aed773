//! `Body<T>` and `Form<T>`: a request body, checked against the contract, with all its faults.

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
use validator::Validate;

use super::contract::Contract;
use super::edge::Edge;
use super::json;
use super::query::to_object;
use super::write::IDEMPOTENCY_KEY;
use crate::privacy::sha256;
use passerelle_base::error::{ApiError, Code, Fault, Text};

/// The largest JSON body, in bytes. Free texts are bounded by their own schema.
pub const MAX_BODY: usize = 1 << 20;

/// A JSON body of the type `T`: valid against its schema, then against its own rules.
#[derive(Debug)]
pub struct Body<T>(pub T);

/// An `application/x-www-form-urlencoded` body of the type `T`, checked in the same way.
#[derive(Debug)]
pub struct Form<T>(pub T);

/// The digest of a body, left in the request for the call's fingerprint.
pub(super) struct BodyTag(pub(super) Vec<u8>);

pub(super) type Reading<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let read = read::<T>(req, payload.take(), "application/json", |_, bytes| json::parse(bytes));
        Box::pin(async move { read.await.map(Self) })
    }
}

impl<T: DeserializeOwned + Validate + 'static> FromRequest for Form<T> {
    type Error = ApiError;
    type Future = Reading<Self>;

    fn from_request(req: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let read = read::<T>(req, payload.take(), "application/x-www-form-urlencoded", parse_form::<T>);
        Box::pin(async move { read.await.map(Self) })
    }
}

/// Collects a body, parses it, and holds it to the contract.
pub(super) fn read<T: DeserializeOwned + Validate + 'static>(
    req: &HttpRequest,
    payload: dev::Payload,
    media_type: &'static str,
    parse: fn(&HttpRequest, &[u8]) -> Result<Value, ApiError>,
) -> Reading<T> {
    let req = req.clone();
    Box::pin(async move {
        expect_media_type(&req, media_type)?;
        let bytes = collect(&req, payload).await?;
        if req.headers().contains_key(IDEMPOTENCY_KEY) {
            req.extensions_mut().insert(BodyTag(sha256(&bytes)));
        }
        accept(&req, parse(&req, &bytes)?)
    })
}

fn parse_form<T: 'static>(req: &HttpRequest, bytes: &[u8]) -> Result<Value, ApiError> {
    json::measure_form(bytes)?;
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|_| ApiError::new(Code::MalformedBody))?;
    to_object(contract_of(req)?, TypeId::of::<T>(), pairs).map_err(|faults| ApiError::faults(Code::InvalidBody, faults))
}

/// The contract that the application was built with.
pub(super) fn contract_of(req: &HttpRequest) -> Result<&Contract, ApiError> {
    match req.app_data::<Data<Contract>>() {
        Some(contract) => Ok(contract),
        None => Err(ApiError::new(Code::Internal)),
    }
}

/// Schema first (400, every fault), then the type's own rules (422, every fault).
fn accept<T: DeserializeOwned + Validate + 'static>(req: &HttpRequest, value: Value) -> Result<T, ApiError> {
    let faults = contract_of(req)?.faults_of(TypeId::of::<T>(), &value, false)?;
    if !faults.is_empty() {
        return Err(ApiError::faults(Code::InvalidBody, faults));
    }
    let body: T = serde_json::from_value(value).map_err(|error| {
        // The schema accepted what the type does not: a defect of the contract, still a 400 for the
        // caller, and loud in the log. serde's message can quote the value: it is not logged.
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidBody)
    })?;
    check_rules(&body)?;
    Ok(body)
}

/// The rules of a request type: for the command line too, which has no body.
pub fn check_rules(request: &impl Validate) -> Result<(), ApiError> {
    request.validate().map_err(|errors| ApiError::faults(Code::RuleBroken, rule_faults("", &errors)))
}

/// `validator` speaks in field names; the contract speaks in pointers and two languages.
fn rule_faults(at: &str, errors: &validator::ValidationErrors) -> Vec<Fault> {
    use validator::ValidationErrorsKind as Kind;
    let mut found = Vec::new();
    for (field, kind) in errors.errors() {
        // `__all__` is validator's name for a rule over the whole struct.
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
    let en = error.message.clone().unwrap_or_else(|| "Refused.".into());
    let fr = param("fr").map_or_else(|| en.clone(), Into::into);
    Fault::new(at, error.code.clone(), Text { fr, en })
}

/// A rule of a request type: its code, the field it is about, both wordings.
pub fn broken(
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
    if essence.eq_ignore_ascii_case(expected) && charset_ok {
        return Ok(());
    }
    let says = if req.method() == Method::PATCH { "Accept-Patch" } else { "Accept" };
    Err(ApiError::new(Code::UnsupportedMediaType)
        .detail(format!("Le corps doit être en {expected}, UTF-8."), format!("The body must be {expected}, UTF-8."))
        .header(says, expected))
}

async fn collect(req: &HttpRequest, mut payload: dev::Payload) -> Result<BytesMut, ApiError> {
    let too_large = || {
        ApiError::new(Code::TooLarge)
            .detail(format!("Au plus {MAX_BODY} octets."), format!("At most {MAX_BODY} bytes."))
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
    // The whole body, however it trickles; actix itself would wait for ever.
    let Some(edge) = req.app_data::<Data<Edge>>() else { return Err(ApiError::new(Code::Internal)) };
    tokio::time::timeout(edge.options.body_timeout, reading)
        .await
        .unwrap_or_else(|_| Err(ApiError::new(Code::RequestTimeout)))
}
