//! A table of rows in either format, compressed while it is written.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde::Serialize;

use super::csv::CsvTable;
use super::file::Content;
use super::xlsx::XlsxTable;
use super::{Column, File};
use crate::http::edge::exports::ExportPermit;
use passerelle_base::error::{ApiError, Code};

/// The format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http) enum TableFormat {
    Csv,
    Xlsx,
}

/// A table that is written row by row.
pub(in crate::http) struct Table {
    columns: Vec<Column>,
    body: Body,
}

enum Body {
    // A finished table waits in memory for its reader: compressed it is a tenth.
    Csv(Box<CsvTable<Counted<DeflateEncoder<Vec<u8>>>>>),
    Xlsx(Box<XlsxTable>),
}

impl Table {
    /// Writes the header.
    pub(in crate::http) fn begin(format: TableFormat, columns: Vec<Column>) -> Result<Self, ApiError> {
        let body = match format {
            TableFormat::Csv => {
                let out = Counted { out: DeflateEncoder::new(Vec::new(), Compression::fast()), bytes: 0 };
                CsvTable::begin(&columns, out).map(Box::new).map(Body::Csv)
            }
            TableFormat::Xlsx => XlsxTable::begin(&columns).map(Box::new).map(Body::Xlsx),
        };
        Ok(Self { columns, body: body.map_err(|error| failed(&error))? })
    }

    /// Writes rows, one at a time, so that they are never all in memory as JSON.
    pub(in crate::http) fn rows(&mut self, rows: &[impl Serialize]) -> Result<(), ApiError> {
        for row in rows {
            let row = serde_json::to_value(row).map_err(|error| failed(&error))?;
            let written = match &mut self.body {
                Body::Csv(table) => table.row(&self.columns, &row),
                Body::Xlsx(table) => table.row(&self.columns, &row),
            };
            written.map_err(|error| failed(&error))?;
        }
        Ok(())
    }

    /// Ends the table.
    pub(in crate::http) fn end(self, permit: ExportPermit) -> Result<File, ApiError> {
        let content = match self.body {
            Body::Csv(table) => table.end().and_then(|counted| {
                let length = counted.bytes;
                Ok(Content::Deflated { bytes: counted.out.finish()?.into(), length })
            }),
            Body::Xlsx(table) => table.end().map(|bytes| Content::Plain(bytes.into())),
        };
        File::new(content.map_err(|error| failed(&error))?, permit)
    }
}

fn failed(error: &dyn std::fmt::Display) -> ApiError {
    log::error!("a spreadsheet could not be written: {error}");
    ApiError::new(Code::Internal)
}

/// Counts the bytes that are written.
struct Counted<W> {
    out: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
