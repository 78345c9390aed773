//! Coverage: by which convention a commune is covered on a day.
//!
//! A signed convention covers its period, suspensions excepted: a commune's own, the commune; an EPCI's, the communes that are
//! in the EPCI on that day. Both together is allowed and said, and counts once: the commune's own comes first.

pub mod model;
pub mod ops;
pub mod store;
