//! CSV as in RFC 4180: commas, CRLF, and UTF-8 with a byte order mark, by which spreadsheet programs detect the
//! encoding.

use csv::{Terminator, WriterBuilder};
use serde::Serialize;

use super::{Column, cells};

/// The UTF-8 byte order mark.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Writes the header and the rows.
pub(in crate::http) fn write(columns: &[Column], rows: &[impl Serialize]) -> Option<Vec<u8>> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(columns.iter().map(Column::name)).ok()?;
    for row in rows {
        // One row at a time, so that a list of 10,000 rows is never in memory as JSON.
        let row = serde_json::to_value(row).ok()?;
        writer.write_record(columns.iter().map(|column| cells::text_of(column.value(&row)))).ok()?;
    }
    writer.into_inner().ok()
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
        let text = String::from_utf8(write(&columns, &rows).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}id,child.name,age\r\na,\"Zoé, \"\"'=1\"\"\",-1\r\nb,,\r\n");
    }
}
