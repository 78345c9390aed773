//! CSV as in RFC 4180: commas, CRLF, and UTF-8 with a byte order mark, by which spreadsheet programs detect the
//! encoding.

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};
use serde_json::Value;

use super::{Column, cells};

/// The UTF-8 byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A table that is written row by row.
pub(super) struct CsvTable<W: Write>(Writer<W>);

impl<W: Write> CsvTable<W> {
    /// Writes the header.
    pub(super) fn begin(columns: &[Column], mut out: W) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK)?;
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
        writer.write_record(columns.iter().map(Column::name))?;
        Ok(Self(writer))
    }

    /// Writes a row.
    pub(super) fn row(&mut self, columns: &[Column], row: &Value) -> io::Result<()> {
        Ok(self.0.write_record(columns.iter().map(|column| cells::text_of(column.value(row))))?)
    }

    /// Ends the table.
    pub(super) fn end(self) -> io::Result<W> {
        self.0.into_inner().map_err(csv::IntoInnerError::into_error)
    }
}

/// A small table as text, without a byte order mark: the example of the contract.
pub(in crate::http) fn example(columns: &[Column], rows: &[Value]) -> Option<String> {
    let mut table = CsvTable::begin(columns, Vec::new()).ok()?;
    for row in rows {
        table.row(columns, row).ok()?;
    }
    String::from_utf8(table.end().ok()?.split_off(BYTE_ORDER_MARK.len())).ok()
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::Kind;
    use crate::http::spreadsheet::csv::*;
    use serde_json::json;

    #[test]
    fn a_row_is_a_line() {
        let column = |path: &[&str]| Column { path: path.iter().map(ToString::to_string).collect(), kind: Kind::Plain };
        let columns = [column(&["id"]), column(&["child", "name"]), column(&["age"])];
        let rows = [json!({"id": "a", "child": {"name": "Zoé, \"=1\""}, "age": -1}), json!({"id": "b", "age": null})];
        assert_eq!(example(&columns, &rows).unwrap(), "id,child.name,age\r\na,\"Zoé, \"\"'=1\"\"\",-1\r\nb,,\r\n");
        let table = CsvTable::begin(&columns, Vec::new()).unwrap().end().unwrap();
        assert!(table.starts_with("\u{feff}id".as_bytes()));
    }
}
