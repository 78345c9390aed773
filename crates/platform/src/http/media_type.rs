//! The media types of responses.

/// Comma-separated values.
pub(super) const CSV: &str = "text/csv";
/// A workbook.
pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// A printable page.
pub(super) const HTML: &str = "text/html";
/// The default of every response.
pub(super) const JSON: &str = "application/json";
/// JSON-stat, which has no registered media type: this one distinguishes it from other JSON.
const JSON_STAT: &str = "application/vnd.json-stat+json";
/// SDMX-CSV.
const SDMX_CSV: &str = "application/vnd.sdmx.data+csv";
/// SDMX-JSON.
const SDMX_JSON: &str = "application/vnd.sdmx.data+json";

/// A format in which responses are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// JSON, or no preference.
    #[default]
    Json,
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
    /// A page.
    Html,
    /// JSON-stat 2.0.
    JsonStat,
    /// SDMX-CSV 2.0.
    SdmxCsv,
    /// SDMX-JSON 2.0.
    SdmxJson,
}

impl Format {
    /// Every format with its name in `Accept`; of those that a caller prefers equally, the first one is chosen.
    pub(super) const ALL: [(&'static str, Self); 7] = [
        (JSON, Self::Json),
        (CSV, Self::Csv),
        (XLSX, Self::Xlsx),
        (HTML, Self::Html),
        (JSON_STAT, Self::JsonStat),
        (SDMX_CSV, Self::SdmxCsv),
        (SDMX_JSON, Self::SdmxJson),
    ];

    /// The media type, as `Content-Type` names it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => JSON,
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => XLSX,
            Self::Html => "text/html; charset=utf-8",
            Self::JsonStat => JSON_STAT,
            Self::SdmxCsv => "application/vnd.sdmx.data+csv; version=2.0.0",
            Self::SdmxJson => "application/vnd.sdmx.data+json; version=2.0.0",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::http::media_type::*;

    #[test]
    fn a_media_type_begins_with_the_name_that_selects_it() {
        for (name, format) in Format::ALL {
            assert_eq!(format.media_type().split(';').next(), Some(name));
        }
    }
}
