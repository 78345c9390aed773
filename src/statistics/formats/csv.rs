//! A table as CSV (RFC 4180): CRLF, and UTF-8 with a byte order mark, by which spreadsheets recognise it. Commas, or
//! semicolons in a French file.
//!
//! One line per cell. A hidden cell has an empty value, its status and its range. All hidden lines have the same form.

use csv::{Terminator, WriterBuilder};

use super::{Error, Headings, View, metadata, text};
use crate::http::spreadsheet::escape_formulas;

/// The UTF-8 byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The table. Columns: the code and the label of each dimension, `value`, `status`, the range, and the metadata of the
/// release.
pub fn table(view: &View<'_>, headings: Headings) -> Result<Vec<u8>, Error> {
    let language = headings.language();
    let metadata = metadata::columns(view.release);
    let ranges = view.release.has_ranges();
    let header = headings.of_cells(&view.axes, ranges).into_iter().chain(headings.of_metadata());
    let rows = view.rows().map(|(values, cell)| {
        let labelled = values
            .into_iter()
            .flat_map(|value| [escape_formulas(&value.code), escape_formulas(text(&value.label, language))]);
        let count = |count: Option<u64>| count.map(|count| count.to_string()).unwrap_or_default();
        let row = labelled.chain([count(cell.value), headings.status(cell.status).to_owned()]);
        let range = [count(cell.at_least), count(cell.at_most), metadata::range(cell, language)];
        let row = row.chain(range.into_iter().filter(|_| ranges));
        row.chain(metadata.iter().map(|(_, text)| escape_formulas(text))).collect()
    });
    write(MARK, headings.separator(), header.map(|name| escape_formulas(&name)).collect(), rows)
}

/// Writes a header and lines after a byte order mark (empty for none).
pub(super) fn write(
    mark: &[u8],
    separator: u8,
    header: Vec<String>,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, Error> {
    let failed = |reason: String| Error::Format(reason);
    let mut writer = WriterBuilder::new().delimiter(separator).terminator(Terminator::CRLF).from_writer(mark.to_vec());
    for line in std::iter::once(header).chain(rows) {
        writer.write_record(line).map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select, whole};
    use crate::error::Lang;
    use crate::statistics::formats::csv::*;

    fn text(view: &View<'_>, language: Lang) -> String {
        String::from_utf8(table(view, Headings::Codes(language)).unwrap()).unwrap()
    }

    #[test]
    fn a_french_file_has_semicolons_and_the_same_lines() {
        let release = release();
        let view = whole(&release, "by_territory");
        let french = String::from_utf8(table(&view, Headings::French).unwrap()).unwrap();
        assert!(
            french.starts_with("\u{feff}Période (code);Période;Territoire (code);Territoire;effectif;statut;au_moins;")
        );
        assert!(
            french.contains("2025-Q1;1er trimestre 2025;63001;Bourg, le Haut;;masqué;0;28;entre 0 et 28;"),
            "{french}"
        );
        assert!(french.contains(";Ensemble;40;publié;"), "{french}");
        assert_eq!(french.lines().count(), text(&view, Lang::Fr).lines().count());
    }

    #[test]
    fn a_cell_is_a_line() {
        let release = release();
        let selection = select(&release, [("period", "2025-Q1")]);
        let view = View::new(&release, "by_territory", &selection).unwrap();
        let about = "0197c5f0-0000-7000-8000-000000000001,2,partner,2025-07-10T00:00:00Z,\
                     0197c5f0-0000-7000-8000-0000000000aa,\
                     threshold=5 household_threshold=5 without_two_referrers=3,Licence Ouverte 2.0,2026.1,partners/3,";
        assert_eq!(
            text(&view, Lang::Fr),
            format!(
                "\u{feff}period,period_label,territory,territory_label,value,status,at_least,at_most,range,release,release_number,tier,cut_off,\
                 service,policy,licence,definitions_version,spec,notice\r\n\
                 2025-Q1,1er trimestre 2025,_T,Ensemble,40,published,,,,{about}\r\n\
                 2025-Q1,1er trimestre 2025,63001,\"Bourg, le Haut\",,suppressed,0,28,entre 0 et 28,{about}\r\n\
                 2025-Q1,1er trimestre 2025,63002,'=Val(d'Or),,suppressed,0,,0 ou plus,{about}\r\n"
            )
        );
        let english = text(&view, Lang::En);
        assert!(english.contains("2025-Q1,1st quarter of 2025,_T,All,40,published,"));
        assert!(english.contains(",0,28,between 0 and 28,") && english.contains(",0,,0 or more,"));
    }

    /// What was rendered of a release before there were ranges is rendered the same.
    #[test]
    fn a_release_of_a_former_format_keeps_its_columns() {
        let mut release = release();
        release.format = super::super::document::FORMAT_WITHOUT_RANGES.to_owned();
        let body = text(&whole(&release, "by_territory"), Lang::Fr);
        assert!(body.contains(",value,status,release,") && !body.contains("at_least"));
    }

    #[test]
    fn every_line_of_the_sandbox_says_that_it_is_invented() {
        let mut release = release();
        release.notes.insert(0, metadata::invented());
        let body = text(&whole(&release, "by_territory"), Lang::Fr);
        assert!(body.lines().count() > 1 && body.lines().skip(1).all(|line| line.contains("Données de synthèse")));
        assert_eq!(metadata::suffix(&release), "-sandbox-partner");
    }

    #[test]
    fn hidden_lines_differ_only_by_their_coordinates() {
        let mut release = release();
        for cell in &mut release.tables[0].cells {
            (cell.at_least, cell.at_most) = (None, None);
        }
        let view = whole(&release, "by_territory");
        let body = text(&view, Lang::Fr);
        let tails: std::collections::BTreeSet<&str> =
            body.lines().filter_map(|line| line.split_once(",,suppressed,")).map(|(_, tail)| tail).collect();
        assert_eq!(tails.len(), 1);
    }
}
