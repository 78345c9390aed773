//! The selection of the cells of a release that a reader requests.
//!
//! A selection only picks cells of the release. It never adds them up, and never leaves out a hidden one: a requested
//! cell is always in the response, with or without its count.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Dimension, Release};

/// The requested codes, by dimension. A dimension that is not named is not restricted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    codes: BTreeMap<String, BTreeSet<String>>,
}

/// An invalid part of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionError {
    /// The release, or the table, has no such dimension.
    UnknownDimension {
        /// The requested dimension.
        dimension: String,
    },
    /// The dimension has no such value.
    UnknownCode {
        /// The dimension.
        dimension: String,
        /// The requested code.
        code: String,
    },
}

impl Selection {
    /// All cells.
    pub fn all() -> Self {
        Self::default()
    }

    /// Parses pairs of a dimension and its codes, separated by commas. A dimension given twice has both lists. Returns
    /// all errors at once.
    ///
    /// Every dimension of the release may be given. A table that does not have it is not restricted.
    pub fn of_release<'p>(
        release: &Release,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<SelectionError>> {
        Self::parse(|id| release.dimensions.iter().find(|one| one.id == id), pairs)
    }

    /// The same for one table: only its own dimensions may be given.
    pub fn of_table<'p>(
        release: &Release,
        table: &str,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<SelectionError>> {
        let table = release.tables.iter().find(|one| one.id == table);
        let has = |id: &str| table.is_some_and(|table| table.dimensions.iter().any(|own| own == id));
        Self::parse(|id| release.dimensions.iter().find(|one| one.id == id && has(id)), pairs)
    }

    fn parse<'r, 'p>(
        dimension_of: impl Fn(&str) -> Option<&'r Dimension>,
        pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<Self, Vec<SelectionError>> {
        let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut errors = Vec::new();
        for (id, list) in pairs {
            let Some(dimension) = dimension_of(id) else {
                errors.push(SelectionError::UnknownDimension { dimension: id.to_owned() });
                continue;
            };
            for code in list.split(',').map(str::trim) {
                if dimension.values.iter().any(|value| value.code == code) {
                    codes.entry(id.to_owned()).or_default().insert(code.to_owned());
                } else {
                    errors.push(SelectionError::UnknownCode { dimension: id.to_owned(), code: code.to_owned() });
                }
            }
        }
        if errors.is_empty() { Ok(Self { codes }) } else { Err(errors) }
    }

    /// Whether a value of a dimension is requested.
    pub fn has(&self, dimension: &str, code: &str) -> bool {
        self.codes.get(dimension).is_none_or(|codes| codes.contains(code))
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::release;
    use crate::statistics::formats::selection::*;

    #[test]
    fn several_codes_of_several_dimensions_can_be_requested() {
        let release = release();
        let pairs = [("territory", "63001, _T"), ("period", "2025-Q1"), ("territory", "63002")];
        let selection = Selection::of_release(&release, pairs).unwrap();
        assert!(["63001", "63002", "_T"].iter().all(|code| selection.has("territory", code)));
        assert!(selection.has("period", "2025-Q1") && !selection.has("period", "2025-S1"));
        assert!(selection.has("age", "0-2"), "a dimension that is not given is not restricted");
    }

    #[test]
    fn every_error_is_returned() {
        let release = release();
        let unknown = |dimension: &str| SelectionError::UnknownDimension { dimension: dimension.into() };
        let code = |dimension: &str, code: &str| SelectionError::UnknownCode {
            dimension: dimension.into(),
            code: code.into(),
        };
        let pairs = [("colour", "red"), ("territory", "63001,63999"), ("age", "")];
        assert_eq!(
            Selection::of_release(&release, pairs),
            Err(vec![unknown("colour"), code("territory", "63999"), code("age", "")])
        );
        assert_eq!(Selection::of_table(&release, "by_territory", [("age", "0-2")]), Err(vec![unknown("age")]));
        assert!(Selection::of_table(&release, "by_territory_and_age", [("age", "0-2")]).is_ok());
    }
}
