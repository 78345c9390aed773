//! What a release says, in sentences: totals, and what is most frequent.
//!
//! A sentence is made from published counts alone, of the longest period of a table. « Le plus souvent » is only said when no
//! other count of the same level, by its range if it is suppressed, can be as large.

use std::collections::BTreeSet;

use super::document::{Cell, Label, Release, Value};
use super::{Error, Selection, View, views};

/// A sentence about one published cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFigure<'a> {
    /// The table.
    pub table: &'a str,
    /// The cell.
    pub cell: &'a Cell,
    /// Its count.
    pub count: u64,
    /// The sentence.
    pub text: Label,
}

/// The code of the value that contains all others.
const TOTAL: &str = "_T";

/// The key figures of a release, in the order of its tables.
pub fn key_figures(release: &Release) -> Result<Vec<KeyFigure<'_>>, Error> {
    let views = views(release, &Selection::all())?;
    let mut populations = BTreeSet::new();
    let mut figures = Vec::new();
    for view in &views {
        // The total of a population is said once, by its first table.
        let first = populations.insert(view.table.population.as_str());
        figures.extend(figure(view, first));
    }
    Ok(figures)
}

/// The sentence of a table, if it has one. `first` says that no table before has the same population.
fn figure<'a>(view: &View<'a>, first: bool) -> Option<KeyFigure<'a>> {
    let (periods, others) = view.axes.split_first()?;
    let longest = periods.values.iter().rev().max_by_key(|value| value.parts.len())?;
    let rows: Vec<Row<'a>> = view.rows().filter_map(|(values, cell)| Row::of(&values, cell, longest)).collect();
    if others.len() > 1 {
        return None;
    }
    let whole = rows.iter().find(|row| row.value.is_none_or(|value| value.code == TOTAL));
    let total = whole.and_then(|row| Some((row.cell, row.cell.value?)));
    let most = most_frequent(&rows);
    let (cell, count) = most.map(|(row, count)| (row.cell, count)).or(total.filter(|_| first))?;
    let text = text(view, longest, most, total.map(|(_, count)| count));
    Some(KeyFigure { table: &view.table.id, cell, count, text })
}

/// A cell of the longest period, with its value on the other dimension.
struct Row<'a> {
    value: Option<&'a Value>,
    cell: &'a Cell,
}

