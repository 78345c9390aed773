//! A table of a release in the contract, in every format.

use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::db::text_enum;
use crate::http::rendering::{PreferredFormat, Renderable};
use crate::statistics::formats::Media;
use crate::statistics::formats::dto::Dataset;

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

/// The cells and the format of a table.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
pub struct StatisticsTableChoice {
    /// The format; by default, the one that `Accept` prefers among JSON, CSV and XLSX. SDMX has no colon in a code: the
    /// value `departement:63` is `departement-63` in both SDMX formats.
    pub format: Option<StatisticsFormat>,
    /// Only cells with these values, as `dimension:code,code`; separate several dimensions with `;`. Cells are
    /// selected, never added up.
    #[param(min_length = 1, max_length = 2000, example = "period:2025,2025-Q4")]
    pub select: Option<String>,
}

impl StatisticsTableChoice {
    /// The format, given the one that `Accept` prefers.
    pub(in crate::statistics::releases) fn media(&self, preferred: PreferredFormat) -> Media {
        let preferred = match preferred {
            PreferredFormat::Json => Media::Json,
            PreferredFormat::Csv => Media::Csv,
            PreferredFormat::Xlsx => Media::Xlsx,
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
