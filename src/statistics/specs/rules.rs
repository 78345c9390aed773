//! The rules of a specification, and advice on specifications that will publish little. No I/O.

use std::collections::BTreeSet;

use super::compile::{epci_of, hub};
use super::model::dimensions::find;
use super::model::{Body, Frequency, Group, LARGE, Table, TerritoryLevel, built_in, coarse};
use crate::error::{Fault, Text};
use crate::statistics::records::model::PopulationCode;
use crate::territories::{DepartementCode, EpciCode};
use passerelle_disclosure::policy::LEAST_OPEN_THRESHOLD;

/// The faults of a specification, for a service in these départements with this number of children per year.
pub fn faults(code: &str, body: &Body, departements: &[DepartementCode], children_a_year: i64) -> Vec<Fault> {
    let mut faults = Vec::new();
    if built_in().iter().any(|own| own.code == code) {
        let message = Text::new(
            "Ce code est réservé à une spécification commune à tous les services.",
            "This code is reserved for a built-in specification.",
        );
        faults.push(Fault::new("/code", "reserved", message));
    }
    levels(body, children_a_year, &mut faults);
    groups(body, departements, &mut faults);
    overlaps(&body.groups, &mut faults);
    coarse_dimensions(body, &mut faults);
    tables(body, &mut faults);
    faults
}

fn levels(body: &Body, children_a_year: i64, faults: &mut Vec<Fault>) {
    let named = body.territory_levels.contains(&TerritoryLevel::Group);
    if named && body.groups.is_empty() {
        let message = Text::new(
            "Le niveau « groupe » exige au moins un groupe nommé.",
            "The level `group` needs at least one named group.",
        );
        faults.push(Fault::new("/groups", "no_group", message));
    }
    if !named && !body.groups.is_empty() {
        let message = Text::new(
            "Des groupes sont nommés, mais le niveau « groupe » n'est pas publié.",
            "Groups are named, but the level `group` is not published.",
        );
        faults.push(Fault::new("/territory_levels", "groups_not_shown", message));
    }
    if named && body.territory_levels.contains(&TerritoryLevel::EpciSize) {
        let message = Text::new(
            "Les groupes nommés et les EPCI par taille se recoupent : choisissez l'un des deux niveaux.",
            "Named groups and EPCI by size overlap: choose one of the two levels.",
        );
        faults.push(Fault::new("/territory_levels", "overlapping_levels", message));
    }
    if body.territory_levels.contains(&TerritoryLevel::Commune) && children_a_year < LARGE {
        faults.push(Fault::new("/territory_levels", "too_few_children", too_few_for_communes()));
    }
    let by_territory = |table: &Table| table.dimensions.iter().any(|one| one == super::model::TERRITORY);
    if body.territory_levels.is_empty() && body.tables.iter().any(by_territory) {
        let message = Text::new(
            "Un tableau par territoire exige au moins un niveau.",
            "A table by territory needs at least one territory level.",
        );
        faults.push(Fault::new("/territory_levels", "no_level", message));
    }
}

/// Why a small service cannot publish communes.
fn too_few_for_communes() -> Text {
    Text::new(
        format!(
            "Un service qui accompagne moins de {LARGE} enfants par an ne peut pas publier par commune : presque toutes les communes compteraient moins de {LEAST_OPEN_THRESHOLD} enfants et resteraient masquées, et leur protection masquerait des EPCI qui peuvent être publiés. Des groupes d'EPCI apportent plus d'information."
        ),
        format!(
            "A service that follows fewer than {LARGE} children per year cannot publish communes: nearly all of them would have fewer than {LEAST_OPEN_THRESHOLD} children and stay hidden, and protecting them would hide EPCI that can be published. Groups of EPCI give more information."
        ),
    )
}

