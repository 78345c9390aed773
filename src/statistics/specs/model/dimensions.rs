//! The dimensions that tables may have, with their names, definitions and values. No I/O.

use crate::french::de;
use crate::nomenclatures::{self, CodeList, lists};
use crate::statistics::records::model::values::{
    CHILDCARE_AT_YEAR_END, DELAY_BANDS, NO, NONE, ONGOING, OUTSIDE, PROFESSIONAL, UNKNOWN, YES, intervention, need,
};
use crate::statistics::records::model::{PopulationCode, is_yearly};
use passerelle_disclosure::document::Label;

/// A dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// What the dimension describes.
    pub definition: Label,
    /// Whether nobody may learn that all, or nearly all, of a group have one value (P2 of
    /// `passerelle_disclosure::policy`).
    pub sensitive: bool,
    /// Its values.
    pub values: Values,
}

/// Where the values of a dimension come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Values {
    /// The territories, at the levels of the specification.
    Territories,
    /// The kits of the service.
    Kits,
    /// These codes, with their names.
    Codes(Vec<(String, Label)>),
}

impl Dimension {
    /// Whether it is known only at the end of the year, so that only yearly tables have it.
    pub fn is_yearly(&self) -> bool {
        is_yearly(&self.code)
    }
}

/// A text in both languages.
pub fn label(fr: &str, en: &str) -> Label {
    Label { fr: fr.to_owned(), en: en.to_owned() }
}

/// The dimensions that tables of a population may have. The definition of one that is not yearly says when its value is
/// taken: a record that a release counts does not change any more.
pub fn of(population: PopulationCode) -> Vec<Dimension> {
    let (mut all, (fr, en)) = match population {
        PopulationCode::Children => (children(), ("l'enfant", "the child")),
        PopulationCode::Loans => {
            (vec![territory("l'emprunteur", "the borrower"), kit(), borrower_group()], ("le prêt", "the loan"))
        }
        PopulationCode::Actions => {
            (vec![territory("l'action", "the action"), action_type()], ("l'action", "the action"))
        }
        PopulationCode::Participants => {
            let own = vec![territory("l'action", "the action"), action_type(), participant_type()];
            (own, ("l'action", "the action"))
        }
    };
    for dimension in all.iter_mut().filter(|dimension| !dimension.is_yearly()) {
        let when = label(
            &format!(
                " Valeur connue à l'arrêté de la première publication de l'année qui compte {fr}, ou de celle qui corrige ses fiches."
            ),
            &format!(
                " As known at the cut-off of the first release of the year that counts {en}, or of the one that corrects its records."
            ),
        );
        dimension.definition.fr.push_str(&when.fr);
        dimension.definition.en.push_str(&when.en);
    }
    all
}

/// A dimension of a population.
pub fn find(population: PopulationCode, code: &str) -> Option<Dimension> {
    of(population).into_iter().find(|dimension| dimension.code == code)
}

fn codes(list: &str) -> &'static [nomenclatures::Code] {
    nomenclatures::list(list).map(CodeList::codes).unwrap_or_default()
}

/// The codes of a list, then those that it lacks, each once.
fn listed(list: &str, more: &[(&str, &str, &str)]) -> Values {
    let own = codes(list).iter().map(|code| (code.code.clone(), label(&code.label_fr, &code.label_en)));
    let more = more.iter().map(|(code, fr, en)| ((*code).to_owned(), label(fr, en)));
    let mut all: Vec<(String, Label)> = Vec::new();
    for value in own.chain(more) {
        if all.iter().all(|(code, _)| *code != value.0) {
            all.push(value);
        }
    }
    Values::Codes(all)
}

const NOT_KNOWN: (&str, &str, &str) = (UNKNOWN, "Inconnu", "Unknown");

