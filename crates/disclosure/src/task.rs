//! What is to be published of a population, and what was published before.

use std::collections::BTreeMap;

use super::document::{Release, Table};
use super::policy::Thresholds;
use super::population::{Domain, Population, Record};

/// What was published before of the same year.
#[derive(Clone, Debug, Default)]
pub struct Earlier {
    /// The dimensions of its tables.
    pub dimensions: Vec<Domain>,
    /// Its tables.
    pub tables: Vec<Table>,
    /// Whether it was made from records that have been replaced since.
    pub of_replaced: bool,
}

impl Earlier {
    /// What a release published.
    pub fn of(release: &Release, dimensions: Vec<Domain>, of_replaced: bool) -> Self {
        let mut tables = release.tables.clone();
        // A range is no figure of its own: it follows from others.
        for cell in tables.iter_mut().flat_map(|table| &mut table.cells) {
            (cell.at_least, cell.at_most) = (None, None);
        }
        Self { dimensions, tables, of_replaced }
    }
}

/// The records that earlier releases of the year were made from, when this one is made from others.
#[derive(Clone, Copy, Debug)]
pub struct Replaced<'a> {
    /// The records.
    pub records: &'a [Record],
    /// The last quarter for which releases were made from them, 1 to 4.
    pub through: u8,
}

/// A figure made public elsewhere. It has no value: the attacker is supposed to know the true count, whatever was said
/// elsewhere. So no answer can depend on whether the two agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFact {
    /// The quarters of its period, as a bitmask.
    pub quarters: u8,
    /// Base codes by dimension; a dimension that is absent is not restricted.
    pub bases: BTreeMap<String, Vec<String>>,
}

/// What is to be published, and after what.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    /// The population.
    pub population: &'a Population,
    /// Its year.
    pub year: i32,
    /// The last quarter that is over, 1 to 4.
    pub through: u8,
    /// The thresholds.
    pub thresholds: Thresholds,
    /// Earlier releases that the same reader can see.
    pub earlier: &'a [Earlier],
    /// Facts about this population and year.
    pub facts: &'a [KnownFact],
    /// Sets of base codes that must be sums of parts, by dimension.
    pub shared: &'a [(String, Vec<String>)],
    /// The records that some earlier releases were made from, when this one is made from others.
    pub replaced: Option<Replaced<'a>>,
}
