//! The built-in specifications. No I/O.

#[cfg(doc)]
use super::LARGE;
use super::coarse::BORROWER_GROUP;
use super::{Body, Frequency, LARGE_CODE, SMALL_CODE, Spec, TERRITORY, Table, TerritoryLevel, coarse};
use crate::statistics::records::model::PopulationCode;
use crate::statistics::records::model::values::CHILDCARE_AT_YEAR_END;

/// The built-in specifications, which every service has: the latest version of each code comes before the others.
pub fn built_in() -> Vec<Spec> {
    let small = one_way();
    let mut large = small.clone();
    for table in &mut large {
        if table.dimensions.iter().any(|dimension| CROSSED.contains(&dimension.as_str())) {
            table.frequency = Frequency::Yearly;
        }
    }
    large.extend(CHILDREN.iter().filter(|row| CROSSED.contains(&row.0)).map(|(dimension, fr, en)| {
        let code = format!("children_territory_{dimension}");
        let (fr, en) = (format!("Enfants par territoire et {fr}"), format!("Children by territory and {en}"));
        table(&code, &fr, &en, PopulationCode::Children, &[TERRITORY, dimension], Frequency::Yearly)
    }));
    let spec = |code: &str, label_fr: &str, label_en: &str, tables| Spec {
        code: code.to_owned(),
        version: 1,
        body: Body {
            label_fr: label_fr.to_owned(),
            label_en: label_en.to_owned(),
            territory_levels: vec![TerritoryLevel::Departement, TerritoryLevel::Epci],
            groups: Vec::new(),
            coarse_dimensions: Vec::new(),
            tables,
        },
    };
    vec![
        small_by_year(3),
        small_by_year(2),
        spec(SMALL_CODE, "Petit service", "Small service", small),
        spec(LARGE_CODE, "Grand service", "Large service", large),
    ]
}

/// The second version of the specification of small services. With fewer than [`LARGE`] children, breakdowns by quarter
/// hide each other and the figures of the year: increments are below every threshold. So breakdowns about persons are
/// yearly and coarse, facts of the service stay by quarter and in full, and so does the number of children.
///
/// The third version treats loans by borrower as the breakdown about persons that it is.
fn small_by_year(version: i32) -> Spec {
    use Frequency::{Quarterly, Yearly};
    use PopulationCode::{Actions, Children, Loans, Participants};
    // In yearly tables the childcare is that of the end of the year.
    let at_year_end = |row: &(&'static str, &'static str, &'static str)| match row.0 {
        "childcare_group" => {
            (CHILDCARE_AT_YEAR_END, "mode d'accueil en fin d'année", "childcare at the end of the year")
        }
        _ => *row,
    };
    let yearly =
        CHILDREN.iter().map(at_year_end).chain([("outcome", "issue", "outcome"), ("delay_band", "délai", "delay")]);
    let mut tables = vec![table("children", "Enfants accompagnés", "Children accompanied", Children, &[], Quarterly)];
    tables.extend(yearly.map(|(dimension, fr, en)| {
        let (fr, en) = (format!("Enfants par {fr}"), format!("Children by {en}"));
        table(&format!("children_{dimension}"), &fr, &en, Children, &[dimension], Yearly)
    }));
    let by_borrower = if version < 3 { Quarterly } else { Yearly };
    let rest = [
        ("loans_kit", "Prêts par mallette", "Loans by kit", Loans, "kit", Quarterly),
        ("loans_borrower_group", "Prêts par emprunteur", "Loans by borrower", Loans, BORROWER_GROUP, by_borrower),
        ("loans_territory", "Prêts par territoire", "Loans by territory", Loans, TERRITORY, Yearly),
        ("actions_action_type", "Actions par type", "Actions by type", Actions, "action_type", Quarterly),
        ("actions_territory", "Actions par territoire", "Actions by territory", Actions, TERRITORY, Quarterly),
        (
            "participants_participant_type",
            "Participants par type",
            "Participants by type",
            Participants,
            "participant_type",
            Yearly,
        ),
        (
            "participants_territory",
            "Participants par territoire",
            "Participants by territory",
            Participants,
            TERRITORY,
            Yearly,
        ),
    ];
    tables.extend(rest.map(|(code, fr, en, of, dimension, how)| table(code, fr, en, of, &[dimension], how)));
    Spec {
        code: SMALL_CODE.to_owned(),
        version,
        body: Body {
            label_fr: "Petit service, par année et par grandes catégories".to_owned(),
            label_en: "Small service, by year and coarse groups".to_owned(),
            territory_levels: vec![TerritoryLevel::EpciSize],
            groups: Vec::new(),
            coarse_dimensions: coarse::DIMENSIONS
                .iter()
                .filter(|coarse| version >= 3 || **coarse != BORROWER_GROUP)
                .filter(|coarse| tables.iter().any(|table| table.dimensions.iter().any(|one| one == *coarse)))
                .map(|coarse| (*coarse).to_owned())
                .collect(),
            tables,
        },
    }
}

/// The dimensions of children that are published by quarter, with their names in the title of a table.
const CHILDREN: &[(&str, &str, &str)] = &[
    (TERRITORY, "territoire", "territory"),
    ("age_band", "âge", "age"),
    ("need_domain", "domaine de besoin", "domain of need"),
    ("childcare_group", "mode d'accueil", "childcare"),
    ("origin_group", "origine de la demande", "origin of the referral"),
];

