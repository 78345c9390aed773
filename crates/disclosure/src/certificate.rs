//! The proof that a population's suppressed cells stay unknown: tables that agree with everything published. No I/O.
//!
//! It is made from what is published alone, and so tells nothing that whoever computes could not find. Checking it takes
//! additions and no trust: every table gives each published cell its count, and each suppressed cell has two tables in which
//! it differs by the threshold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The proof of one population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What is counted.
    pub population: String,
    /// The quarters of the year that are in, as a bitmask: bit 0 is the first.
    pub quarters: u8,
    /// The dimension that all tables of two dimensions have, if any do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hub: Option<String>,
    /// The other dimensions of the tables.
    pub spokes: Vec<String>,
    /// Whether records that earlier releases of the year were made from were replaced: units are then kept, removed or added.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub replaces: bool,
    /// Published sums that are no cell of this release: facts, and cells of releases before it.
    pub known: Vec<Known>,
    /// What nothing published tells apart, merged.
    pub classes: Vec<HubClass>,
    /// Where cells tell the parts of a spoke apart.
    pub groups: Vec<Group>,
    /// Possible tables: how many units some classes have, `[class, units]`; the others have none.
    pub tables: Vec<Vec<(u32, u64)>>,
    /// For each suppressed cell, two of these tables.
    pub proofs: Vec<Proof>,
    /// Suppressed cells without a proof: what was published before, here or elsewhere, bounds them already.
    pub already_disclosed: Vec<CellNumber>,
}

/// A published sum that is no cell of the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// Quarters in one of which its units count, as a bitmask.
    pub quarters: u8,
    /// Parts by dimension; a dimension that is absent does not restrict.
    pub parts: BTreeMap<String, Vec<u32>>,
    /// Whether it counts the records that were replaced.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub of_replaced: bool,
    /// The sum.
    pub value: u64,
}

/// Hub values that nothing published tells apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubClass {
    /// Its number.
    pub class: u32,
    /// `[part of the hub dimension, quarters as a bitmask, 0 kept · 1 removed · 2 added]`.
    pub members: Vec<(u32, u8, u8)>,
}

/// Hub classes that no cell of a spoke tells apart, shown or hidden: together they have as many units as its parts. A class that is in
/// no group of a spoke has its units in any parts of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The place of the spoke in the list of these.
    pub spoke: u32,
    /// The hub classes.
    pub hubs: Vec<u32>,
    /// Every part of the spoke.
    pub parts: Vec<PartClass>,
}

/// Parts of a spoke that nothing published tells apart within a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartClass {
    /// Its number.
    pub class: u32,
    /// The parts.
    pub parts: Vec<u32>,
}

/// The place of a cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellNumber {
    /// Its table.
    pub table: String,
    /// Its place among the table's cells, from 0.
    pub cell: u32,
}

/// Two tables of a suppressed cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The cell.
    #[serde(flatten)]
    pub cell: CellNumber,
    /// The table in which it is least: count the classes wholly inside the cell.
    pub least: u32,
    /// The table in which it is most: count the classes that it touches.
    pub most: u32,
}
