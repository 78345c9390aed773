//! What a release is made from: units with one value per dimension, and the tables that count them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::{Class, Label};

/// A population, its dimensions, its tables and its units, for one calendar year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// `children`, `loans`, `actions`, `participants`.
    pub code: &'static str,
    /// What the number of all its units is about.
    pub total: Class,
    /// Whether each unit counts in one quarter only, as a loan does.
    pub one_quarter: bool,
    /// What everybody knows to be 0: nobody would believe another count there.
    pub impossible: Vec<Impossible>,
    /// The dimensions that its tables use.
    pub dimensions: Vec<Domain>,
    /// The dimension that all tables of two dimensions share. A table has this dimension and at most one other.
    pub hub: Option<String>,
    /// The tables, the most important first.
    pub tables: Vec<TableSpec>,
    /// The units, in any order.
    pub records: Vec<Record>,
}

/// Units that everybody knows not to exist. No unit of the population may be one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Impossible {
    /// The sets of quarters in which such a unit would count, as bitmasks; all of them if there are none.
    pub patterns: Vec<u8>,
    /// Base codes by dimension. It counts for nothing if the population lacks one of the dimensions.
    pub bases: BTreeMap<String, Vec<String>>,
    /// Why everybody knows it.
    pub reason: Label,
}

impl Population {
    /// Whether all its figures are facts of the service: all are published, and nothing has to be proved.
    pub fn is_of_service(&self) -> bool {
        self.total == Class::Service && self.tables.iter().all(|table| table.class == Class::Service)
    }
}

/// A dimension, and its values as a release shows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What the dimension describes.
    pub definition: Label,
    /// Whether nobody may learn that all, or nearly all, of a group have one value, such as a need (P2 of
    /// [`super::policy`]).
    pub sensitive: bool,
    /// Every base code that a unit can have, `unknown` included: communes, age bands.
    pub bases: Vec<String>,
    /// The values shown, each a union of base codes. The total is not listed.
    pub values: Vec<Shown>,
}

impl Domain {
    /// A dimension with one value per base code. It is not sensitive, and its codes are also its names.
    pub fn of_codes(id: &str, codes: &[&str]) -> Self {
        let owned = |code: &&str| (*code).to_owned();
        let shown =
            |code: &&str| Shown { code: owned(code), label: Label::same(code), level: None, bases: vec![owned(code)] };
        Self {
            id: id.to_owned(),
            label: Label::same(id),
            definition: Label::same(id),
            sensitive: false,
            bases: codes.iter().map(owned).collect(),
            values: codes.iter().map(shown).collect(),
        }
    }
}

/// A value that a release shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// The level of a territory, for a value that is one.
    pub level: Option<String>,
    /// The base codes that it holds.
    pub bases: Vec<String>,
}

/// A table to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// Its dimensions, at most two, without the period. A table without a dimension is the total alone.
    pub dimensions: Vec<String>,
    /// Whether it is published by quarter and year to date; for the whole year alone otherwise.
    pub quarterly: bool,
    /// What its figures are about.
    pub class: Class,
}

impl TableSpec {
    /// A table of the whole year, of breakdowns about persons. Its code is also its name.
    pub fn yearly(id: &str, dimensions: &[&str]) -> Self {
        Self {
            id: id.to_owned(),
            label: Label::same(id),
            dimensions: dimensions.iter().map(|id| (*id).to_owned()).collect(),
            quarterly: false,
            class: Class::Breakdown,
        }
    }
}

/// A unit, such as a child in a year, a loan or an action; or several identical units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// One base code per dimension of the population, in the order of the dimensions.
    pub values: Vec<String>,
    /// The quarters in which it counts, at least one, as a bitmask: bit 0 is the first.
    pub quarters: u8,
    /// The number of identical units.
    pub number: u32,
    /// The household, for a unit that has one: any text that its members share.
    pub household: Option<String>,
    /// The partner that referred the unit, if one did: any text that its referrals share.
    pub referrer: Option<String>,
}

/// The units that earlier releases were made from, if records were replaced since.
#[derive(Clone, Debug)]
pub struct ReplacedUnits {
    /// The last quarter for which releases were made from them.
    pub through: u8,
    /// The units by population.
    pub units: BTreeMap<String, Vec<Record>>,
}
