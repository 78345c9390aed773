//! Births: the dates from which the ages of many children are counted, for figures.

pub mod ops;
