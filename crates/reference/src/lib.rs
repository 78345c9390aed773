//! Reference data, embedded: the administrative map of France and the code lists. The same for every service, never in the
//! database. `data/README.md` has the sources and licences.

pub mod nomenclatures;
pub mod territories;
