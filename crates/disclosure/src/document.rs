//! A release as it is signed: what was published, under which definitions, and why it is safe. No I/O.
//!
//! The bytes of this document are made once, hashed, signed, stored and served as they are: every other
//! format is drawn from it. Nothing in it depends on a hidden count but the choice of what is hidden.

use serde::{Deserialize, Serialize};

/// Name and version of the format of the document.
pub const FORMAT: &str = "passerelle-release/1";

/// The code of the total of a dimension, as in SDMX.
pub const TOTAL: &str = "_T";

/// The first dimension of every table: the period that a cell counts.
pub const PERIOD: &str = "period";

/// A text in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

/// Who may read a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Anybody: open data.
    Open,
    /// Partner institutions, under an agreement.
    Partner,
}

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// [`FORMAT`].
    pub format: String,
    /// Identifier of the release, a UUID.
    pub id: String,
    /// Identifier of the service whose figures these are.
    pub service_id: String,
    /// Its name on the day of the release.
    pub service_name: String,
    /// Calendar year that the figures are of.
    pub year: i32,
    /// The last period that is in: `2025-Q1` to `2025-Q4`. Earlier periods of the year are in too.
    pub through: String,
    /// Who may read it.
    pub tier: Tier,
    /// Position among the releases of this service, year and tier, from 1.
    pub number: u32,
    /// Instant until which what was recorded counts, RFC 3339 in UTC.
    pub cut_off: String,
    /// Instant of signature, RFC 3339 in UTC.
    pub signed_at: String,
    /// What this release replaces, and why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supersedes: Option<Supersedes>,
    /// SHA-256 of the release before it of this service and tier, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub predecessor_sha256: Option<String>,
    /// The rule of protection.
    pub policy: Policy,
    /// What was asked for.
    pub spec: SpecReference,
    /// Version of the definitions of what is counted.
    pub definitions_version: String,
    /// Version of the code lists.
    pub nomenclatures_version: String,
    /// Licence of reuse.
    pub licence: Licence,
    /// What the figures say and do not say.
    pub notes: Vec<Label>,
    /// The dimensions of the tables, the period first.
    pub dimensions: Vec<Dimension>,
    /// The tables.
    pub tables: Vec<Table>,
    /// Figures that were made public elsewhere, and that the protection reckons with.
    pub facts: Vec<Fact>,
    /// The proofs, one a population.
    pub certificates: Vec<super::certificate::Certificate>,
}

/// What a release replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Supersedes {
    /// Identifier of the release that is replaced.
    pub id: String,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Why.
    pub reason: String,
}

/// The rule of protection of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// The least number of units of a published cell, and of the upper table of every suppressed one.
    pub threshold: u64,
    /// The least number of households of a published cell.
    pub household_threshold: u64,
    /// What must be left of a cell without the two partners that referred most.
    pub without_two_referrers: u64,
    /// Why this threshold.
    pub reason: String,
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

/// A licence of reuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Licence {
    /// Short name.
    pub name: String,
    /// Where its text is.
    pub url: String,
}

/// A dimension: `period`, `territory`, `need_domain`…
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its code, unique in the release.
    pub id: String,
    /// Its name.
    pub label: Label,
    /// What it says of a unit.
    pub definition: Label,
    /// Its values, in the order in which they are shown; [`TOTAL`] among them but for the period.
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
    /// The smallest parts that the release tells apart and that this value holds, by number: two values
    /// overlap if they share one. Of a period: the quarters, from 1.
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
    /// Its dimensions by code, [`PERIOD`] first, in the order of the coordinates of its cells.
    pub dimensions: Vec<String>,
    /// Every cell, in the order of the values of the dimensions, the first slowest; none is absent.
    pub cells: Vec<Cell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Codes of values, one a dimension.
    pub coordinates: Vec<String>,
    /// The count; `null` when it is suppressed, which is not 0.
    pub value: Option<u64>,
    /// Whether it is published.
    pub status: Status,
}

/// Whether a cell is published. One word for every reason to suppress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its count is shown.
    Published,
    /// Its count is hidden.
    Suppressed,
}

/// A figure that was made public elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What is counted.
    pub population: String,
    /// The figure's coordinates: codes of dimensions and of values, the period among them.
    pub coordinates: std::collections::BTreeMap<String, String>,
    /// The figure.
    pub value: u64,
    /// Where it was made public.
    pub source: String,
}
