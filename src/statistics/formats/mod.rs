//! A signed release in other formats: CSV, XLSX, JSON-stat, SDMX, and the dictionary of what is in it. No I/O.
//!
//! A format is drawn from the document alone, through a [`View`]: the cells asked for, in their order, hidden ones
//! too. Nothing here knows why a cell is hidden, so that no order, length or field can tell.

mod csv;
pub mod dto;
#[cfg(test)]
mod fixtures;
mod json_stat;
mod metadata;
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
pub use csv::table as csv;
pub use json_stat::{collection, dataset};
pub use render::{Media, render};
pub use sdmx::table as sdmx_csv;
pub use sdmx_json::message as sdmx_json;
pub use selection::{Fault, Selection};
pub use view::{View, views};
pub use xlsx::workbook as xlsx;

use document::Status;

/// Why a release could not be drawn.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The release has no such table.
    #[error("no table «{0}»")]
    UnknownTable(String),
    /// The document contradicts its own rules; nothing of it is drawn.
    #[error("table «{table}»: {reason}")]
    Malformed {
        /// The table.
        table: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// There is no such drawing: what to ask for instead.
    #[error("{}", .0.en)]
    Unavailable(document::Label),
    /// The format cannot hold it, such as a sheet of two million lines.
    #[error("{0}")]
    Format(String),
}

/// A text in a language of the API.
fn text(label: &document::Label, language: Lang) -> &str {
    language.pick(&label.fr, &label.en)
}

/// The code of a status, the same in every language and in every format but SDMX.
fn status_code(status: Status) -> &'static str {
    match status {
        Status::Published => "published",
        Status::Suppressed => "suppressed",
    }
}
