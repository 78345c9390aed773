//! A document as a workbook of several sheets. Dates and numbers are stored as such.

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use super::cells;

/// Maximum number of characters in a cell.
const MAX_CELL: usize = 32_767;

/// The content of a cell of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Empty: unknown or not applicable.
    Empty,
    /// A text, never run as a formula.
    Text(String),
    /// A heading.
    Heading(String),
    /// A number.
    Number(i64),
    /// An amount in cents, displayed in euros.
    Cents(i64),
    /// A date.
    Date(NaiveDate),
}

/// A sheet of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name: at most 31 characters.
    pub name: String,
    /// Its lines.
    pub lines: Vec<Vec<Cell>>,
}

/// Writes a document of several sheets.
pub(in crate::http) fn sheets(sheets: &[Sheet]) -> Option<Vec<u8>> {
    document(sheets).inspect_err(|error| log::error!("a workbook could not be written: {error}")).ok()
}

fn document(sheets: &[Sheet]) -> Result<Vec<u8>, XlsxError> {
    let mut book = new_book()?;
    let date = Format::new().set_num_format("yyyy-mm-dd");
    let money = Format::new().set_num_format("#,##0.00 [$€-40C]");
    let heading = Format::new().set_bold();
    for one in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(&one.name)?;
        for (line, cells) in (0..).zip(&one.lines) {
            for (at, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Empty => {}
                    Cell::Text(text) => drop(sheet.write_string(line, at, truncated(cells::escape_formulas(text)))?),
                    Cell::Heading(text) => {
                        sheet.write_string_with_format(line, at, truncated(cells::escape_formulas(text)), &heading)?;
                    }
                    Cell::Number(number) => drop(sheet.write_number(line, at, exact(*number))?),
                    Cell::Cents(cents) => {
                        sheet.write_number_with_format(line, at, exact(*cents) / 100.0, &money)?;
                    }
                    Cell::Date(day) => {
                        let day = ExcelDateTime::parse_from_str(&day.to_string())?;
                        sheet.write_datetime_with_format(line, at, &day, &date)?;
                    }
                }
            }
        }
        sheet.autofit();
    }
    book.save_to_buffer()
}

/// A number as a sheet stores it: exact up to 2^53, which no amount here comes near.
#[allow(clippy::cast_precision_loss, reason = "a sheet has no other type of number")]
fn exact(number: i64) -> f64 {
    number as f64
}

fn new_book() -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // By default the library writes the current time, and the same document would never have the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    Ok(book)
}

/// Truncates a text that is too long for a cell, and marks it with an ellipsis.
pub(super) fn truncated(text: String) -> String {
    // The format counts UTF-16 units.
    if text.encode_utf16().count() <= MAX_CELL {
        return text;
    }
    let mut units = 1;
    let start = text.chars().take_while(|letter| {
        units += letter.len_utf16();
        units <= MAX_CELL
    });
    start.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::document::*;

    #[test]
    fn a_text_too_long_for_a_cell_is_truncated_visibly() {
        let long = "é😀".repeat(20_000);
        let cut = truncated(long);
        assert!(
            cut.ends_with('…') && cut.encode_utf16().count() <= MAX_CELL && cut.encode_utf16().count() > MAX_CELL - 3
        );
        assert_eq!(truncated("court".into()), "court");
    }
}
