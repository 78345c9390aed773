//! From a schema violation to a fault that a person can act upon, in both languages.
//!
//! A message never contains a regular expression or the name of a JSON type: [`PATTERNS`] and
//! [`format_fault`] name what is expected (a phone number, a date).

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, JsonTypeSet};
use serde_json::Value;

use super::reference_keywords::TERRITORY;
use passerelle_base::error::{Fault, Lang, Text};
use passerelle_base::lines::is_visible;
use passerelle_base::text::grouped;
use passerelle_reference::territories::ANY_KIND;

#[cfg(test)]
mod tests;

const UNKNOWN_CODE: &str = "unknown_code";
const UNKNOWN_TERRITORY: &str = "unknown_territory";
const SIRET: &str = "siret";
/// The code of a text with nothing to see.
const BLANK: &str = "blank";

/// The patterns of the contract, each with its message in French and English. A pattern that is missing here gets a
/// generic message.
const PATTERNS: &[(&str, &str, &str)] = &[
    (
        "^[ ]*[+(]*[0-9][0-9 .()\\u00A0\\u2009\\u202F\\u2011-]*$",
        "Numéro de téléphone invalide : +33 6 39 98 00 00 par exemple.",
        "Invalid phone number: expected for example +33 6 39 98 00 00.",
    ),
    ("^[0-9]{5}$", "Code postal invalide : cinq chiffres attendus.", "Invalid postal code: expected five digits."),
    (
        "^(2[AB]|[0-9]{2})[0-9]{3}$",
        "Code de commune invalide : code INSEE à cinq caractères attendu.",
        "Invalid commune code: expected an INSEE code of five characters.",
    ),
    (
        "^(2[AB]|[0-9]{2,3})$",
        "Code de département invalide : 63, 2A ou 971, par exemple.",
        "Invalid département code: expected, for example, 63, 2A or 971.",
    ),
    (
        "^[a-z_]+$",
        "Code invalide : minuscules et tirets bas attendus, children_accompanied par exemple.",
        "Invalid code: expected lower-case letters and underscores, such as children_accompanied.",
    ),
    ("^[0-9]{9}$", "SIREN invalide : neuf chiffres attendus.", "Invalid SIREN: expected nine digits."),
    ("^[0-9]{14}$", "SIRET invalide : quatorze chiffres attendus.", "Invalid SIRET: expected fourteen digits."),
    (
        "^(2[AB]|[0-9]{2})[0-9]{7}$",
        "Numéro FINESS invalide : neuf chiffres attendus, ou 2A ou 2B suivi de sept chiffres.",
        "Invalid FINESS number: expected nine digits, or 2A or 2B and seven digits.",
    ),
    (
        "^(region|departement|epci|commune):[0-9AB]{2,9}$",
        "Territoire invalide : niveau et code officiel attendus, epci:246300701 par exemple.",
        "Invalid territory: expected a level and an official code, such as epci:246300701.",
    ),
    (
        "^([01][0-9]|2[0-3]):[0-5][0-9]$",
        "Heure invalide : heures et minutes attendues, 09:30 par exemple.",
        "Invalid time: expected hours and minutes, such as 09:30.",
    ),
    (
        "^[0-9]{4}(-(Q[1-4]|S1|M9))?$",
        "Période invalide : année, trimestre, premier semestre ou neuf premiers mois attendus (2026, 2026-Q1, 2026-S1 ou 2026-M9).",
        "Invalid period: expected a year, a quarter, a first half-year or nine months (2026, 2026-Q1, 2026-S1 or 2026-M9).",
    ),
    (
        r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$",
        "Adresse invalide : une adresse qui commence par https:// est attendue.",
        "Invalid address: expected an address that begins with https://.",
    ),
    (
        "^[0-9a-fA-F.:]+(/[0-9]{1,3})?$",
        "Réseau invalide : adresse IP ou réseau attendu, 192.0.2.0/24 par exemple.",
        "Invalid network: expected an IP address or a network, such as 192.0.2.0/24.",
    ),
    (
        "^[a-z][a-z0-9_]*$",
        "Identifiant invalide : lettres minuscules sans accent, chiffres et tirets bas, en commençant par une lettre.",
        "Invalid identifier: lower-case letters, digits and underscores only, starting with a letter.",
    ),
    (
        "^[a-zA-Z0-9_:-]+$",
        "Identifiant invalide : lettres sans accent, chiffres, tirets, tirets bas et deux-points seulement.",
        "Invalid identifier: letters, digits, hyphens, underscores and colons only.",
    ),
    (
        "^[a-z0-9:-]+$",
        "Identifiant invalide : lettres minuscules sans accent, chiffres, tirets et deux-points seulement.",
        "Invalid identifier: lower-case letters, digits, hyphens and colons only.",
    ),
    (
        "^[a-z-]+[.]json$",
        "Nom de section invalide : une rubrique de `tags` suivie de `.json`, par exemple `cases.json`.",
        "Invalid section: expected a tag of the contract followed by `.json`, such as `cases.json`.",
    ),
    ("^[!-~]+$", "Caractères ASCII visibles seulement, sans espace.", "Visible ASCII characters only, without spaces."),
];

