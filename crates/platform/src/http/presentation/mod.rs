//! How an answer is shown: which of its fields (`fields`), and as JSON, CSV or XLSX (`Accept`).
//!
//! Both are of the answer and not of the use case: the contract says of each operation what it takes, this module
//! holds the request against that, and the responders read the outcome. A handler knows nothing of it.

mod accept;
mod described;
mod offer;

use actix_web::{HttpMessage, HttpRequest};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::body::contract_of;
use super::etag;
use super::faults::text;
use super::page::Page;
use super::spreadsheet;
use accept::negotiate;
use passerelle_base::error::{ApiError, Fault, Text};

pub(super) use described::complete;
pub(super) use offer::Offers;

/// Name of the parameter of sparse answers.
pub(super) const FIELDS: &str = "fields";
/// Comma-separated values.
pub(super) const CSV: &str = "text/csv";
/// A workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A page to print.
pub(super) const HTML: &str = "text/html";
/// What every answer is unless asked otherwise.
pub(super) const JSON: &str = "application/json";

/// What the caller wants to see.
#[derive(Clone, Debug, Default)]
pub(super) struct Presentation {
    /// The fields asked for, in the order asked for; all of them when `None`.
    pub(super) fields: Option<Vec<String>>,
    /// The media type.
    pub(super) format: Format,
}

/// A media type that answers are offered in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Xlsx,
    Html,
}

impl Format {
    /// The media type, as the answer names it.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => XLSX,
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

impl Presentation {
    /// What [`settle`] found.
    pub(super) fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// The body of an answer with one object.
    pub(super) fn object<T: Serialize>(&self, object: &T) -> Option<Vec<u8>> {
        match &self.fields {
            None => serde_json::to_vec(object).ok(),
            Some(_) => serde_json::to_vec(&self.pick(serde_json::to_value(object).ok()?)).ok(),
        }
    }

    /// The body of an answer with a page.
    pub(super) fn page<P: Page>(&self, req: &HttpRequest, page: &P) -> Option<Vec<u8>> {
        if self.format == Format::Json {
            if self.fields.is_none() {
                return serde_json::to_vec(page).ok();
            }
            let rows = page.rows().iter().map(|row| serde_json::to_value(row).map(|row| self.pick(row)));
            let rows = rows.collect::<Result<Vec<Value>, _>>().ok()?;
            return serde_json::to_vec(&json!({"data": rows, "page": page.info()})).ok();
        }
        let document = contract_of(req).ok()?.document();
        let operation = contract_of(req).ok()?.operation(req.method().as_str(), &req.match_pattern()?);
        let row = described::row_schema(document, operation);
        let columns = spreadsheet::columns(document, row, self.fields.as_deref());
        match self.format {
            Format::Xlsx => spreadsheet::xlsx(&columns, page.rows()),
            _ => spreadsheet::csv(&columns, page.rows()),
        }
    }

    /// The name under which a spreadsheet is saved: that of the list.
    pub(super) fn file_name(&self, req: &HttpRequest) -> Option<String> {
        let extension = match self.format {
            Format::Json | Format::Html => return None,
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
        };
        let operation = contract_of(req).ok()?.operation(req.method().as_str(), &req.match_pattern()?);
        let name = operation["operationId"].as_str()?;
        Some(format!("{}.{extension}", kebab(name.strip_prefix("list").unwrap_or(name))))
    }

    /// An object with the fields asked for, or as it is.
    fn pick(&self, value: Value) -> Value {
        match (&self.fields, value) {
            (Some(fields), Value::Object(mut object)) => {
                let picked = fields.iter().filter_map(|name| object.remove_entry(name));
                Value::Object(picked.collect::<Map<_, _>>())
            }
            (_, value) => value,
        }
    }
}

/// What [`settle`] leaves to be done.
#[derive(Clone, Debug)]
pub(super) struct PresentationFaults {
    /// Whether the operation takes `fields`.
    pub(super) takes_fields: bool,
    /// Whether it takes other parameters, which an extractor of their own reads.
    pub(super) takes_others: bool,
    /// The faults of `fields` and of `If-None-Match`, to be reported with the others.
    pub(super) faults: Vec<Fault>,
}

/// Reads how the answer is to be shown, for the responders. No offered media type: 406. Once a request: whoever asks again is told the same.
pub(super) fn settle(req: &HttpRequest, pairs: &[(String, String)]) -> Result<PresentationFaults, ApiError> {
    if let Some(settled) = req.extensions().get::<PresentationFaults>() {
        return Ok(settled.clone());
    }
    let offer = contract_of(req)?.offers().find(req.method().as_str(), &req.match_pattern().unwrap_or_default());
    let mut faults = Vec::new();
    let asked = offer.fields.as_ref().and_then(|known| {
        let mut all = pairs.iter().filter(|(name, _)| name == FIELDS);
        let (_, asked) = all.next()?;
        if all.next().is_some() {
            faults.push(Fault::new(
                FIELDS,
                "repeated",
                text("Ce paramètre est répété.", "This parameter is repeated."),
            ));
        }
        let asked: Vec<String> = asked.split(',').map(str::to_owned).collect();
        faults.extend(asked.iter().filter(|name| !known.contains(name)).map(|name| unknown(name)));
        let twice = |(at, name): (usize, &String)| asked[..at].contains(name).then(|| named_twice(name));
        faults.extend(asked.iter().enumerate().filter_map(twice));
        Some(asked)
    });
    if offer.is_tagged {
        faults.extend(etag::fault_of_known(req.headers()));
    }
    let format = offer.media_types.as_deref().map_or(Ok(Format::Json), |offered| negotiate(req, offered))?;
    let settled = PresentationFaults { takes_fields: offer.fields.is_some(), takes_others: offer.takes_others, faults };
    let mut extensions = req.extensions_mut();
    extensions.insert(Presentation { fields: asked, format });
    extensions.insert(settled.clone());
    Ok(settled)
}

fn unknown(name: &str) -> Fault {
    let name: String = name.chars().take(60).collect();
    let (fr, en) = (format!("Champ inconnu : « {name} »."), format!("Unknown field: {name:?}."));
    Fault::new(FIELDS, "unknown_field", Text::new(fr, en))
}

fn named_twice(name: &str) -> Fault {
    let name: String = name.chars().take(60).collect();
    let (fr, en) = (format!("Champ répété : « {name} »."), format!("Field named twice: {name:?}."));
    Fault::new(FIELDS, "repeated", Text::new(fr, en))
}

/// `CaseSteps` as `case-steps`.
fn kebab(camel: &str) -> String {
    let mut name = String::new();
    for letter in camel.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use crate::http::presentation::*;

    #[test]
    fn only_the_fields_asked_for_are_picked() {
        let shown = Presentation { fields: Some(vec!["b".into(), "a".into()]), format: Format::Json };
        assert_eq!(shown.pick(json!({"a": 1, "b": 2, "c": 3})), json!({"a": 1, "b": 2}));
        assert_eq!(Presentation::default().pick(json!({"a": 1})), json!({"a": 1}));
    }
}
