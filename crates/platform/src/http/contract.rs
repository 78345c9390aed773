//! The finished contract: the OpenAPI document, whole and by section, and the validators compiled from it.
//!
//! Requests are validated against the published schemas, so the document and the program cannot disagree. Two
//! keywords are ours: `x-nomenclature` (the value must be a code of that list) and `x-territory` (the code of a
//! territory of that kind, or `kind:code` for `any`). So are the format `siret` and those of texts (`http::texts`).

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use actix_web::HttpRequest;
use actix_web::web::Data;
use jsonschema::Validator;
use serde_json::Value;

use super::presentation::{Offer, Offers};
use super::reference_keywords::{NOMENCLATURE, ReferenceLookup, TERRITORY};
use super::response_cache::CachedResponse;
use super::{faults, ranges, schema};
use passerelle_base::error::{ApiError, Code, Fault};
use passerelle_base::lines;

/// The document and, for each request type, its validator.
pub struct Contract {
    document: Value,
    requests: HashMap<TypeId, RequestSchema>,
    offers: Offers,
    /// The document as it is served, made at its first use.
    whole: Served,
    /// The same for the operations of each tag.
    sections: BTreeMap<String, Served>,
}

/// A document as it is served, with its compressed forms.
type Served = OnceLock<Option<Arc<CachedResponse>>>;

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
        let tags = document["tags"].as_array().into_iter().flatten().filter_map(|tag| tag["name"].as_str());
        let sections = tags.map(|tag| (tag.to_owned(), Served::new())).collect();
        Self { offers: Offers::of(&document), document, requests, whole: Served::new(), sections }
    }

    /// The document as it is served.
    pub(super) fn served(&self) -> Result<Arc<CachedResponse>, ApiError> {
        let made = self.whole.get_or_init(|| CachedResponse::document(&self.document).map(Arc::new));
        made.clone().ok_or_else(|| ApiError::new(Code::Internal))
    }

    /// The document of one tag as it is served: its operations, and the schemas that they refer to. 404 if there is no such
    /// tag.
    pub(super) fn served_section(&self, tag: &str) -> Result<Arc<CachedResponse>, ApiError> {
        let section = self.sections.get(tag).ok_or_else(|| self.no_section())?;
        let made = section.get_or_init(|| CachedResponse::document(&self.section(tag)).map(Arc::new));
        made.clone().ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn no_section(&self) -> ApiError {
        let known = self.sections.keys().map(|tag| format!("{tag}.json")).collect::<Vec<_>>().join(", ");
        ApiError::not_found().detail(
            format!("Le contrat n'a pas cette section. Sections : {known}."),
            format!("The contract has no such section. Sections: {known}."),
        )
    }

    fn section(&self, tag: &str) -> Value {
        let mut document = self.document.clone();
        if let Some(tags) = document["tags"].as_array_mut() {
            tags.retain(|known| known["name"] == tag);
        }
        if let Some(paths) = document["paths"].as_object_mut() {
            paths.retain(|_, item| {
                item.as_object_mut().is_some_and(|operations| {
                    operations.retain(|_, operation| operation["tags"][0] == tag);
                    !operations.is_empty()
                })
            });
        }
        schema::prune(&mut document);
        document
    }

    /// The contract that the application was built with.
    pub(super) fn of(req: &HttpRequest) -> Result<&Self, ApiError> {
        match req.app_data::<Data<Self>>() {
            Some(contract) => Ok(contract),
            None => Err(ApiError::new(Code::Internal)),
        }
    }

    /// The OpenAPI document.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// The operation object of a method and path; null if there is none.
    pub(super) fn operation(&self, method: &str, pattern: &str) -> &Value {
        &self.document["paths"][pattern][path_item_field(method)]
    }

    /// The presentations that an operation offers.
    pub(super) fn offer(&self, method: &str, pattern: &str) -> &Offer {
        self.offers.find(&path_item_field(method), pattern)
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

    /// A schema of the document as a self-contained one, with the schemas that it refers to.
    pub fn self_contained(&self, schema: &Value) -> Value {
        schema::self_contained(schema, &self.document)
    }

    /// Every fault of `instance` against the schema of a request type. With `in_query`, faults name parameters
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
        found.extend(validator.iter_errors(instance).flat_map(|error| faults::of(&error, in_query)));
        faults::drop_consequences(&mut found);
        found.extend(ranges::inverted(instance, in_query));
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
            .with_format("date", passerelle_base::dates::is_date)
            .with_format("date-time", passerelle_base::values::is_instant)
            .with_format("uuid", passerelle_base::values::is_identifier)
            .with_format("line", lines::is_line)
            .with_format("visible-line", lines::is_visible_line)
            .with_format("lines", lines::is_lines)
            .with_format("visible-lines", lines::is_visible_lines)
            .with_keyword(NOMENCLATURE, |_, list, _| Ok(ReferenceLookup::keyword(NOMENCLATURE, list)))
            .with_keyword(TERRITORY, |_, kind, _| Ok(ReferenceLookup::keyword(TERRITORY, kind)))
            .build(&self.self_contained(schema))
            .inspect_err(|error| log::error!("a schema of the contract does not compile: {error}"))
            .ok()
    }
}

/// The field of a path item that describes a method. HEAD has the response of GET.
fn path_item_field(method: &str) -> String {
    if method == "HEAD" { "get".to_owned() } else { method.to_ascii_lowercase() }
}
