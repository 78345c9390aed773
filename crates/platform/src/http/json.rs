//! Parses a JSON body. Its depth and the number of its values are limited before anything is allocated.

use serde_json::Value;

use super::faults::at_most;
use passerelle_base::error::{ApiError, Code};

/// Maximum nesting. No schema of the contract comes near.
const MAX_DEPTH: usize = 16;
/// Maximum number of values in a body: a megabyte of `[0,0,…]` would take 32 MB of memory.
const MAX_VALUES: usize = 20_000;

/// Parses a body.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    measure(bytes)?;
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::new(Code::MalformedBody).detail(
            format!("JSON mal formé à la ligne {}, colonne {}.", error.line(), error.column()),
            format!("Malformed JSON at line {}, column {}.", error.line(), error.column()),
        )
    })?;
    normalise_integers(&mut value);
    Ok(value)
}

/// Counts the values that the text would become, from its brackets and commas outside strings. Text that is not JSON is
/// counted too; the parser refuses it afterwards.
fn measure(bytes: &[u8]) -> Result<(), ApiError> {
    let (mut depth, mut values, mut in_string) = (0_usize, 1_usize, false);
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match (in_string, byte) {
            (true, b'\\') => drop(rest.next()),
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth += 1;
                values += 1;
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            (false, b',') => values += 1,
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(ApiError::new(Code::MalformedBody).detail(
                format!("JSON imbriqué sur plus de {MAX_DEPTH} niveaux."),
                format!("JSON nested more than {MAX_DEPTH} levels deep."),
            ));
        }
        if values > MAX_VALUES {
            return Err(too_many_values());
        }
    }
    Ok(())
}

/// The error of a body with too many values, although its size in bytes is allowed.
fn too_many_values() -> ApiError {
    let message = at_most(MAX_VALUES as u64, "valeur", "value");
    ApiError::new(Code::TooLarge).detail(message.fr, message.en).with("limit_values", MAX_VALUES)
}

/// Refuses a form with too many fields.
pub(super) fn measure_form(bytes: &[u8]) -> Result<(), ApiError> {
    if bytes.split(|byte| *byte == b'&').count() > MAX_VALUES { Err(too_many_values()) } else { Ok(()) }
}

/// Rewrites `7.0` as `7`: JSON Schema takes it for an integer, serde does not.
fn normalise_integers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Up to 2^53: above it, integers have no unique representation as a double.
            let whole =
                number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0);
            if let Some(whole) = whole.and_then(|n| format!("{n:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise_integers),
        Value::Object(fields) => fields.values_mut().for_each(normalise_integers),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use crate::http::json::*;

    fn refused(text: &str) -> Option<Code> {
        parse(text.as_bytes()).err().map(|error| error.code)
    }

    #[test]
    fn values_are_counted_before_they_are_allocated() {
        let list = |items: usize| format!("[{}0]", "0,".repeat(items - 1));
        assert_eq!(refused(&list(MAX_VALUES - 2)), None);
        assert_eq!(refused(&list(MAX_VALUES)), Some(Code::TooLarge));
        assert_eq!(refused(&"[],".repeat(MAX_VALUES)), Some(Code::TooLarge), "text that is not JSON is counted too");
    }

    #[test]
    fn brackets_and_commas_in_a_string_are_not_counted() {
        let text = format!("{{\"a\":\"{}\\\\\",\"b\":\"\\\"{}\"}}", ",".repeat(MAX_VALUES), "[".repeat(MAX_DEPTH + 1));
        assert_eq!(refused(&text), None);
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(refused(&nested(MAX_DEPTH)), None);
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), Some(Code::MalformedBody));
        assert_eq!(refused(&nested(100_000)), Some(Code::MalformedBody));
    }
}
