//! The tables of a release, without their cells, and its key figures.

use serde::Serialize;
use utoipa::ToSchema;

use super::super::{Error, KeyFigure, key_figures};
use super::DatasetLabel;
use passerelle_disclosure::document::{Cell, Release, Status, Table};

/// The widest range, in values, that still says something: ten values, such as 10 to 19.
const NARROW: u64 = 10;

/// The tables of a release.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsTableList, example = json!({
    "release_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30",
    "key_figures": [{"table": "children", "coordinates": ["2025"], "value": 124, "text": {
        "fr": "Enfants accompagnés, année 2025 : 124.", "en": "Children accompanied, year 2025: 124."}}],
    "tables": [{"id": "children", "label": {"fr": "Enfants accompagnés", "en": "Children accompanied"}, "population": "children",
        "dimensions": ["period"], "cells": 7, "published": 4, "in_narrow_range": 1, "suppressed": 3}]
}))]
pub struct TableList {
    /// Identifier of the release.
    pub release_id: String,
    /// What the release says, in sentences made from its published counts.
    pub key_figures: Vec<StatisticsKeyFigure>,
    /// The tables, in the order of the release.
    pub tables: Vec<TableSummary>,
}

/// A sentence about one published count: a total, or what is most frequent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"table": "children", "coordinates": ["2025"], "value": 124, "text": {
    "fr": "Enfants accompagnés, année 2025 : 124.", "en": "Children accompanied, year 2025: 124."}}))]
pub struct StatisticsKeyFigure {
    /// Code of the table.
    pub table: String,
    /// The codes of the cell, in the order of the dimensions of the table.
    pub coordinates: Vec<String>,
    /// Its count.
    pub value: u64,
    /// The sentence.
    pub text: DatasetLabel,
}

/// A table without its cells.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StatisticsTableSummary, example = json!({
    "id": "children", "label": {"fr": "Enfants accompagnés", "en": "Children accompanied"}, "population": "children",
    "dimensions": ["period"], "cells": 7, "published": 4, "in_narrow_range": 1, "suppressed": 3
}))]
pub struct TableSummary {
    /// Its code.
    pub id: String,
    /// Its name.
    pub label: DatasetLabel,
    /// What is counted: `children`, `loans`, `actions` or `participants`.
    pub population: String,
    /// Its dimensions, in the order of the coordinates.
    pub dimensions: Vec<String>,
    /// The number of its cells.
    pub cells: usize,
    /// Those that show their count.
    pub published: usize,
    /// Those that do not.
    pub suppressed: usize,
    /// Suppressed cells whose range has ten values at most, such as 10 to 19.
    pub in_narrow_range: usize,
}

impl TableList {
    /// The tables of a release.
    pub fn of(release: &Release) -> Result<Self, Error> {
        Ok(Self {
            release_id: release.id.clone(),
            key_figures: key_figures(release)?.into_iter().map(Into::into).collect(),
            tables: release.tables.iter().map(TableSummary::of).collect(),
        })
    }
}

impl From<KeyFigure<'_>> for StatisticsKeyFigure {
    fn from(figure: KeyFigure<'_>) -> Self {
        Self {
            table: figure.table.to_owned(),
            coordinates: figure.cell.coordinates.clone(),
            value: figure.count,
            text: (&figure.text).into(),
        }
    }
}

impl TableSummary {
    fn of(table: &Table) -> Self {
        let number = |wanted: fn(&Cell) -> bool| table.cells.iter().filter(|cell| wanted(cell)).count();
        Self {
            id: table.id.clone(),
            label: (&table.label).into(),
            population: table.population.clone(),
            dimensions: table.dimensions.clone(),
            cells: table.cells.len(),
            published: number(|cell| cell.status == Status::Published),
            suppressed: number(|cell| cell.status == Status::Suppressed),
            in_narrow_range: number(is_narrow),
        }
    }
}

fn is_narrow(cell: &Cell) -> bool {
    let width = cell.at_least.zip(cell.at_most).map(|(least, most)| most.saturating_sub(least));
    cell.status == Status::Suppressed && width.is_some_and(|width| width < NARROW)
}

#[cfg(test)]
mod tests {
    use crate::statistics::formats::dto::tables::*;
    use crate::statistics::formats::fixtures::release;

    #[test]
    fn a_table_says_how_much_it_shows() {
        let mut release = release();
        release.tables[0].cells[1].at_most = Some(9);
        let summary = TableList::of(&release).unwrap().tables.remove(0);
        assert_eq!((summary.cells, summary.published, summary.suppressed, summary.in_narrow_range), (9, 4, 5, 1));
        release.tables[0].cells[1].at_most = Some(10);
        assert_eq!(TableList::of(&release).unwrap().tables[0].in_narrow_range, 0);
    }
}
