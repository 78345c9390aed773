//! A list as a spreadsheet: one line per row. The columns come from the contract and not from the rows.
//!
//! A nested object becomes one column per field (`referral.status`), an array of scalars one cell (`a; b`), an array of
//! objects its JSON. `id` comes first and the others follow by name; with `fields`, in the requested order.

mod cells;
mod csv;
mod document;
mod file;
mod table;
mod xlsx;

pub use cells::escape_formulas;
pub(super) use csv::example;
pub(super) use document::sheets;
pub use document::{Cell, Sheet};
pub(super) use file::File;
pub(super) use table::{Table, TableFormat};

use serde_json::{Map, Value};

/// Rows of a spreadsheet when the caller gives no `limit`: a compromise between memory and response time.
pub(super) const ROWS: i64 = 10_000;

/// Rows that are read at once. Only these are in memory together with what is written.
pub(super) const STEP: i64 = 500;

/// A column: the path to its value in a row, and the kind of value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    path: Vec<String>,
    kind: Kind,
}

/// The kind of value in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Date,
    Instant,
    /// Text, number or boolean, as in the JSON.
    Plain,
}

impl Column {
    fn name(&self) -> String {
        self.path.join(".")
    }

    fn value<'a>(&self, row: &'a Value) -> &'a Value {
        self.path.iter().fold(row, |value, name| &value[name.as_str()])
    }
}

/// The columns of the schema of a row: all of them, or those of the given fields.
pub(super) fn columns(document: &Value, row: &Value, fields: Option<&[String]>) -> Vec<Column> {
    let properties = properties(document, row);
    let names: Vec<String> = match fields {
        Some(fields) => fields.to_vec(),
        None => field_names(document, row),
    };
    let mut columns = Vec::new();
    for name in names {
        if let Some(schema) = properties.get(&name) {
            flatten(document, vec![name], schema, &mut columns);
        }
    }
    columns
}

/// The names of the fields of an object, `id` first.
pub(super) fn field_names(document: &Value, schema: &Value) -> Vec<String> {
    let mut names: Vec<String> = properties(document, schema).keys().cloned().collect();
    names.sort_by_key(|name| (name != "id", name.clone()));
    names
}

fn flatten(document: &Value, path: Vec<String>, schema: &Value, columns: &mut Vec<Column>) {
    let resolved = resolve(document, schema);
    let inner = properties(document, resolved);
    if inner.is_empty() {
        let kind = match resolved["format"].as_str() {
            Some("date") => Kind::Date,
            Some("date-time") => Kind::Instant,
            _ => Kind::Plain,
        };
        columns.push(Column { path, kind });
        return;
    }
    for name in field_names(document, resolved) {
        let below = path.iter().cloned().chain([name.clone()]).collect();
        flatten(document, below, &inner[&name], columns);
    }
}

/// The properties of the schema of an object, including those of its `allOf` parts.
fn properties(document: &Value, schema: &Value) -> Map<String, Value> {
    let schema = resolve(document, schema);
    let own = schema["properties"].as_object().cloned().unwrap_or_default();
    let parts = schema["allOf"].as_array().into_iter().flatten();
    parts.fold(own, |mut all, part| {
        all.extend(properties(document, part));
        all
    })
}

/// Follows a `$ref` of the document.
pub(super) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let pointer = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.and_then(|pointer| document.pointer(pointer)).unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::*;
    use serde_json::json;

    #[test]
    fn columns_follow_the_schema_and_not_the_rows() {
        let document = json!({"components": {"schemas": {
            "Row": {"type": "object", "properties": {
                "born_on": {"type": ["string", "null"], "format": "date"},
                "child": {"$ref": "#/components/schemas/Child"},
                "id": {"type": "string"},
                "tags": {"type": "array", "items": {"type": "string"}},
            }},
            "Child": {"allOf": [{"type": "object", "properties": {"name": {"type": "string"}}}]},
        }}});
        let row = json!({"$ref": "#/components/schemas/Row"});
        let names =
            |fields: Option<&[String]>| columns(&document, &row, fields).iter().map(Column::name).collect::<Vec<_>>();
        assert_eq!(names(None), ["id", "born_on", "child.name", "tags"]);
        assert_eq!(names(Some(&["tags".into(), "child".into()])), ["tags", "child.name"]);
        assert_eq!(columns(&document, &row, None)[1].kind, Kind::Date);
    }
}
