//! The units of a population as a release counts them.

use std::collections::HashSet;

use super::model::values::{NO, UNKNOWN};
use super::model::{self, PopulationCode, StoredUnit};
use crate::error::{ApiError, Code};
use passerelle_disclosure::population::{Domain, Population, Record};

/// A compiled population (tables, no units yet) as in a release of a quarter. Before the end of the year it has no
/// yearly tables, and no dimension that only these use.
pub(super) fn until(through_quarter: u8, mut blank: Population) -> Population {
    if through_quarter < 4 {
        blank.tables.retain(|table| table.quarterly);
        let used = |domain: &Domain| blank.tables.iter().any(|table| table.dimensions.contains(&domain.id));
        blank.dimensions.retain(used);
    }
    blank
}

/// The units of a population that a release of a quarter counts, from these records. A unit that everybody knows not to
/// exist (`specs::model::knowledge`), such as a child above the age rule, has the last possible value instead: the
/// figures do not say that there is one.
pub(super) fn units(
    blank: &Population,
    through_quarter: u8,
    of: &[(PopulationCode, StoredUnit)],
) -> Result<Vec<Record>, ApiError> {
    let code: PopulationCode = blank.code.parse().map_err(|_| ApiError::new(Code::Internal))?;
    let bases: Vec<(&Domain, HashSet<&str>)> = blank
        .dimensions
        .iter()
        .map(|domain| (domain, domain.bases.iter().map(String::as_str).collect::<HashSet<_>>()))
        .collect();
    let until = model::through(through_quarter);
    let record = |unit: &StoredUnit| {
        let value = |(domain, bases): &(&Domain, HashSet<&str>)| base(domain, bases, unit.values.get(&domain.id));
        let quarters = unit.quarters & until;
        let possible = |(known, value): (&(&Domain, HashSet<&str>), String)| possible(blank, known.0, value, quarters);
        let values: Vec<String> = bases.iter().map(value).collect();
        Record {
            values: bases.iter().zip(values).map(possible).collect(),
            quarters,
            number: unit.number,
            household: unit.household.clone(),
            referrer: unit.referrer.clone(),
        }
    };
    let counted = of.iter().filter(|(population, unit)| *population == code && unit.quarters & until != 0);
    Ok(counted.map(|(_, unit)| record(unit)).collect())
}

/// The value of a unit with these quarters or, if there is no such unit, the last value that is possible.
fn possible(blank: &Population, domain: &Domain, value: String, quarters: u8) -> String {
    let excluded = |value: &String| {
        blank.impossible.iter().any(|one| {
            let alone = one.bases.len() == 1 && one.bases.get(&domain.id).is_some_and(|bases| bases.contains(value));
            alone && (one.patterns.is_empty() || one.patterns.contains(&quarters))
        })
    };
    if !excluded(&value) {
        return value;
    }
    domain.bases.iter().rev().find(|base| !excluded(base)).cloned().unwrap_or(value)
}

/// The base code of a record. A stored value that the dimension does not have, or no value, is `unknown`, or `no` for a
/// yes/no dimension.
fn base(domain: &Domain, bases: &HashSet<&str>, stored: Option<&String>) -> String {
    let known = stored.filter(|value| bases.contains(value.as_str())).cloned();
    known.unwrap_or_else(|| if domain.bases.iter().any(|base| base == UNKNOWN) { UNKNOWN } else { NO }.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::statistics::records::count::*;
    use passerelle_disclosure::document::{Class, Label};
    use passerelle_disclosure::population::Impossible;

    #[test]
    fn a_unit_that_cannot_exist_has_the_last_possible_value() {
        let impossible = |bases: &[&str], patterns: &[u8]| Impossible {
            patterns: patterns.to_vec(),
            bases: BTreeMap::from([("age".to_owned(), bases.iter().map(|base| (*base).to_owned()).collect())]),
            reason: Label::same("Age rule"),
        };
        let blank = Population {
            code: "children",
            total: Class::Total,
            one_quarter: false,
            impossible: vec![impossible(&["c", "unknown"], &[]), impossible(&["b"], &[1])],
            dimensions: vec![Domain::of_codes("age", &["a", "b", "c", "unknown"])],
            hub: None,
            tables: Vec::new(),
            records: Vec::new(),
        };
        let of = |value: &str, quarters| possible(&blank, &blank.dimensions[0], value.to_owned(), quarters);
        assert_eq!([of("a", 3), of("b", 3), of("c", 3), of("unknown", 3)], ["a", "b", "b", "b"]);
        assert_eq!([of("b", 1), of("c", 1)], ["a", "a"]);
    }
}
