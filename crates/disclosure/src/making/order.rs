//! What a release is made of.

use super::super::document::Release;
use super::super::policy::Thresholds;
use super::super::population::{Population, ReplacedUnits};
use super::super::task::{Earlier, KnownFact};

/// What a release is made of.
#[derive(Clone, Debug)]
pub struct Order {
    /// The release without what is made here: its dimensions, tables and certificates are empty.
    pub header: Release,
    /// The populations.
    pub populations: Vec<Population>,
    /// The last quarter that is over, 1 to 4.
    pub through: u8,
    /// The thresholds of the rules.
    pub thresholds: Thresholds,
    /// Earlier releases of the same year that the same readers can see, with the dimensions as they were then.
    pub earlier: Vec<Earlier>,
    /// Figures made public elsewhere, each with its population. They hide more cells, and are nowhere in the release.
    pub facts: Vec<(String, KnownFact)>,
    /// The units that some earlier releases were made from, if this one is made from others.
    pub replaced: Option<ReplacedUnits>,
}
