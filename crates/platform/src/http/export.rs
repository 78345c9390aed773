//! The spreadsheet that a caller requests instead of JSON, and its writing: in steps, on a blocking thread.

use std::fmt;

use actix_web::HttpRequest;
use actix_web::web::Data;

use super::edge::Edge;
use super::edge::exports::ExportPermit;
use super::presentation::Presentation;
use super::spreadsheet::{Column, File, Table, TableFormat};
use passerelle_base::error::{ApiError, Code};

/// The spreadsheet that a caller requests.
pub(super) struct Export {
    format: TableFormat,
    columns: Vec<Column>,
    edge: Data<Edge>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Export({:?})", self.format)
    }
}

impl Export {
    /// The spreadsheet of a list; `None` if the caller requests JSON. The presentation has been read.
    pub(super) fn requested(req: &HttpRequest) -> Result<Option<Self>, ApiError> {
        let Some((format, columns)) = Presentation::of(req).table(req)? else { return Ok(None) };
        let edge = req.app_data::<Data<Edge>>().ok_or_else(|| ApiError::new(Code::Internal))?.clone();
        Ok(Some(Self { format, columns, edge }))
    }

    /// Waits for the permit to write: 429 if others take too long.
    pub(super) async fn begin(self) -> Result<PermittedExport, ApiError> {
        let permit = self.edge.begin_export().await?;
        Ok(PermittedExport { format: self.format, columns: self.columns, permit })
    }
}

/// A spreadsheet that may be written now.
pub(super) struct PermittedExport {
    format: TableFormat,
    columns: Vec<Column>,
    permit: ExportPermit,
}

impl PermittedExport {
    /// Writes what `fill` adds to the table.
    pub(super) fn write<R>(self, fill: impl FnOnce(&mut Table) -> Result<R, ApiError>) -> Result<(File, R), ApiError> {
        let mut table = Table::begin(self.format, self.columns)?;
        let result = fill(&mut table)?;
        Ok((table.end(self.permit)?, result))
    }
}
