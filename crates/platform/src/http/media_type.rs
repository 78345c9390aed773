//! The media types of responses.

/// Comma-separated values.
pub(super) const CSV: &str = "text/csv";
/// A workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A printable page.
pub(super) const HTML: &str = "text/html";
/// The default of every response.
pub(super) const JSON: &str = "application/json";

/// A format in which responses are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Json,
    Csv,
    Xlsx,
    Html,
}

impl Format {
    /// The media type, as `Content-Type` names it.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => XLSX,
            Self::Html => "text/html; charset=utf-8",
        }
    }
}
