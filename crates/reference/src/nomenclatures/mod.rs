//! The code lists of the API: origins, needs, steps, outcomes, kinds of organisation and others.
//!
//! Reference data: embedded in the binary, loaded once, and the same for every service. A received code is a text that
//! is checked against its list. A list can grow from one version to the next, so no code is an enum. Except the codes of
//! closed lists (`data/closed-lists.json`), which give the enums of the contract their labels: states, actions, choices. Codes are never
//! removed, so every stored code keeps its label. Lists about a person's health or private life are marked
//! (`special_category_data`).

pub mod codes;
pub mod lists;
pub mod model;

use std::sync::LazyLock;

pub use model::{Code, CodeList, Nomenclatures};

static EMBEDDED: LazyLock<Nomenclatures> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the file is part of the binary and the tests load it")]
    Nomenclatures::read(
        include_bytes!("../../../../data/nomenclatures.json"),
        include_bytes!("../../../../data/closed-lists.json"),
    )
    .expect("the embedded code lists are valid")
});

/// Every list. Loaded once, at the first call.
pub fn nomenclatures() -> &'static Nomenclatures {
    &EMBEDDED
}

/// The list with this name. [`lists`] has the names.
pub fn list(name: &str) -> Option<&'static CodeList> {
    nomenclatures().list(name)
}

/// Whether a list has a code. False if there is no such list.
pub fn contains(list_name: &str, code: &str) -> bool {
    list(list_name).is_some_and(|list| list.contains(code))
}

/// The group of a code: `group_of("referral_origin", "pmi")` is `health`. `None` for an unknown code and in a list
/// without groups.
pub fn group_of(list_name: &str, code: &str) -> Option<&'static str> {
    list(list_name)?.get(code)?.text("group")
}

/// Whether a code of a list has an attribute that is true. False for a code that the list does not have.
pub fn is_marked(list_name: &str, code: &str, attribute: &str) -> bool {
    list(list_name).and_then(|list| list.get(code)).is_some_and(|code| code.is_marked(attribute))
}

/// How an intervention of this type is counted: `individual`, `collective` or `indirect`.
pub fn mode_of(intervention_type: &str) -> Option<&'static str> {
    list(lists::INTERVENTION_TYPE)?.get(intervention_type)?.text("mode")
}

/// Whether an intervention of this type is about no case: all work of the other types is about one at least.
pub fn is_about_no_case(intervention_type: &str) -> bool {
    is_marked(lists::INTERVENTION_TYPE, intervention_type, "no_case")
}

#[cfg(test)]
mod tests {
    use crate::nomenclatures::*;

    #[test]
    fn every_list_is_loaded() {
        let all = nomenclatures();
        assert_eq!(all.version, "2026.8");
        let (closed, open): (Vec<_>, Vec<_>) = all.code_lists.iter().partition(|list| list.is_closed());
        let codes = |lists: &[&CodeList]| lists.iter().map(|list| list.codes().len()).sum::<usize>();
        assert_eq!((open.len(), codes(&open)), (46, 504));
        assert_eq!((closed.len(), codes(&closed)), (83, 434));
        assert_eq!(open.iter().map(|list| list.name.as_str()).collect::<Vec<_>>(), lists::ALL);
    }

    #[test]
    fn the_labels_of_closed_lists_are_short_titles_in_both_languages() {
        for list in nomenclatures().code_lists.iter().filter(|list| list.is_closed()) {
            for code in list.codes() {
                for label in [&code.label_fr, &code.label_en] {
                    let (name, code) = (&list.name, &code.code);
                    assert!((1..=60).contains(&label.chars().count()), "{name} {code}: {label:?}");
                    assert!(!label.ends_with('.') && !label.contains('_'), "{name} {code}: {label:?}");
                    assert!(
                        label.chars().next().is_some_and(|first| !first.is_lowercase()),
                        "{name} {code}: {label:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_code_has_labels_and_other_attributes() {
        let kinds = list(lists::ORGANISATION_KIND).unwrap();
        let camsp = kinds.get("camsp").unwrap();
        assert_eq!(camsp.label("fr"), "Centre d'action médico-sociale précoce");
        assert_eq!(camsp.label("en"), "Early medico-social action centre (CAMSP)");
        assert_eq!(camsp.attributes["maps_to"]["finess_tre_r66"], "190");
        assert!(!kinds.contains("CAMSP"), "codes have one spelling");
        assert_eq!(kinds.get("nursery").map(|code| &code.code), None);
    }

    #[test]
    fn a_childminder_is_an_organisation_because_a_placement_requires_one() {
        let codes = list(lists::ORGANISATION_KIND).unwrap().codes();
        let rank = codes.iter().position(|code| code.code == "childminder").unwrap();
        assert_eq!(codes[rank - 1].code, "childminder_house");
        assert!(codes[rank].attributes["design_choice"] == true);
    }

    #[test]
    fn groups_and_modes_are_found() {
        assert_eq!(group_of(lists::REFERRAL_ORIGIN, "pmi"), Some("health"));
        assert_eq!(group_of(lists::CHILDCARE_TYPE, "childminder"), Some("individual"));
        assert_eq!(group_of(lists::REFERRAL_ORIGIN, "nobody"), None);
        assert_eq!(group_of("nothing", "pmi"), None);
        assert_eq!(group_of(lists::KIT_CONDITION, "new"), None);
        for code in list(lists::INTERVENTION_TYPE).unwrap().codes() {
            assert!(contains(lists::INTERVENTION_MODE, mode_of(&code.code).unwrap()));
        }
        assert!(!contains("nothing", "pmi"));
    }

    #[test]
    fn the_lists_on_health_and_private_life_are_marked() {
        let marked: Vec<_> = nomenclatures().code_lists.iter().filter(|list| list.is_special_category()).collect();
        let names: Vec<_> = marked.iter().map(|list| list.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "recognition_status",
                "need_domain",
                "disability_family",
                "complexity_flag",
                "procedure_kind",
                "case_suspension_reason"
            ]
        );
    }
}