/// The values of a commune outside the service's départements, and of one that is not on the map.
pub fn elsewhere() -> [(&'static str, Label); 2] {
    [(OUTSIDE, label("Hors du territoire", "Outside the territory")), (UNKNOWN, label("Inconnu", "Unknown"))]
}

fn dimension(code: &str, name: (&str, &str), definition: (&str, &str), values: Values) -> Dimension {
    Dimension {
        code: code.to_owned(),
        label: label(name.0, name.1),
        definition: label(definition.0, definition.1),
        sensitive: false,
        values,
    }
}

fn territory(fr: &str, en: &str) -> Dimension {
    let definition =
        (format!("Commune {}, sur la carte en vigueur.", de(fr)), format!("Commune of {en}, on the current map."));
    dimension("territory", ("Territoire", "Territory"), (&definition.0, &definition.1), Values::Territories)
}

fn children() -> Vec<Dimension> {
    let mut all = vec![
        territory("la famille", "the family"),
        dimension(
            "age_band",
            ("Âge", "Age"),
            ("Âge atteint au 31 décembre de l'année.", "Age reached on 31 December of the year."),
            listed(lists::AGE_BAND, &[NOT_KNOWN]),
        ),
        Dimension {
            sensitive: true,
            ..dimension(
                "need_domain",
                ("Domaine de besoin", "Domain of need"),
                (
                    "Besoin principal de l'enfant selon la demande de l'accompagnement ouvert en dernier.",
                    "The child's main need, as stated in the referral of the case opened last.",
                ),
                listed(lists::NEED_DOMAIN, &[NOT_KNOWN]),
            )
        },
        dimension(
            "childcare_group",
            ("Mode d'accueil au premier arrêté", "Childcare at the first cut-off"),
            (
                "Accueil de l'année commencé en dernier ou, à défaut, celui indiqué dans la demande.",
                "The childcare place of the year that began last or, without one, the childcare stated in the referral.",
            ),
            childcare_groups(),
        ),
        dimension(
            CHILDCARE_AT_YEAR_END,
            ("Mode d'accueil en fin d'année", "Childcare at the end of the year"),
            (
                "Dernier accueil de l'année ou, à défaut, celui indiqué dans la demande.",
                "The last childcare place of the year or, without one, the childcare stated in the referral.",
            ),
            childcare_groups(),
        ),
        dimension(
            "origin_group",
            ("Origine de la demande", "Origin of the referral"),
            (
                "Personne ou structure qui a adressé l'enfant au service, pour l'accompagnement ouvert en dernier.",
                "Who referred the child to the service, for the case opened last.",
            ),
            listed(lists::REFERRAL_ORIGIN_GROUP, &[NOT_KNOWN]),
        ),
        dimension(
            "outcome",
            ("Issue", "Outcome"),
            (
                "Issue de l'accompagnement le plus récent, s'il a pris fin dans l'année.",
                "Outcome of the latest case, if it ended in the year.",
            ),
            listed(lists::CASE_OUTCOME, &[(ONGOING, "En cours", "Ongoing"), NOT_KNOWN]),
        ),
        delay_band(),
    ];
    let yes_no = |code: String, fr: &str, en: &str, definition: (&str, &str)| Dimension {
        sensitive: true,
        ..dimension(
            &code,
            (fr, en),
            definition,
            Values::Codes(vec![(YES.to_owned(), label("Oui", "Yes")), (NO.to_owned(), label("Non", "No"))]),
        )
    };
    all.extend(codes(lists::REFERRAL_NEED).iter().map(|code| {
        let name = (format!("Demande : {}", code.label_fr), format!("Requested: {}", code.label_en));
        let definition = (
            "Attente exprimée dans une demande de l'accompagnement ouvert en dernier.",
            "What a referral of the case opened last asks for.",
        );
        yes_no(need(&code.code), &name.0, &name.1, definition)
    }));
    let of_cases = codes(lists::INTERVENTION_TYPE).iter().filter(|code| !nomenclatures::is_about_no_case(&code.code));
    all.extend(of_cases.map(|code| {
        let name = (format!("Intervention : {}", code.label_fr), format!("Intervention: {}", code.label_en));
        let definition =
            ("Intervention réalisée au moins une fois dans l'année.", "Carried out at least once in the year.");
        yes_no(intervention(&code.code), &name.0, &name.1, definition)
    }));
    all
}

fn childcare_groups() -> Values {
    listed(lists::CHILDCARE_GROUP, &[(NONE, "Aucun accueil", "No childcare"), NOT_KNOWN])
}

fn delay_band() -> Dimension {
    let names = [
        ("0 à 30 jours", "0 to 30 days"),
        ("31 à 90 jours", "31 to 90 days"),
        ("91 à 180 jours", "91 to 180 days"),
        ("181 jours et plus", "181 days or more"),
    ];
    let bands = DELAY_BANDS.iter().zip(names).map(|((code, _), (fr, en))| ((*code).to_owned(), label(fr, en)));
    let unknown = (UNKNOWN.to_owned(), label(NOT_KNOWN.1, NOT_KNOWN.2));
    dimension(
        "delay_band",
        ("Délai", "Delay"),
        (
            "Nombre de jours entre la réception de la demande et l'ouverture de l'accompagnement.",
            "Number of days from the receipt of the referral to the opening of the case.",
        ),
        Values::Codes(bands.chain([unknown]).collect()),
    )
}

fn kit() -> Dimension {
    dimension("kit", ("Mallette", "Kit"), ("Mallette prêtée.", "The kit that was lent."), Values::Kits)
}

fn borrower_group() -> Dimension {
    dimension(
        "borrower_group",
        ("Emprunteur", "Borrower"),
        ("Famille, ou type de structure emprunteuse.", "A family, or the kind of structure that borrows."),
        listed(
            lists::REFERRAL_ORIGIN_GROUP,
            &[(PROFESSIONAL, "Professionnel en son nom", "Professional in their own name"), NOT_KNOWN],
        ),
    )
}

fn action_type() -> Dimension {
    dimension(
        "action_type",
        ("Type d'action", "Kind of action"),
        ("Type de l'action collective.", "The kind of the collective action."),
        listed(lists::COLLECTIVE_ACTION_TYPE, &[NOT_KNOWN]),
    )
}

fn participant_type() -> Dimension {
    dimension(
        "participant_type",
        ("Type de participant", "Kind of participant"),
        ("Personnes présentes, comptées par type.", "Participants, counted by kind."),
        listed(lists::PARTICIPANT_TYPE, &[NOT_KNOWN]),
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::statistics::specs::model::dimensions::*;

    #[test]
    fn codes_of_dimensions_and_values_are_unique() {
        for population in PopulationCode::ALL {
            let all = of(*population);
            let codes: BTreeSet<&str> = all.iter().map(|dimension| dimension.code.as_str()).collect();
            assert_eq!(codes.len(), all.len(), "{population}");
            for dimension in &all {
                assert_eq!(find(*population, &dimension.code).as_ref(), Some(dimension));
                let Values::Codes(values) = &dimension.values else { continue };
                let codes: BTreeSet<&str> = values.iter().map(|(code, _)| code.as_str()).collect();
                assert_eq!(codes.len(), values.len(), "{}", dimension.code);
                assert!(codes.contains(UNKNOWN) || codes == BTreeSet::from([YES, NO]), "{}", dimension.code);
            }
        }
        assert_eq!(find(PopulationCode::Loans, "need_domain"), None);
    }

    #[test]
    fn a_definition_says_when_a_value_that_freezes_is_taken() {
        for dimension in PopulationCode::ALL.iter().flat_map(|population| of(*population)) {
            let says = dimension.definition.fr.contains("première publication");
            assert_eq!(says, !dimension.is_yearly(), "{}", dimension.code);
            assert_eq!(says, dimension.definition.en.contains("first release"), "{}", dimension.code);
        }
        let yearly = |code: &str| find(PopulationCode::Children, code).unwrap().is_yearly();
        assert!(yearly(CHILDCARE_AT_YEAR_END) && !yearly("childcare_group"));
    }

    #[test]
    fn needs_and_interventions_are_sensitive() {
        let sensitive = |code: &str| find(PopulationCode::Children, code).unwrap().sensitive;
        assert!(sensitive("need_domain") && sensitive("need_mdph_paperwork") && sensitive("intervention_advice"));
        assert!(!sensitive("territory") && !sensitive("age_band"));
    }
}
