//! Two open cases of one child that was recorded twice become one. The slice of merges moves their records.

pub mod model;
pub mod ops;
