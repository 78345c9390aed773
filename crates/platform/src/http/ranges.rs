//! Ranges of days in requests: one that ends before it starts is a malformed request.
//!
//! The range is known by the names of its two members, so that every parameter and every body is checked, with the
//! other faults of the request.

use serde_json::Value;

use super::faults::child;
use passerelle_base::dates::{inverted as message, is_date};
use passerelle_base::error::{ENDS_BEFORE_START, Fault};

/// The names of the members of a range: the first day, the last day.
const NAMES: [(&str, &str); 5] = [
    ("from", "to"),
    ("starts_on", "ends_on"),
    ("starts_on", "due_on"),
    ("starts_on", "waits_until"),
    ("opens_on", "closes_on"),
];

/// The faults of the inverted ranges of a request, each at its end. The parameters of a query are named, and places of a
/// body are pointers.
pub(super) fn inverted(request: &Value, in_query: bool) -> Vec<Fault> {
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), request)];
    while let Some((at, value)) = stack.pop() {
        match value {
            Value::Array(items) => stack.extend(items.iter().enumerate().map(|(i, item)| (format!("{at}/{i}"), item))),
            Value::Object(fields) => {
                for (name, end) in fields {
                    stack.push((child(&at, name), end));
                    let starts = starts_of(name).into_iter().filter_map(|start| fields.get(&start));
                    if starts.filter_map(day).any(|start| day(end).is_some_and(|end| end < start)) {
                        let pointer = if in_query { name.clone() } else { child(&at, name) };
                        found.push(Fault::new(pointer, ENDS_BEFORE_START, message()));
                    }
                }
            }
            _ => {}
        }
    }
    found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    found
}

/// The members that may be the start of the range which ends with this one.
fn starts_of(end: &str) -> Vec<String> {
    let mut starts: Vec<String> =
        NAMES.iter().filter(|(_, last)| *last == end).map(|(first, _)| (*first).to_owned()).collect();
    starts.extend(end.strip_suffix("_to").map(|name| format!("{name}_from")));
    starts
}

/// A day, as text: days are ordered as their texts.
fn day(value: &Value) -> Option<&str> {
    value.as_str().filter(|text| is_date(text))
}

#[cfg(test)]
mod tests {
    use crate::http::ranges::*;
    use serde_json::json;

    #[test]
    fn an_inverted_range_is_found_wherever_it_is() {
        let (early, late) = ("2026-03-01", "2026-03-02");
        let body = json!({
            "starts_on": late, "ends_on": early,
            "closings": [{"starts_on": early, "ends_on": late}, {"starts_on": late, "ends_on": early}],
            "survey": {"opens_on": late, "closes_on": early},
            "ends_to": early, "ends_from": late,
        });
        let found: Vec<_> = inverted(&body, false).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(found, ["/closings/1/ends_on", "/ends_on", "/ends_to", "/survey/closes_on"]);
        assert_eq!(inverted(&json!({"from": late, "to": early}), true)[0].pointer, "to");
        for fine in
            [json!({"from": early, "to": early}), json!({"to": early}), json!({"from": "x", "to": early}), json!([])]
        {
            assert_eq!(inverted(&fine, true), [], "{fine}");
        }
    }
}
