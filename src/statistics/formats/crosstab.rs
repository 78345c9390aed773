//! A release as a workbook to read: its key figures, then one sheet per table, periods across and the other dimensions down.
//!
//! A hidden cell has an `s`, as statistical offices write it, with its range if it has one. Totals stand above their parts.
//! To compute, use the other workbook, which has a line per cell.

use std::collections::HashMap;

use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use super::document::{Cell, Release, Status, Value};
use super::xlsx::{book, exact, fitting};
use super::{Error, KeyFigure, Lang, View, key_figures, text};
use crate::http::spreadsheet::escape_formulas;

/// The workbook of these tables of a release.
pub fn crosstab(release: &Release, views: &[View<'_>], language: Lang) -> Result<Vec<u8>, Error> {
    let figures = key_figures(release)?;
    let failed = |error: XlsxError| Error::Format(error.to_string());
    let first = summary(release, &figures, language).map_err(failed)?;
    book(release, views, language, Some(("key_figures", first)), |sheet, view| table(sheet, view, language))
        .map_err(failed)
}

/// The first sheet: what the release says.
fn summary(release: &Release, figures: &[KeyFigure<'_>], language: Lang) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    let bold = Format::new().set_bold();
    let title = format!("{}, {}", release.service_name, release.through);
    sheet.write_string_with_format(0, 0, fitting(escape_formulas(&title)), &bold)?;
    for (line, figure) in (2..).zip(figures) {
        sheet.write_string(line, 0, fitting(escape_formulas(text(&figure.text, language))))?;
    }
    sheet.set_column_width(0, 96)?;
    Ok(sheet)
}

/// The title, how to read a hidden cell, then the table.
fn table(sheet: &mut Worksheet, view: &View<'_>, language: Lang) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.write_string_with_format(0, 0, fitting(escape_formulas(text(&view.table.label, language))), &bold)?;
    sheet.write_string(1, 0, legend(language))?;
    let Some((periods, others)) = view.axes.split_first() else { return Ok(()) };
    let labels = u16::try_from(others.len()).unwrap_or(u16::MAX).max(1);
    for (column, axis) in (0..).zip(others) {
        let name = escape_formulas(text(&axis.dimension.label, language));
        sheet.write_string_with_format(HEADER, column, name, &bold)?;
    }
    let columns: HashMap<&str, u16> = periods.values.iter().map(|value| value.code.as_str()).zip(labels..).collect();
    for (column, period) in (labels..).zip(&periods.values) {
        sheet.write_string_with_format(HEADER, column, escape_formulas(text(&period.label, language)), &bold)?;
    }
    let mut rows: HashMap<Vec<&str>, u32> = HashMap::new();
    for (values, cell) in view.rows() {
        let Some((period, of_row)) = values.split_first() else { continue };
        let next = HEADER + 1 + u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let row = *rows.entry(of_row.iter().map(|value| value.code.as_str()).collect()).or_insert(next);
        if row == next {
            headings(sheet, row, of_row, language)?;
        }
        let Some(column) = columns.get(period.code.as_str()) else { continue };
        count(sheet, row, *column, cell)?;
    }
    sheet.set_freeze_panes(HEADER + 1, labels)?;
    sheet.set_column_width(0, 36)?;
    Ok(())
}

/// The line of the names of the columns.
const HEADER: u32 = 3;

fn headings(sheet: &mut Worksheet, row: u32, values: &[&Value], language: Lang) -> Result<(), XlsxError> {
    for (column, value) in (0..).zip(values) {
        sheet.write_string(row, column, fitting(escape_formulas(text(&value.label, language))))?;
    }
    if values.is_empty() {
        sheet.write_string(row, 0, language.pick("Ensemble", "All"))?;
    }
    Ok(())
}

/// A count, or `s` and the range.
fn count(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell) -> Result<(), XlsxError> {
    match (cell.status, cell.value) {
        (Status::Published, Some(value)) => sheet.write_number(row, column, exact(value))?,
        _ => sheet.write_string(row, column, hidden(cell))?,
    };
    Ok(())
}

fn hidden(cell: &Cell) -> String {
    match (cell.at_least, cell.at_most) {
        (Some(least), Some(most)) => format!("s ({least}–{most})"),
        (Some(least), None) if least > 0 => format!("s (≥ {least})"),
        _ => "s".to_owned(),
    }
}

const fn legend(language: Lang) -> &'static str {
    language.pick(
        "s : effectif masqué pour protéger des personnes, ce n'est pas zéro. Entre parenthèses, ce que les chiffres \
         publiés impliquent. Une ligne « Total » ou « Ensemble » contient les autres, un semestre ou une année contient ses \
         trimestres : ne pas les additionner.",
        "s: count suppressed to protect people, it is not zero. In parentheses, what the published figures imply. A line \
         \"Total\" or \"All\" contains the others, a half-year or a year contains its quarters: do not add them up.",
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{open_workbook, release};
    use super::super::{Selection, views};
    use crate::statistics::formats::crosstab::*;
    use calamine::{Data, Reader};

    fn lines(language: Lang, sheet: &str) -> Vec<Vec<String>> {
        let release = release();
        let all = views(&release, &Selection::all()).unwrap();
        let mut book = open_workbook(crosstab(&release, &all, language).unwrap());
        assert_eq!(book.sheet_names(), ["key_figures", "by_territory", "by_territory_and_age", "metadata"]);
        let range = book.worksheet_range(sheet).unwrap();
        let text = |cell: &Data| cell.to_string();
        range.rows().skip(3).map(|row| row.iter().map(text).collect()).collect()
    }

    #[test]
    fn periods_are_columns_and_a_hidden_cell_has_an_s() {
        assert_eq!(
            lines(Lang::Fr, "by_territory"),
            [
                vec!["Territoire", "1er trimestre 2025", "2e trimestre 2025", "1er semestre 2025"],
                vec!["Ensemble", "40", "38", "55"],
                vec!["Bourg, le Haut", "s (0–28)", "0", "s"],
                vec!["'=Val(d'Or)", "s", "s", "s"],
            ]
        );
    }

    #[test]
    fn the_workbook_opens_on_what_the_release_says() {
        let release = release();
        let mut book = open_workbook(crosstab(&release, &[], Lang::Fr).unwrap());
        let range = book.worksheet_range("key_figures").unwrap();
        let lines: Vec<String> = range.rows().map(|row| row[0].to_string()).collect();
        assert_eq!(lines, ["Pôle ressources, 2025-Q2", "", "Enfants par territoire, 1er semestre 2025\u{a0}: 55."]);
    }

    #[test]
    fn each_other_dimension_is_a_column_of_names() {
        let lines = lines(Lang::En, "by_territory_and_age");
        assert_eq!(lines[0], ["Territory", "Age", "1st half of 2025"]);
        assert_eq!(lines[1], ["All", "All", "55"]);
        assert_eq!(lines.len(), 7);
    }
}
