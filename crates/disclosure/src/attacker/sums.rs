//! Sums of classes: what is known about them, what is wanted of them, what they cost, and their terms in a program.

/// A possible table: the number of units of each class.
pub type Table = Vec<u64>;

/// A sum of classes and its value.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) classes: Vec<u32>,
    pub(super) value: u64,
    /// Whether it is published.
    pub(super) public: bool,
    /// What hiding it costs; `None` if it cannot be hidden.
    pub(super) weight: Option<f64>,
}

/// What a possible table should show.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// The sum of these classes is at most this value.
    AtMost(&'a [u32], u64),
    /// The sum of these classes is at least this value.
    AtLeast(&'a [u32], u64),
}

impl Wanted<'_> {
    pub(super) fn classes(&self) -> &[u32] {
        match self {
            Self::AtMost(classes, _) | Self::AtLeast(classes, _) => classes,
        }
    }

    /// Whether a table shows it.
    pub fn holds(self, table: &[u64]) -> bool {
        match self {
            Self::AtMost(classes, value) => sum(table, classes) <= value,
            Self::AtLeast(classes, value) => sum(table, classes) >= value,
        }
    }
}

/// What the units of a class cost, and what the first of them are worth.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// The cost of each unit.
    pub each: f64,
    /// The worth of each of the first units.
    pub worth: f64,
    /// How many units are worth something.
    pub up_to: u64,
}

/// The columns of a class in a program.
#[derive(Clone, Copy, Debug)]
pub(super) struct Columns {
    pub(super) any: u32,
    /// The column of the units that are worth something, if any are.
    pub(super) worth: Option<u32>,
}

/// The number of units of these classes.
pub fn sum(table: &[u64], classes: &[u32]) -> u64 {
    classes.iter().map(|class| table.get(*class as usize).copied().unwrap_or(0)).sum()
}

/// The sum of these classes as terms of a program.
pub(super) fn terms(unknowns: &[Columns], classes: &[u32], sign: f64) -> Vec<(u32, f64)> {
    let columns = classes.iter().map(|class| unknowns[*class as usize]);
    columns.flat_map(|columns| std::iter::once(columns.any).chain(columns.worth)).map(|column| (column, sign)).collect()
}

/// A count as a coefficient. Counts are far below 2^53, so the conversion is exact.
pub(super) fn exact(value: u64) -> f64 {
    f64::from(u32::try_from(value).unwrap_or(u32::MAX))
}
