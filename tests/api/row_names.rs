//! Rows are screens: beside every identifier of a response stands the name that a screen shows, or the reason why not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::harness::contract::DOCUMENT;

/// Identifiers that need no name wherever they are: the field, and the reason.
const EVERYWHERE: &[(&str, &str)] = &[
    ("service_id", "a caller has few services: `GET /v1/me` names them"),
    ("service_ids", "a caller has few services: `GET /v1/me` names them"),
    ("request_id", "the identifier of a request is its only name"),
    ("operation_id", "the name of an operation in the contract"),
    ("external_id", "the caller's own key"),
    ("goal_id", PARENT),
    ("placement_id", PARENT),
    ("complex_situation_id", PARENT),
    ("survey_id", PARENT),
    ("funding_id", PARENT),
    ("contribution_id", PARENT),
    ("instalment_id", PARENT),
    ("check_id", LINK),
    ("intervention_id", LINK),
    ("intervention_ids", LINK),
    ("reservation_id", LINK),
    ("absence_id", LINK),
    ("act_id", LINK),
    ("work_id", LINK),
    ("release_id", "a release is known by its service and its year, which stand beside it or in its document"),
];

const PARENT: &str =
    "the row of an object that is on the screen already: it is reached through the path of that object";
const LINK: &str = "a link to an object without a name: an act, a day, a check";
const OF_CASE: &str = "a record of a case, which is on the screen: `GET /v1/cases/{id}` names it";

/// Identifiers that need no name in one schema: the schema, the field, and the reason.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("ActShare", "case_id", OF_PAGE),
    ("ActionRegistration", "action_id", PARENT),
    ("AgendaEntry", "object_id", TITLED),
    ("AppointmentWarning", "appointment_id", LINK),
    ("AuditEvent", "target_id", JOURNAL),
    ("CaseEvent", "object_id", LINK),
    ("ChangeEvent", "object_id", JOURNAL),
    ("ChangeEvent", "parent_id", JOURNAL),
    ("Case", "referral_ids", LINK),
    ("PossibleDuplicate", "referral_ids", LINK),
    ("CaseEvent", "case_id", OF_CASE),
    ("CaseMember", "case_id", OF_CASE),
    ("CaseNoteRecord", "case_id", OF_CASE),
    ("CaseStepRecord", "case_id", OF_CASE),
    ("CaseSuspension", "case_id", OF_CASE),
    ("ComplexSituation", "case_id", OF_CASE),
    ("Goal", "case_id", OF_CASE),
    ("Placement", "case_id", OF_CASE),
    ("PlacementReview", "case_id", OF_CASE),
    ("Recommendation", "case_id", OF_CASE),
    ("Child", "household_id", HOUSEHOLD),
    ("Contact", "household_id", HOUSEHOLD),
    ("ChildMerge", "absorbed_case_id", MERGED),
    ("ChildMerge", "absorbed_household_id", MERGED),
    ("ChildMerge", "survivor_case_id", MERGED),
    ("ChildMerge", "survivor_household_id", MERGED),
    ("Convention", "renewed_by_id", SAME_PARTY),
    ("Convention", "renews_id", SAME_PARTY),
    ("FreeLoan", "copy_id", COPY),
    ("Obstacle", "copy_id", COPY),
    ("HeldIntervention", "case_id", OF_APPOINTMENT),
    ("KitAvailability", "kit_id", PARENT),
    ("KitCheck", "copy_id", PARENT),
    ("KitCopy", "kit_id", PARENT),
    ("KitItem", "kit_id", PARENT),
    ("ReferentAttendance", "referent_id", PARENT),
    ("Reservation", "endangered_by_loan_id", LINK),
    ("StatisticsSettings", "spec_code", SPEC),
];

