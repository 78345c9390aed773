//! Which candidate decides about which cell of a release.

use super::super::certificate::CellNumber;
use super::super::document::Table;
use super::super::plan::{Plan, PlannedTable};

/// The cells of a population's tables in the order of the release, each with the candidate that decides about it.
pub(super) struct CellNumbers(pub(super) Vec<(CellNumber, usize)>);

impl CellNumbers {
    pub(super) fn of(plan: &Plan, tables: &[Table]) -> Self {
        let of_table = |(table, planned): (&Table, &PlannedTable)| {
            let cells = (0u32..).zip(&planned.cells);
            let numbered = cells
                .filter_map(|(cell, (_, number))| Some((CellNumber { table: table.id.clone(), cell }, (*number)?)));
            numbered.collect::<Vec<_>>()
        };
        Self(tables.iter().zip(&plan.tables).flat_map(of_table).collect())
    }

    /// The cells that a candidate decides about.
    pub(super) fn of_candidate(&self, number: usize) -> impl Iterator<Item = CellNumber> + '_ {
        self.0.iter().filter(move |(_, of)| *of == number).map(|(cell, _)| cell.clone())
    }
}
