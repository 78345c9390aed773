//! Periods, and how a value is computed from facts. Pure.

pub mod compute;
pub mod periods;
