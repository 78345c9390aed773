//! What the contract says of sparse answers and of spreadsheets.

use actix_web::http::Method;
use serde_json::{Value, json};

use super::{CSV, FIELDS, JSON, XLSX};
use crate::http::description::Description;
use crate::http::spreadsheet;

/// More than ten thousand rows make.
const LONGEST: u32 = 1 << 30;

impl Description<'_> {
    /// The caller says which fields it wants; no media type that it accepts is a 406. Only of a read.
    pub(in crate::http) fn sparse(&mut self) {
        if self.method != Method::GET {
            return;
        }
        // Which names there are is known when the document is complete.
        let parameter = json!({
            "name": FIELDS, "in": "query", "required": false, "style": "form", "explode": false,
            "description": "Only these fields, separated by commas: of each row in a list. What is not named is left out, required or not.",
            "schema": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 100, "uniqueItems": true},
        });
        if let Some(known) = self.operation["parameters"].as_array_mut() {
            known.push(parameter);
        }
        self.problem("400", "A parameter is unknown or malformed.");
        self.problem("406", "`Accept` names no media type of this answer.");
    }

    /// The answer is offered as a spreadsheet too.
    pub(in crate::http) fn tabular(&mut self) {
        let content = &mut self.operation["responses"]["200"]["content"];
        content[CSV] = json!({"schema": {"type": "string", "maxLength": LONGEST}});
        content[XLSX] = json!({"schema": {"type": "string", "format": "binary", "maxLength": LONGEST}});
        self.header("200", "Content-Disposition", "Name of the file; of a spreadsheet alone.");
    }
}

/// Names the fields of each answer, and shows its spreadsheet, once the document is complete.
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
        // By pointer: an index would add what an operation does not answer.
        let Some(content) = operation.pointer_mut("/responses/200/content") else { continue };
        // An answer that draws its own spreadsheet shows one.
        if content.get(CSV).is_some_and(|csv| csv.get("example").is_none()) {
            let rows = content[JSON]["example"]["data"].as_array().cloned().unwrap_or_default();
            let columns = spreadsheet::columns(&before, &row, None);
            let example = spreadsheet::csv(&columns, &rows).and_then(|bytes| String::from_utf8(bytes).ok());
            content[CSV]["example"] = json!(example.unwrap_or_default().trim_start_matches('\u{feff}'));
        }
    }
}

/// The schema of a row of a list, or of the object that an operation answers.
pub(super) fn row_schema<'a>(document: &'a Value, operation: &'a Value) -> &'a Value {
    let answer = spreadsheet::resolve(document, &operation["responses"]["200"]["content"][JSON]["schema"]);
    let properties = &answer["properties"];
    if properties.get("page").is_some() { &properties["data"]["items"] } else { answer }
}
