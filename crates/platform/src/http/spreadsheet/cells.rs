//! The text of a cell, protected against formula injection.
//!
//! A spreadsheet program runs a text that starts like a formula. Such a text gets a leading apostrophe (OWASP, "CSV
//! injection"). So does each part after a separator inside a text, because a program configured with another separator
//! starts a cell there. Numbers are left as they are, negative ones too.

use serde_json::Value;

/// Separates the values of an array in one cell.
const SEPARATOR: &str = "; ";

/// The text of a value; empty for null.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => escape_formulas(text),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let plain = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            escape_formulas(&items.iter().map(plain).collect::<Vec<_>>().join(SEPARATOR))
        }
        Value::Array(_) | Value::Object(_) => escape_formulas(&value.to_string()),
        other => other.to_string(),
    }
}

/// The text, with an apostrophe wherever a spreadsheet program could read the start of a formula.
pub fn escape_formulas(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    // Whether a cell could start here. Some programs skip spaces and quotes.
    let mut at_start = true;
    for letter in text.chars() {
        if at_start && starts_formula(letter) {
            out.push('\'');
        }
        at_start = is_separator(letter) || (at_start && is_skipped(letter));
        out.push(letter);
    }
    out
}

/// The first characters of formulas, also in full width. Some programs drop tabs and carriage returns and take the next
/// character for the first.
fn starts_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠')
}

fn is_separator(letter: char) -> bool {
    matches!(letter, ',' | ';' | '|' | '\t' | '\r' | '\n')
}

fn is_skipped(letter: char) -> bool {
    letter.is_whitespace() || letter == '"'
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::cells::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_text_that_looks_like_a_formula_is_a_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+33 4 73 00 00 00", "'+33 4 73 00 00 00"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", " '=1"),
            ("a;=1", "a;'=1"),
            ("a\", \"=1", "a\", \"'=1"),
            ("a\n=1", "a\n'=1"),
            ("\t=1", "'\t'=1"),
            ("Saint-Étienne, 3 + 4 = 7", "Saint-Étienne, 3 + 4 = 7"),
            ("a@example.org", "a@example.org"),
        ] {
            assert_eq!(escape_formulas(text), cell, "{text:?}");
        }
    }

    #[test]
    fn each_kind_of_value_has_its_text() {
        for (value, text) in [
            (json!(null), ""),
            (json!(-5), "-5"),
            (json!(true), "true"),
            (json!(["a", "b"]), "a; b"),
            (json!(["a", "=b"]), "a; '=b"),
            (json!([]), ""),
            (json!([{"a": 1}]), "[{\"a\":1}]"),
        ] {
            assert_eq!(text_of(&value), text);
        }
    }

    proptest! {
        #[test]
        fn no_cell_starts_a_formula(text in "[-=+@＝a \"',;|\t\r\n]{0,12}|\\PC{0,40}|.{0,40}") {
            let cell = escape_formulas(&text);
            for part in cell.split([',', ';', '|', '\t', '\r', '\n']) {
                let part = part.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
                prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{:?} gives {:?}", text, cell);
            }
            prop_assert!(!cell.starts_with(['\t', '\r']));
            // Without the added apostrophes the text is unchanged.
            prop_assert_eq!(cell.replace('\'', ""), text.replace('\'', ""));
        }
    }
}
