//! A checked table of a release with the requested cells. Every format is rendered from it.

use super::axes::{Axis, axes, places};
use super::document::{Cell, Release, Table, Value};
use super::{Error, Selection};

/// A table and the requested cells.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The release.
    pub release: &'a Release,
    /// The table.
    pub table: &'a Table,
    /// Its dimensions, in the order of the coordinates.
    pub axes: Vec<Axis<'a>>,
    /// The requested cells, in the order of the values of the axes. The last axis varies fastest.
    pub cells: Vec<&'a Cell>,
}

/// The views of all tables, in their order.
pub fn views<'a>(release: &'a Release, selection: &Selection) -> Result<Vec<View<'a>>, Error> {
    release.tables.iter().map(|table| View::of(release, table, selection)).collect()
}

impl<'a> View<'a> {
    /// The view of a table.
    pub fn new(release: &'a Release, table: &str, selection: &Selection) -> Result<Self, Error> {
        let found = release.tables.iter().find(|one| one.id == table);
        Self::of(release, found.ok_or_else(|| Error::UnknownTable(table.to_owned()))?, selection)
    }

    fn of(release: &'a Release, table: &'a Table, selection: &Selection) -> Result<Self, Error> {
        let malformed = |reason| Error::Malformed { table: table.id.clone(), reason };
        let axes = axes(release, table).map_err(malformed)?;
        let requested =
            |cell: &&Cell| table.dimensions.iter().zip(&cell.coordinates).all(|(id, code)| selection.has(id, code));
        let cells = table.cells.iter().filter(requested).collect();
        let kept = |axis: Axis<'a>| {
            let values =
                axis.values.into_iter().filter(|value| selection.has(&axis.dimension.id, &value.code)).collect();
            Axis { dimension: axis.dimension, values }
        };
        Ok(Self { release, table, axes: axes.into_iter().map(kept).collect(), cells })
    }

    /// The cells with the values of their coordinates.
    pub fn rows(&self) -> impl Iterator<Item = (Vec<&'a Value>, &'a Cell)> {
        self.cells.iter().enumerate().map(|(position, cell)| {
            let places = places(&self.axes, position);
            (self.axes.iter().zip(places).map(|(axis, place)| axis.values[place]).collect(), *cell)
        })
    }

    /// The index of the value on each axis, for the cell at a position.
    pub(super) fn places(&self, position: usize) -> Vec<usize> {
        places(&self.axes, position)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select};
    use crate::statistics::formats::view::*;
    use passerelle_disclosure::document::Status;

    fn coordinates(view: &View<'_>) -> Vec<String> {
        view.rows()
            .map(|(values, _)| values.iter().map(|value| value.code.clone()).collect::<Vec<_>>().join("/"))
            .collect()
    }

    #[test]
    fn the_requested_cells_keep_their_order() {
        let release = release();
        // The order of the codes in the request does not matter.
        let selection = select(&release, [("territory", "63002,_T"), ("period", "2025-S1,2025-Q1")]);
        let view = View::new(&release, "by_territory", &selection).unwrap();
        assert_eq!(coordinates(&view), ["2025-Q1/_T", "2025-Q1/63002", "2025-S1/_T", "2025-S1/63002"]);
        for ((values, cell), kept) in view.rows().zip(&view.cells) {
            assert_eq!(
                values.iter().map(|value| &value.code).collect::<Vec<_>>(),
                cell.coordinates.iter().collect::<Vec<_>>()
            );
            assert_eq!(cell, *kept);
        }
    }

    #[test]
    fn a_hidden_cell_stays_in_the_view() {
        let release = release();
        let view = View::new(&release, "by_territory", &select(&release, [("territory", "63001")])).unwrap();
        assert_eq!(view.cells.len(), 3);
        assert!(view.cells.iter().any(|cell| cell.status == Status::Suppressed && cell.value.is_none()));
    }

    #[test]
    fn a_table_without_the_dimension_is_not_restricted() {
        let release = release();
        let all = views(&release, &select(&release, [("age", "0-2")])).unwrap();
        assert_eq!(all.iter().map(|view| view.cells.len()).collect::<Vec<_>>(), [9, 3]);
    }

    #[test]
    fn an_inconsistent_document_is_not_rendered() {
        let spoil = |change: fn(&mut Table)| {
            let mut release = release();
            change(&mut release.tables[0]);
            View::new(&release, "by_territory", &Selection::all()).map(|_| ()).unwrap_err().to_string()
        };
        assert!(spoil(|table| table.cells[5].value = Some(3)).contains("status and value"));
        assert!(spoil(|table| table.cells.swap(0, 1)).contains("order"));
        assert!(spoil(|table| drop(table.cells.pop())).contains("order"));
        assert!(spoil(|table| table.cells[0].coordinates[1] = "elsewhere".into()).contains("order"));
        assert!(spoil(|table| table.dimensions.push("colour".into())).contains("dimension"));
        let release = release();
        let missing = View::new(&release, "none", &Selection::all()).map(|_| ());
        assert_eq!(missing, Err(Error::UnknownTable("none".into())));
    }
}
