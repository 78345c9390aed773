//! Checks every response against the contract: the operation must declare the status, the media type and the schema of
//! the body. A path that is not in the contract may only return `unknown_path`.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, Mutex};

use jsonschema::{Keyword, ValidationError, Validator};
use passerelle::http::contract::Contract;
use passerelle::nomenclatures;
use serde_json::{Map, Value, json};

use super::Response;

/// The document that the program publishes.
pub static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&passerelle::cli::document()).expect("the contract is JSON"));

/// The contract that the program enforces.
static CONTRACT: LazyLock<Contract> = LazyLock::new(|| passerelle::app::operations().contract());

/// One operation of the contract.
pub struct Operation {
    /// GET, POST…
    pub method: String,
    /// The path with its parameters, such as `/v1/services/{id}`.
    pub path: String,
    /// The operation object.
    pub said: Value,
}

impl Operation {
    /// Whether it can be called without a token.
    pub fn is_public(&self) -> bool {
        self.said["security"] == json!([])
    }

    /// The permission that it requires.
    pub fn permission(&self) -> Option<&str> {
        self.said["x-permission"].as_str()
    }

    /// The path with a well-formed value in place of each parameter.
    pub fn concrete_path(&self) -> String {
        let part = |part: &str| match part.strip_prefix('{') {
            None => part.to_owned(),
            Some("code}") => "not_found".to_owned(),
            Some("section}") => "cases.json".to_owned(),
            Some("operation}") => "createReferral".to_owned(),
            Some(_) => "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60".to_owned(),
        };
        self.path.split('/').map(part).collect::<Vec<_>>().join("/")
    }
}

/// Every operation of the contract.
pub fn operations() -> Vec<Operation> {
    let paths = DOCUMENT["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().expect("a path item").iter().map(move |(method, said)| Operation {
            method: method.to_ascii_uppercase(),
            path: path.clone(),
            said: said.clone(),
        })
    });
    all.collect()
}

/// Whether the operation requires `If-Match`.
pub(super) fn demands_version(method: &str, path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default();
    let operation = template_of(path).map(|template| &DOCUMENT["paths"][template][method.to_ascii_lowercase()]);
    let parameters = operation.and_then(|operation| operation["parameters"].as_array());
    parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter["name"] == "If-Match"))
}

/// Checks a response against its operation in the contract.
pub(super) fn check(method: &str, path: &str, response: &Response) {
    let asked = &response.asked;
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    assert_ne!(response.status, 500, "{asked} failed: {}", response.text());
    check_codes(asked, &response.json);
    let Some(template) = template_of(path) else {
        // Pages for people are not operations; what they refuse is a problem or, in a browser, a page.
        let is_page = path.starts_with("/docs") || path.split('/').nth(1) == Some("open-data");
        let is_html = response.header("content-type").starts_with("text/html");
        if !is_page {
            assert_eq!(response.status, 404, "{asked}");
            assert!(is_html || response.json["code"] == "unknown_path", "{asked}");
        }
        if response.status >= 400 && method != "HEAD" && !is_html {
            check_schema(asked, "not an operation", &problem(), &response.json);
        }
        return;
    };
    if method == "OPTIONS" && response.status == 204 {
        return;
    }
    // HEAD is GET without a body.
    let method = if method == "HEAD" && DOCUMENT["paths"][template].get("get").is_some() { "GET" } else { method };
    let Some(operation) = DOCUMENT["paths"][template].get(method.to_ascii_lowercase()) else {
        assert_eq!((response.status, &response.json["code"]), (405, &json!("method_not_allowed")), "{asked}");
        check_schema(asked, "method not allowed", &problem(), &response.json);
        return;
    };
    // A conflict says what it is about, whoever provokes it.
    let bare = response.status == 409
        && response.json["code"] == "conflict"
        && response.json["detail"].as_str().is_none_or(str::is_empty);
    assert!(!bare, "{asked} ({template}): a conflict without a reason: {}", response.text());
    let status = response.status.to_string();
    let Some(declared) = operation["responses"].get(&status) else {
        panic!("{asked} ({template}) returned {status}, which the contract does not declare: {}", response.text())
    };
    for (name, _) in declared["headers"].as_object().into_iter().flatten() {
        // The last page has no `Link`. An object without a version has no entity tag.
        let optional = ["Link", "Idempotency-Replayed", "Content-Disposition"].contains(&name.as_str())
            || (status == "201" && name == "ETag");
        // A 429 for sign-in attempts has no rate-limit headers.
        let optional = optional || (name.starts_with("RateLimit") && response.json["code"] == "too_many_attempts");
        let present = optional || response.headers.contains_key(name.as_str());
        assert!(present, "{asked} ({template}): {status} without its header {name}");
    }
    // A compressed response has no body for HEAD; actix drops the others when it writes them.
    if asked.starts_with("HEAD ") && response.body.is_empty() {
        return;
    }
    let Some(content) = declared["content"].as_object() else {
        assert!(
            response.body.is_empty(),
            "{asked} ({template}): {status} has a body that the contract does not declare"
        );
        return;
    };
    let media_type = response.header("content-type").split(';').next().unwrap_or_default();
    let Some(content) = content.get(media_type) else {
        panic!("{asked} ({template}): {status} as {media_type:?}, which the contract does not declare")
    };
    if media_type.ends_with("json") {
        let name = format!("{method} {template} {status} {media_type}");
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
        let fields: Vec<&str> =
            pairs.iter().filter(|(parameter, _)| parameter == "fields").map(|(_, names)| names.as_str()).collect();
        if fields.is_empty() || status != "200" {
            check_schema(asked, &name, &content["schema"], &response.json);
        } else {
            check_sparse(asked, &name, &content["schema"], &fields.join(","), &response.json);
        }
    }
}

