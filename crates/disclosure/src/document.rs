//! A release as it is signed: what is published, under which definitions, and the proof that it is safe.
//!
//! The bytes of this document are made once, then hashed, signed, stored and served unchanged. Every other format is
//! rendered from it. It depends on hidden counts only through the choice of what is hidden.

use serde::{Deserialize, Serialize};

pub use super::label::Label;
use super::policy::Thresholds;

/// Name and version of the document format.
pub const FORMAT: &str = "passerelle-release/4";

/// The format of the releases made before ranges followed from all figures at once. They are read and checked for ever.
pub const FORMAT_WITH_RANGES_OF_SUMS: &str = "passerelle-release/3";

/// The format of the releases made before the ranges of suppressed cells. They are read and checked for ever.
pub const FORMAT_WITHOUT_RANGES: &str = "passerelle-release/2";

/// The format of the releases made before the classes of figures. They are read and checked for ever.
pub const FIRST_FORMAT: &str = "passerelle-release/1";

/// The code of the total of a dimension, as in SDMX.
pub const TOTAL: &str = "_T";

/// The first dimension of every table: the period that a cell counts.
pub const PERIOD: &str = "period";

/// Who may read a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Everybody: open data.
    Open,
    /// Partner institutions, under an agreement.
    Partner,
}

/// What figures are about, which decides how they are protected: see [`super::policy`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Class S, facts of the service: no person who receives help is behind them. All are published.
    Service,
    /// Class T, totals of the whole service about persons, without any breakdown. All are published.
    Total,
    /// Class B, breakdowns about persons. They are protected, and the facts and totals above count as known.
    Breakdown,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// [`FORMAT`].
    pub format: String,
    /// Identifier of the release, a UUID.
    pub id: String,
    /// Identifier of the service that publishes.
    pub service_id: String,
    /// Its name on the day of the release.
    pub service_name: String,
    /// Calendar year of the figures.
    pub year: i32,
    /// The last quarter covered, `2025-Q1` to `2025-Q4`. Earlier quarters of the year are covered too.
    pub through: String,
    /// Who may read it.
    pub tier: Tier,
    /// Number of the release among those of this service and tier, from 1.
    pub number: u32,
    /// Cut-off: what was recorded until this instant is counted. RFC 3339 in UTC.
    pub cut_off: String,
    /// Instant of signature, RFC 3339 in UTC.
    pub signed_at: String,
    /// What this release replaces, and why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supersedes: Option<Supersedes>,
    /// SHA-256 of the previous release of this service and tier, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub predecessor_sha256: Option<String>,
    /// The protection policy.
    pub policy: Policy,
    /// The specification that it follows.
    pub spec: SpecReference,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// Reuse licence.
    pub licence: Licence,
    /// Notes on how to read the figures.
    pub notes: Vec<Label>,
    /// The dimensions of the tables, the period first.
    pub dimensions: Vec<Dimension>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Published cells that an earlier release of the year hid. Their class made them public since:
    /// [`Policy::classes`] says by whose decision, and why.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub decided_public: Vec<super::certificate::CellNumber>,
    /// Figures made public elsewhere that the protection takes into account, in releases made until November 2026. Later
    /// ones list none: what was said elsewhere is not published again.
    pub facts: Vec<Fact>,
    /// The proofs, one per population.
    pub certificates: Vec<super::certificate::Certificate>,
}

impl Release {
    /// Whether its figures have classes. Those of the first format do not.
    pub fn has_classes(&self) -> bool {
        self.has_ranges() || self.format == FORMAT_WITHOUT_RANGES
    }

    /// Whether its suppressed cells have ranges.
    pub fn has_ranges(&self) -> bool {
        self.format == FORMAT || self.has_ranges_of_sums()
    }

    /// Whether its ranges follow from sums along one dimension at a time: see [`crate::ranges`].
    pub fn has_ranges_of_sums(&self) -> bool {
        self.format == FORMAT_WITH_RANGES_OF_SUMS
    }

