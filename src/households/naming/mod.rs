//! The tokens by which a child is found by its whole name, for the children that were recorded before there were any.
//!
//! A background job adds them, a few children at a time. A child that has them is marked in its row, so the job goes on
//! where it stopped, on any instance.

pub mod ops;
