//! What became of children, households and cases that were merged into others. The slice of merges writes it.

pub mod ops;
mod store;
