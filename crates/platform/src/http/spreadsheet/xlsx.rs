//! Workbooks: a list on one sheet, or a document on several. Dates are dates, numbers are numbers, instants are in UTC.

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde::Serialize;
use serde_json::Value;

use super::{Column, Kind, cells};

/// Characters that a cell holds at most.
const CELL: usize = 32_767;

/// Writes the header and the rows.
pub(in crate::http) fn write(columns: &[Column], rows: &[impl Serialize]) -> Option<Vec<u8>> {
    workbook(columns, rows).inspect_err(|error| log::error!("a workbook could not be written: {error}")).ok()
}

fn workbook(columns: &[Column], rows: &[impl Serialize]) -> Result<Vec<u8>, XlsxError> {
    let mut book = new_book()?;
    let formats = Formats {
        date: Format::new().set_num_format("yyyy-mm-dd"),
        instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
    };
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0..).zip(columns) {
        sheet.write_string(0, at, column.name())?;
    }
    for (line, row) in (1..).zip(rows) {
        let row = serde_json::to_value(row).map_err(|error| XlsxError::ParameterError(error.to_string()))?;
        for (at, column) in (0..).zip(columns) {
            cell(sheet, (line, at), column.kind, column.value(&row), &formats)?;
        }
    }
    book.save_to_buffer()
}

/// What stands in a cell of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing: not known, or does not apply.
    Empty,
    /// A text, never run as a formula.
    Text(String),
    /// A heading.
    Heading(String),
    /// A number.
    Number(i64),
    /// A sum of money in cents, shown in euros.
    Cents(i64),
    /// A date.
    Date(NaiveDate),
}

/// A sheet of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name: 31 characters at most.
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
                    Cell::Text(text) => drop(sheet.write_string(line, at, fitting(cells::safe(text)))?),
                    Cell::Heading(text) => {
                        sheet.write_string_with_format(line, at, fitting(cells::safe(text)), &heading)?;
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

/// A number as a sheet holds it: exact up to 2^53, which no sum of money here comes near.
#[allow(clippy::cast_precision_loss, reason = "a sheet has no other numbers")]
fn exact(number: i64) -> f64 {
    number as f64
}

fn new_book() -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // The library notes the hour, and the same document would never be the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    Ok(book)
}

struct Formats {
    date: Format,
    instant: Format,
}

fn cell(
    sheet: &mut Worksheet,
    (line, at): (u32, u16),
    kind: Kind,
    value: &Value,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let moment = value.as_str().and_then(|text| match kind {
        Kind::Date => ExcelDateTime::parse_from_str(text).ok().map(|date| (date, &formats.date)),
        // What a sheet can hold: no zone, milliseconds.
        Kind::Instant => ExcelDateTime::parse_from_str(text.get(..19)?).ok().map(|instant| (instant, &formats.instant)),
        Kind::Plain => None,
    });
    match (value, moment) {
        (Value::Null, _) => {}
        (_, Some((moment, format))) => drop(sheet.write_datetime_with_format(line, at, &moment, format)?),
        (Value::Bool(truth), _) => drop(sheet.write_boolean(line, at, *truth)?),
        (Value::Number(number), _) if number.as_f64().is_some() => {
            sheet.write_number(line, at, number.as_f64().unwrap_or_default())?;
        }
        (other, _) => drop(sheet.write_string(line, at, fitting(cells::text_of(other)))?),
    }
    Ok(())
}

/// Cuts what no cell can hold, and shows that it was cut.
fn fitting(text: String) -> String {
    // The format counts UTF-16 units.
    if text.encode_utf16().count() <= CELL {
        return text;
    }
    let mut units = 1;
    let kept = text.chars().take_while(|letter| {
        units += letter.len_utf16();
        units <= CELL
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::xlsx::*;

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_visibly() {
        let long = "é😀".repeat(20_000);
        let cut = fitting(long);
        assert!(cut.ends_with('…') && cut.encode_utf16().count() <= CELL && cut.encode_utf16().count() > CELL - 3);
        assert_eq!(fitting("court".into()), "court");
    }
}
