//! A whole release as one file.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{DateTime, ZipWriter};

use super::document::Release;
use super::dto::dictionary::Dictionary;
use super::{Error, Headings, Selection, collection, crosstab, csv, views, xlsx};
use crate::http::rendering::Format;

/// The kind of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum File {
    /// A workbook with one line per cell.
    Xlsx,
    /// A workbook to read, periods across.
    Crosstab,
    /// A ZIP archive with one CSV file per table, and the dictionary.
    CsvZip,
    /// A JSON-stat 2.0 collection.
    JsonStat,
}

impl File {
    /// The media type of the response.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx | Self::Crosstab => Format::Xlsx.media_type(),
            Self::CsvZip => "application/zip",
            Self::JsonStat => Format::JsonStat.media_type(),
        }
    }

    /// The end of the name of the file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => ".xlsx",
            Self::Crosstab => "-crosstab.xlsx",
            Self::CsvZip => "-csv.zip",
            Self::JsonStat => ".stat.json",
        }
    }

    /// The file of a release.
    pub fn of(self, release: &Release, headings: Headings) -> Result<Vec<u8>, Error> {
        let views = views(release, &Selection::all())?;
        match self {
            Self::Xlsx => xlsx(release, &views, headings),
            Self::Crosstab => crosstab(release, &views, headings.language()),
            Self::JsonStat => serde_json::to_vec(&collection(release, &views, headings.language())).map_err(failed),
            Self::CsvZip => {
                let mut files = Vec::with_capacity(views.len() + 1);
                for view in &views {
                    files.push((format!("{}.csv", view.table.id), csv(view, headings)?));
                }
                let dictionary = serde_json::to_vec_pretty(&Dictionary::of(release)).map_err(failed)?;
                files.push(("dictionary.json".to_owned(), dictionary));
                archive(&files).map_err(failed)
            }
        }
    }
}

/// The archive of these files. They have no date, so that the same release gives the same bytes.
fn archive(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().last_modified_time(DateTime::default());
    for (name, bytes) in files {
        archive.start_file(name.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    archive.finish().map(Cursor::into_inner)
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Format(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::release;
    use crate::error::Lang;
    use crate::statistics::formats::files::*;
    use std::io::Read;

    #[test]
    fn an_archive_has_the_tables_and_what_their_codes_mean() {
        let release = release();
        let bytes = File::CsvZip.of(&release, Headings::French).unwrap();
        assert_eq!(bytes, File::CsvZip.of(&release, Headings::French).unwrap());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = archive.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["by_territory.csv", "by_territory_and_age.csv", "dictionary.json"]);
        let mut text = String::new();
        archive.by_name("by_territory.csv").unwrap().read_to_string(&mut text).unwrap();
        assert!(text.starts_with("\u{feff}Période (code);"), "{text}");
        text.clear();
        archive.by_name("dictionary.json").unwrap().read_to_string(&mut text).unwrap();
        let dictionary: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(dictionary["tables"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn each_kind_is_a_file_of_its_own() {
        let release = release();
        let kinds = [File::Xlsx, File::Crosstab, File::CsvZip, File::JsonStat];
        let made = kinds.map(|kind| kind.of(&release, Headings::Codes(Lang::En)).unwrap());
        let names: std::collections::BTreeSet<&str> = kinds.map(File::name).into();
        assert_eq!(names.len(), kinds.len());
        assert!(made.iter().all(|bytes| bytes.len() > 1_000));
        let collection: serde_json::Value = serde_json::from_slice(&made[3]).unwrap();
        assert_eq!(collection["class"], "collection");
    }
}
