//! Every text that the database holds in clear is declared, with the reason why it is not sealed.

use std::collections::BTreeSet;
use std::path::Path;

/// Columns that hold a code of a list, an enum, a name of this program, a sort key of days, or a hash. Identifiers end with `_id`.
const CODES: &[&str] = &[
    "about",
    "action",
    "adaptation",
    "adaptations",
    "addressed_to",
    "answer",
    "audience",
    "author",
    "basis",
    "borrower_kind",
    "cancel_reason",
    "cancellation_reason",
    "cancelled_by",
    "category",
    "chain",
    "changed",
    "channel",
    "childcare_group",
    "childcare_type",
    "closed_weekdays",
    "code",
    "collectivity_code",
    "collectivity_kind",
    "commune_code",
    "complementary_service",
    "condition",
    "confirmed_by",
    "coordinates",
    "current_childcare",
    "deletion_reason",
    "departement_code",
    "departure_reason",
    "dimensions",
    "disability_family",
    "domains",
    "end_reason",
    "entered_by",
    "from_epci",
    "from_status",
    "given_by",
    "ground",
    "household",
    "id",
    "indicator",
    "informed_by",
    "issued_by",
    "key_owner",
    "kid",
    "kind",
    "made_by",
    "mode",
    "moment",
    "moved",
    "need",
    "need_domain",
    "object_kind",
    "opened",
    "operation",
    "organiser_role",
    "origin",
    "outcome",
    "overridden_rules",
    "owners",
    "participant_type",
    "partner_kind",
    "partner_territory",
    "party",
    "period",
    "permissions",
    "place",
    "placement_review_months",
    "population",
    "population_kind",
    "principal",
    "priority",
    "profession",
    "purpose",
    "rating",
    "recognition_status",
    "records",
    "referrer",
    "refusal",
    "relation",
    "removed_for",
    "requested_by",
    "resource",
    "result",
    "revoked",
    "rights_after",
    "rights_before",
    "role",
    "sha256",
    "spec_code",
    "stage",
    "start_key",
    "starts_at",
    "status",
    "step",
    "subject",
    "supersedes",
    "theme",
    "tier",
    "time_zone",
    "to_epci",
    "to_status",
    "topic",
    "trial_spec",
    "type_",
    "undone_by",
    "urgency",
    "weekdays",
];

/// Codes in some tables, free texts in others.
const CODES_OF_TABLES: &[&str] = &[
    "referrals.reason",
    "case_suspensions.reason",
    "referral_events.reason",
    "reservations.reason",
    "statistics_specs.body",
];

fn page(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The columns of text, as `table.column`.
fn texts(schema: &str) -> BTreeSet<String> {
    let mut table = "";
    let mut texts = BTreeSet::new();
    for line in schema.lines() {
        if let Some((name, _)) = line.trim().strip_suffix(") {").and_then(|head| head.split_once(" (")) {
            table = name;
        }
        if let Some((column, kind)) = line.trim().trim_end_matches(',').split_once(" -> ")
            && ["Text", "Nullable<Text>"].contains(&kind)
        {
            texts.insert(format!("{table}.{column}"));
        }
    }
    texts
}

#[test]
fn no_clear_text_is_without_a_reason() {
    let texts = texts(&page("crates/database/src/schema.rs"));
    assert!(texts.len() > 200 && texts.contains("organisations.phone"), "the schema was not read: {texts:?}");
    let register = page("docs/security.md");
    let section = register.split("\n### ").find(|section| section.starts_with("Texts in clear")).unwrap();
    let words = section.split('`').skip(1).step_by(2).filter(|word| !word.contains('/'));
    let declared: BTreeSet<String> = words.filter(|word| word.contains('.')).map(str::to_owned).collect();
    let is_code = |text: &&String| {
        let column = text.split('.').nth(1).unwrap();
        !CODES_OF_TABLES.contains(&text.as_str()) && !CODES.contains(&column) && !is_reference(column)
    };
    let free: BTreeSet<String> = texts.iter().filter(is_code).cloned().collect();
    let undeclared: Vec<_> = free.difference(&declared).collect();
    assert!(undeclared.is_empty(), "clear texts that docs/security.md does not name: {undeclared:?}");
    let unknown: Vec<_> = declared.difference(&texts).collect();
    assert!(unknown.is_empty(), "docs/security.md names columns that do not exist: {unknown:?}");
}

/// An identifier of this program. The caller's own `external_id` is a text that the caller chooses.
fn is_reference(column: &str) -> bool {
    column.ends_with("_id") && !column.ends_with("external_id")
}
