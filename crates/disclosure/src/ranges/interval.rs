//! The bounds of a count, and the place of a cell.

/// The bounds of a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The least that it can be.
    pub least: u64,
    /// The most that it can be; none if nothing bounds it.
    pub most: Option<u64>,
}

/// The index of a table of the release, and of one of its cells.
pub(crate) type Position = (usize, usize);
