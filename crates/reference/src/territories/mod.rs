//! The administrative map of France in 2026: regions, départements, EPCI and communes, with their populations and
//! postal codes.
//!
//! Reference data: embedded in the binary, read once, the same for every service and on every instance; nothing of it is
//! in the database. What the rest of the code may rely on:
//! - a territory is a kind and an official code, never a name (eight communes are called Beaumont) nor a postal code;
//! - a commune is in one département and one region, and in at most one EPCI: 98 communes are in none;
//! - an EPCI can cross départements (89 do) and regions (26 do): it is inside each of them;
//! - a missing population is not a population of zero;
//! - [`Position`] is a unique total order, fixed for a vintage: what a cursor holds.

pub mod codes;
mod index;
mod load;
pub mod model;
mod search;

pub use codes::{ANY_KIND, CommuneCode, DepartementCode, EpciCode};
pub use index::{Filter, Found, Territories, is_known, territories};
pub use model::{EpciType, Population, PopulationSource, Position, Territory, TerritoryKey, TerritoryKind};

/// The year of the map, as its publisher gives it.
pub const VINTAGE: &str = "2026";
/// Who publishes the data, and the package they were read from.
pub const SOURCE: &str = "INSEE, DGCL, La Poste (@etalab/decoupage-administratif 6.0.0)";
/// The licence of the data, which asks for the source and the date to be named.
pub const LICENCE: &str = "Licence Ouverte 2.0";

#[cfg(test)]
mod tests;
