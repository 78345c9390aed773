//! `Query<T>`: the parameters of a call, checked against the contract, unknown ones refused.

use std::any::TypeId;
use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::body::contract_of;
use super::contract::Contract;
use super::faults::text;
use super::presentation::{self, FIELDS, PresentationFaults};
use passerelle_base::error::{ApiError, Code, Fault};

/// The parameters as they stand in the address: names and values.
type Pairs = Vec<(String, String)>;

/// The query parameters of the type `T`.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(read(req).map(Self))
    }
}

fn read<T: DeserializeOwned + 'static>(req: &HttpRequest) -> Result<T, ApiError> {
    let refused = |faults| ApiError::faults(Code::InvalidParameters, faults);
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(req.query_string()).map_err(|_| ApiError::new(Code::InvalidParameters))?;
    let contract = contract_of(req)?;
    let (pairs, PresentationFaults { mut faults, .. }) = presented(req, pairs)?;
    let value = to_object(contract, TypeId::of::<T>(), pairs).map_err(refused)?;
    faults.extend(contract.faults_of(TypeId::of::<T>(), &value, true)?);
    if !faults.is_empty() {
        return Err(refused(faults));
    }
    serde_json::from_value(value).map_err(|error| {
        log::error!("schema and type disagree for {} at {:?}", std::any::type_name::<T>(), error.classify());
        ApiError::new(Code::InvalidParameters)
    })
}

/// Reads how the answer is to be shown, and refuses every other parameter when the operation declares none: it would
/// be ignored in silence.
pub fn refuse_undeclared(req: &HttpRequest) -> Result<(), ApiError> {
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_str(req.query_string()).map_err(|_| ApiError::new(Code::InvalidParameters))?;
    let (pairs, PresentationFaults { takes_others, mut faults, .. }) = presented(req, pairs)?;
    if takes_others {
        // The extractor of the parameters reports these faults together with its own.
        return Ok(());
    }
    let unknown = text("Ce paramètre est inconnu.", "This parameter is unknown.");
    faults.extend(pairs.into_iter().map(|(name, _)| Fault::new(name, "unknown_field", unknown.clone())));
    if faults.is_empty() { Ok(()) } else { Err(ApiError::faults(Code::InvalidParameters, faults)) }
}

/// The parameters of the use case, and what those that say how the answer is to be shown have settled.
pub(super) fn presented(req: &HttpRequest, mut pairs: Pairs) -> Result<(Pairs, PresentationFaults), ApiError> {
    let settled = presentation::settle(req, &pairs)?;
    if settled.takes_fields {
        pairs.retain(|(name, _)| name != FIELDS);
    }
    Ok((pairs, settled))
}

/// Turns name–value pairs into the JSON object that the request's schema describes: numbers and
/// booleans are parsed, lists are split at commas, and what does not parse stays a string for the
/// schema to refuse.
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
        if object.insert(name.clone(), value).is_some() {
            repeated.push(Fault::new(
                name,
                "repeated",
                text("Ce paramètre est répété.", "This parameter is repeated."),
            ));
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
