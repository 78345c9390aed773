//! The coarse groups of dimensions with many values, for services with few children: three to five categories each. The
//! only place where they are defined. No I/O.
//!
//! The rule: a group joins codes that a reader of a small service cannot use apart. What is not known joins the group of
//! what is rare, so that it does not stand alone.

use super::dimensions::label;
use crate::statistics::records::model::values::{CHILDCARE_AT_YEAR_END, NONE, ONGOING, PROFESSIONAL, UNKNOWN};
use passerelle_disclosure::document::Label;
use passerelle_disclosure::population::Shown;

/// A group: its code, its names, the codes that it joins.
type Group = (&'static str, (&'static str, &'static str), &'static [&'static str]);

const AGE: &[Group] = &[
    ("age_0_2", ("0 à 2 ans", "0 to 2 years"), &["age_0_2"]),
    ("age_3_5", ("3 à 5 ans", "3 to 5 years"), &["age_3_5"]),
    ("age_6_more", ("6 ans et plus", "6 years or more"), &["age_6_11", "age_12_17", UNKNOWN]),
];

const NEED: &[Group] = &[
    (
        "relations_communication",
        ("Attention, communication, relations, émotions", "Attention, communication, relations, emotions"),
        &["attention_movement_impulsivity", "communication_language", "interaction_relations", "emotional"],
    ),
    (
        "motor_sensory_learning",
        ("Motricité, sens, apprentissages", "Movement, senses, learning"),
        &["motor", "sensory_visual", "sensory_hearing", "sensory_processing", "cognitive_learning"],
    ),
    (
        "health_daily_life",
        ("Santé et vie quotidienne", "Health and daily life"),
        &["chronic_illness_health_care", "feeding", "sleep", "daily_living"],
    ),
    ("not_determined", ("Indéterminé ou inconnu", "Undetermined or unknown"), &["undetermined", UNKNOWN]),
];

const CHILDCARE: &[Group] = &[
    ("eaje", ("Établissement d'accueil du jeune enfant", "Early childhood centre"), &["eaje"]),
    ("individual", ("Accueil individuel", "Individual childcare"), &["individual"]),
    (NONE, ("Aucun accueil", "No childcare"), &[NONE]),
    (
        "other_childcare",
        ("Accueil de loisirs, autre ou inconnu", "Leisure centre, other or unknown"),
        &["acm", "other", UNKNOWN],
    ),
];

const ORIGIN: &[Group] = &[
    ("family", ("Famille", "Family"), &["family"]),
    ("early_childhood", ("Petite enfance", "Early childhood"), &["childcare", "early_childhood_network"]),
    ("care", ("Santé et médico-social", "Health and medico-social"), &["health", "medico_social"]),
    (
        "other_origin",
        ("Institution, école, autre ou inconnue", "Institution, school, other or unknown"),
        &["institution", "child_protection", "school", "other", UNKNOWN],
    ),
];

const OUTCOME: &[Group] = &[
    (ONGOING, ("En cours", "Ongoing"), &[ONGOING]),
    (
        "solved",
        ("Accueil trouvé, maintenu, ou besoin satisfait", "Place found, kept, or need met"),
        &[
            "effective_placement",
            "placement_maintained",
            "maintained_with_adaptation",
            "school_bridge_completed",
            "need_met",
        ],
    ),
    (
        "passed_on",
        ("Réorienté, parti, ou hors du champ", "Redirected, moved, or out of scope"),
        &["redirected", "moved", "reached_age_limit", "handed_over_to_other_pole", "out_of_scope"],
    ),
    (
        "other_outcome",
        ("Sans solution, arrêt, autre ou inconnue", "No solution, stopped, other or unknown"),
        &["no_solution", "withdrawn_by_family", "lost_contact", "other", UNKNOWN],
    ),
];

const DELAY: &[Group] = &[
    ("d0_30", ("0 à 30 jours", "0 to 30 days"), &["d0_30"]),
    ("d31_90", ("31 à 90 jours", "31 to 90 days"), &["d31_90"]),
    (
        "d91_unknown",
        ("91 jours et plus, ou inconnu", "91 days or more, or unknown"),
        &["d91_180", "d181_more", UNKNOWN],
    ),
];

const BORROWER: &[Group] = &[
    ("family", ("Famille", "Family"), &["family"]),
    (
        "early_childhood",
        ("Petite enfance, structures et professionnels", "Early childhood, organisations and professionals"),
        &["childcare", "early_childhood_network", PROFESSIONAL],
    ),
    ("care", ("Santé et médico-social", "Health and medico-social"), &["health", "medico_social"]),
    (
        "other_borrower",
        ("Institution, école, autre ou inconnu", "Institution, school, other or unknown"),
        &["institution", "child_protection", "school", "other", UNKNOWN],
    ),
];

fn groups(dimension: &str) -> Option<&'static [Group]> {
    let all = match dimension {
        "age_band" => AGE,
        "need_domain" => NEED,
        "childcare_group" | CHILDCARE_AT_YEAR_END => CHILDCARE,
        "origin_group" => ORIGIN,
        "outcome" => OUTCOME,
        "delay_band" => DELAY,
        BORROWER_GROUP => BORROWER,
        _ => return None,
    };
    Some(all)
}

/// The dimensions that have coarse groups.
pub const DIMENSIONS: [&str; 8] = [
    "age_band",
    "need_domain",
    "childcare_group",
    CHILDCARE_AT_YEAR_END,
    "origin_group",
    "outcome",
    "delay_band",
    BORROWER_GROUP,
];

/// Who borrows. It has coarse groups since the third version of the specification of small services.
pub const BORROWER_GROUP: &str = "borrower_group";

/// The coarse values of a dimension with these codes. A code that no group names, such as one added to its list later,
/// is in the last group. `None` if the dimension has no groups.
pub fn values(dimension: &str, codes: &[String]) -> Option<Vec<Shown>> {
    let groups = groups(dimension)?;
    let named = |code: &String| groups.iter().any(|(_, _, joined)| joined.contains(&code.as_str()));
    let last = groups.len() - 1;
    let shown = |(at, (code, (fr, en), joined)): (usize, &Group)| {
        let inside = |code: &&String| joined.contains(&code.as_str()) || at == last && !named(code);
        let label: Label = label(fr, en);
        Shown { code: (*code).to_owned(), label, level: None, bases: codes.iter().filter(inside).cloned().collect() }
    };
    Some(groups.iter().enumerate().map(shown).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::statistics::records::model::PopulationCode;
    use crate::statistics::specs::model::coarse::*;
    use crate::statistics::specs::model::dimensions::{Values, find};

    #[test]
    fn coarse_groups_join_every_code_once() {
        for dimension in DIMENSIONS {
            let of = if dimension == BORROWER_GROUP { PopulationCode::Loans } else { PopulationCode::Children };
            let Values::Codes(codes) = find(of, dimension).unwrap().values else { panic!() };
            let codes: Vec<String> = codes.into_iter().map(|(code, _)| code).collect();
            let named: Vec<&str> =
                groups(dimension).unwrap().iter().flat_map(|(_, _, joined)| joined.iter().copied()).collect();
            let unique: BTreeSet<&str> = named.iter().copied().collect();
            assert_eq!(unique.len(), named.len(), "{dimension}");
            assert_eq!(unique, codes.iter().map(String::as_str).collect(), "{dimension}: every code, and no other");
            let values = values(dimension, &codes).unwrap();
            assert!((3..=5).contains(&values.len()), "{dimension}");
            for value in &values {
                // A code that means one thing in the list means the same here.
                assert!(!codes.contains(&value.code) || value.bases == [value.code.clone()], "{}", value.code);
            }
        }
        let added = values("need_domain", &["motor".to_owned(), "new".to_owned()]).unwrap();
        assert_eq!(added.last().unwrap().bases, ["new"]);
        assert_eq!(values("territory", &[]), None);
    }
}
