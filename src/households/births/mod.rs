//! Births: the birth dates of many children, to compute ages in figures.

pub mod ops;
