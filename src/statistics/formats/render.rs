//! Renders a table as bytes: the available formats, their media types and file names.

use serde::Serialize;

use super::document::Release;
use super::dto::Dataset;
use super::{Error, Headings, Selection, View, csv, dataset, sdmx_csv, sdmx_json, xlsx};
use crate::http::rendering::Format;

/// A format of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// A [`Dataset`].
    Json,
    /// One line per cell.
    Csv,
    /// A workbook.
    Xlsx,
    /// A JSON-stat 2.0 dataset.
    JsonStat,
    /// SDMX-CSV 2.0.
    SdmxCsv,
    /// SDMX-JSON 2.0.
    SdmxJson,
}

impl Media {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Json, Self::Csv, Self::Xlsx, Self::JsonStat, Self::SdmxCsv, Self::SdmxJson];

    /// The media type of a response.
    pub const fn media_type(self) -> &'static str {
        let format = match self {
            Self::Json => Format::Json,
            Self::Csv => Format::Csv,
            Self::Xlsx => Format::Xlsx,
            Self::JsonStat => Format::JsonStat,
            Self::SdmxCsv => Format::SdmxCsv,
            Self::SdmxJson => Format::SdmxJson,
        };
        format.media_type()
    }

    /// The extension of a file name, without the dot. Each format has its own.
    pub const fn file_extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::JsonStat => "stat.json",
            Self::SdmxCsv => "sdmx.csv",
            Self::SdmxJson => "sdmx.json",
        }
    }
}

/// Renders a table of a release.
pub fn render(
    release: &Release,
    table: &str,
    selection: &Selection,
    media: Media,
    headings: Headings,
) -> Result<Vec<u8>, Error> {
    let language = headings.language();
    let view = View::new(release, table, selection)?;
    match media {
        Media::Json => json(&Dataset::of(&view)),
        Media::Csv => csv(&view, headings),
        Media::Xlsx => xlsx(release, std::slice::from_ref(&view), headings),
        Media::JsonStat => json(&dataset(&view, language)),
        Media::SdmxCsv => sdmx_csv(&view),
        Media::SdmxJson => json(&sdmx_json(&view, language)?),
    }
}

fn json(what: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(what).map_err(|error| Error::Format(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select};
    use crate::error::Lang;
    use crate::statistics::formats::render::*;
    use serde_json::{Value, json};

    #[test]
    fn every_format_renders_a_table() {
        let release = release();
        let selection = select(&release, [("territory", "63001")]);
        let mut rendered = std::collections::BTreeSet::new();
        for media in Media::ALL {
            let bytes = render(&release, "by_territory", &selection, media, Headings::Codes(Lang::Fr)).unwrap();
            assert!(rendered.insert(bytes), "{media:?} equals another format");
            let none = render(&release, "by_colour", &selection, media, Headings::Codes(Lang::Fr));
            assert_eq!(none, Err(Error::UnknownTable("by_colour".into())));
        }
        assert_eq!(rendered.len(), Media::ALL.len());
        let names = |name: fn(Media) -> &'static str| {
            Media::ALL.into_iter().map(name).collect::<std::collections::BTreeSet<_>>().len()
        };
        assert_eq!((names(Media::media_type), names(Media::file_extension)), (6, 6));
    }

    #[test]
    fn a_table_in_json_has_only_the_values_that_it_uses() {
        let release = release();
        let selection = select(&release, [("territory", "63001"), ("period", "2025-Q1,2025-Q2")]);
        let bytes = render(&release, "by_territory", &selection, Media::Json, Headings::Codes(Lang::Fr)).unwrap();
        let data: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!((&data["release_id"], &data["number"]), (&json!(release.id), &json!(2)));
        let codes = |at: usize| {
            let values = data["dimensions"][at]["values"].as_array().unwrap();
            values.iter().map(|value| value["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(data["dimensions"].as_array().unwrap().len(), 2);
        assert_eq!((codes(0), codes(1)), (vec!["2025-Q1".into(), "2025-Q2".into()], vec!["63001".into()]));
        assert_eq!(
            data["table"]["cells"],
            json!([
                {"coordinates": ["2025-Q1", "63001"], "value": null, "status": "suppressed", "at_least": 0, "at_most": 28},
                {"coordinates": ["2025-Q2", "63001"], "value": 0, "status": "published"},
            ])
        );
    }
}