impl<'a> Row<'a> {
    fn of(values: &[&'a Value], cell: &'a Cell, longest: &Value) -> Option<Self> {
        let (period, others) = values.split_first()?;
        (period.code == longest.code).then(|| Self { value: others.first().copied(), cell })
    }

    /// The most that its count can be.
    fn at_most(&self) -> u64 {
        self.cell.value.or(self.cell.at_most).unwrap_or(u64::MAX)
    }
}

/// The row of the most frequent value of the first level where it is certain.
fn most_frequent<'r, 'a>(rows: &'r [Row<'a>]) -> Option<(&'r Row<'a>, u64)> {
    let parts: Vec<(&Row<'a>, &Value)> =
        rows.iter().filter_map(|row| Some((row, row.value?))).filter(|(_, value)| value.code != TOTAL).collect();
    let mut levels: Vec<Option<&str>> = Vec::new();
    for (_, value) in &parts {
        if !levels.contains(&value.level.as_deref()) {
            levels.push(value.level.as_deref());
        }
    }
    levels.into_iter().find_map(|level| {
        let same: Vec<&(&Row<'a>, &Value)> =
            parts.iter().filter(|(_, value)| value.level.as_deref() == level).collect();
        // Values that overlap cannot be compared: the larger contains the smaller.
        let mut seen = BTreeSet::new();
        if !same.iter().flat_map(|(_, value)| &value.parts).all(|part| seen.insert(*part)) {
            return None;
        }
        let (largest, count) = same
            .iter()
            .filter_map(|(row, _)| Some((*row, row.cell.value?)))
            .max_by_key(|(_, count)| *count)
            .filter(|(_, count)| *count > 0)?;
        let is_alone = same.iter().filter(|(row, _)| row.at_most() >= count).count() == 1;
        is_alone.then_some((largest, count))
    })
}

/// « Actions par type, année 2025 : le plus souvent « Café des parents », 5 sur 16. »
fn text(view: &View<'_>, period: &Value, most: Option<(&Row<'_>, u64)>, total: Option<u64>) -> Label {
    let label = &view.table.label;
    let value = most.and_then(|(row, _)| row.value).map(|value| &value.label);
    let count = most.map(|(_, count)| count);
    let fr = match (value, count, total) {
        (Some(value), Some(count), Some(total)) => {
            format!("le plus souvent «\u{a0}{}\u{a0}», {count} sur {total}", value.fr)
        }
        (Some(value), Some(count), None) => format!("le plus souvent «\u{a0}{}\u{a0}», {count}", value.fr),
        (_, _, total) => total.unwrap_or_default().to_string(),
    };
    let en = match (value, count, total) {
        (Some(value), Some(count), Some(total)) => format!("most often \"{}\", {count} of {total}", value.en),
        (Some(value), Some(count), None) => format!("most often \"{}\", {count}", value.en),
        (_, _, total) => total.unwrap_or_default().to_string(),
    };
    Label {
        fr: format!("{}, {}\u{a0}: {fr}.", label.fr, lower(&period.label.fr)),
        en: format!("{}, {}: {en}.", label.en, lower(&period.label.en)),
    }
}

/// The label inside a sentence: its first letter is not a capital.
fn lower(label: &str) -> String {
    let mut letters = label.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::release;
    use crate::statistics::formats::key_figures::*;

    fn said(release: &Release) -> Vec<String> {
        key_figures(release).unwrap().into_iter().map(|figure| figure.text.fr).collect()
    }

    /// The first table, with these counts of its half-year: all, and two communes.
    fn with(counts: [Option<u64>; 3]) -> Release {
        let mut release = release();
        release.tables.truncate(1);
        for (cell, count) in release.tables[0].cells[6..].iter_mut().zip(counts) {
            *cell = Cell::of(cell.coordinates.clone(), count);
        }
        release
    }

    #[test]
    fn a_population_says_its_total_once_and_what_is_most_frequent() {
        // The second table has three dimensions, and says nothing.
        assert_eq!(said(&release()), ["Enfants par territoire, 1er semestre 2025\u{a0}: 55."]);
        assert_eq!(said(&with([Some(55), Some(40), Some(15)])), [BOURG]);
    }

    const BOURG: &str =
        "Enfants par territoire, 1er semestre 2025\u{a0}: le plus souvent «\u{a0}Bourg, le Haut\u{a0}», 40 sur 55.";

    #[test]
    fn a_hidden_count_that_can_be_as_large_keeps_it_from_being_said() {
        let total = ["Enfants par territoire, 1er semestre 2025\u{a0}: 55."];
        let mut release = with([Some(55), Some(40), None]);
        assert_eq!(said(&release), total);
        release.tables[0].cells[8].at_most = Some(40);
        assert_eq!(said(&release), total);
        release.tables[0].cells[8].at_most = Some(39);
        assert_eq!(said(&release), [BOURG]);
        assert_eq!(said(&with([None, None, None])), [""; 0]);
        assert_eq!(
            said(&with([Some(30), Some(15), Some(15)])),
            ["Enfants par territoire, 1er semestre 2025\u{a0}: 30."]
        );
        assert_eq!(said(&with([Some(0), Some(0), Some(0)])), ["Enfants par territoire, 1er semestre 2025\u{a0}: 0."]);
    }

    #[test]
    fn values_that_overlap_are_not_compared() {
        let mut release = with([Some(55), Some(40), Some(15)]);
        release.dimensions[1].values[2].parts = vec![1, 2];
        assert_eq!(said(&release), ["Enfants par territoire, 1er semestre 2025\u{a0}: 55."]);
    }

    #[test]
    fn a_figure_names_its_cell() {
        let release = with([Some(55), Some(40), Some(15)]);
        let figure = &key_figures(&release).unwrap()[0];
        assert_eq!((figure.table, figure.count, figure.cell.value), ("by_territory", 40, Some(40)));
        assert_eq!(figure.text.en, "Children by territory, 1st half of 2025: most often \"Bourg, le Haut\", 40 of 55.");
    }
}
