//! How a cut changes a record, and what a publication freezes. No I/O.

pub mod children;
pub mod values;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// A population: what is counted.
    pub enum PopulationCode {
        /// Children accompanied.
        Children = "children",
        /// Loans of kits.
        Loans = "loans",
        /// Collective actions held.
        Actions = "actions",
        /// Participants of collective actions.
        Participants = "participants",
    }
}

impl PopulationCode {
    /// Whether each of its units counts in one quarter only: what happened on one day. The others count in every quarter
    /// in which they were active.
    pub const fn is_of_one_quarter(self) -> bool {
        match self {
            Self::Children => false,
            Self::Loans | Self::Actions | Self::Participants => true,
        }
    }
}

/// The bit of a unit found in the previous year after its last release.
pub const YEAR_BEFORE: u8 = 16;

/// All quarters of a year, as a bitmask.
pub const WHOLE_YEAR: u8 = 15;

/// The quarters of a year up to one of them (0 for none), as a bitmask.
pub fn through(quarter: u8) -> u8 {
    (1 << quarter.min(4)) - 1
}

/// The quarter of a day, as a bitmask.
pub fn quarter_of(day: NaiveDate) -> u8 {
    1 << (day.month0() / 3)
}

/// The first and the last day of a calendar year.
pub fn days_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
}

/// The quarters of a year with at least one day between two days, both included, as a bitmask.
pub fn quarters_between(year: i32, first: NaiveDate, last: NaiveDate) -> u8 {
    let Some((start, end)) = days_of(year) else { return 0 };
    let (first, last) = (first.max(start), last.min(end));
    if first > last {
        return 0;
    }
    through(quarter(last)) & !(through(quarter(first)) >> 1)
}

/// The number of a day's quarter, from 1.
fn quarter(day: NaiveDate) -> u8 {
    u8::try_from(day.month0() / 3 + 1).unwrap_or(4)
}

/// A unit as it is in the live tables now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveUnit {
    /// The quarters of the year in which it counts, as a bitmask.
    pub quarters: u8,
    /// Whether it also belongs to the previous year, whose releases were all made without it.
    pub late: bool,
    /// The number of identical units.
    pub number: u32,
    /// One base code per dimension.
    pub values: BTreeMap<String, String>,
    /// The household.
    pub household: Option<String>,
    /// The partner that referred the unit.
    pub referrer: Option<String>,
}

/// A unit as stored in a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUnit {
    /// The quarters in which it counts, as a bitmask.
    pub quarters: u8,
    /// The number of identical units.
    pub number: u32,
    /// One base code per dimension.
    pub values: BTreeMap<String, String>,
    /// A random text that the members of one household share.
    pub household: Option<String>,
    /// A random text that the units referred by one partner share.
    pub referrer: Option<String>,
    /// The quarters found in its source, as a bitmask; [`YEAR_BEFORE`] may be one of them.
    pub found: u8,
    /// The quarters of `found` that a publication took into account.
    pub accounted: u8,
    /// The last published quarter whose figures include it; 0 for none.
    pub frozen_through: u8,
    /// The generation of the year's records that it belongs to.
    pub generation: i32,
}

impl StoredUnit {
    /// Whether it was part of a publication.
    pub fn is_published(&self) -> bool {
        self.frozen_through > 0
    }
}

/// Whether only yearly tables may have a dimension. Its value is known at the end of the year, so it freezes then.
pub fn is_yearly(dimension: &str) -> bool {
    ["outcome", "delay_band", values::CHILDCARE_AT_YEAR_END].contains(&dimension)
        || dimension.starts_with("intervention_")
}

/// The record after a cut, when the quarters of the year up to `published` (0 for none) are published.
///
/// - What was published does not change: quarters, number, household, referrer, and the values of all dimensions that
///   are not yearly.
/// - An unpublished quarter follows the source.
/// - A unit found in a published quarter that counted it nowhere is counted in the next quarter. If there is none, the
///   year does not change, and the cut of the next year looks for it.
/// - A record whose source is gone does not change if it was published, and is removed otherwise.
/// - A record of an earlier generation follows its source again: a superseding release corrects it.
pub fn merge(
    previous: Option<&StoredUnit>,
    fresh: Option<&LiveUnit>,
    published: u8,
    generation: i32,
) -> Option<StoredUnit> {
    if published >= 4 {
        return previous.cloned();
    }
    let Some(fresh) = fresh else {
        return previous.filter(|record| record.is_published()).cloned();
    };
    let current = previous.filter(|record| record.generation == generation);
    let frozen = current.filter(|record| record.is_published());
    let closed = through(published);
    let accounted = current.map_or(0, |record| record.accounted);
    let found = fresh.quarters | if fresh.late { YEAR_BEFORE } else { 0 };
    let is_late = found & (closed | YEAR_BEFORE) & !accounted != 0;
    let before = frozen.map_or(0, |record| record.quarters & closed);
    let quarters = before | (fresh.quarters & !closed) | if is_late { 1 << published } else { 0 };
    if quarters == 0 {
        return None;
    }
    let now = StoredUnit {
        quarters,
        number: fresh.number,
        values: fresh.values.clone(),
        household: fresh.household.clone(),
        referrer: fresh.referrer.clone(),
        found: found | accounted,
        accounted,
        frozen_through: 0,
        generation,
    };
    Some(match frozen {
        None => now,
        Some(frozen) => StoredUnit {
            quarters: now.quarters,
            found: now.found,
            values: values_after(&frozen.values, now.values),
            ..frozen.clone()
        },
    })
}

/// The record after a cut, for its population: a unit that counts in one quarter stays in the one that was published,
/// wherever its day was moved since.
pub fn merge_of(
    population: PopulationCode,
    previous: Option<&StoredUnit>,
    fresh: Option<&LiveUnit>,
    published: u8,
    generation: i32,
) -> Option<StoredUnit> {
    let mut merged = merge(previous, fresh, published, generation)?;
    if population.is_of_one_quarter() {
        merged.quarters &= merged.quarters.wrapping_neg();
    }
    Some(merged)
}

/// The values of a published record: its own, except for yearly dimensions and for dimensions that it does not have
/// yet.
fn values_after(before: &BTreeMap<String, String>, mut now: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fixed = before.iter().filter(|(dimension, _)| !is_yearly(dimension) || !now.contains_key(*dimension));
    let fixed: Vec<_> = fixed.map(|(dimension, value)| (dimension.clone(), value.clone())).collect();
    now.extend(fixed);
    now
}

/// The record after the quarters up to `published` are published.
pub fn freeze(record: &StoredUnit, published: u8) -> StoredUnit {
    let closed = through(published);
    let counts = record.quarters & closed != 0;
    StoredUnit {
        accounted: record.accounted | (record.found & (closed | YEAR_BEFORE)),
        frozen_through: if counts { published } else { record.frozen_through },
        ..record.clone()
    }
}

#[cfg(test)]
mod tests;
