//! `Query<T>`: the query parameters of a call, validated against the contract. Unknown parameters are refused.

use std::any::TypeId;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use utoipa::openapi::path::ParameterIn;
use utoipa::{IntoParams, ToSchema};

use super::contract::Contract;
use super::description::{Argument, Description};
use super::presentation::{self, FIELDS, PresentationReport};
use passerelle_base::error::{ApiError, Code, Fault, Text};

/// The names and values of the query parameters.
type Pairs = Vec<(String, String)>;

/// The query parameters of the type `T`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: IntoParams + ToSchema + 'static> Argument for Query<T> {
    fn describe(description: &mut Description<'_>) {
        description.referred_by::<T>();
        description.query::<T>(&T::into_params(in_query));
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(read(req).map(Self))
    }
}

/// Where the parameters of `Query` and `List` are.
#[expect(clippy::unnecessary_wraps, reason = "what utoipa calls returns an option")]
pub(super) fn in_query() -> Option<ParameterIn> {
    Some(ParameterIn::Query)
}

fn read<T: DeserializeOwned + 'static>(req: &HttpRequest) -> Result<T, ApiError> {
    typed(read_parameters(req, TypeId::of::<T>())?)
}

/// The parameters as JSON, valid by the schema of a type.
fn read_parameters(req: &HttpRequest, request: TypeId) -> Result<Value, ApiError> {
    let invalid = |faults| ApiError::faults(Code::InvalidParameters, faults);
    let contract = Contract::of(req)?;
    let (pairs, PresentationReport { mut faults, .. }) = split_presentation(req, pairs_of(req)?)?;
    let value = to_object(contract, request, pairs).map_err(invalid)?;
    faults.extend(contract.faults_of(request, &value, true)?);
    if !faults.is_empty() {
        return Err(invalid(faults));
    }
    Ok(value)
}

/// Reads valid parameters as their type.
pub(super) fn typed<T: DeserializeOwned>(parameters: Value) -> Result<T, ApiError> {
    serde_json::from_value(parameters).map_err(|error| {
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidParameters)
    })
}

/// The query parameters of a request, decoded.
pub(super) fn pairs_of(req: &HttpRequest) -> Result<Pairs, ApiError> {
    serde_urlencoded::from_str(req.query_string()).map_err(|_| ApiError::new(Code::InvalidParameters))
}

/// Reads the presentation parameters. If the operation declares no other parameter, refuses all others: they would be
/// silently ignored.
pub fn refuse_undeclared(req: &HttpRequest) -> Result<(), ApiError> {
    let (pairs, PresentationReport { has_other_parameters, mut faults, .. }) = split_presentation(req, pairs_of(req)?)?;
    if has_other_parameters {
        // The extractor of the parameters reports these faults together with its own.
        return Ok(());
    }
    let unknown = Text::new("Ce paramètre est inconnu.", "This parameter is unknown.");
    faults.extend(pairs.into_iter().map(|(name, _)| Fault::new(name, "unknown_field", unknown.clone())));
    if faults.is_empty() { Ok(()) } else { Err(ApiError::faults(Code::InvalidParameters, faults)) }
}

/// Reads the presentation parameters and returns the others, which are the operation's own.
pub(super) fn split_presentation(req: &HttpRequest, mut pairs: Pairs) -> Result<(Pairs, PresentationReport), ApiError> {
    let report = presentation::read(req, &pairs)?;
    if report.has_fields {
        pairs.retain(|(name, _)| name != FIELDS);
    }
    Ok((pairs, report))
}

/// Turns name–value pairs into the JSON object that the request's schema describes: numbers and booleans are parsed,
/// lists are split at commas, and a list may also be given as a repeated parameter. A value that does not parse stays a string, which the schema then refuses.
pub(super) fn to_object(
    contract: &Contract,
    request: TypeId,
    pairs: Vec<(String, String)>,
) -> Result<Value, Vec<Fault>> {
    let schema = contract.schema_of(request).map(|schema| contract.resolve(schema));
    let properties = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
    let mut object = Map::new();
    let mut repeated = Vec::new();
    for (name, value) in pairs {
        let value = match properties.and_then(|properties| properties.get(&name)) {
            Some(property) => coerce(contract, property, value),
            None => Value::String(value),
        };
        if let (Some(Value::Array(known)), Value::Array(more)) = (object.get_mut(&name), &value) {
            // `a,b` or repeated, or both.
            known.extend(more.iter().cloned());
            continue;
        }
        if object.insert(name.clone(), value).is_some() {
            let message = Text::new("Ce paramètre est répété.", "This parameter is repeated.");
            repeated.push(Fault::new(name, "repeated", message));
        }
    }
    if repeated.is_empty() { Ok(Value::Object(object)) } else { Err(repeated) }
}

fn coerce(contract: &Contract, property: &Value, text: String) -> Value {
    let property = contract.resolve(property);
    let is = |name: &str| match property.get("type") {
        Some(Value::String(only)) => only == name,
        Some(Value::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    };
    if is("array") {
        let items = property.get("items").cloned().unwrap_or_default();
        return text.split(',').map(|item| coerce(contract, &items, item.to_owned())).collect();
    }
    if is("boolean") && (text == "true" || text == "false") {
        return Value::Bool(text == "true");
    }
    if is("integer") {
        // Only the canonical form: "+5" and "05" are refused like any other text.
        if let Some(number) = text.parse::<i64>().ok().filter(|number| number.to_string() == text) {
            return Value::from(number);
        }
    }
    Value::String(text)
}
