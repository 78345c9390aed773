//! The dimensions of a table with their values, after a check that the table is complete.

use super::document::{Cell, Dimension, Release, Status, Table, Value};

/// A dimension of a table with its values.
#[derive(Clone, Debug)]
pub struct Axis<'a> {
    /// The dimension.
    pub dimension: &'a Dimension,
    /// The values that the table has, in the order of the release.
    pub values: Vec<&'a Value>,
}

/// The axes of a table, in the order of its coordinates. Fails with the reason if the table is inconsistent: a cell is
/// missing or out of place, or its status contradicts its value.
pub fn axes<'a>(release: &'a Release, table: &Table) -> Result<Vec<Axis<'a>>, &'static str> {
    let axes = (0..).zip(&table.dimensions).map(|(at, id)| axis(release, table, at, id));
    let axes = axes.collect::<Option<Vec<_>>>().ok_or("a dimension that the release lacks")?;
    if !is_whole(&axes, &table.cells) {
        return Err("its cells are incomplete or out of order");
    }
    // No document contains a hidden count. If one did by mistake, no format may show it.
    if table.cells.iter().any(|cell| cell.value.is_some() != (cell.status == Status::Published)) {
        return Err("a cell whose status and value disagree");
    }
    Ok(axes)
}

/// A dimension of a table, with the values that its cells have: a yearly table does not have the quarters.
fn axis<'a>(release: &'a Release, table: &Table, at: usize, id: &str) -> Option<Axis<'a>> {
    let dimension = release.dimensions.iter().find(|one| one.id == id)?;
    let used: std::collections::BTreeSet<&str> =
        table.cells.iter().filter_map(|cell| cell.coordinates.get(at).map(String::as_str)).collect();
    let values = dimension.values.iter().filter(|value| used.contains(value.code.as_str())).collect();
    Some(Axis { dimension, values })
}

/// Whether the cells are all combinations of the values, in order.
fn is_whole(axes: &[Axis<'_>], cells: &[Cell]) -> bool {
    let number: usize = axes.iter().map(|axis| axis.values.len()).product();
    let in_place = |(position, cell): (usize, &Cell)| {
        let expected = axes.iter().zip(places(axes, position)).map(|(axis, place)| axis.values[place].code.as_str());
        cell.coordinates.iter().map(String::as_str).eq(expected)
    };
    number == cells.len() && cells.iter().enumerate().all(in_place)
}

/// The index of the value on each axis, for the cell at a position.
pub fn places(axes: &[Axis<'_>], mut position: usize) -> Vec<usize> {
    let mut places = vec![0; axes.len()];
    for (place, axis) in places.iter_mut().zip(axes).rev() {
        *place = position % axis.values.len();
        position /= axis.values.len();
    }
    places
}