/// The faults of one violation. Several unknown fields are several faults. With `in_query`, the messages speak of
/// parameters instead of fields.
pub(super) fn of(error: &jsonschema::ValidationError<'_>, in_query: bool) -> Vec<Fault> {
    let at = error.instance_path().to_string();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            unexpected.iter().map(|field| Fault::new(child(&at, field), "unknown_field", unknown(in_query))).collect()
        }
        Kind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            vec![Fault::new(child(&at, field), "required", required(in_query))]
        }
        Kind::Format { format } if format.starts_with("visible-") => {
            let (code, message) = invisible(format, error.instance());
            vec![Fault::new(at, code, message)]
        }
        kind => {
            let (code, message) = describe(kind, is_year(&at));
            vec![Fault::new(at, code, message)]
        }
    }
}

fn unknown(in_query: bool) -> Text {
    if in_query {
        text("Ce paramètre est inconnu.", "This parameter is unknown.")
    } else {
        text("Ce champ est inconnu.", "This field is unknown.")
    }
}

fn required(in_query: bool) -> Text {
    if in_query {
        text("Ce paramètre est obligatoire.", "This parameter is required.")
    } else {
        text("Ce champ est obligatoire.", "This field is required.")
    }
}

/// Drops the faults that follow from another one at the same place: a malformed code is not also reported as unknown,
/// nor a malformed number as having a wrong check digit, nor a value of the wrong type (null) as not listed, nor an
/// identifier in another form as too long, nor an empty text as blank,
/// nor a NUL as another control character.
pub(super) fn drop_consequences(found: &mut Vec<Fault>) {
    let is_lookup = |fault: &Fault| [UNKNOWN_CODE, UNKNOWN_TERRITORY, SIRET].contains(&&*fault.code);
    drop_after(found, |cause| cause.code == "type", |fault| fault.code == "enum");
    drop_after(found, |cause| cause.code == "uuid", |fault| fault.code.starts_with("too_"));
    drop_after(found, |cause| cause.code == "nul_character", |fault| fault.code == "control_character");
    drop_after(found, |cause| cause.code == "too_short", |fault| fault.code == BLANK);
    drop_after(found, |cause| !is_lookup(cause), is_lookup);
}

/// Drops the consequences that have one of the causes at the same place.
fn drop_after(found: &mut Vec<Fault>, is_cause: impl Fn(&Fault) -> bool, is_consequence: impl Fn(&Fault) -> bool) {
    let causes: Vec<String> = found.iter().filter(|fault| is_cause(fault)).map(|fault| fault.pointer.clone()).collect();
    found.retain(|fault| !is_consequence(fault) || !causes.contains(&fault.pointer));
}

/// Whether a field holds a year. A year has no thousands separator.
fn is_year(pointer: &str) -> bool {
    let field = pointer.rsplit('/').next().unwrap_or_default();
    field.split('_').any(|word| word == "year" || word == "vintage")
}

