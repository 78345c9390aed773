//! Sparse responses and spreadsheets in the contract.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::FIELDS;
use crate::http::description::Description;
use crate::http::media_type::{CSV, JSON, XLSX};
use crate::http::spreadsheet;

/// An upper bound for the size of a spreadsheet of 10,000 rows.
const MAX_LENGTH: u32 = 1 << 30;

impl Description<'_> {
    /// The caller may select fields, and gets a 406 if it accepts none of the media types. For reads only.
    pub(in crate::http) fn sparse(&mut self) {
        if self.method != Method::GET {
            return;
        }
        // [`complete`] adds the names, once the document is whole.
        let parameter = json!({
            "name": FIELDS, "in": "query", "required": false, "style": "form", "explode": false,
            "description": "Fields to return, separated by commas; in a list, of each row. All other fields are omitted, even required ones.",
            "schema": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100, "uniqueItems": true},
        });
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.push(parameter);
        }
        self.problem("400", "A parameter is unknown or malformed.");
        self.problem("406", "`Accept` names no media type of this response.");
    }

    /// The response is also available as a spreadsheet.
    pub(in crate::http) fn tabular(&mut self) {
        let content = &mut self.operation["responses"]["200"]["content"];
        content[CSV] = json!({"schema": {"type": "string", "maxLength": MAX_LENGTH}});
        content[XLSX] = json!({"schema": {"type": "string", "format": "binary", "maxLength": MAX_LENGTH}});
        self.header("200", "Content-Disposition", "File name; spreadsheets only.");
        self.exported();
    }

    /// The response has formats that are written a few at a time.
    pub(in crate::http) fn exported(&mut self) {
        self.problem(
            "429",
            "Too many requests, or, in a format other than JSON, too many exports at once (`too_many_exports`): retry after `Retry-After` seconds.",
        );
    }
}

/// Adds the field names and the spreadsheet example of each response, once the document is whole.
pub(in crate::http) fn complete(document: &mut Value) {
    let before = document.clone();
    let paths = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in paths.flat_map(|path| path.as_object_mut().into_iter().flat_map(|path| path.values_mut())) {
        let row = row_schema(&before, operation).clone();
        let names = spreadsheet::field_names(&before, &row);
        for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
            if parameter["name"] == FIELDS {
                parameter["schema"]["items"] = json!({"type": "string", "enum": names});
                parameter["example"] = json!(names.iter().take(2).collect::<Vec<_>>());
            }
        }
        // By pointer: an index would add a response that the operation does not have.
        let Some(content) = operation.pointer_mut("/responses/200/content") else { continue };
        // A response that renders its own CSV has its own example.
        if content.get(CSV).is_some_and(|csv| csv.get("example").is_none()) {
            let rows = content[JSON]["example"]["data"].as_array().cloned().unwrap_or_default();
            let columns = spreadsheet::columns(&before, &row, None);
            content[CSV]["example"] = json!(spreadsheet::example(&columns, &rows).unwrap_or_default());
        }
    }
}

/// The schema of a row of a list, or of the object that an operation returns.
pub(super) fn row_schema<'a>(document: &'a Value, operation: &'a Value) -> &'a Value {
    let response = spreadsheet::resolve(document, &operation["responses"]["200"]["content"][JSON]["schema"]);
    let properties = &response["properties"];
    if properties.get("page").is_some() { &properties["data"]["items"] } else { response }
}
