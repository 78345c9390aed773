//! Replaces the faults of a body by values of its schema, so that its other faults can be looked for: see `rehearsal`.
//!
//! A faulty member is removed if it is optional, and else gets a value that its schema allows; a faulty item of a list is
//! removed.

use std::any::TypeId;

use serde_json::{Map, Value, json};

use super::contract::Contract;
use super::reference_keywords::NOMENCLATURE;
use passerelle_reference::nomenclatures;

/// How often a body is repaired before it is given up: a value may be filled in inside one that was.
const ROUNDS: usize = 8;
/// How deep a value is filled in.
const DEPTH: usize = 6;

/// Which of the values that a schema allows. A rule that a request breaks with each of them does not depend on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taste {
    /// The one of the example.
    Example,
    /// The first or the smallest.
    Least,
    /// The last or the largest.
    Most,
}

impl Taste {
    /// Each of them.
    pub(super) const ALL: [Self; 3] = [Self::Example, Self::Least, Self::Most];
}

/// A body without faults of its schema, and the places where something was replaced or removed; `None` if it cannot be
/// repaired. `service` is the service to name if the body names none.
pub(super) fn filled(
    contract: &Contract,
    request: TypeId,
    body: &Value,
    taste: Taste,
    service: Option<&str>,
) -> Option<(Value, Vec<String>)> {
    let schema = contract.schema_of(request)?;
    let (mut body, mut touched) = (body.clone(), Vec::new());
    for _ in 0..ROUNDS {
        let faults = contract.faults_of(request, &body, false).ok()?;
        let mut places: Vec<String> = faults.into_iter().map(|fault| fault.pointer).collect();
        if places.is_empty() {
            return Some((body, touched));
        }
        // The last item of a list first: its removal moves no other one.
        places.sort_by_cached_key(|place| std::cmp::Reverse(steps(place)));
        places.dedup();
        for place in places {
            repair(contract, schema, &mut body, &place, taste, service)?;
            touched.push(place);
        }
    }
    None
}

/// The steps of a pointer: members by name, items by rank.
fn steps(pointer: &str) -> Vec<(usize, String)> {
    let name = |step: &str| step.replace("~1", "/").replace("~0", "~");
    pointer.split('/').skip(1).map(|step| (step.parse().unwrap_or_default(), name(step))).collect()
}

fn repair(
    contract: &Contract,
    schema: &Value,
    body: &mut Value,
    place: &str,
    taste: Taste,
    service: Option<&str>,
) -> Option<()> {
    let mut steps = steps(place);
    let (rank, name) = steps.pop()?;
    let (mut schema, mut body) = (contract.resolve(schema), body);
    for (rank, name) in steps {
        let (inner, of_inner) = match body {
            Value::Object(fields) => (fields.get_mut(&name)?, schema.get("properties")?.get(&name)?),
            Value::Array(items) => (items.get_mut(rank)?, schema.get("items")?),
            // It was repaired as a whole.
            _ => return Some(()),
        };
        (body, schema) = (inner, contract.resolve(of_inner));
    }
    match body {
        Value::Array(items) if rank < items.len() => {
            items.remove(rank);
        }
        Value::Object(fields) => {
            let is_required = schema["required"].as_array().is_some_and(|names| names.iter().any(|one| *one == *name));
            match schema.get("properties").and_then(|properties| properties.get(&name)) {
                Some(_) if is_required && name == "service_id" && service.is_some() => {
                    fields.insert(name, json!(service));
                }
                Some(property) if is_required => {
                    let example = schema["examples"].get(0).and_then(|example| example.get(&name));
                    let value = sample(contract, property, example, taste, DEPTH)?;
                    fields.insert(name, value);
                }
                _ => {
                    fields.remove(&name);
                }
            }
        }
        _ => {}
    }
    Some(())
}

/// A value that a schema allows.
fn sample(contract: &Contract, schema: &Value, example: Option<&Value>, taste: Taste, depth: usize) -> Option<Value> {
    let own = schema.get("examples").and_then(|examples| examples.get(0));
    let schema = contract.resolve(schema);
    let example = own.or(example).or_else(|| schema.get("examples").and_then(|examples| examples.get(0)));
    if depth == 0 {
        return None;
    }
    if taste == Taste::Example
        && let Some(example) = example
    {
        return Some(example.clone());
    }
    let choose =
        |values: Vec<Value>| if taste == Taste::Most { values.last().cloned() } else { values.first().cloned() };
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return choose(values.iter().filter(|value| !value.is_null()).cloned().collect());
    }
    if let Some(list) = schema.get(NOMENCLATURE).and_then(Value::as_str) {
        return choose(nomenclatures::list(list)?.codes().iter().map(|code| json!(code.code)).collect());
    }
    let kind = match schema.get("type") {
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).find(|name| *name != "null")?,
        kind => kind?.as_str()?,
    };
    match (kind, taste) {
        ("object", _) => {
            let mut object = Map::new();
            for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                let of_example = example.and_then(|example| example.get(name));
                let property = schema.get("properties")?.get(name)?;
                object.insert(name.to_owned(), sample(contract, property, of_example, taste, depth - 1)?);
            }
            Some(Value::Object(object))
        }
        ("array", _) => {
            let of_example = example.and_then(|example| example.get(0));
            let count = schema["minItems"].as_u64().unwrap_or_default();
            (0..count).map(|_| sample(contract, schema.get("items")?, of_example, taste, depth - 1)).collect()
        }
        ("boolean", _) => Some(json!(taste == Taste::Most)),
        ("integer" | "number", Taste::Most) => schema.get("maximum").cloned(),
        ("integer" | "number", _) => schema.get("minimum").cloned(),
        ("string", _) => match (schema["format"].as_str(), taste) {
            (Some("date"), Taste::Least) => Some(json!("2000-01-01")),
            (Some("date"), Taste::Most) => Some(json!("2099-12-31")),
            (Some("date-time"), Taste::Least) => Some(json!("2000-01-01T00:00:00Z")),
            (Some("date-time"), Taste::Most) => Some(json!("2099-12-31T00:00:00Z")),
            _ => example.cloned(),
        },
        _ => None,
    }
}
