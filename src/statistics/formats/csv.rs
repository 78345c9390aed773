//! A table as CSV (RFC 4180): commas, CRLF, and UTF-8 with a byte order mark, by which spreadsheets recognise it.
//!
//! One line per cell. A hidden cell has an empty value and its status. All hidden lines have the same form.

use csv::{Terminator, WriterBuilder};

use super::{Error, Lang, View, metadata, status_code, text};
use crate::http::spreadsheet::escape_formulas;

/// The UTF-8 byte order mark.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The table. Columns: the code and the label of each dimension, `value`, `status`, and the metadata of the release.
pub fn table(view: &View<'_>, language: Lang) -> Result<Vec<u8>, Error> {
    let metadata = metadata::columns(view.release);
    let ids = view.axes.iter().map(|axis| &axis.dimension.id);
    let header = ids.flat_map(|id| [id.clone(), format!("{id}_label")]);
    let header = header.chain(["value".to_owned(), "status".to_owned()]);
    let header = header.chain(metadata.iter().map(|(name, _)| (*name).to_owned()));
    let rows = view.rows().map(|(values, cell)| {
        let labelled = values
            .into_iter()
            .flat_map(|value| [escape_formulas(&value.code), escape_formulas(text(&value.label, language))]);
        let count = cell.value.map(|count| count.to_string()).unwrap_or_default();
        let row = labelled.chain([count, status_code(cell.status).to_owned()]);
        row.chain(metadata.iter().map(|(_, text)| escape_formulas(text))).collect()
    });
    write(MARK, header.map(|name| escape_formulas(&name)).collect(), rows)
}

/// Writes a header and lines after a byte order mark (empty for none).
pub(super) fn write(
    mark: &[u8],
    header: Vec<String>,
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, Error> {
    let failed = |reason: String| Error::Format(reason);
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(mark.to_vec());
    for line in std::iter::once(header).chain(rows) {
        writer.write_record(line).map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select, whole};
    use crate::statistics::formats::csv::*;

    fn text(view: &View<'_>, language: Lang) -> String {
        String::from_utf8(table(view, language).unwrap()).unwrap()
    }

    #[test]
    fn a_cell_is_a_line() {
        let release = release();
        let selection = select(&release, [("period", "2025-Q1")]);
        let view = View::new(&release, "by_territory", &selection).unwrap();
        let about = "0197c5f0-0000-7000-8000-000000000001,2,partner,2025-07-10T00:00:00Z,\
                     0197c5f0-0000-7000-8000-0000000000aa,\
                     threshold=5 household_threshold=5 without_two_referrers=3,Licence Ouverte 2.0,2026.1,partners/3";
        assert_eq!(
            text(&view, Lang::Fr),
            format!(
                "\u{feff}period,period_label,territory,territory_label,value,status,release,release_number,tier,cut_off,\
                 service,policy,licence,definitions_version,spec\r\n\
                 2025-Q1,1er trimestre 2025,_T,Ensemble,40,published,{about}\r\n\
                 2025-Q1,1er trimestre 2025,63001,\"Bourg, le Haut\",,suppressed,{about}\r\n\
                 2025-Q1,1er trimestre 2025,63002,'=Val(d'Or),,suppressed,{about}\r\n"
            )
        );
        assert!(text(&view, Lang::En).contains("2025-Q1,1st quarter of 2025,_T,All,40,published,"));
    }

    #[test]
    fn hidden_lines_differ_only_by_their_coordinates() {
        let release = release();
        let view = whole(&release, "by_territory");
        let body = text(&view, Lang::Fr);
        let tails: std::collections::BTreeSet<&str> =
            body.lines().filter_map(|line| line.split_once(",,suppressed,")).map(|(_, tail)| tail).collect();
        assert_eq!(tails.len(), 1);
    }
}
