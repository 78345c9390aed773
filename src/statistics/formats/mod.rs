//! Renders a signed release in other formats: CSV, XLSX, JSON-stat, SDMX, and the dictionary of its codes. No I/O.
//!
//! A format is rendered from the document alone, through a [`View`]: the requested cells, in their order, hidden ones
//! included. Nothing here knows why a cell is hidden, so no order, length or field can reveal it.

mod crosstab;
mod csv;
pub mod dto;
mod files;
#[cfg(test)]
mod fixtures;
mod headings;
mod json_stat;
mod key_figures;
pub mod metadata;
mod periods;
#[cfg(test)]
mod properties;
mod render;
mod sdmx;
mod sdmx_json;
mod selection;
mod view;
mod xlsx;

use crate::error::Lang;
use passerelle_disclosure::{axes, document};

pub use axes::Axis;
pub use crosstab::crosstab;
pub use csv::table as csv;
pub use files::File;
pub use headings::Headings;
pub use json_stat::{collection, dataset};
pub use key_figures::{KeyFigure, key_figures};
pub use render::{Media, render};
pub use sdmx::table as sdmx_csv;
pub use sdmx_json::message as sdmx_json;
pub use selection::{Selection, SelectionError};
pub use view::{View, views};
pub use xlsx::workbook as xlsx;

use document::Status;

/// Why a release cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The release has no such table.
    #[error("no table {0}")]
    UnknownTable(String),
    /// The document is inconsistent; nothing of it is rendered.
    #[error("table {table}: {reason}")]
    Malformed {
        /// The table.
        table: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The format cannot hold the table, such as a sheet of two million lines.
    #[error("{0}")]
    Format(String),
}

/// A label in a language.
fn text(label: &document::Label, language: Lang) -> &str {
    language.pick(&label.fr, &label.en)
}

/// The code of a status, the same in every language and in every format except SDMX.
fn status_code(status: Status) -> &'static str {
    match status {
        Status::Published => "published",
        Status::Suppressed => "suppressed",
    }
}
