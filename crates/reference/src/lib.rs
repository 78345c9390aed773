//! Embedded reference data: the administrative map of France and the code lists. They are the same for every service
//! and are never in the database. `data/README.md` gives the sources and licences.

pub mod labels;
pub mod nomenclatures;
pub mod territories;
