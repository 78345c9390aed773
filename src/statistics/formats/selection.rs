//! Which cells of a release a reader asks for.
//!
//! A selection only picks among the cells that the release has. It never adds them up, and never leaves out a hidden
//! one: a cell that was asked for is there, with its count or without.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Dimension, Release};

/// The codes asked for, by dimension. A dimension that is not named is whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    codes: BTreeMap<String, BTreeSet<String>>,
}

/// What a selection asks for that the release does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The release, or the table, has no such dimension.
    UnknownDimension {
        /// The dimension asked for.
        dimension: String,
    },
    /// The dimension has no such value.
    UnknownCode {
        /// The dimension.
        dimension: String,
        /// The code asked for.
        code: String,
    },
}

impl Selection {
    /// All cells.
    pub fn all() -> Self {
        Self::default()
    }

    /// Reads pairs of a dimension and its codes, with commas between them; a dimension named twice has both lists.
    /// Returns all faults at once.
    ///
    /// Every dimension of the release may be named: a table that does not have it is left whole.
    pub fn of_release<'p>(
        release: &Release,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<Fault>> {
        Self::parse(|id| release.dimensions.iter().find(|one| one.id == id), pairs)
    }

    /// The same for one table: only its own dimensions may be named.
    pub fn of_table<'p>(
        release: &Release,
        table: &str,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<Fault>> {
        let table = release.tables.iter().find(|one| one.id == table);
        let has = |id: &str| table.is_some_and(|table| table.dimensions.iter().any(|own| own == id));
        Self::parse(|id| release.dimensions.iter().find(|one| one.id == id && has(id)), pairs)
    }

    fn parse<'r, 'p>(
        dimension_of: impl Fn(&str) -> Option<&'r Dimension>,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<Fault>> {
        let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut faults = Vec::new();
        for (id, list) in pairs {
            let Some(dimension) = dimension_of(id) else {
                faults.push(Fault::UnknownDimension { dimension: id.to_owned() });
                continue;
            };
            for code in list.split(',').map(str::trim) {
                if dimension.values.iter().any(|value| value.code == code) {
                    codes.entry(id.to_owned()).or_default().insert(code.to_owned());
                } else {
                    faults.push(Fault::UnknownCode { dimension: id.to_owned(), code: code.to_owned() });
                }
            }
        }
        if faults.is_empty() { Ok(Self { codes }) } else { Err(faults) }
    }

    /// Whether a value of a dimension is asked for.
    pub fn has(&self, dimension: &str, code: &str) -> bool {
        self.codes.get(dimension).is_none_or(|codes| codes.contains(code))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::release;
    use crate::statistics::formats::selection::*;

    #[test]
    fn several_codes_of_several_dimensions_are_asked_for() {
        let release = release();
        let pairs = [("territory", "63001, _T"), ("period", "2025-Q1"), ("territory", "63002")];
        let selection = Selection::of_release(&release, pairs).unwrap();
        assert!(["63001", "63002", "_T"].iter().all(|code| selection.has("territory", code)));
        assert!(selection.has("period", "2025-Q1") && !selection.has("period", "2025-S1"));
        assert!(selection.has("age", "0-2"), "a dimension that is not named is whole");
    }

    #[test]
    fn every_fault_is_said() {
        let release = release();
        let unknown = |dimension: &str| Fault::UnknownDimension { dimension: dimension.into() };
        let code = |dimension: &str, code: &str| Fault::UnknownCode { dimension: dimension.into(), code: code.into() };
        let pairs = [("colour", "red"), ("territory", "63001,63999"), ("age", "")];
        assert_eq!(
            Selection::of_release(&release, pairs),
            Err(vec![unknown("colour"), code("territory", "63999"), code("age", "")])
        );
        assert_eq!(Selection::of_table(&release, "by_territory", [("age", "0-2")]), Err(vec![unknown("age")]));
        assert!(Selection::of_table(&release, "by_territory_and_age", [("age", "0-2")]).is_ok());
    }
}
