//! The units of a population, as a release counts them.

use std::collections::HashSet;

use super::model::values::{NO, UNKNOWN};
use super::model::{self, PopulationCode, StoredUnit};
use crate::error::{ApiError, Code};
use passerelle_disclosure::population::{Domain, Population, Record};

/// A compiled population, which has the tables and no units yet, as a release of a quarter has it: before the end of the year there
/// are neither yearly tables nor the dimensions that they alone have.
pub(super) fn until(through_quarter: u8, mut blank: Population) -> Population {
    if through_quarter < 4 {
        blank.tables.retain(|table| table.quarterly);
        let used = |domain: &Domain| blank.tables.iter().any(|table| table.dimensions.contains(&domain.id));
        blank.dimensions.retain(used);
    }
    blank
}

/// What a population's release of a quarter counts of some records.
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
    let record = |kept: &StoredUnit| {
        let value = |(domain, bases): &(&Domain, HashSet<&str>)| base(domain, bases, kept.values.get(&domain.id));
        Record {
            values: bases.iter().map(value).collect(),
            quarters: kept.quarters & until,
            number: kept.number,
            household: kept.household.clone(),
            referrer: kept.referrer.clone(),
        }
    };
    let counted = of.iter().filter(|(population, kept)| *population == code && kept.quarters & until != 0);
    Ok(counted.map(|(_, kept)| record(kept)).collect())
}

/// The base code of a record: what its dimension does not know any more, or did not know yet, is unknown, or no.
fn base(domain: &Domain, bases: &HashSet<&str>, stored: Option<&String>) -> String {
    let known = stored.filter(|value| bases.contains(value.as_str())).cloned();
    known.unwrap_or_else(|| if domain.bases.iter().any(|base| base == UNKNOWN) { UNKNOWN } else { NO }.to_owned())
}
