//! The dimensions of a table with their values, once the table is known to be whole. No I/O.

use super::document::{Cell, Dimension, Release, Status, Table, Value};

/// A dimension of a table with its values.
#[derive(Clone, Debug)]
pub struct Axis<'a> {
    /// The dimension.
    pub dimension: &'a Dimension,
    /// The values, in the release's order: those that the table has.
    pub values: Vec<&'a Value>,
}

/// The axes of a table, in the order of its coordinates. Fails with the reason when the table contradicts itself: a cell is
/// missing, out of place, or has a status that its value denies.
pub fn axes<'a>(release: &'a Release, table: &Table) -> Result<Vec<Axis<'a>>, &'static str> {
    let axes = (0..).zip(&table.dimensions).map(|(at, id)| axis(release, table, at, id));
    let axes = axes.collect::<Option<Vec<_>>>().ok_or("a dimension that the release lacks")?;
    if !is_whole(&axes, &table.cells) {
        return Err("its cells are not all there, or not in their order");
    }
    // A hidden count is in no document; one that were there by mistake must not leave through a format.
    if table.cells.iter().any(|cell| cell.value.is_some() != (cell.status == Status::Published)) {
        return Err("a cell whose status and value disagree");
    }
    Ok(axes)
}

/// The dimension of a table's coordinates, with the values that its cells have: a table of the whole year alone does
/// not have the quarters.
fn axis<'a>(release: &'a Release, table: &Table, at: usize, id: &str) -> Option<Axis<'a>> {
    let dimension = release.dimensions.iter().find(|one| one.id == id)?;
    let used: std::collections::BTreeSet<&str> =
        table.cells.iter().filter_map(|cell| cell.coordinates.get(at).map(String::as_str)).collect();
    let values = dimension.values.iter().filter(|value| used.contains(value.code.as_str())).collect();
    Some(Axis { dimension, values })
}

/// Whether the cells are every combination of the values, in order.
fn is_whole(axes: &[Axis<'_>], cells: &[Cell]) -> bool {
    let number: usize = axes.iter().map(|axis| axis.values.len()).product();
    let in_place = |(position, cell): (usize, &Cell)| {
        let expected = axes.iter().zip(places(axes, position)).map(|(axis, place)| axis.values[place].code.as_str());
        cell.coordinates.iter().map(String::as_str).eq(expected)
    };
    number == cells.len() && cells.iter().enumerate().all(in_place)
}

/// A position among all combinations as a place on each axis.
pub fn places(axes: &[Axis<'_>], mut position: usize) -> Vec<usize> {
    let mut places = vec![0; axes.len()];
    for (place, axis) in places.iter_mut().zip(axes).rev() {
        *place = position % axis.values.len();
        position /= axis.values.len();
    }
    places
}
