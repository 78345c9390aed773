//! The finished contract: the OpenAPI document, and the validators compiled from it.
//!
//! A body is checked against the very schema that is published, so a constraint cannot stand in one
//! place and be missing in the other. Two keywords are ours: `x-nomenclature` (the value must be a code
//! of that list) and `x-territory` (the code of a territory of that kind, or `kind:code` for `any`). So is
//! the format `siret`.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::OnceLock;

use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::Value;

use super::presentation::Offers;
use super::{faults, schema};
use passerelle_base::error::{ApiError, Code, Fault};
use passerelle_reference::nomenclatures;
use passerelle_reference::territories::{self, ANY_KIND, TerritoryKey, TerritoryKind};

/// The document and, for each request type, its validator.
pub struct Contract {
    document: Value,
    requests: HashMap<TypeId, RequestSchema>,
    offers: Offers,
}

/// The schema of one request type, compiled at its first use.
struct RequestSchema {
    schema: Value,
    compiled: OnceLock<Option<Validator>>,
}

impl Contract {
    /// Builds the contract from the normalised document and the schema of each request type.
    pub(super) fn new(document: Value, requests: HashMap<TypeId, Value>) -> Self {
        let requests = requests
            .into_iter()
            .map(|(id, schema)| (id, RequestSchema { schema, compiled: OnceLock::new() }))
            .collect();
        Self { offers: Offers::of(&document), document, requests }
    }

    /// The OpenAPI document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// What the document says of an operation; null for one that it does not know.
    pub(super) fn operation(&self, method: &str, pattern: &str) -> &Value {
        &self.document["paths"][pattern][member(method)]
    }

    /// What each operation can be asked to show.
    pub(super) fn offers(&self) -> &Offers {
        &self.offers
    }

    /// The schema of a request type, for the coercion of parameters.
    pub(super) fn schema_of(&self, request: TypeId) -> Option<&Value> {
        self.requests.get(&request).map(|request| &request.schema)
    }

    /// Follows a `$ref` of the document.
    pub(super) fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
            Some(pointer) => self.document.pointer(pointer).unwrap_or(schema),
            None => schema,
        }
    }

    /// A schema of the document as one of its own, with what it refers to.
    pub fn alone(&self, schema: &Value) -> Value {
        schema::alone(schema, &self.document)
    }

    /// Every fault of `instance` against the schema of a request type; `in_query` names parameters
    /// instead of pointing into a body.
    pub(super) fn faults_of(&self, request: TypeId, instance: &Value, in_query: bool) -> Result<Vec<Fault>, ApiError> {
        let validator = self
            .requests
            .get(&request)
            .and_then(|request| request.compiled.get_or_init(|| self.compile(&request.schema)).as_ref());
        let Some(validator) = validator else {
            log::error!("a request type has no usable schema in the contract");
            return Err(ApiError::new(Code::Internal));
        };
        let mut found = faults::nul_characters(instance);
        found.extend(validator.iter_errors(instance).flat_map(|error| faults::of(&error)));
        faults::drop_lookups_of_malformed(&mut found);
        if in_query {
            for fault in &mut found {
                fault.pointer = fault.pointer.trim_start_matches('/').to_owned();
            }
        }
        Ok(found)
    }

    fn compile(&self, schema: &Value) -> Option<Validator> {
        jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .with_format("siret", passerelle_base::identifiers::is_siret)
            .with_keyword(NOMENCLATURE, |_, list, _| Ok(Lookup::keyword(NOMENCLATURE, list)))
            .with_keyword(TERRITORY, |_, kind, _| Ok(Lookup::keyword(TERRITORY, kind)))
            .build(&self.alone(schema))
            .inspect_err(|error| log::error!("a schema of the contract does not compile: {error}"))
            .ok()
    }
}

/// The member of a path that describes a method: HEAD is answered as GET is.
pub(super) fn member(method: &str) -> String {
    if method == "HEAD" { "get".to_owned() } else { method.to_ascii_lowercase() }
}

/// `x-nomenclature: <list>`: a string must be a code of the list.
pub(super) const NOMENCLATURE: &str = "x-nomenclature";
/// `x-territory: <kind>`: a string must be the code of a territory of that kind; `any`: a kind and a code.
pub(super) const TERRITORY: &str = "x-territory";

/// A keyword that looks the value up in reference data.
enum Lookup {
    List(String),
    Map(TerritoryKind),
    AnyKind,
    /// The document names no such kind: nothing passes, which the first test of the field shows.
    Nothing,
}

impl Lookup {
    fn keyword<'a>(keyword: &str, argument: &Value) -> Box<dyn for<'i> Keyword<'i> + 'a> {
        let argument = argument.as_str().unwrap_or_default();
        Box::new(match keyword {
            TERRITORY if argument == ANY_KIND => Self::AnyKind,
            TERRITORY => argument.parse().map_or(Self::Nothing, Self::Map),
            _ => Self::List(argument.to_owned()),
        })
    }

    fn has(&self, code: &str) -> bool {
        match self {
            Self::List(name) => nomenclatures::contains(name, code),
            Self::Map(kind) => territories::is_known(*kind, code),
            Self::AnyKind => code.parse::<TerritoryKey>().is_ok_and(|key| territories::is_known(key.kind, &key.code)),
            Self::Nothing => false,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::List(name) => name,
            Self::Map(kind) => kind.as_str(),
            Self::AnyKind => ANY_KIND,
            Self::Nothing => "",
        }
    }
}

impl<'i> Keyword<'i> for Lookup {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(self.name())) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        // Another type, null included, is the `type` keyword's business.
        instance.as_str().is_none_or(|code| self.has(code))
    }
}