/// The code and the message of a violation of one value.
fn describe(kind: &Kind, is_year: bool) -> (&'static str, Text) {
    match kind {
        Kind::Type { kind } => ("type", type_expected(kind)),
        Kind::Custom { keyword, message: kind } if keyword == TERRITORY => {
            let query = if kind == ANY_KIND { String::new() } else { format!("?kind={kind}") };
            let fr = format!("Code de territoire inconnu : voir /v1/territories{query}.");
            let en = format!("Unknown territory code: see /v1/territories{query}.");
            (UNKNOWN_TERRITORY, Text::new(fr, en))
        }
        Kind::Custom { message: list, .. } => {
            let fr = format!("Code absent de la nomenclature : voir /v1/nomenclatures/{list}.");
            let en = format!("Unknown code: see /v1/nomenclatures/{list}.");
            (UNKNOWN_CODE, Text::new(fr, en))
        }
        Kind::Enum { options } => {
            let options = listed(options);
            ("enum", Text::new(format!("Valeurs possibles : {options}."), format!("Possible values: {options}.")))
        }
        Kind::Constant { expected_value } => {
            let only = shown(expected_value);
            ("enum", Text::new(format!("Seule valeur possible : {only}."), format!("Only possible value: {only}.")))
        }
        Kind::Format { format } => format_fault(format),
        Kind::Pattern { pattern } => ("pattern", pattern_message(pattern)),
        Kind::MinLength { limit } => ("too_short", at_least(*limit, "caractère", "character")),
        Kind::MaxLength { limit } => ("too_long", at_most(*limit, "caractère", "character")),
        Kind::MinItems { limit } => ("too_few", at_least(*limit, "élément", "item")),
        Kind::MaxItems { limit } => ("too_many", at_most(*limit, "élément", "item")),
        Kind::Minimum { limit } => ("too_small", bound(limit, is_year, "Valeur minimale", "Minimum value")),
        Kind::Maximum { limit } => ("too_large", bound(limit, is_year, "Valeur maximale", "Maximum value")),
        Kind::UniqueItems => ("not_unique", text("Une valeur est répétée.", "A value is repeated.")),
        Kind::MinProperties { .. } => {
            ("empty", text("Au moins un champ est attendu.", "At least one field is expected."))
        }
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } | Kind::OneOfMultipleValid { .. } => (
            "shape",
            text(
                "La valeur ne correspond à aucune des formes acceptées.",
                "The value matches none of the accepted forms.",
            ),
        ),
        _ => ("invalid", text("Valeur invalide.", "Invalid value.")),
    }
}

/// What a value of the wrong JSON type should be. That a value may be null is not said.
fn type_expected(kind: &TypeKind) -> Text {
    let types = match kind {
        TypeKind::Single(only) => JsonTypeSet::from(*only),
        TypeKind::Multiple(several) => *several,
    };
    let (fr, en): (Vec<_>, Vec<_>) = types.iter().filter_map(expected).unzip();
    match (fr.as_slice(), en.as_slice()) {
        ([], _) | (_, []) => text("Aucune valeur n'est attendue.", "No value is expected."),
        ([fr], [en]) => Text::new(format!("{} attendu{}.", capital(fr.0), fr.1), format!("Expected {en}.")),
        _ => {
            let fr: Vec<&str> = fr.iter().map(|(noun, _)| *noun).collect();
            Text::new(format!("Valeur attendue : {}.", fr.join(" ou ")), format!("Expected {}.", en.join(" or ")))
        }
    }
}

/// A JSON type in words: in French with the ending of its adjective, then in English. `None` for null.
fn expected(kind: JsonType) -> Option<((&'static str, &'static str), &'static str)> {
    Some(match kind {
        JsonType::Null => return None,
        JsonType::Boolean => (("vrai ou faux", ""), "true or false"),
        JsonType::Integer => (("nombre entier", ""), "a whole number"),
        JsonType::Number => (("nombre", ""), "a number"),
        JsonType::String => (("texte", ""), "text"),
        JsonType::Array => (("liste", "e"), "a list"),
        JsonType::Object => (("groupe de champs", ""), "a group of fields"),
    })
}

