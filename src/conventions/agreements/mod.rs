//! The conventions themselves: who, from when to when, for which services, decided by whom.

pub mod model;
pub mod store;
