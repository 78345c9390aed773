//! From a schema violation to a fault that a person can act upon, in both languages.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use super::contract::TERRITORY;
use passerelle_base::error::{Fault, Text};
use passerelle_reference::territories::ANY_KIND;

const UNKNOWN_CODE: &str = "unknown_code";
const UNKNOWN_TERRITORY: &str = "unknown_territory";
const SIRET: &str = "siret";

/// The faults of one violation (several unknown fields are several faults).
pub(super) fn of(error: &jsonschema::ValidationError<'_>) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => unexpected
            .iter()
            .map(|field| {
                Fault::new(child(&at, field), "unknown_field", text("Ce champ est inconnu.", "This field is unknown."))
            })
            .collect(),
        Kind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            vec![Fault::new(
                child(&at, field),
                "required",
                text("Ce champ est obligatoire.", "This field is required."),
            )]
        }
        kind => {
            let (code, message) = describe(kind);
            vec![Fault::new(at, code, message)]
        }
    }
}

/// A value that has not even the form of a code or of a number is reported once: as malformed, not as unknown or as
/// having a wrong key too.
pub(super) fn drop_lookups_of_malformed(found: &mut Vec<Fault>) {
    let is_lookup = |fault: &Fault| [UNKNOWN_CODE, UNKNOWN_TERRITORY, SIRET].contains(&&*fault.code);
    let malformed: Vec<String> =
        found.iter().filter(|fault| !is_lookup(fault)).map(|fault| fault.pointer.clone()).collect();
    found.retain(|fault| !is_lookup(fault) || !malformed.contains(&fault.pointer));
}

/// The code and the message of a violation of one value.
fn describe(kind: &Kind) -> (&'static str, Text) {
    match kind {
        Kind::Type { kind } => {
            let expected = type_names(kind);
            ("type", dynamic(format!("Type attendu : {expected}."), format!("Expected type: {expected}.")))
        }
        Kind::Custom { keyword, message: kind } if keyword == TERRITORY => {
            let query = if kind == ANY_KIND { String::new() } else { format!("?kind={kind}") };
            let fr = format!("Code inconnu de la carte : voir /v1/territories{query}.");
            let en = format!("Not a code of the map: see /v1/territories{query}.");
            (UNKNOWN_TERRITORY, dynamic(fr, en))
        }
        Kind::Custom { message: list, .. } => (
            UNKNOWN_CODE,
            dynamic(
                format!("Code absent de la nomenclature : voir /v1/nomenclatures/{list}."),
                format!("Not a code of the list: see /v1/nomenclatures/{list}."),
            ),
        ),
        Kind::Enum { options } => (
            "enum",
            dynamic(
                format!("Valeurs possibles : {}.", listed(options)),
                format!("Possible values: {}.", listed(options)),
            ),
        ),
        Kind::Constant { expected_value } => (
            "enum",
            dynamic(format!("Valeur possible : {expected_value}."), format!("Possible value: {expected_value}.")),
        ),
        Kind::Format { format } => format_fault(format),
        Kind::Pattern { pattern } => {
            ("pattern", dynamic(format!("Forme attendue : {pattern}"), format!("Expected form: {pattern}")))
        }
        Kind::MinLength { limit } => {
            ("too_short", dynamic(format!("Au moins {limit} caractère(s)."), format!("At least {limit} character(s).")))
        }
        Kind::MaxLength { limit } => {
            ("too_long", dynamic(format!("Au plus {limit} caractères."), format!("At most {limit} characters.")))
        }
        Kind::MinItems { limit } => {
            ("too_few", dynamic(format!("Au moins {limit} élément(s)."), format!("At least {limit} item(s).")))
        }
        Kind::MaxItems { limit } => {
            ("too_many", dynamic(format!("Au plus {limit} éléments."), format!("At most {limit} items.")))
        }
        Kind::Minimum { limit } => ("too_small", dynamic(format!("Au moins {limit}."), format!("At least {limit}."))),
        Kind::Maximum { limit } => ("too_large", dynamic(format!("Au plus {limit}."), format!("At most {limit}."))),
        Kind::UniqueItems => ("not_unique", text("Une valeur est répétée.", "A value is repeated.")),
        Kind::MinProperties { .. } => ("empty", text("Aucun champ fourni.", "No field is given.")),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => {
            ("shape", text("Aucune des formes permises.", "None of the allowed shapes."))
        }
        _ => ("invalid", text("Valeur refusée par le contrat.", "Refused by the contract.")),
    }
}

/// The JSON types that a value may have; `null` is said last.
fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(only) => only.to_string(),
        TypeKind::Multiple(several) => several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(", "),
    }
}

fn format_fault(format: &str) -> (&'static str, Text) {
    match format {
        "date" => (
            "date",
            text("Date attendue : AAAA-MM-JJ, existante au calendrier.", "Expected a calendar date, YYYY-MM-DD."),
        ),
        "date-time" => {
            ("date_time", text("Instant attendu : RFC 3339, en UTC.", "Expected an RFC 3339 instant in UTC."))
        }
        "uuid" => ("uuid", text("Identifiant attendu : UUID.", "Expected a UUID.")),
        SIRET => (
            SIRET,
            text(
                "SIRET attendu : quatorze chiffres, dont une clé de contrôle juste.",
                "Expected a SIRET: fourteen digits with a correct key.",
            ),
        ),
        "email" => ("email", text("Adresse électronique attendue.", "Expected an e-mail address.")),
        other => ("format", dynamic(format!("Format attendu : {other}."), format!("Expected format: {other}."))),
    }
}

/// U+0000 is valid JSON and no text column of PostgreSQL takes it: refused before any database.
pub(super) fn nul_characters(value: &Value) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), value)];
    while let Some((at, value)) = stack.pop() {
        match value {
            Value::String(text) if text.contains('\0') => found.push(nul(at)),
            Value::Array(items) => stack.extend(items.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item))),
            Value::Object(fields) => {
                for (name, field) in fields {
                    if name.contains('\0') {
                        found.push(nul(at.clone()));
                    }
                    stack.push((child(&at, name), field));
                }
            }
            _ => {}
        }
    }
    found
}

fn nul(at: String) -> Fault {
    Fault::new(at, "nul_character", text("Le caractère U+0000 est refusé.", "The character U+0000 is refused."))
}

/// A field below a pointer, escaped as RFC 6901 says.
pub(super) fn child(at: &str, field: &str) -> String {
    format!("{at}/{}", field.replace('~', "~0").replace('/', "~1"))
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

pub(super) fn text(fr: &'static str, en: &'static str) -> Text {
    Text::new(fr, en)
}

fn dynamic(fr: String, en: String) -> Text {
    Text::new(fr, en)
}
