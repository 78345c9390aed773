//! A list as a workbook of one sheet, written row by row. Dates and numbers are stored as such, instants in UTC.
//!
//! `rust_xlsxwriter`, which writes documents, keeps every cell until the end: ten times the size of the file for a list of
//! 10,000 rows. Its mode that does not writes the cells to a temporary file, and personal data must not be on a disk in
//! clear. So rows are written as the XML of ECMA-376 into a compressed archive at once.

use std::fmt::Write as _;
use std::io::{self, Cursor, Write};

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::{Column, Kind, cells, document::truncated};

/// The parts of the archive before the sheet. The styles are those of [`Style`], in their order.
const PARTS: [(&str, &str); 5] = [
    (
        "[Content_Types].xml",
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><RuleOverride PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><RuleOverride PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><RuleOverride PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#,
    ),
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><bookViews><workbookView/></bookViews><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/></Relationships>"#,
    ),
    (
        "xl/styles.xml",
        r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/><numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/></numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
    ),
];

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// The sheet before its rows: the header stays in view.
const SHEET: &str = r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>"#;

/// The index of the style of a cell.
#[derive(Clone, Copy)]
enum Style {
    Date = 1,
    Instant = 2,
}

/// A table that is written row by row.
pub(super) struct XlsxTable {
    archive: ZipWriter<Cursor<Vec<u8>>>,
    /// The XML of one row.
    xml: String,
    rows: usize,
}

impl XlsxTable {
    /// Writes the header.
    pub(super) fn begin(columns: &[Column]) -> io::Result<Self> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        // The same list has the same bytes: no time of writing. A higher level takes twice the time for a tenth less.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(3))
            .last_modified_time(DateTime::default());
        for (name, xml) in PARTS {
            archive.start_file(name, options)?;
            archive.write_all(DECLARATION.as_bytes())?;
            archive.write_all(xml.as_bytes())?;
        }
        archive.start_file("xl/worksheets/sheet1.xml", options)?;
        archive.write_all(DECLARATION.as_bytes())?;
        archive.write_all(SHEET.as_bytes())?;
        let mut table = Self { archive, xml: String::new(), rows: 0 };
        table.line(columns, |column| Some(Content::Text(column.name())))?;
        Ok(table)
    }

    /// Writes a row.
    pub(super) fn row(&mut self, columns: &[Column], row: &Value) -> io::Result<()> {
        self.line(columns, |column| content(column.kind, column.value(row)))
    }

    /// Ends the workbook.
    pub(super) fn end(mut self) -> io::Result<Vec<u8>> {
        self.archive.write_all(b"</sheetData></worksheet>")?;
        Ok(self.archive.finish()?.into_inner())
    }

    fn line(&mut self, columns: &[Column], content: impl Fn(&Column) -> Option<Content>) -> io::Result<()> {
        self.rows += 1;
        self.xml.clear();
        let _ = write!(self.xml, "<row r=\"{}\">", self.rows);
        for (at, column) in columns.iter().enumerate() {
            if let Some(content) = content(column) {
                cell(&mut self.xml, &format!("{}{}", letters(at), self.rows), content);
            }
        }
        self.xml.push_str("</row>");
        self.archive.write_all(self.xml.as_bytes())
    }
}

/// The content of a cell.
enum Content {
    Text(String),
    Number(f64),
    Boolean(bool),
    /// A number of days since the start of the calendar of sheets.
    Moment(f64, Style),
}

/// The content of the cell of a value; `None` for null.
fn content(kind: Kind, value: &Value) -> Option<Content> {
    let moment = value.as_str().and_then(|text| match kind {
        Kind::Date => Some(Content::Moment(days(&text.parse::<NaiveDate>().ok()?.into())?, Style::Date)),
        // A sheet stores no time zone: the text is cut after the seconds.
        Kind::Instant => Some(Content::Moment(days(&text.get(..19)?.parse().ok()?)?, Style::Instant)),
        Kind::Plain => None,
    });
    match (value, moment) {
        (Value::Null, _) => None,
        (_, Some(moment)) => Some(moment),
        (Value::Bool(boolean), _) => Some(Content::Boolean(*boolean)),
        (Value::Number(number), _) => number.as_f64().map(Content::Number),
        (other, _) => Some(Content::Text(truncated(cells::text_of(other)))),
    }
}

/// The days since the start of the calendar of sheets. `None` before 1 March 1900: sheets have a 29 February 1900.
fn days(moment: &NaiveDateTime) -> Option<f64> {
    let since = *moment - NaiveDate::from_ymd_opt(1899, 12, 30)?.and_hms_opt(0, 0, 0)?;
    let seconds = i32::try_from(since.num_seconds() % 86_400).ok()?;
    let days = i32::try_from(since.num_days()).ok()?;
    (days > 60).then(|| f64::from(days) + f64::from(seconds) / 86_400.0)
}

fn cell(xml: &mut String, place: &str, content: Content) {
    // Writing to a string does not fail.
    let _ = match content {
        Content::Text(text) => {
            let _ = write!(xml, "<c r=\"{place}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">");
            escape(xml, &text);
            write!(xml, "</t></is></c>")
        }
        Content::Number(number) => write!(xml, "<c r=\"{place}\"><v>{number}</v></c>"),
        Content::Boolean(boolean) => write!(xml, "<c r=\"{place}\" t=\"b\"><v>{}</v></c>", u8::from(boolean)),
        Content::Moment(days, style) => write!(xml, "<c r=\"{place}\" s=\"{}\"><v>{days}</v></c>", style as u8),
    };
}

/// Writes a text as the content of an element. Characters that XML does not allow are written as `_x0007_`, so a text
/// that looks like this is escaped too.
fn escape(xml: &mut String, text: &str) {
    for (at, letter) in text.char_indices() {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '\t' | '\n' => xml.push(letter),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(xml, "_x{:04X}_", u32::from(letter));
            }
            '_' if is_escape(&text.as_bytes()[at..]) => xml.push_str("_x005F_"),
            _ => xml.push(letter),
        }
    }
}

/// Whether the bytes begin like `_x0007_`.
fn is_escape(bytes: &[u8]) -> bool {
    matches!(bytes, [b'_', b'x', digits @ .., ] if digits.len() >= 5
        && digits[..4].iter().all(u8::is_ascii_hexdigit) && digits[4] == b'_')
}

/// The name of a column: A to Z, then AA.
fn letters(mut at: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(at % 26).unwrap_or_default()));
        if at < 26 {
            return letters.into_iter().collect();
        }
        at = at / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use crate::http::spreadsheet::xlsx::*;

    #[test]
    fn columns_have_letters() {
        for (at, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(at), name);
        }
    }

    #[test]
    fn moments_are_days() {
        for (text, number) in [
            ("1900-03-01T00:00:00", Some(61.0)),
            ("2026-01-01T12:00:00", Some(46_023.5)),
            ("1900-02-28T00:00:00", None),
            ("1815-12-10T00:00:00", None),
        ] {
            assert_eq!(days(&text.parse().unwrap()), number, "{text}");
        }
    }

    #[test]
    fn any_text_is_valid_xml() {
        let mut xml = String::new();
        escape(&mut xml, "a<b> & \u{7}\r\n\t_x0041_ _x_ é😀\u{ffff}");
        assert_eq!(xml, "a&lt;b&gt; &amp; _x0007__x000D_\n\t_x005F_x0041_ _x_ é😀_xFFFF_");
    }
}
