//! The content of a specification, its canonical form, and the two built-in ones. No I/O.

pub mod dimensions;

use serde::{Deserialize, Serialize};

use crate::db::text_enum;
use crate::statistics::records::model::PopulationCode;
use crate::territories::EpciCode;

text_enum! {
    /// A territory level.
    pub enum TerritoryLevel {
        /// The départements of the service.
        Departement = "departement",
        /// The named groups of the specification.
        Group = "group",
        /// The EPCI, each with its communes in the départements of the service.
        Epci = "epci",
        /// The communes. Only for services with at least 300 children per year.
        Commune = "commune",
    }
}

text_enum! {
    /// How often a table is published.
    pub enum Frequency {
        /// By quarter, year to date, and for the whole year.
        Quarterly = "quarterly",
        /// For the whole year alone.
        Yearly = "yearly",
    }
}

/// A named group of EPCI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its code, unique in the specification. Published tables prefix it with `group:`.
    pub code: String,
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The EPCI, by SIREN.
    pub members: Vec<EpciCode>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its code, unique in the specification.
    pub code: String,
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The population that it counts.
    pub population: PopulationCode,
    /// Its dimensions, at most two; empty for the total alone.
    pub dimensions: Vec<String>,
    /// How often it is published.
    pub frequency: Frequency,
}

/// The content of a specification, without code and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The territory levels shown by tables by territory.
    pub territory_levels: Vec<TerritoryLevel>,
    /// The named groups of EPCI.
    pub groups: Vec<Group>,
    /// The tables, most important first. If two compete for protection, the first keeps more cells.
    pub tables: Vec<Table>,
}

/// A version of a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its code.
    pub code: String,
    /// Its version, from 1.
    pub version: i32,
    /// Its content.
    pub body: Body,
}

impl Spec {
    /// Its canonical form, which is hashed: JSON without spaces, with the members of objects in alphabetical order.
    pub fn canonical(&self) -> String {
        let body = serde_json::json!(self.body);
        serde_json::json!({"code": self.code, "version": self.version, "body": body}).to_string()
    }
}

/// The dimension that all tables of two dimensions of the built-in specifications share.
pub const TERRITORY: &str = "territory";

/// From this number of children per year, a service publishes tables of two dimensions by default, and may publish
/// communes. With fewer, nearly every cell is below the threshold, and protecting these cells hides larger ones.
pub const LARGE: i64 = 300;

/// The code of the specification for services with fewer than [`LARGE`] children per year.
pub const SMALL_CODE: &str = "small";
/// The code of the specification for the others.
pub const LARGE_CODE: &str = "large";

/// The code of the specification of a service that chose none.
pub fn usual(children_a_year: i64) -> &'static str {
    if children_a_year < LARGE { SMALL_CODE } else { LARGE_CODE }
}

/// The built-in specifications, which every service has.
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
            tables,
        },
    };
    vec![
        spec(SMALL_CODE, "Petit service", "Small service", small),
        spec(LARGE_CODE, "Grand service", "Large service", large),
    ]
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
    use crate::statistics::specs::model::*;

    #[test]
    fn the_canonical_form_is_stable() {
        let spec = &built_in()[0];
        let text = spec.canonical();
        assert!(
            text.starts_with(r#"{"body":{"groups":[],"label_en":"Small service","label_fr":"Petit service","#),
            "{text}"
        );
        assert!(text.ends_with(r#""code":"small","version":1}"#), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<Body>(read["body"].clone()).unwrap(), spec.body);
    }

    #[test]
    fn a_large_service_crosses_by_year_what_a_small_one_publishes_by_quarter() {
        let specs = built_in();
        let (small, large) = (&specs[0].body.tables, &specs[1].body.tables);
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
}
