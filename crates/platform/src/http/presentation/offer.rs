//! The presentations that each operation offers, read from the contract once.

use std::collections::HashMap;

use serde_json::Value;

/// Name of the query parameter that selects fields.
pub(in crate::http) const FIELDS: &str = "fields";

/// The presentation parameters and the media types of an operation.
#[derive(Debug, Default)]
pub(in crate::http) struct Offer {
    /// The names that `fields` accepts; `None` without such a parameter.
    pub(super) fields: Option<Vec<String>>,
    /// Whether the operation has other query parameters, which an extractor reads.
    pub(super) has_other_parameters: bool,
    /// Whether the operation supports `If-None-Match`.
    pub(super) is_tagged: bool,
    /// The media types from which `Accept` chooses; `None` when there is no choice.
    pub(super) media_types: Option<Vec<String>>,
}

impl Offer {
    fn of(operation: &Value) -> Self {
        let parameters = || operation["parameters"].as_array().into_iter().flatten();
        let has_response = |status: &str| operation["responses"].get(status).is_some();
        let names = |parameter: &Value| {
            let names = parameter["schema"]["items"]["enum"].as_array()?;
            Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        let content = || operation["responses"]["200"]["content"].as_object();
        Self {
            fields: parameters().find(|parameter| parameter["name"] == FIELDS).and_then(names),
            has_other_parameters: parameters()
                .any(|parameter| parameter["in"] == "query" && parameter["name"] != FIELDS),
            is_tagged: has_response("304"),
            media_types: has_response("406")
                .then(|| content().into_iter().flatten().map(|(name, _)| name.clone()).collect()),
        }
    }
}

/// The offers of all operations.
#[derive(Debug, Default)]
pub(in crate::http) struct Offers {
    /// By path, then by field of the path item (`get`, `post`…).
    by_path: HashMap<String, HashMap<String, Offer>>,
    nothing: Offer,
}

impl Offers {
    /// The offers of a document.
    pub(in crate::http) fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let of_path = |operations: &Value| {
            let operations = operations.as_object().into_iter().flatten();
            operations.map(|(method, operation)| (method.clone(), Offer::of(operation))).collect()
        };
        Self {
            by_path: paths.map(|(path, operations)| (path.clone(), of_path(operations))).collect(),
            nothing: Offer::default(),
        }
    }

    /// The offer of an operation; an operation that the document does not know offers nothing.
    pub(in crate::http) fn find(&self, path_item_field: &str, path: &str) -> &Offer {
        self.by_path.get(path).and_then(|operations| operations.get(path_item_field)).unwrap_or(&self.nothing)
    }
}
