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

/// The units of a population that a release of a quarter counts, from these records.
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
        Record {
            values: bases.iter().map(value).collect(),
            quarters: unit.quarters & until,
            number: unit.number,
            household: unit.household.clone(),
            referrer: unit.referrer.clone(),
        }
    };
    let counted = of.iter().filter(|(population, unit)| *population == code && unit.quarters & until != 0);
    Ok(counted.map(|(_, unit)| record(unit)).collect())
}

/// The base code of a record. A stored value that the dimension does not have, or no value, is `unknown`, or `no` for a
/// yes/no dimension.
fn base(domain: &Domain, bases: &HashSet<&str>, stored: Option<&String>) -> String {
    let known = stored.filter(|value| bases.contains(value.as_str())).cloned();
    known.unwrap_or_else(|| if domain.bases.iter().any(|base| base == UNKNOWN) { UNKNOWN } else { NO }.to_owned())
}
