//! The kinds of childcare that a service works with, and which organisations offer which kind. Pure.

use crate::error::{Fault, Text};
use crate::nomenclatures::codes::{ChildcareGroup, ChildcareType, OrganisationKind};
use crate::nomenclatures::{self, lists};
use crate::services::model::Settings;

/// The group of a kind of childcare.
pub fn group_of_childcare(kind: &str) -> Option<&'static str> {
    nomenclatures::group_of(lists::CHILDCARE_TYPE, kind)
}

/// The group of childcare that a kind of organisation offers; none if it offers none, or more than one.
pub fn group_of_organisation(kind: &str) -> Option<&'static str> {
    attribute(lists::ORGANISATION_KIND, kind)
}

/// The group of childcare that the origin of a referral names.
pub fn group_of_origin(origin: &str) -> Option<&'static str> {
    attribute(lists::REFERRAL_ORIGIN, origin)
}

fn attribute(list: &str, code: &str) -> Option<&'static str> {
    nomenclatures::list(list)?.get(code)?.text("childcare_group")
}

/// Whether a service works with a group of childcare. A child without childcare, or kept by relatives, is in the scope of
/// every service: Cnaf, a place is what the family looks for.
pub fn is_covered(service: &Settings, group: &str) -> bool {
    nomenclatures::is_marked(lists::CHILDCARE_GROUP, group, "in_every_scope")
        || service.childcare_groups.iter().any(|own| own.is(group))
}

/// What is wrong with a group of childcare that the service does not work with.
pub fn not_covered(service: &Settings, group: &str) -> Text {
    let own: Vec<String> = service.childcare_groups.iter().map(|group| format!("`{group}`")).collect();
    let own = own.join(", ");
    let label = |language| {
        let code = nomenclatures::list(ChildcareGroup::LIST).and_then(|list| list.get(group));
        code.map_or(group, |code| code.label(language))
    };
    Text::new(
        format!("{} (`{group}`) : le service n'intervient qu'auprès de {own}.", label("fr")),
        format!("{} (`{group}`): the service only works with {own}.", label("en")),
    )
}

/// The fault of a type of childcare that an organisation of this kind does not offer. A type without the attribute fits
/// every kind.
pub fn placement_fault(kind: &ChildcareType, organisation: &OrganisationKind, pointer: &str) -> Option<Fault> {
    let offered_by = nomenclatures::list(ChildcareType::LIST)?.get(kind.as_str())?.texts("organisation_kinds")?;
    (!offered_by.contains(&organisation.as_str())).then(|| {
        let kinds: Vec<String> = offered_by.iter().map(|kind| format!("`{kind}`")).collect();
        let kinds = kinds.join(", ");
        let message = Text::new(
            format!(
                "Une organisation `{organisation}` n'offre pas d'accueil `{kind}`, mais une organisation {kinds} : corriger le mode d'accueil, l'organisation ou son type."
            ),
            format!(
                "An organisation `{organisation}` does not offer `{kind}`, but one of these kinds does: {kinds}. Correct the type of childcare, the organisation or its kind."
            ),
        );
        Fault::new(pointer, "not_offered_there", message)
    })
}

#[cfg(test)]
mod tests {
    use crate::services::public::model::childcare::*;

    #[test]
    fn the_attributes_name_codes_of_their_lists() {
        for code in nomenclatures::list(lists::CHILDCARE_TYPE).unwrap().codes() {
            for kind in code.texts("organisation_kinds").unwrap_or_default() {
                assert!(nomenclatures::contains(lists::ORGANISATION_KIND, kind), "{} {kind}", code.code);
            }
        }
        for list in [lists::ORGANISATION_KIND, lists::REFERRAL_ORIGIN] {
            for code in nomenclatures::list(list).unwrap().codes() {
                let group = code.text("childcare_group");
                let known = group.is_none_or(|group| nomenclatures::contains(lists::CHILDCARE_GROUP, group));
                assert!(known, "{list} {}", code.code);
            }
        }
    }

    #[test]
    fn a_place_is_offered_by_a_fitting_organisation() {
        let fits = |kind: &str, organisation: &str| {
            placement_fault(&kind.parse().unwrap(), &organisation.parse().unwrap(), "/childcare_type").is_none()
        };
        for (kind, organisation, expected) in [
            ("micro_creche", "eaje", true),
            ("micro_creche", "commune", true),
            ("micro_creche", "mdph", false),
            ("childminder", "childminder", true),
            ("childminder", "eaje", false),
            ("leisure_centre", "acm_organiser", true),
            ("leisure_centre", "school", false),
            ("specialised_setting", "ime", true),
            ("unknown", "mdph", true),
        ] {
            assert_eq!(fits(kind, organisation), expected, "{kind} {organisation}");
        }
    }

    #[test]
    fn every_kind_of_organisation_that_names_a_group_offers_a_type_of_it() {
        for code in nomenclatures::list(lists::ORGANISATION_KIND).unwrap().codes() {
            let Some(group) = code.text("childcare_group") else { continue };
            let types = nomenclatures::list(lists::CHILDCARE_TYPE).unwrap().codes().iter();
            let mut offered = types.filter(|one| one.text("group") == Some(group));
            assert!(
                offered.any(|one| one
                    .texts("organisation_kinds")
                    .is_some_and(|kinds| kinds.contains(&code.code.as_str()))),
                "{}",
                code.code
            );
        }
    }
}
