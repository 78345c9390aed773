//! What each population and table is about, which decides how it is protected: the classes of
//! `passerelle_disclosure::document::Class`. The only place where they are listed, each with its reason. No I/O.

use crate::statistics::records::model::PopulationCode;
use passerelle_disclosure::document::{Class, ClassPolicy};

use super::dimensions::label;

/// The dimension of loans that is about no person.
const KIT: &str = "kit";

/// What the number of all units of a population is about.
pub const fn of_total(population: PopulationCode) -> Class {
    match population {
        // What every activity report says aloud, of the year and of its quarters; it tells nothing about anybody.
        PopulationCode::Children => Class::Total,
        // What the service lent and held.
        PopulationCode::Loans | PopulationCode::Actions => Class::Service,
        // Parents and children are among them, and the kind and the place of every action are public: the participants
        // of the only action of a place would be too.
        PopulationCode::Participants => Class::Breakdown,
    }
}

/// What a table is about.
pub fn of_table(population: PopulationCode, dimensions: &[String]) -> Class {
    match population {
        PopulationCode::Children | PopulationCode::Participants => Class::Breakdown,
        // A collective action is announced to all: no person who receives help is behind its kind and place.
        PopulationCode::Actions => Class::Service,
        // The kit alone says what the service lent. A family is a person who receives help, and so can a childminder be who
        // borrows in their own name: by borrower, by place, or by two of these, a small count can point to one.
        PopulationCode::Loans => match dimensions {
            [] => Class::Service,
            [one] if one == KIT => Class::Service,
            _ => Class::Breakdown,
        },
    }
}

/// The decision that every release names.
pub fn policy() -> ClassPolicy {
    ClassPolicy {
        version: "2026-11".to_owned(),
        decided_by: label("Les fondateurs de Passerelle", "The founders of Passerelle"),
        reason: label(
            "Les faits du service et ses totaux annuels ou trimestriels, sans aucune ventilation, figurent dans tout rapport d'activité et ne renseignent sur personne : ils sont publiés tels quels, même si une publication antérieure les masquait.",
            "The facts of the service and its totals by year or quarter, without any breakdown, are in every activity report and tell nothing about anybody: they are published as they are, even if an earlier release hid them.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::specs::model::TERRITORY;
    use crate::statistics::specs::model::classes::*;

    #[test]
    fn a_place_or_two_restrictions_make_a_breakdown_of_what_the_service_did() {
        let of = |population, dimensions: &[&str]| {
            of_table(population, &dimensions.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>())
        };
        assert_eq!(of_total(PopulationCode::Loans), Class::Service);
        assert_eq!(of(PopulationCode::Loans, &[]), Class::Service);
        assert_eq!(of(PopulationCode::Loans, &[TERRITORY]), Class::Breakdown);
        assert_eq!(of_total(PopulationCode::Participants), Class::Breakdown);
        assert_eq!(of(PopulationCode::Participants, &["participant_type"]), Class::Breakdown);
        assert_eq!(of(PopulationCode::Loans, &["kit"]), Class::Service);
        assert_eq!(of(PopulationCode::Loans, &["borrower_group"]), Class::Breakdown, "a family is a person");
        assert_eq!(of(PopulationCode::Loans, &["kit", "borrower_group"]), Class::Breakdown);
        assert_eq!(of(PopulationCode::Participants, &["action_type", "participant_type"]), Class::Breakdown);
        assert_eq!(of(PopulationCode::Actions, &[TERRITORY, "action_type"]), Class::Service);
        assert_eq!(of(PopulationCode::Children, &["age_band"]), Class::Breakdown);
        assert_eq!(of_total(PopulationCode::Children), Class::Total);
    }
}
