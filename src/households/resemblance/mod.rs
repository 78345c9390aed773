//! Which children resemble each other.

pub mod ops;