fn groups(body: &Body, departements: &[DepartementCode], faults: &mut Vec<Fault>) {
    let known = epci_of(departements);
    let mut codes = BTreeSet::new();
    for (at, group) in body.groups.iter().enumerate() {
        if !codes.insert(&group.code) {
            faults.push(Fault::new(format!("/groups/{at}/code"), "repeated", repeated()));
        }
        let mut members = BTreeSet::new();
        for (rank, member) in group.members.iter().enumerate() {
            let pointer = format!("/groups/{at}/members/{rank}");
            if !members.insert(member) {
                faults.push(Fault::new(pointer, "repeated", repeated()));
            } else if !known.contains_key(member.as_str()) {
                let message = Text::new(
                    "Aucune commune de cet EPCI n'est dans les départements du service.",
                    "No commune of this EPCI is in the départements of the service.",
                );
                faults.push(Fault::new(pointer, "outside_the_service", message));
            }
        }
    }
}

/// Two groups have no EPCI in common, or one holds the other. Otherwise sums and differences of three overlapping groups
/// give the count of one EPCI: {B, C}, {C, I} and {B, I} give B.
fn overlaps(groups: &[Group], faults: &mut Vec<Fault>) {
    let members: Vec<BTreeSet<&str>> =
        groups.iter().map(|group| group.members.iter().map(EpciCode::as_str).collect()).collect();
    for (at, own) in members.iter().enumerate() {
        let overlaps =
            |other: &BTreeSet<&str>| !own.is_disjoint(other) && !own.is_subset(other) && !other.is_subset(own);
        if let Some(before) = members[..at].iter().position(overlaps) {
            let code = &groups[before].code;
            let message = Text::new(
                format!(
                    "Ce groupe et le groupe « {code} » ont des EPCI en commun sans que l'un contienne l'autre : leurs effectifs permettraient de calculer celui d'un EPCI."
                ),
                format!(
                    "This group and the group `{code}` share EPCI without one holding the other: their counts would give the count of one EPCI."
                ),
            );
            faults.push(Fault::new(format!("/groups/{at}/members"), "overlapping", message));
        }
    }
}

fn coarse_dimensions(body: &Body, faults: &mut Vec<Fault>) {
    for (at, code) in body.coarse_dimensions.iter().enumerate() {
        let pointer = format!("/coarse_dimensions/{at}");
        if body.coarse_dimensions[..at].contains(code) {
            faults.push(Fault::new(pointer, "repeated", repeated()));
        } else if !coarse::DIMENSIONS.contains(&code.as_str()) {
            let message = Text::new(
                format!("Cette dimension n'a pas de grandes catégories : {} en ont.", coarse::DIMENSIONS.join(", ")),
                format!("This dimension has no coarse groups: {} have.", coarse::DIMENSIONS.join(", ")),
            );
            faults.push(Fault::new(pointer, "no_coarse_groups", message));
        }
    }
}

fn repeated() -> Text {
    Text::new("Ce code est déjà utilisé.", "This code is already used.")
}

fn tables(body: &Body, faults: &mut Vec<Fault>) {
    let (mut codes, mut shapes) = (BTreeSet::new(), BTreeSet::new());
    for (at, table) in body.tables.iter().enumerate() {
        if !codes.insert(&table.code) {
            faults.push(Fault::new(format!("/tables/{at}/code"), "repeated", repeated()));
        }
        let mut shape: Vec<&String> = table.dimensions.iter().collect();
        shape.sort_unstable();
        let twice = shape.windows(2).any(|two| two[0] == two[1]);
        if twice || !shapes.insert((table.population, shape)) {
            let message = Text::new(
                "Deux tableaux ont les mêmes dimensions, ou un tableau a deux fois la même.",
                "Two tables have the same dimensions, or a table has one dimension twice.",
            );
            faults.push(Fault::new(format!("/tables/{at}/dimensions"), "repeated", message));
        }
        for (rank, code) in table.dimensions.iter().enumerate() {
            let pointer = format!("/tables/{at}/dimensions/{rank}");
            match find(table.population, code) {
                None => {
                    let message = Text::new(
                        "Cette population n'a pas cette dimension.",
                        "This population does not have this dimension.",
                    );
                    faults.push(Fault::new(pointer, "unknown_dimension", message));
                }
                Some(dimension) if dimension.is_yearly() && table.frequency == Frequency::Quarterly => {
                    let message = Text::new(
                        "Cette dimension n'est connue qu'à la fin de l'année : son tableau doit être annuel.",
                        "This dimension is known only at the end of the year: its table must be yearly.",
                    );
                    faults.push(Fault::new(pointer, "known_at_the_end", message));
                }
                Some(_) => {}
            }
        }
    }
    for population in PopulationCode::ALL {
        let own = || body.tables.iter().filter(|table| table.population == *population);
        if own().any(|table| table.dimensions.len() == 2) && hub(own()).is_none() {
            let message = Text::new(
                format!(
                    "Les tableaux croisés de {population} doivent tous avoir une même dimension : leur protection commune resterait sinon approchée."
                ),
                format!(
                    "All tables of two dimensions of {population} must share one: protecting them together would not be exact otherwise."
                ),
            );
            faults.push(Fault::new("/tables", "no_shared_dimension", message));
        }
    }
}

