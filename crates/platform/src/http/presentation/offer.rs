//! What an operation can be asked to show, read from the contract once: requests are many, and the contract is one.

use std::collections::HashMap;

use serde_json::Value;

use super::FIELDS;
use crate::http::contract::member;

/// The parameters and the media types of an operation.
#[derive(Debug, Default)]
pub(in crate::http) struct Offer {
    /// The names that `fields` takes; `None` without such a parameter.
    pub(super) fields: Option<Vec<String>>,
    /// Whether other parameters are taken, which an extractor of their own reads.
    pub(super) takes_others: bool,
    /// Whether `If-None-Match` is understood.
    pub(super) is_tagged: bool,
    /// The media types among which `Accept` chooses; `None` when there is no choice.
    pub(super) media_types: Option<Vec<String>>,
}

impl Offer {
    fn of(operation: &Value) -> Self {
        let parameters = || operation["parameters"].as_array().into_iter().flatten();
        let answers = |status: &str| operation["responses"].get(status).is_some();
        let names = |parameter: &Value| {
            let names = parameter["schema"]["items"]["enum"].as_array()?;
            Some(names.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        let content = || operation["responses"]["200"]["content"].as_object();
        Self {
            fields: parameters().find(|parameter| parameter["name"] == FIELDS).and_then(names),
            takes_others: parameters().any(|parameter| parameter["in"] == "query" && parameter["name"] != FIELDS),
            is_tagged: answers("304"),
            media_types: answers("406")
                .then(|| content().into_iter().flatten().map(|(name, _)| name.clone()).collect()),
        }
    }
}

/// The offers of all operations.
#[derive(Debug, Default)]
pub(in crate::http) struct Offers {
    /// By path, then by [`member`].
    of: HashMap<String, HashMap<String, Offer>>,
    nothing: Offer,
}

impl Offers {
    /// Those of a document.
    pub(in crate::http) fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let of_path = |operations: &Value| {
            let operations = operations.as_object().into_iter().flatten();
            operations.map(|(method, operation)| (method.clone(), Offer::of(operation))).collect()
        };
        Self {
            of: paths.map(|(path, operations)| (path.clone(), of_path(operations))).collect(),
            nothing: Offer::default(),
        }
    }

    /// That of an operation; one that the document does not know offers nothing.
    pub(super) fn find(&self, method: &str, path: &str) -> &Offer {
        self.of.get(path).and_then(|operations| operations.get(&member(method))).unwrap_or(&self.nothing)
    }
}
