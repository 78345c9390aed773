//! What a cut makes of a record, and what a publication freezes. No I/O.

pub mod children;
pub mod values;

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};

use crate::db::text_enum;

text_enum! {
    /// What is counted.
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

/// The bit of what was found in the year before, after its last release.
pub const YEAR_BEFORE: u8 = 16;

/// All quarters of a year.
pub const WHOLE_YEAR: u8 = 15;

/// The quarters of a year up to one of them, 0 for none.
pub fn through(quarter: u8) -> u8 {
    (1 << quarter.min(4)) - 1
}

/// The quarter of a day, as a set.
pub fn quarter_of(day: NaiveDate) -> u8 {
    1 << (day.month0() / 3)
}

/// The first and the last day of a calendar year.
pub fn days_of(year: i32) -> Option<(NaiveDate, NaiveDate)> {
    Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year, 12, 31)?))
}

/// The quarters of a year with at least one day between two days, both included.
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

/// A unit as the live tables have it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveUnit {
    /// The quarters of the year in which it counts.
    pub quarters: u8,
    /// Whether it counts in the year before too, of which every release was made without it.
    pub late: bool,
    /// How many units these are.
    pub number: u32,
    /// One base code a dimension.
    pub values: BTreeMap<String, String>,
    /// What its household has in common.
    pub household: Option<String>,
    /// What those who were referred by the same partner have in common.
    pub referrer: Option<String>,
}

/// A unit as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredUnit {
    /// The quarters in which it counts.
    pub quarters: u8,
    /// How many units these are.
    pub number: u32,
    /// One base code a dimension.
    pub values: BTreeMap<String, String>,
    /// What the members of one household share.
    pub household: Option<String>,
    /// What the units that one partner referred share.
    pub referrer: Option<String>,
    /// The quarters that were found in its source, [`YEAR_BEFORE`] among them.
    pub found: u8,
    /// Those of which a publication took account.
    pub accounted: u8,
    /// The last published quarter that it was part of the figures of.
    pub frozen_through: u8,
    /// Which cut of the year it is of.
    pub generation: i32,
}

impl StoredUnit {
    /// Whether it was part of a publication.
    pub fn is_published(&self) -> bool {
        self.frozen_through > 0
    }
}

/// Dimensions that yearly tables alone may have: what they say is known at the end of the year, so they freeze then.
pub fn is_yearly(dimension: &str) -> bool {
    ["outcome", "delay_band"].contains(&dimension) || dimension.starts_with("intervention_")
}

/// What a cut makes of a record, when the quarters of the year up to `published` (0 for none) are published.
///
/// - What was published stays: quarters, number, household, referrer, and the values of every dimension that is not yearly.
/// - A quarter that is not published follows the source.
/// - What is found in a published quarter without having been counted anywhere is counted in the next quarter. Once there
///   is none, nothing of the year changes: the next year's cut looks for it.
/// - A record whose source is gone stays as it is if it was published, and is none if it was not.
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

/// The values of a published record: those that it had, but of yearly dimensions and of those that it had not.
fn values_after(before: &BTreeMap<String, String>, mut now: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fixed = before.iter().filter(|(dimension, _)| !is_yearly(dimension) || !now.contains_key(*dimension));
    let fixed: Vec<_> = fixed.map(|(dimension, value)| (dimension.clone(), value.clone())).collect();
    now.extend(fixed);
    now
}

/// A record once the quarters up to one of them are published.
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
