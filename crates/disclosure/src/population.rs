//! What a release is made from: units with one value a dimension, and the tables that count them. No I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::document::Label;

/// A population, its dimensions, its tables and its units, for one calendar year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// `children`, `loans`, `actions`, `participants`.
    pub code: &'static str,
    /// The dimensions that its tables use.
    pub dimensions: Vec<Domain>,
    /// The dimension that every table of two dimensions has; all tables are of it and of one other at most.
    pub hub: Option<String>,
    /// The tables, the most important first.
    pub tables: Vec<TableSpec>,
    /// The units, in any order.
    pub records: Vec<Record>,
}

/// A dimension and the values that a release shows of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What it says of a unit.
    pub definition: Label,
    /// Whether it is wrong to learn that all, or nearly all, of a group have one value (rule P2), as of a need.
    pub sensitive: bool,
    /// Every base code that a unit can have: a commune, an age band; `unknown` among them.
    pub bases: Vec<String>,
    /// The values shown, each a union of base codes; the total is not among them.
    pub values: Vec<Shown>,
}

/// A value that a release shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// The level of a territory.
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
    /// Its dimensions, at most two; the period is not said. None: the total alone.
    pub dimensions: Vec<String>,
    /// Whether it is published by quarter and year to date, or for the whole year alone.
    pub quarterly: bool,
}

/// A unit: a child and year, a loan, an action; or several units that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// One base code for each of the population's dimensions, in their order.
    pub values: Vec<String>,
    /// The quarters in which it counts: bit 0 is the first. Never none.
    pub quarters: u8,
    /// How many units these are.
    pub number: u32,
    /// What the members of one household share, if they have one.
    pub household: Option<String>,
    /// What the units that one partner referred share, if one did.
    pub referrer: Option<String>,
}

/// Units that earlier releases were made from.
#[derive(Clone, Debug)]
pub struct ReplacedUnits {
    /// The last quarter of which releases were made from them.
    pub through: u8,
    /// The units of each population.
    pub units: BTreeMap<String, Vec<Record>>,
}
