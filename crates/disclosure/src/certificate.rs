//! The proof that a population's suppressed cells stay unknown: possible tables that agree with everything published.
//!
//! It is made only from what is published, so it reveals nothing that a reader could not compute. Checking it takes
//! addition and no trust: every table gives each published cell its count, and each suppressed cell has two tables in
//! which it differs by the threshold.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::label::Label;

/// The proof of one population.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The population.
    pub population: String,
    /// The quarters of the year that the release covers, as a bitmask: bit 0 is the first.
    pub quarters: u8,
    /// The dimension that all tables of two dimensions share, if there are any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hub: Option<String>,
    /// The other dimensions of the tables.
    pub spokes: Vec<String>,
    /// Whether the records of earlier releases of the year were replaced. Units are then kept, removed or added.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub replaces: bool,
    /// Whether each unit counts in one quarter only, as a loan does.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub one_quarter: bool,
    /// Whether the totals of the whole service are public by their class: the cells without any restriction.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub totals: bool,
    /// What everybody knows to be 0.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub declared: Vec<Declared>,
    /// Published sums that are not cells of this release: cells of earlier releases and, in releases made until November
    /// 2026, facts.
    pub known: Vec<Known>,
    /// The hub values, merged where nothing published distinguishes them.
    pub classes: Vec<HubClass>,
    /// Where cells distinguish the parts of a spoke.
    pub groups: Vec<Group>,
    /// Possible tables, each a list of `[class, units]`. A class that is not listed has no unit.
    pub tables: Vec<Vec<(u32, u64)>>,
    /// For each suppressed cell, two of these tables.
    pub proofs: Vec<Proof>,
    /// Suppressed cells without a proof: earlier publications, here or elsewhere, already bound them.
    pub already_disclosed: Vec<CellNumber>,
    /// Totals of the whole service that are held back. The document does not say why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub held: Vec<CellNumber>,
}

/// A published sum that is not a cell of the release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Known {
    /// The quarters, as a bitmask: a unit counts if it counts in one of them.
    pub quarters: u8,
    /// Parts by dimension. A dimension that is absent is not restricted.
    pub parts: BTreeMap<String, Vec<u32>>,
    /// Whether it counts the former records.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub of_replaced: bool,
    /// The sum.
    pub value: u64,
}

/// Units that everybody knows not to exist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// The sets of quarters in which they would count, as bitmasks; all of them if the list is empty.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub patterns: Vec<u8>,
    /// Parts by dimension. A dimension that is absent is not restricted.
    pub parts: BTreeMap<String, Vec<u32>>,
    /// The base codes of these parts, by dimension.
    pub bases: BTreeMap<String, Vec<String>>,
    /// Why everybody knows it.
    pub reason: Label,
}

/// Hub values that nothing published distinguishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubClass {
    /// Its number.
    pub class: u32,
    /// `[part of the hub dimension, quarters as a bitmask, 0 kept · 1 removed · 2 added]`.
    pub members: Vec<(u32, u8, u8)>,
}

/// Hub classes that no cell of a spoke, published or suppressed, distinguishes. Together they have as many units as
/// the parts of the spoke. The units of a class that is in no group of a spoke can be in any of its parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The index of the spoke in the list of spokes.
    pub spoke: u32,
    /// The hub classes.
    pub hubs: Vec<u32>,
    /// All parts of the spoke, in classes.
    pub parts: Vec<PartClass>,
}

/// Parts of a spoke that nothing published distinguishes within a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartClass {
    /// Its number.
    pub class: u32,
    /// The parts.
    pub parts: Vec<u32>,
}

/// A cell, by its position.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CellNumber {
    /// Its table.
    pub table: String,
    /// Its position among the table's cells, from 0.
    pub cell: u32,
}

/// The two tables of a suppressed cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The cell.
    #[serde(flatten)]
    pub cell: CellNumber,
    /// The table in which the cell is least: add up the classes wholly inside the cell.
    pub least: u32,
    /// The table in which the cell is most: add up the classes that the cell touches.
    pub most: u32,
}