/// Advice on a specification that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// JSON pointer into the specification.
    pub pointer: String,
    /// A stable code.
    pub code: &'static str,
    /// The advice.
    pub message: Text,
}

/// Advice on a specification, for a service with this number of children per year.
pub fn advice(body: &Body, children_a_year: i64) -> Vec<Remark> {
    let crossed = |table: &Table| table.population == PopulationCode::Children && table.dimensions.len() == 2;
    let small = children_a_year < LARGE;
    let tables = body.tables.iter().enumerate().filter(|(_, table)| small && crossed(table));
    let remark = |(at, _)| Remark {
        pointer: format!("/tables/{at}"),
        code: "mostly_hidden",
        message: Text::new(
            format!(
                "En dessous de {LARGE} enfants par an, un tableau croisé reste presque entièrement masqué et fait masquer des cases d'autres tableaux : l'aperçu d'une publication indique combien."
            ),
            format!(
                "Below {LARGE} children per year, nearly all of a table of two dimensions stays hidden, and it hides cells of other tables: the preview of a release shows how many."
            ),
        ),
    };
    tables.map(remark).collect()
}

#[cfg(test)]
mod tests {
    use crate::statistics::specs::model::Group;
    use crate::statistics::specs::rules::*;

    fn codes(body: &Body, children: i64) -> Vec<(String, String)> {
        let faults = faults("mine", body, &["63".parse().unwrap()], children);
        faults.into_iter().map(|fault| (fault.pointer, fault.code.into_owned())).collect()
    }

    fn only(fault: (&str, &str)) -> Vec<(String, String)> {
        vec![(fault.0.to_owned(), fault.1.to_owned())]
    }

    fn small() -> Body {
        built_in().into_iter().find(|spec| spec.version == 1).unwrap().body
    }

    fn table(code: &str, dimensions: &[&str]) -> Table {
        let dimensions = dimensions.iter().map(|one| (*one).to_owned()).collect();
        Table { code: code.to_owned(), dimensions, ..small().tables.remove(0) }
    }

    #[test]
    fn built_in_specifications_have_no_fault_but_their_reserved_code() {
        for spec in built_in() {
            assert_eq!(codes(&spec.body, 0), []);
            assert_eq!(faults(&spec.code, &spec.body, &[], 0)[0].code, "reserved");
        }
    }

    #[test]
    fn communes_are_for_services_with_many_children() {
        let mut body = small();
        body.territory_levels.push(TerritoryLevel::Commune);
        assert_eq!(codes(&body, 299), only(("/territory_levels", "too_few_children")));
        assert_eq!(codes(&body, 300), []);
    }

