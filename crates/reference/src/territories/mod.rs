//! The administrative map of France in 2026: regions, départements, EPCI and communes, with their populations and
//! postal codes.
//!
//! Reference data: embedded in the binary, loaded once, and the same for every service and every instance. None of it
//! is in the database. The rest of the code may rely on these facts:
//! - a territory is identified by its kind and official code, never by its name (eight communes are called Beaumont) or
//!   by a postal code;
//! - a commune is in one département and one region, and in at most one EPCI: 98 communes are in none;
//! - an EPCI can span several départements (89 do) and regions (26 do): it is inside each of them;
//! - a missing population is not a population of zero;
//! - [`Position`] is a unique total order, fixed for a vintage. Cursors contain it.

pub mod codes;
mod former;
mod index;
mod load;
pub mod model;
mod search;

pub use codes::{ANY_KIND, CommuneCode, DepartementCode, EpciCode, communes_within};
pub use former::{current_commune, is_readable};
pub use index::{Filter, Found, Territories, is_known, territories};
pub use model::{EpciType, Population, PopulationSource, Position, Territory, TerritoryKey, TerritoryKind};

/// The year of the map, as its publisher gives it.
pub const VINTAGE: &str = "2026";
/// The publishers of the data, and the package that contains them.
pub const SOURCE: &str = "INSEE, DGCL, La Poste (@etalab/decoupage-administratif 6.0.0)";
/// The licence of the data. It requires naming the source and the date.
pub const LICENCE: &str = "Licence Ouverte 2.0";

#[cfg(test)]
mod tests;
