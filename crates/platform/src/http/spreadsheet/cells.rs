//! What a cell holds, and why no program runs it.
//!
//! A text that begins like a formula is run by the spreadsheet that opens it. Such a text gets an apostrophe before
//! it (OWASP, "CSV injection"); so does what follows a separator inside a text, because a program set to another
//! separator than ours begins a cell there. Numbers are numbers, negative ones too.

use serde_json::Value;

/// What separates the values of an array in one cell.
const JOINT: &str = "; ";

/// The text of a value; empty for null.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => safe(text),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let plain = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            safe(&items.iter().map(plain).collect::<Vec<_>>().join(JOINT))
        }
        Value::Array(_) | Value::Object(_) => safe(&value.to_string()),
        other => other.to_string(),
    }
}

/// The text with an apostrophe wherever a spreadsheet could see the beginning of a formula.
pub fn safe(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    // Where a cell could begin; spaces and quotes are skipped by some programs.
    let mut at_start = true;
    for letter in text.chars() {
        if at_start && begins_formula(letter) {
            out.push('\'');
        }
        at_start = separates(letter) || (at_start && skipped(letter));
        out.push(letter);
    }
    out
}

/// Signs of a formula, in their full-width forms too; tabulation and carriage return are dropped by some programs,
/// with what follows taken for the beginning.
fn begins_formula(letter: char) -> bool {
    matches!(letter, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠')
}

fn separates(letter: char) -> bool {
    matches!(letter, ',' | ';' | '|' | '\t' | '\r' | '\n')
}

fn skipped(letter: char) -> bool {
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
            assert_eq!(safe(text), cell, "{text:?}");
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
        fn no_cell_begins_a_formula(text in "[-=+@＝a \"',;|\t\r\n]{0,12}|\\PC{0,40}|.{0,40}") {
            let cell = safe(&text);
            for part in cell.split([',', ';', '|', '\t', '\r', '\n']) {
                let part = part.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
                prop_assert!(!part.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{:?} gives {:?}", text, cell);
            }
            prop_assert!(!cell.starts_with(['\t', '\r']));
            // Nothing is lost: without the apostrophes that were added, it is the text.
            prop_assert_eq!(cell.replace('\'', ""), text.replace('\'', ""));
        }
    }
}