const OF_PAGE: &str = "a share of an act: the intervention around it names its case";
const TITLED: &str = "`title` says what it is";
const JOURNAL: &str = "the journal and the feed have identifiers only, so that they hold no personal data";
const HOUSEHOLD: &str = "a part of a household, which is on the screen: it has no name of its own";
const MERGED: &str = "`survivor_child_name` is that of the child of both cases and households";
const SAME_PARTY: &str = "a convention of the same local authority: `collectivity_name`";
const COPY: &str = "a proposal: the labels of the copies are in `GET /v1/kits/{id}/availability`, the label of the one that is booked in the reservation";
const OF_APPOINTMENT: &str = "one of `case_ids`, which `case_names` names";
const SPEC: &str =
    "the code of a specification is its name: `GET /v1/services/{id}/statistics-specs/{code}` has its label";

/// Names that stand beside an identifier under another name: the field, and the other name.
const OTHERWISE: &[(&str, &[&str])] = &[
    ("case_id", &["child_name", "child"]),
    ("child_id", &["child_name", "child"]),
    ("commune_code", &["name"]),
    ("convention_id", &["collectivity_name"]),
    ("copy_id", &["label"]),
    ("household_id", &["child"]),
    ("kit_id", &["title_fr"]),
    ("referent_id", &["identity"]),
];

/// The schemas that responses are made of.
fn of_responses() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    let mut stack: Vec<&Value> = Vec::new();
    for item in DOCUMENT["paths"].as_object().unwrap().values() {
        stack.extend(item.as_object().unwrap().values().map(|operation| &operation["responses"]));
    }
    while let Some(value) = stack.pop() {
        match value {
            Value::Array(items) => stack.extend(items),
            Value::Object(members) => {
                if let Some(name) = members.get("$ref").and_then(Value::as_str)
                    && let Some(name) = name.strip_prefix("#/components/schemas/")
                    && !found.contains_key(name)
                {
                    let schema = &DOCUMENT["components"]["schemas"][name];
                    found.insert(name.to_owned(), schema.clone());
                    stack.push(schema);
                }
                stack.extend(members.iter().filter(|(name, _)| !name.starts_with("example")).map(|(_, value)| value));
            }
            _ => {}
        }
    }
    found
}

/// The names that may stand beside an identifier; none if the field is no identifier.
fn names_of(field: &str, said: &Value) -> Option<Vec<String>> {
    let several = field.strip_suffix("_ids").map(|base| vec![format!("{base}_names"), format!("{base}s")]);
    let one = || {
        let base = field.strip_suffix("_id").or_else(|| field.strip_suffix("_code"))?;
        let suffixes = ["name", "title", "label", "title_fr", "label_fr"];
        let beside = suffixes.iter().map(|suffix| format!("{base}_{suffix}"));
        Some(beside.chain([base.to_owned()]).collect())
    };
    let is_account = said["description"].as_str().is_some_and(|text| text.contains("`user:")) || field == "author";
    let account = || is_account.then(|| vec![format!("{field}_name"), "display_name".to_owned()]);
    several.or_else(one).or_else(account)
}

#[test]
fn a_name_stands_beside_every_identifier() {
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for (name, schema) in of_responses() {
        let Some(properties) = schema["properties"].as_object() else { continue };
        for (field, said) in properties {
            let Some(names) = names_of(field, said) else { continue };
            let otherwise = OTHERWISE.iter().filter(|(of, _)| of == field).flat_map(|(_, names)| *names);
            if names.iter().map(String::as_str).chain(otherwise.copied()).any(|name| properties.contains_key(name)) {
                continue;
            }
            if EVERYWHERE.iter().any(|(known, _)| known == field) {
                used.insert(field.clone());
                continue;
            }
            if EXCEPTIONS.iter().any(|(of, known, _)| *of == name && known == field) {
                used.insert(format!("{name}.{field}"));
                continue;
            }
            faults.push(format!("{name}.{field}: none of {}", names.join(", ")));
        }
    }
    let exceptions = EXCEPTIONS.iter().map(|(of, field, _)| format!("{of}.{field}"));
    let exceptions = EVERYWHERE.iter().map(|(field, _)| (*field).to_owned()).chain(exceptions);
    faults.extend(exceptions.filter(|known| !used.contains(known)).map(|known| format!("{known}: no longer needed")));
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
