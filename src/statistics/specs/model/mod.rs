//! The content of a specification and its canonical form. No I/O.

mod built_in;
pub mod classes;
pub mod coarse;
pub mod dimensions;
pub mod knowledge;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::db::text_enum;
use crate::statistics::records::model::PopulationCode;
use crate::territories::EpciCode;

text_enum! {
    /// A territory level.
    pub enum TerritoryLevel {
        /// The départements of the service.
        Departement = "departement",
        /// The named groups of the specification.
        Group = "group",
        /// The EPCI by size, in three classes of inhabitants.
        EpciSize = "epci_size",
        /// The EPCI, each with its communes in the départements of the service.
        Epci = "epci",
        /// The communes. Only for services with at least 300 children per year.
        Commune = "commune",
    }
}

text_enum! {
    /// How often a table is published.
    pub enum Frequency {
        /// By quarter, year to date, and for the whole year.
        Quarterly = "quarterly",
        /// For the whole year alone.
        Yearly = "yearly",
    }
}

/// A named group of EPCI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its code, unique in the specification. Published tables prefix it with `group:`.
    pub code: String,
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The EPCI, by SIREN.
    pub members: Vec<EpciCode>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its code, unique in the specification.
    pub code: String,
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The population that it counts.
    pub population: PopulationCode,
    /// Its dimensions, at most two; empty for the total alone.
    pub dimensions: Vec<String>,
    /// How often it is published.
    pub frequency: Frequency,
}

/// The content of a specification, without code and version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Its name in French.
    pub label_fr: String,
    /// Its name in English.
    pub label_en: String,
    /// The territory levels shown by tables by territory.
    pub territory_levels: Vec<TerritoryLevel>,
    /// The named groups of EPCI.
    pub groups: Vec<Group>,
    /// The dimensions that are shown by their coarse groups alone, by code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub coarse_dimensions: Vec<String>,
    /// The tables, most important first. If two compete for protection, the first keeps more cells.
    pub tables: Vec<Table>,
}

impl Body {
    /// Whether both publish the same groups of EPCI, whatever they are called.
    pub fn same_groups(&self, other: &Self) -> bool {
        let of = |body: &Self| -> BTreeSet<BTreeSet<String>> {
            let members = |group: &Group| group.members.iter().map(|member| member.as_str().to_owned()).collect();
            body.groups.iter().map(members).collect()
        };
        of(self) == of(other)
    }
}

/// A version of a specification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spec {
    /// Its code.
    pub code: String,
    /// Its version, from 1.
    pub version: i32,
    /// Its content.
    pub body: Body,
}

impl Spec {
    /// Its canonical form, which is hashed: JSON without spaces, with the members of objects in alphabetical order.
    pub fn canonical(&self) -> String {
        let body = serde_json::json!(self.body);
        serde_json::json!({"code": self.code, "version": self.version, "body": body}).to_string()
    }
}

/// The dimension that all tables of two dimensions of the built-in specifications share.
pub const TERRITORY: &str = "territory";

/// From this number of children per year, a service publishes tables of two dimensions by default, and may publish
/// communes. With fewer, nearly every cell is below the threshold, and protecting these cells hides larger ones.
pub const LARGE: i64 = 300;

/// The code of the specification for services with fewer than [`LARGE`] children per year.
pub const SMALL_CODE: &str = "small";
/// The code of the specification for the others.
pub const LARGE_CODE: &str = "large";

/// The code of the specification of a service that chose none.
pub fn usual(children_a_year: i64) -> &'static str {
    if children_a_year < LARGE { SMALL_CODE } else { LARGE_CODE }
}

pub use built_in::built_in;

#[cfg(test)]
mod tests {
    use crate::statistics::specs::model::*;

    #[test]
    fn the_canonical_form_is_stable() {
        let all = built_in();
        let spec = all.iter().find(|spec| (spec.code.as_str(), spec.version) == (SMALL_CODE, 1)).unwrap();
        let text = spec.canonical();
        assert!(
            text.starts_with(r#"{"body":{"groups":[],"label_en":"Small service","label_fr":"Petit service","#),
            "{text}"
        );
        assert!(text.ends_with(r#""code":"small","version":1}"#), "{text}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::from_value::<Body>(read["body"].clone()).unwrap(), spec.body);
        // The releases of earlier years name it by this hash.
        assert_eq!(
            crate::privacy::sha256_hex(text.as_bytes()),
            "c14e5c78298060d14e5c856da6aeb0c4b59079cd152d34f0101b0c5df0846deb"
        );
    }
}