/// The codes that the contract lists for a schema.
pub fn listed_codes(schema: &str) -> Vec<&'static str> {
    let listed = &DOCUMENT["components"]["schemas"][schema]["properties"]["code"]["x-extensible-enum"];
    listed.as_array().expect("a list of codes").iter().filter_map(Value::as_str).collect()
}

/// Checks that the contract lists the codes of the faults of a response, those of the items of a bulk call included.
fn check_codes(asked: &str, value: &Value) {
    static LISTED: LazyLock<HashSet<&str>> = LazyLock::new(|| listed_codes("ProblemFault").into_iter().collect());
    match value {
        Value::Array(items) => items.iter().for_each(|item| check_codes(asked, item)),
        Value::Object(fields) => {
            for fault in fields.get("errors").and_then(Value::as_array).into_iter().flatten() {
                let code = fault["code"].as_str().unwrap_or_default();
                assert!(LISTED.contains(code), "{asked}: the contract does not list the code {code}");
            }
            fields.values().for_each(|field| check_codes(asked, field));
        }
        _ => {}
    }
}

/// Checks that a sparse response has only requested fields, each of them following the contract.
fn check_sparse(asked: &str, name: &str, schema: &Value, fields: &str, response: &Value) {
    let (whole, row) = row_schema(schema);
    let mut optional = row.clone();
    optional.as_object_mut().expect("an object").remove("required");
    let rows = match response["data"].as_array() {
        Some(rows) if row != whole => rows.clone(),
        _ => vec![response.clone()],
    };
    for row in rows {
        check_schema(asked, &format!("{name} sparse"), &optional, &row);
        let names = row.as_object().expect("an object").keys();
        let unasked: Vec<_> = names.filter(|name| !fields.split(',').any(|field| field == *name)).collect();
        assert!(unasked.is_empty(), "{asked}: fields that were not requested: {unasked:?}");
    }
}

/// The schema of a response, and that of its rows if it is a page (otherwise the same schema).
pub fn row_schema(schema: &Value) -> (Value, Value) {
    let whole = resolve(schema);
    match whole["properties"].get("page") {
        Some(_) => (whole.clone(), resolve(&whole["properties"]["data"]["items"])),
        None => (whole.clone(), whole),
    }
}

fn resolve(schema: &Value) -> Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| DOCUMENT.pointer(pointer)).unwrap_or(schema).clone()
}

/// The path of the contract that matches the path of a request. Of several, the one with the fewest parameters.
fn template_of(path: &str) -> Option<&'static str> {
    let paths = DOCUMENT["paths"].as_object()?;
    let fits = |template: &str| {
        let (mut theirs, mut ours) = (path.split('/'), template.split('/'));
        loop {
            match (theirs.next(), ours.next()) {
                (None, None) => return true,
                (Some(given), Some(part)) if given == part || (part.starts_with('{') && !given.is_empty()) => (),
                _ => return false,
            }
        }
    };
    paths.keys().map(String::as_str).filter(|template| fits(template)).min_by_key(|t| t.matches('{').count())
}

fn problem() -> Value {
    json!({"$ref": "#/components/schemas/Problem"})
}

/// Fails unless `instance` follows `schema`. `name` is the cache key of the compiled validator.
fn check_schema(asked: &str, name: &str, schema: &Value, instance: &Value) {
    static COMPILED: LazyLock<Mutex<HashMap<String, &'static Validator>>> = LazyLock::new(Mutex::default);
    // Validators are leaked: there are only as many as the contract has responses.
    let validator = *COMPILED
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .entry(name.to_owned())
        .or_insert_with(|| Box::leak(Box::new(compile(schema))));
    let faults: Vec<String> =
        validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{asked}: the body does not follow the contract ({name}): {faults:#?}\n{instance:#}");
}

/// Compiles a schema of the contract, with its references and our keyword `x-nomenclature`.
pub fn compile(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft202012)
        .should_validate_formats(true)
        .with_keyword("x-nomenclature", |_: &Map<String, Value>, list: &Value, _| {
            Ok(Box::new(Nomenclature(list.as_str().unwrap_or_default().to_owned())) as Box<dyn for<'i> Keyword<'i>>)
        })
        .build(&CONTRACT.self_contained(schema))
        .expect("a schema that compiles")
}

/// The keyword `x-nomenclature`: a string must be a code of the list.
struct Nomenclature(String);

impl<'i> Keyword<'i> for Nomenclature {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(ValidationError::custom(format!("not a code of {}", self.0))) }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_str().is_none_or(|code| nomenclatures::contains(&self.0, code))
    }
}
