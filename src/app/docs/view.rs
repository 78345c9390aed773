//! The contract as the documentation page shows it: grouped by subject, without what all operations share, and so that
//! the page sends an optional parameter only if the reader ticks it.

use serde_json::{Map, Value, json};

use super::texts::{GROUPS, introduction};
use crate::error::Lang;

/// Responses that every operation of a kind can have. The introduction says so once.
const SHARED_RESPONSES: [&str; 10] = ["401", "406", "408", "413", "414", "415", "429", "431", "500", "503"];

/// The contract in the form of the page.
pub(super) fn of(contract: &Value, lang: Lang) -> Value {
    let mut document = contract.clone();
    group(&mut document, lang);
    let own = document["info"]["description"].as_str().unwrap_or_default();
    document["info"]["description"] = format!("{}\n{own}", introduction(lang)).into();
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
                turn_off(parameter, &contract["components"]["schemas"]);
            }
            if let Some(responses) = operation["responses"].as_object_mut() {
                shorten(responses);
            }
        }
    }
    document
}

/// Groups the tags by subject, and names them in the language of the page.
fn group(document: &mut Value, lang: Lang) {
    let groups = GROUPS.iter().map(|group| {
        let tags: Vec<&str> = group.tags.iter().map(|(tag, _)| *tag).collect();
        json!({"name": lang.pick(group.name.0, group.name.1), "tags": tags})
    });
    document["x-tagGroups"] = groups.collect();
    if lang == Lang::En {
        return;
    }
    for tag in document["tags"].as_array_mut().into_iter().flatten() {
        let name = tag["name"].as_str().unwrap_or_default();
        let french = GROUPS.iter().flat_map(|group| group.tags).find(|(known, _)| *known == name);
        if let Some((_, french)) = french {
            tag["x-displayName"] = (*french).into();
        }
    }
}

/// Scalar sends every parameter that has an example, be it the example of its schema, and a list filtered by examples is
/// empty. `x-disabled` shows the example and leaves the parameter unticked.
fn turn_off(parameter: &mut Value, schemas: &Value) {
    if parameter["required"] == true {
        return;
    }
    let Some(fields) = parameter.as_object_mut() else { return };
    let own = fields.remove("example");
    let schema = fields.get("schema").unwrap_or(&Value::Null);
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let schema = name.map_or(schema, |name| &schemas[name]);
    let example = own.or_else(|| schema.get("example").or_else(|| schema["examples"].get(0)).cloned());
    if let Some(example) = example {
        fields.insert("examples".to_owned(), json!({"default": {"value": example, "x-disabled": true}}));
    }
}

/// Leaves out shared responses and headers; of an error, only what it means; of other formats than JSON, only their names.
/// The browser processes the rest in half of the time.
fn shorten(responses: &mut Map<String, Value>) {
    responses.retain(|status, _| !SHARED_RESPONSES.contains(&status.as_str()));
    for (status, response) in responses {
        if !status.starts_with('2') {
            *response = json!({"description": response["description"]});
            continue;
        }
        let Some(fields) = response.as_object_mut() else { continue };
        fields.remove("headers");
        let content = fields.get_mut("content").and_then(Value::as_object_mut);
        for (media_type, said) in content.into_iter().flatten() {
            if media_type != "application/json" {
                *said = json!({});
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::app::docs::view::*;
    use std::collections::BTreeSet;

    fn view(lang: Lang) -> Value {
        of(crate::app::operations().contract().document(), lang)
    }

    #[test]
    fn every_subject_has_one_group_and_a_french_name() {
        let view = view(Lang::Fr);
        let tags: Vec<&str> =
            view["tags"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|group| group.tags).map(|(tag, _)| *tag).collect();
        assert_eq!(grouped.len(), tags.len());
        assert_eq!(grouped.iter().collect::<BTreeSet<_>>(), tags.iter().collect::<BTreeSet<_>>());
        assert!(view["tags"].as_array().unwrap().iter().all(|tag| tag["x-displayName"].is_string()));
    }

    #[test]
    fn an_optional_parameter_is_not_sent_unless_it_is_ticked() {
        let contract = crate::app::operations().contract();
        let operations = |document: &Value| -> Vec<Value> {
            let items = document["paths"].as_object().unwrap().values();
            items.flat_map(|item| item.as_object().unwrap().values().cloned().collect::<Vec<_>>()).collect()
        };
        let mut turned_off = 0;
        for (shown, said) in operations(&of(contract.document(), Lang::En)).iter().zip(operations(contract.document()))
        {
            let parameters = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
            for (shown, said) in parameters(shown).iter().zip(parameters(&said)) {
                if said["required"] == true {
                    assert_eq!(*shown, said);
                    continue;
                }
                assert!(shown["example"].is_null(), "{shown}");
                if shown["examples"].is_null() {
                    // Scalar does not send what it makes up itself.
                    assert_eq!(*shown, said);
                    continue;
                }
                assert_eq!(shown["examples"]["default"]["x-disabled"], true, "{shown}");
                assert!(
                    said["example"].is_null() || shown["examples"]["default"]["value"] == said["example"],
                    "{shown}"
                );
                turned_off += 1;
            }
        }
        assert!(turned_off > 300, "{turned_off}");
        let view = view(Lang::Fr);
        let mut of_cases = view["paths"]["/v1/cases"]["get"]["parameters"].as_array().unwrap().iter();
        let of_cases = of_cases.find(|parameter| parameter["name"] == "service_id").unwrap();
        assert!(of_cases["examples"]["default"]["value"].is_string(), "the example of the schema is shown: {of_cases}");
    }

    #[test]
    fn a_response_says_what_is_its_own() {
        let view = view(Lang::Fr);
        let responses = &view["paths"]["/v1/cases"]["get"]["responses"];
        let statuses: Vec<&String> = responses.as_object().unwrap().keys().collect();
        assert_eq!(statuses, ["200", "304", "400", "403"]);
        assert!(responses["200"]["content"]["application/json"]["example"].is_object());
        assert!(responses["200"]["headers"].is_null() && responses["403"]["description"].is_string());
    }
}
