//! Parses a JSON body. Its depth and the number of its values are limited before anything is allocated. A member that is given
//! twice is refused: a reader of the text and the program could take different ones.

use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::faults::at_most;
use passerelle_base::error::{ApiError, Code, Fault, Text};

/// Maximum nesting. No schema of the contract comes near.
const MAX_DEPTH: usize = 16;
/// Maximum number of values in a body: a megabyte of `[0,0,…]` would take 32 MB of memory.
const MAX_VALUES: usize = 20_000;

/// Parses a body.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, ApiError> {
    measure(bytes)?;
    let mut repeated = Vec::new();
    let mut text = serde_json::Deserializer::from_slice(bytes);
    let read = Reader { at: "", repeated: &mut repeated }.deserialize(&mut text);
    let mut value = read.and_then(|value| text.end().map(|()| value)).map_err(|error| {
        ApiError::new(Code::MalformedBody).detail(
            format!("JSON mal formé à la ligne {}, colonne {}.", error.line(), error.column()),
            format!("Malformed JSON at line {}, column {}.", error.line(), error.column()),
        )
    })?;
    if !repeated.is_empty() {
        return Err(ApiError::faults(Code::InvalidBody, repeated));
    }
    normalise_integers(&mut value);
    Ok(value)
}

/// Reads a value, and notes the members that an object has twice.
struct Reader<'a> {
    /// The pointer of the value.
    at: &'a str,
    repeated: &'a mut Vec<Fault>,
}

/// The longest part of a member's name that a message quotes.
const QUOTED: usize = 60;

fn repeated_member(at: String, name: &str) -> Fault {
    let name: String = name.chars().take(QUOTED).collect();
    let message = Text::new(
        format!("Le champ `{name}` est donné deux fois : n'en garder qu'un."),
        format!("The field `{name}` is given twice: keep only one."),
    );
    Fault::new(at, "repeated_field", message)
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, text: D) -> Result<Value, D::Error> {
        text.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let at = format!("{}/{}", self.at, list.len());
            match items.next_element_seed(Reader { at: &at, repeated: &mut *self.repeated })? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let at = format!("{}/{}", self.at, name.replace('~', "~0").replace('/', "~1"));
            let value = members.next_value_seed(Reader { at: &at, repeated: &mut *self.repeated })?;
            if object.contains_key(&name) {
                self.repeated.push(repeated_member(at, &name));
            } else {
                object.insert(name, value);
            }
        }
        Ok(Value::Object(object))
    }
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
    fn a_member_that_is_given_twice_is_named() {
        let faults = |text: &str| {
            let error = parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::InvalidBody, "{text}");
            let told = |fault: &Fault| format!("{} {}", fault.pointer, fault.code);
            error.faults.iter().map(told).collect::<Vec<_>>()
        };
        assert_eq!(faults(r#"{"minutes": 10, "minutes": 20}"#), ["/minutes repeated_field"]);
        let twice = r#"{"a": [{"b/c": 1}, {"b/c": 1, "b/c": 1}], "\u0061": null, "d": {"e": 1, "e": 1, "e": 1}}"#;
        let expected = ["/a/1/b~1c repeated_field", "/a repeated_field", "/d/e repeated_field", "/d/e repeated_field"];
        assert_eq!(faults(twice), expected);
        assert_eq!(refused(r#"[{"a": 1}, {"a": 1}]"#), None);
        assert_eq!(refused(r#"{"a": 1, "a": 2"#), Some(Code::MalformedBody));
    }

    proptest::proptest! {
        #[test]
        fn a_text_is_read_as_serde_json_reads_it(numbers in proptest::collection::vec(proptest::num::f64::NORMAL, 0..6), text in ".*", whole in proptest::num::i64::ANY) {
            let value = serde_json::json!({"n": numbers, "t": {"x": text, "y": [null, true, whole, u64::MAX]}});
            let mut expected: Value = serde_json::from_str(&value.to_string()).unwrap();
            normalise_integers(&mut expected);
            proptest::prop_assert_eq!(parse(value.to_string().as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn depth_is_limited() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(refused(&nested(MAX_DEPTH)), None);
        assert_eq!(refused(&nested(MAX_DEPTH + 1)), Some(Code::MalformedBody));
        assert_eq!(refused(&nested(100_000)), Some(Code::MalformedBody));
    }
}
