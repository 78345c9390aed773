//! A workbook with one sheet: dates are dates, numbers are numbers, instants are in UTC.

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
    let mut book = Workbook::new();
    // The library notes the hour, and the same list would never be the same bytes.
    book.set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
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
    use super::*;

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_visibly() {
        let long = "é😀".repeat(20_000);
        let cut = fitting(long);
        assert!(cut.ends_with('…') && cut.encode_utf16().count() <= CELL && cut.encode_utf16().count() > CELL - 3);
        assert_eq!(fitting("court".into()), "court");
    }
}
