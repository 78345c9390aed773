//! Renders a release or a table as bytes: the available formats, their media types and file names.

use serde::Serialize;

use super::document::{Label, Release};
use super::dto::Dataset;
use super::{Error, Selection, View, collection, csv, dataset, sdmx_csv, sdmx_json, views, xlsx};
use crate::error::Lang;

/// A format of a release or of one of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Media {
    /// The document itself, or a [`Dataset`] of one table.
    Json,
    /// One line per cell; one table.
    Csv,
    /// A workbook with one sheet per table.
    Xlsx,
    /// JSON-stat 2.0: a dataset, or a collection of datasets.
    JsonStat,
    /// SDMX-CSV 2.0; one table.
    SdmxCsv,
    /// SDMX-JSON 2.0; one table.
    SdmxJson,
}

impl Media {
    /// Every format.
    pub const ALL: [Self; 6] = [Self::Json, Self::Csv, Self::Xlsx, Self::JsonStat, Self::SdmxCsv, Self::SdmxJson];

    /// The media type of a response. JSON-stat has no registered type; this one distinguishes it from our JSON.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::JsonStat => "application/vnd.json-stat+json",
            Self::SdmxCsv => "application/vnd.sdmx.data+csv; version=2.0.0",
            Self::SdmxJson => "application/vnd.sdmx.data+json; version=2.0.0",
        }
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

/// Renders a table of a release, or the whole release. In JSON, the whole release is the document itself. It cannot be
/// filtered, since its proofs cover all its cells.
pub fn render(
    release: &Release,
    table: Option<&str>,
    selection: &Selection,
    media: Media,
    language: Lang,
) -> Result<Vec<u8>, Error> {
    let Some(table) = table else { return whole(release, selection, media, language) };
    let view = View::new(release, table, selection)?;
    match media {
        Media::Json => json(&Dataset::of(&view)),
        Media::Csv => csv(&view, language),
        Media::Xlsx => xlsx(release, std::slice::from_ref(&view), language),
        Media::JsonStat => json(&dataset(&view, language)),
        Media::SdmxCsv => sdmx_csv(&view),
        Media::SdmxJson => json(&sdmx_json(&view, language)?),
    }
}

fn whole(release: &Release, selection: &Selection, media: Media, language: Lang) -> Result<Vec<u8>, Error> {
    let views = views(release, selection)?;
    match media {
        Media::Json if *selection == Selection::all() => json(release),
        Media::Json => Err(unavailable(
            "Le document signé ne peut pas être filtré : demandez un tableau, ou le document entier.",
            "The signed document cannot be filtered: request one table, or the whole document.",
        )),
        Media::Xlsx => xlsx(release, &views, language),
        Media::JsonStat => json(&collection(release, &views, language)),
        Media::Csv | Media::SdmxCsv | Media::SdmxJson => Err(unavailable(
            "Ce format ne contient qu'un tableau : demandez un tableau.",
            "This format holds one table: request one table.",
        )),
    }
}

fn unavailable(fr: &str, en: &str) -> Error {
    Error::Unavailable(Label { fr: fr.to_owned(), en: en.to_owned() })
}

fn json(what: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(what).map_err(|error| Error::Format(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select};
    use crate::statistics::formats::render::*;
    use serde_json::{Value, json};

    #[test]
    fn every_format_renders_a_table() {
        let release = release();
        let selection = select(&release, [("territory", "63001")]);
        let mut rendered = std::collections::BTreeSet::new();
        for media in Media::ALL {
            let bytes = render(&release, Some("by_territory"), &selection, media, Lang::Fr).unwrap();
            assert!(rendered.insert(bytes), "{media:?} equals another format");
            let none = render(&release, Some("by_colour"), &selection, media, Lang::Fr);
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
        let bytes = render(&release, Some("by_territory"), &selection, Media::Json, Lang::Fr).unwrap();
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
                {"coordinates": ["2025-Q1", "63001"], "value": null, "status": "suppressed"},
                {"coordinates": ["2025-Q2", "63001"], "value": 0, "status": "published"},
            ])
        );
    }

    #[test]
    fn a_whole_release_is_available_in_fewer_formats() {
        let release = release();
        let whole = |media, selection: &Selection| render(&release, None, selection, media, Lang::En);
        let all = Selection::all();
        assert_eq!(whole(Media::Json, &all).unwrap(), serde_json::to_vec(&release).unwrap());
        assert!(whole(Media::Xlsx, &all).is_ok() && whole(Media::JsonStat, &all).is_ok());
        for media in [Media::Csv, Media::SdmxCsv, Media::SdmxJson] {
            assert_eq!(whole(media, &all).unwrap_err().to_string(), "This format holds one table: request one table.");
        }
        let narrow = select(&release, [("territory", "63001")]);
        assert!(matches!(whole(Media::Json, &narrow), Err(Error::Unavailable(_))));
        assert!(whole(Media::Xlsx, &narrow).is_ok());
    }
}
