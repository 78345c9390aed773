//! A JSON body from its bytes: bounded in depth and in values before anything is built of it.

use serde_json::Value;

use passerelle_base::error::{ApiError, Code};

/// Deeper JSON is refused: no schema of the contract comes near.
const MAX_DEPTH: usize = 16;
/// More values than that in one body are refused: a megabyte of `[0,0,…]` would be thirty-two of memory.
const MAX_VALUES: usize = 20_000;

/// Parses a body.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    measure(bytes)?;
    let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
        ApiError::new(Code::MalformedBody).detail(
            format!("JSON illisible, ligne {} colonne {}.", error.line(), error.column()),
            format!("Unreadable JSON, line {} column {}.", error.line(), error.column()),
        )
    })?;
    whole_numbers(&mut value);
    Ok(value)
}

/// Counts what the text would become: a value after each bracket, comma and colon outside strings. Text that is no
/// JSON is counted too, and refused by the parser afterwards.
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
                format!("JSON nested over {MAX_DEPTH} levels."),
            ));
        }
        if values > MAX_VALUES {
            return Err(too_many());
        }
    }
    Ok(())
}

/// The body is small in bytes and large in values.
fn too_many() -> ApiError {
    ApiError::new(Code::TooLarge)
        .detail(format!("Au plus {MAX_VALUES} valeurs."), format!("At most {MAX_VALUES} values."))
        .with("limit_values", MAX_VALUES)
}

/// Refuses a form of too many fields.
pub(super) fn measure_form(bytes: &[u8]) -> Result<(), ApiError> {
    if bytes.split(|byte| *byte == b'&').count() > MAX_VALUES { Err(too_many()) } else { Ok(()) }
}

/// `7.0` is the integer 7 to JSON Schema, and not to serde: written as the contract reads it.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            // Up to 2^53, where every whole number has one form.
            let whole =
                number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0);
            if let Some(whole) = whole.and_then(|n| format!("{n:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
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
    fn values_are_counted_before_they_are_built() {
        let list = |items: usize| format!("[{}0]", "0,".repeat(items - 1));
        assert_eq!(refused(&list(MAX_VALUES - 2)), None);
        assert_eq!(refused(&list(MAX_VALUES)), Some(Code::TooLarge));
        assert_eq!(refused(&"[],".repeat(MAX_VALUES)), Some(Code::TooLarge), "whether or not it is JSON");
    }

    #[test]
    fn what_stands_in_a_string_is_text() {
        let text = format!("{{\"a\":\"{}\\\\\",\"b\":\"\\\"{}\"}}", ",".repeat(MAX_VALUES), "[".repeat(MAX_DEPTH + 1));
        assert_eq!(refused(&text), None);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(refused(&nested(MAX_DEPTH)), None);
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), Some(Code::MalformedBody));
        assert_eq!(refused(&nested(100_000)), Some(Code::MalformedBody));
    }
}