fn capital(noun: &str) -> String {
    let mut letters = noun.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn pattern_message(pattern: &str) -> Text {
    let known = PATTERNS.iter().find(|(known, ..)| *known == pattern);
    known.map_or_else(|| text("Format invalide.", "Invalid format."), |(_, fr, en)| text(fr, en))
}

fn format_fault(format: &str) -> (&'static str, Text) {
    match format {
        "date" => (
            "date",
            text(
                "Date invalide : une date du calendrier est attendue, sous la forme AAAA-MM-JJ.",
                "Invalid date: expected a calendar date, as YYYY-MM-DD.",
            ),
        ),
        "date-time" => (
            "date_time",
            text(
                "Date et heure invalides : instant UTC attendu, 2026-03-02T08:15:00Z par exemple.",
                "Invalid date and time: expected a UTC instant, such as 2026-03-02T08:15:00Z.",
            ),
        ),
        "uuid" => (
            "uuid",
            text(
                "Identifiant invalide : 36 caractères avec tirets attendus, sans préfixe ni accolades.",
                "Invalid identifier: expected 36 characters with hyphens, without a prefix or braces.",
            ),
        ),
        SIRET => (
            SIRET,
            text(
                "SIRET invalide : quatorze chiffres attendus, dont une clé de contrôle valide.",
                "Invalid SIRET: expected fourteen digits with a valid check digit.",
            ),
        ),
        "line" => ("control_character", one_line()),
        "lines" => (
            "control_character",
            text(
                "Ce texte contient un caractère de contrôle ou de sens d'écriture, qui n'est pas accepté.",
                "This text has a control character or one of direction, which is not accepted.",
            ),
        ),
        "email" => (
            "email",
            text(
                "Adresse électronique invalide : nom@exemple.fr par exemple.",
                "Invalid e-mail address: expected for example name@example.org.",
            ),
        ),
        _ => ("format", text("Format invalide.", "Invalid format.")),
    }
}

fn one_line() -> Text {
    text(
        "Ce texte tient sur une ligne, sans tabulation, caractère de contrôle ni de sens d'écriture.",
        "This text must be one line, without tabs, control characters or characters of direction.",
    )
}

/// The fault of a text in a format that asks for something to see: blank, or with a character that is not accepted.
fn invisible(format: &str, value: &Value) -> (&'static str, Text) {
    if value.as_str().is_some_and(is_visible) {
        return format_fault(if format == "visible-line" { "line" } else { "lines" });
    }
    (BLANK, text("Ce texte ne peut pas être vide.", "This text must not be blank."))
}

/// "Au moins un élément.", "Au moins 3 éléments.": the noun agrees with the number.
fn at_least(limit: u64, fr: &str, en: &str) -> Text {
    Text::new(format!("Au moins {}.", french_count(limit, fr)), format!("At least {}.", english_count(limit, en)))
}

pub(super) fn at_most(limit: u64, fr: &str, en: &str) -> Text {
    Text::new(format!("Au plus {}.", french_count(limit, fr)), format!("At most {}.", english_count(limit, en)))
}

/// A number of things in French. The noun is masculine and takes an s from two upwards.
fn french_count(number: u64, noun: &str) -> String {
    match number {
        0 => format!("0 {noun}"),
        1 => format!("un {noun}"),
        many => format!("{} {noun}s", grouped(many, Lang::Fr)),
    }
}

fn english_count(number: u64, noun: &str) -> String {
    match number {
        1 => format!("one {noun}"),
        many => format!("{} {noun}s", grouped(many, Lang::En)),
    }
}

fn bound(limit: &Value, is_year: bool, fr: &str, en: &str) -> Text {
    let whole = if is_year { None } else { limit.as_i64() };
    let (french, english) = match whole {
        Some(whole) => (grouped(whole, Lang::Fr), grouped(whole, Lang::En)),
        None => (limit.to_string().replace('.', ","), limit.to_string()),
    };
    Text::new(format!("{fr} : {french}."), format!("{en}: {english}."))
}

/// U+0000 is valid JSON, but no text column of PostgreSQL accepts it. It is refused before any database access.
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
    let message = text("Le caractère nul (U+0000) n'est pas accepté.", "The null character (U+0000) is not accepted.");
    Fault::new(at, "nul_character", message)
}

/// A pointer to a field of the value at `at`, escaped as RFC 6901 says.
pub(super) fn child(at: &str, field: &str) -> String {
    format!("{at}/{}", field.replace('~', "~0").replace('/', "~1"))
}

fn listed(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    options.iter().filter(|option| !option.is_null()).map(shown).collect::<Vec<_>>().join(", ")
}

/// A value without the quotation marks of JSON.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

pub(super) fn text(fr: &'static str, en: &'static str) -> Text {
    Text::new(fr, en)
}