    #[test]
    fn groups_have_epci_of_the_service_and_are_published() {
        let group = |members: &[&str]| Group {
            code: "centre".into(),
            label_fr: "Centre".into(),
            label_en: "Centre".into(),
            members: members.iter().map(|code| code.parse().unwrap()).collect(),
        };
        let mut body = Body { groups: vec![group(&["246300701"])], ..small() };
        assert_eq!(codes(&body, 0), only(("/territory_levels", "groups_not_shown")));
        body.territory_levels.push(TerritoryLevel::Group);
        assert_eq!(codes(&body, 0), []);
        // Moulins is in the Allier.
        body.groups = vec![group(&["200071140"])];
        assert_eq!(codes(&body, 0), only(("/groups/0/members/0", "outside_the_service")));
        body.territory_levels.push(TerritoryLevel::EpciSize);
        body.groups = vec![group(&["246300701"])];
        assert_eq!(codes(&body, 0), only(("/territory_levels", "overlapping_levels")));
        body.territory_levels.pop();
        body.groups = vec![group(&["246300701"]), group(&["200070753"])];
        assert_eq!(codes(&body, 0), only(("/groups/1/code", "repeated")));
        body.groups.clear();
        assert_eq!(codes(&body, 0), only(("/groups", "no_group")));
        body.territory_levels.clear();
        assert_eq!(codes(&body, 0), only(("/territory_levels", "no_level")));
    }

    /// Issue of the attacker: {B, C} = 19, {C, I} = 24 and {B, I} = 7 give B = 1.
    #[test]
    fn groups_are_apart_or_nested() {
        let all = ["246300701", "200070753", "200069177"];
        let group = |code: &str, members: &[usize]| Group {
            code: code.into(),
            label_fr: code.into(),
            label_en: code.into(),
            members: members.iter().map(|at| all[*at].parse().unwrap()).collect(),
        };
        let mut body = small();
        body.territory_levels.push(TerritoryLevel::Group);
        let mut of = |groups: Vec<Group>| {
            body.groups = groups;
            codes(&body, 0)
        };
        assert_eq!(of(vec![group("a", &[0]), group("b", &[1, 2])]), []);
        assert_eq!(of(vec![group("a", &[0, 1]), group("b", &[0]), group("c", &[0, 1, 2])]), []);
        let overlapping = of(vec![group("a", &[0, 1]), group("b", &[1, 2]), group("c", &[0, 2])]);
        let expected = [("/groups/1/members", "overlapping"), ("/groups/2/members", "overlapping")];
        assert_eq!(overlapping, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn only_some_dimensions_have_coarse_groups() {
        let of = |coarse: &[&str]| {
            codes(&Body { coarse_dimensions: coarse.iter().map(|one| (*one).to_owned()).collect(), ..small() }, 0)
        };
        assert_eq!(of(&["need_domain", "age_band"]), []);
        assert_eq!(of(&["territory"]), only(("/coarse_dimensions/0", "no_coarse_groups")));
        assert_eq!(of(&["age_band", "age_band"]), only(("/coarse_dimensions/1", "repeated")));
    }

    #[test]
    fn tables_share_a_dimension_and_use_those_of_their_population() {
        let with = |tables: Vec<Table>| Body { tables, ..small() };
        let crossed = |dimension: &str| table(dimension, &["territory", dimension]);
        let star = with(vec![crossed("age_band"), crossed("need_domain")]);
        assert_eq!(codes(&star, 0), []);
        assert_eq!(advice(&star, 299).len(), 2);
        assert_eq!(advice(&star, 300), []);
        let triangle =
            with(vec![crossed("age_band"), crossed("need_domain"), table("x", &["age_band", "need_domain"])]);
        assert_eq!(codes(&triangle, 0), only(("/tables", "no_shared_dimension")));
        assert_eq!(codes(&with(vec![table("x", &["kit"])]), 0), only(("/tables/0/dimensions/0", "unknown_dimension")));
        assert_eq!(
            codes(&with(vec![table("x", &["outcome"])]), 0),
            only(("/tables/0/dimensions/0", "known_at_the_end"))
        );
        let twins = with(vec![table("x", &["age_band", "territory"]), table("y", &["territory", "age_band"])]);
        assert_eq!(codes(&twins, 0), only(("/tables/1/dimensions", "repeated")));
        let same = with(vec![table("x", &["age_band"]), table("x", &[])]);
        assert_eq!(codes(&same, 0), only(("/tables/1/code", "repeated")));
    }
}
