//! A table of a release in the contract, in every format.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::db::text_enum;
use crate::error::Lang;
use crate::http::rendering::{Files, Format, Renderable};
use crate::statistics::formats::dto::Dataset;
use crate::statistics::formats::{File, Headings, Media};

text_enum! {
    /// The format of a table.
    pub enum StatisticsFormat {
        /// The JSON of this contract.
        Json = "json",
        /// CSV, one line per cell.
        Csv = "csv",
        /// An XLSX workbook.
        Xlsx = "xlsx",
        /// JSON-stat 2.0.
        JsonStat = "json_stat",
        /// SDMX-CSV 2.0.
        SdmxCsv = "sdmx_csv",
        /// SDMX-JSON 2.0.
        SdmxJson = "sdmx_json",
    }
}

impl StatisticsFormat {
    fn media(self) -> Media {
        match self {
            Self::Json => Media::Json,
            Self::Csv => Media::Csv,
            Self::Xlsx => Media::Xlsx,
            Self::JsonStat => Media::JsonStat,
            Self::SdmxCsv => Media::SdmxCsv,
            Self::SdmxJson => Media::SdmxJson,
        }
    }
}

text_enum! {
    /// How a flat file is written.
    pub enum StatisticsLocale {
        /// Columns have the codes of the API. CSV has commas. This is the default.
        Codes = "codes",
        /// Columns and labels are in French. CSV has semicolons, which a French spreadsheet opens as columns.
        Fr = "fr",
    }
}

impl StatisticsLocale {
    fn headings(locale: Option<Self>, lang: Lang) -> Headings {
        match locale {
            Some(Self::Fr) => Headings::French,
            Some(Self::Codes) | None => Headings::Codes(lang),
        }
    }
}

text_enum! {
    /// The kind of the file of a whole release.
    pub enum StatisticsFileKind {
        /// An XLSX workbook with a sheet per table and a line per cell: to compute.
        Xlsx = "xlsx",
        /// An XLSX workbook with a sheet per table, periods across: to read. A suppressed cell has an `s` and its range.
        Crosstab = "crosstab",
        /// A ZIP archive with a CSV file per table, and the dictionary.
        CsvZip = "csv_zip",
        /// A JSON-stat 2.0 collection.
        JsonStat = "json_stat",
    }
}

/// The kind of the file.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsFileChoice {
    /// The kind.
    pub kind: StatisticsFileKind,
    /// How CSV and XLSX are written.
    pub locale: Option<StatisticsLocale>,
}

impl StatisticsFileChoice {
    /// The file.
    pub(in crate::statistics::releases) const fn file(self) -> File {
        match self.kind {
            StatisticsFileKind::Xlsx => File::Xlsx,
            StatisticsFileKind::Crosstab => File::Crosstab,
            StatisticsFileKind::CsvZip => File::CsvZip,
            StatisticsFileKind::JsonStat => File::JsonStat,
        }
    }

    /// The headings, given the language that `Accept-Language` prefers.
    pub(in crate::statistics::releases) fn headings(self, lang: Lang) -> Headings {
        StatisticsLocale::headings(self.locale, lang)
    }
}

/// The files of a release.
#[derive(Debug)]
pub struct StatisticsFiles;

impl Files for StatisticsFiles {
    const MEDIA_TYPES: &'static [(&'static str, &'static str)] = &[
        (File::Xlsx.media_type(), "a workbook"),
        (File::CsvZip.media_type(), "an archive of CSV files"),
        (File::JsonStat.media_type(), "a JSON-stat collection"),
    ];
}

/// The cells and the format of a table.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsTableChoice {
    /// The format; by default, the one that `Accept` prefers. SDMX has no colon in a code: the
    /// value `departement:63` is `departement-63` in both SDMX formats.
    pub format: Option<StatisticsFormat>,
    /// Only cells with these values, as `dimension:code,code`; separate several dimensions with `;`. Cells are
    /// selected, never added up.
    #[param(min_length = 1, max_length = 2000, example = "period:2025,2025-Q4")]
    pub select: Option<String>,
    /// How CSV and XLSX are written.
    pub locale: Option<StatisticsLocale>,
}

impl StatisticsTableChoice {
    /// The headings, given the language that `Accept-Language` prefers.
    pub(in crate::statistics::releases) fn headings(&self, lang: Lang) -> Headings {
        StatisticsLocale::headings(self.locale, lang)
    }

    /// The format, given the one that `Accept` prefers.
    pub(in crate::statistics::releases) fn media(&self, preferred: Format) -> Media {
        let preferred = match preferred {
            Format::Json | Format::Html => Media::Json,
            Format::Csv => Media::Csv,
            Format::Xlsx => Media::Xlsx,
            Format::JsonStat => Media::JsonStat,
            Format::SdmxCsv => Media::SdmxCsv,
            Format::SdmxJson => Media::SdmxJson,
        };
        self.format.map_or(preferred, StatisticsFormat::media)
    }
}

impl Renderable for Dataset {
    const OTHER_MEDIA_TYPES: &'static [&'static str] = &[
        Media::Csv.media_type(),
        Media::Xlsx.media_type(),
        Media::JsonStat.media_type(),
        Media::SdmxCsv.media_type(),
        Media::SdmxJson.media_type(),
    ];
}