    /// The header of a release of a year up to a quarter (1 to 4), for [`crate::making::make`]. It has no tables, no
    /// identifier, no number and no signature, and its texts are empty.
    pub fn draft(year: i32, quarter: u8, tier: Tier, thresholds: Thresholds) -> Self {
        Self {
            format: FORMAT.to_owned(),
            id: String::new(),
            service_id: String::new(),
            service_name: String::new(),
            year,
            through: format!("{year}-Q{quarter}"),
            tier,
            number: 0,
            cut_off: String::new(),
            signed_at: String::new(),
            supersedes: None,
            predecessor_sha256: None,
            policy: Policy {
                threshold: thresholds.units,
                household_threshold: thresholds.households,
                without_two_referrers: thresholds.without_two_referrers,
                reason: String::new(),
                classes: None,
            },
            spec: SpecReference { code: String::new(), version: 1, sha256: String::new() },
            definitions_version: String::new(),
            nomenclatures_version: String::new(),
            licence: Licence { name: String::new(), url: String::new() },
            notes: Vec::new(),
            dimensions: Vec::new(),
            tables: Vec::new(),
            decided_public: Vec::new(),
            facts: Vec::new(),
            certificates: Vec::new(),
        }
    }
}

/// The release that another one replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supersedes {
    /// Identifier of the replaced release.
    pub id: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// The reason.
    pub reason: String,
}

/// The protection policy of a release: the thresholds of the rules of [`super::policy`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Minimum number of units in a published cell, and minimum difference between the two tables of a suppressed
    /// one.
    pub threshold: u64,
    /// Minimum number of households in a published cell.
    pub household_threshold: u64,
    /// Minimum number of units left in a published cell once those referred by its two largest referrers are removed.
    pub without_two_referrers: u64,
    /// Why these thresholds were chosen.
    pub reason: String,
    /// The decision on the classes of figures. Releases made before it have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub classes: Option<ClassPolicy>,
}

/// The decision which figures are public because of what they are about: see [`Class`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassPolicy {
    /// Its version, the month in which it was made.
    pub version: String,
    /// Who decided.
    pub decided_by: Label,
    /// Why.
    pub reason: Label,
}

/// The specification that a release follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecReference {
    /// Its code.
    pub code: String,
    /// Its version, from 1.
    pub version: u32,
    /// SHA-256 of its canonical form, in hexadecimal.
    pub sha256: String,
}

/// A reuse licence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Short name.
    pub name: String,
    /// Address of its text.
    pub url: String,
}

/// A dimension: `period`, `territory`, `need_domain`…
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its code, unique in the release.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What the dimension describes.
    pub definition: Label,
    /// Its values, in display order. They include [`TOTAL`], except those of the period.
    pub values: Vec<Value>,
}

/// A value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// Its code.
    pub code: String,
    /// Its name.
    pub label: Label,
    /// The level of a territory: `departement`, `group`, `epci`, `commune`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub level: Option<String>,
    /// The numbers of the parts that this value holds. Parts are the smallest categories that the release
    /// distinguishes: two values overlap if they share one. For a period, the quarters from 1.
    pub parts: Vec<u32>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its code, unique in the release.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What is counted: `children`, `loans`, `actions`, `participants`.
    pub population: String,
    /// What its figures are about. Tables of [`FIRST_FORMAT`] have none: all their cells were protected.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub class: Option<Class>,
    /// The codes of its dimensions, [`PERIOD`] first, in the order of the coordinates of its cells.
    pub dimensions: Vec<String>,
    /// All its cells, in the order of the values of the dimensions. The last dimension varies fastest.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Codes of values, one per dimension.
    pub coordinates: Vec<String>,
    /// The count; `null` if it is suppressed. Suppressed does not mean 0.
    pub value: Option<u64>,
    /// Whether it is published.
    pub status: Status,
    /// The least count that a suppressed cell can have, by what the release shows: see [`crate::ranges`]. Published
    /// cells have none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_least: Option<u64>,
    /// The largest count that it can have; none if what the release shows does not bound it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_most: Option<u64>,
}

impl Cell {
    /// A cell without a range; without a value, it is suppressed.
    pub fn of(coordinates: Vec<String>, value: Option<u64>) -> Self {
        let status = if value.is_some() { Status::Published } else { Status::Suppressed };
        Self { coordinates, value, status, at_least: None, at_most: None }
    }
}

/// Whether a cell is published. All reasons for suppression have the same status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its count is published.
    Published,
    /// Its count is hidden.
    Suppressed,
}

/// A figure made public elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What is counted.
    pub population: String,
    /// Its coordinates: the code of a value by code of dimension, the period included.
    pub coordinates: std::collections::BTreeMap<String, String>,
    /// The figure.
    pub value: u64,
    /// Where it was made public.
    pub source: String,
}
