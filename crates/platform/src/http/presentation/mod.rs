//! The presentation of a response: its fields (`fields`) and its format (`Accept`: JSON, CSV or XLSX).
//!
//! Both concern the response and not the use case. The contract says what each operation offers, this module checks the
//! request against that offer, and the responders read the result. Handlers are not involved.

mod accept;
mod described;
mod offer;

use actix_web::{HttpMessage, HttpRequest};
use serde::Serialize;
use serde_json::{Map, Value};

use super::contract::Contract;
use super::etag;
use super::media_type::Format;
use super::page_info::Page;
use super::spreadsheet::{self, Column, TableFormat};
use accept::negotiate;
use passerelle_base::error::{ApiError, Fault, Text};

pub(super) use described::complete;
pub(super) use offer::{FIELDS, Offer, Offers};

/// The presentation that the caller requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Presentation {
    /// The requested fields, in the requested order; all fields when `None`.
    pub(super) fields: Option<Vec<String>>,
    /// The media type.
    pub(super) format: Format,
}

impl Presentation {
    /// The result of [`read`].
    pub(super) fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().unwrap_or_default()
    }

    /// The body of a response with one object.
    pub(super) fn object<T: Serialize>(&self, object: &T) -> Option<Vec<u8>> {
        match &self.fields {
            None => serde_json::to_vec(object).ok(),
            Some(_) => serde_json::to_vec(&self.pick(serde_json::to_value(object).ok()?)).ok(),
        }
    }

    /// The body of a response with a page, as JSON.
    pub(super) fn page<P: Page>(&self, page: &P) -> Option<Vec<u8>> {
        if self.fields.is_none() {
            return serde_json::to_vec(page).ok();
        }
        // What a page has beside its rows stays whole.
        let mut page = serde_json::to_value(page).ok()?;
        for row in page.get_mut("data").and_then(Value::as_array_mut)? {
            *row = self.pick(row.take());
        }
        serde_json::to_vec(&page).ok()
    }

    /// The format and the columns of a list as a spreadsheet; `None` if the caller wants JSON.
    pub(super) fn table(&self, req: &HttpRequest) -> Result<Option<(TableFormat, Vec<Column>)>, ApiError> {
        let format = match self.format {
            Format::Csv => TableFormat::Csv,
            Format::Xlsx => TableFormat::Xlsx,
            _ => return Ok(None),
        };
        let contract = Contract::of(req)?;
        let document = contract.document();
        let operation = contract.operation(req.method().as_str(), &req.match_pattern().unwrap_or_default());
        let row = described::row_schema(document, operation);
        Ok(Some((format, spreadsheet::columns(document, row, self.fields.as_deref()))))
    }

    /// The file name of a spreadsheet: the name of the list.
    pub(super) fn file_name(&self, req: &HttpRequest) -> Option<String> {
        let extension = match self.format {
            Format::Csv => "csv",
            Format::Xlsx => "xlsx",
            _ => return None,
        };
        let operation = Contract::of(req).ok()?.operation(req.method().as_str(), &req.match_pattern()?);
        let name = operation["operationId"].as_str()?;
        Some(format!("{}.{extension}", kebab(name.strip_prefix("list").unwrap_or(name))))
    }

    /// An object reduced to the requested fields.
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

/// What reading the presentation leaves to the extractors.
#[derive(Clone, Debug)]
pub(super) struct PresentationReport {
    /// Whether the operation takes `fields`.
    pub(super) has_fields: bool,
    /// Whether it takes other parameters, which an extractor reads.
    pub(super) has_other_parameters: bool,
    /// The faults of `fields` and of `If-None-Match`, to be reported with those of the other parameters.
    pub(super) faults: Vec<Fault>,
}

/// Reads the presentation that the caller requests and leaves it in the request for the responders. Fails with 406 if
/// `Accept` names no offered media type. A second call for the same request returns the report of the first.
pub(super) fn read(req: &HttpRequest, pairs: &[(String, String)]) -> Result<PresentationReport, ApiError> {
    if let Some(report) = req.extensions().get::<PresentationReport>() {
        return Ok(report.clone());
    }
    let offer = Contract::of(req)?.offer(req.method().as_str(), &req.match_pattern().unwrap_or_default());
    let mut faults = Vec::new();
    let fields = offer.fields.as_ref().and_then(|known| {
        // `a,b` or repeated, or both, like every parameter with several values.
        let values = pairs.iter().filter(|(name, _)| name == FIELDS);
        let fields: Vec<String> = values.flat_map(|(_, value)| value.split(',').map(str::to_owned)).collect();
        if fields.is_empty() {
            return None;
        }
        faults.extend(fields.iter().filter(|name| !known.contains(name)).map(|name| unknown_field(name)));
        let repetition = |(at, name): (usize, &String)| fields[..at].contains(name).then(|| repeated_field(name));
        faults.extend(fields.iter().enumerate().filter_map(repetition));
        Some(fields)
    });
    if offer.is_tagged {
        faults.extend(etag::if_none_match_fault(req.headers()));
    }
    let format = offer.media_types.as_deref().map_or(Ok(Format::Json), |offered| negotiate(req, offered))?;
    let report = PresentationReport {
        has_fields: offer.fields.is_some(),
        has_other_parameters: offer.has_other_parameters,
        faults,
    };
    let mut extensions = req.extensions_mut();
    extensions.insert(Presentation { fields, format });
    extensions.insert(report.clone());
    Ok(report)
}

fn unknown_field(name: &str) -> Fault {
    let name: String = name.chars().take(60).collect();
    let (fr, en) = (format!("Champ inconnu : « {name} »."), format!("Unknown field: {name:?}."));
    Fault::new(FIELDS, "unknown_field", Text::new(fr, en))
}

fn repeated_field(name: &str) -> Fault {
    let name: String = name.chars().take(60).collect();
    let (fr, en) = (format!("Champ répété : « {name} »."), format!("Repeated field: {name:?}."));
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
    use serde_json::json;

    #[test]
    fn only_the_requested_fields_are_picked() {
        let presentation = Presentation { fields: Some(vec!["b".into(), "a".into()]), format: Format::Json };
        assert_eq!(presentation.pick(json!({"a": 1, "b": 2, "c": 3})), json!({"a": 1, "b": 2}));
        assert_eq!(Presentation::default().pick(json!({"a": 1})), json!({"a": 1}));
    }
}