/// The dimensions of children that a large service crosses with the territory, by year: those with few values, so that
/// cells are large enough to be published. They are not published by quarter as well: a dimension by quarter, by
/// territory and by both ties each part of the territory to each pattern of quarters, and the proof takes too long.
/// The other dimensions stay by quarter.
const CROSSED: [&str; 2] = ["age_band", "childcare_group"];

/// Tables of one dimension.
fn one_way() -> Vec<Table> {
    use Frequency::{Quarterly, Yearly};
    use PopulationCode::{Actions, Children, Loans, Participants};
    let mut tables = vec![table("children", "Enfants accompagnés", "Children accompanied", Children, &[], Quarterly)];
    tables.extend(CHILDREN.iter().map(|(dimension, fr, en)| {
        let (fr, en) = (format!("Enfants par {fr}"), format!("Children by {en}"));
        table(&format!("children_{dimension}"), &fr, &en, Children, &[dimension], Quarterly)
    }));
    let rest = [
        ("children_outcome", "Enfants par issue", "Children by outcome", Children, "outcome", Yearly),
        ("children_delay_band", "Enfants par délai", "Children by delay", Children, "delay_band", Yearly),
        ("loans_territory", "Prêts par territoire", "Loans by territory", Loans, TERRITORY, Quarterly),
        ("loans_kit", "Prêts par mallette", "Loans by kit", Loans, "kit", Quarterly),
        ("loans_borrower_group", "Prêts par emprunteur", "Loans by borrower", Loans, "borrower_group", Quarterly),
        ("actions_territory", "Actions par territoire", "Actions by territory", Actions, TERRITORY, Quarterly),
        ("actions_action_type", "Actions par type", "Actions by type", Actions, "action_type", Quarterly),
        (
            "participants_territory",
            "Participants par territoire",
            "Participants by territory",
            Participants,
            TERRITORY,
            Quarterly,
        ),
        (
            "participants_participant_type",
            "Participants par type",
            "Participants by type",
            Participants,
            "participant_type",
            Quarterly,
        ),
    ];
    tables.extend(rest.map(|(code, fr, en, of, dimension, how)| table(code, fr, en, of, &[dimension], how)));
    tables
}

fn table(
    code: &str,
    label_fr: &str,
    label_en: &str,
    population: PopulationCode,
    dimensions: &[&str],
    frequency: Frequency,
) -> Table {
    Table {
        code: code.to_owned(),
        label_fr: label_fr.to_owned(),
        label_en: label_en.to_owned(),
        population,
        dimensions: dimensions.iter().map(|dimension| (*dimension).to_owned()).collect(),
        frequency,
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::specs::compile::{Setting, compile};
    use crate::statistics::specs::model::built_in::*;
    use crate::statistics::specs::model::usual;
    use passerelle_disclosure::document::Class;

    #[test]
    fn a_large_service_crosses_by_year_what_a_small_one_publishes_by_quarter() {
        let specs = built_in();
        let of = |code: &str, version| {
            &specs.iter().find(|spec| spec.code == code && spec.version == version).unwrap().body.tables
        };
        let (small, large) = (of(SMALL_CODE, 1), of(LARGE_CODE, 1));
        assert!(small.iter().all(|table| table.dimensions.len() < 2));
        let codes = |tables: &[Table]| tables.iter().map(|table| table.code.clone()).collect::<Vec<_>>();
        assert_eq!(codes(&large[..small.len()]), codes(small));
        let crossed = &large[small.len()..];
        assert!(crossed.iter().all(|table| table.dimensions.len() == 2 && table.dimensions[0] == TERRITORY));
        assert_eq!(crossed.len(), 2);
        for table in crossed {
            let dimension = &table.dimensions[1];
            let alike = large.iter().filter(|other| other.dimensions.contains(dimension));
            assert!(alike.clone().all(|other| other.frequency == Frequency::Yearly), "{dimension}");
            assert_eq!(alike.count(), 2);
        }
        assert_eq!((usual(299), usual(300)), (SMALL_CODE, LARGE_CODE));
    }

    #[test]
    fn a_small_service_publishes_breakdowns_about_persons_by_year_in_a_few_groups() {
        let specs = built_in();
        let latest = specs.iter().find(|spec| spec.code == SMALL_CODE).unwrap();
        assert_eq!(latest.version, 3);
        let setting = Setting { departements: vec!["63".parse().unwrap()], ..Setting::default() };
        for population in compile(latest, &setting) {
            for table in &population.tables {
                let by_person = table.class == Class::Breakdown && !table.dimensions.is_empty();
                assert_ne!(table.quarterly, by_person, "{}", table.id);
                // The kinds of participants are few and stay as they are.
                for id in table.dimensions.iter().filter(|id| by_person && *id != "participant_type") {
                    let domain = population.dimensions.iter().find(|domain| domain.id == *id).unwrap();
                    assert!((3..=5).contains(&domain.values.len()), "{id}: {}", domain.values.len());
                    let joined: Vec<&String> = domain.values.iter().flat_map(|value| &value.bases).collect();
                    assert_eq!(joined.len(), domain.bases.len(), "{id}: every base code is in one group");
                }
            }
        }
    }
}
