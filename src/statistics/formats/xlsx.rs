//! A release as a workbook: one sheet per table, on which it opens, then a sheet of metadata.
//!
//! A hidden cell is an empty cell with its status and its range next to it, never a zero. The same release gives the same bytes: the
//! date in the properties of the workbook is the date of the signature.

use std::collections::BTreeSet;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::document::Release;
use super::{Error, Headings, Lang, View, metadata, text};
use crate::http::spreadsheet::escape_formulas;

/// The name of the sheet of metadata.
const METADATA: &str = "metadata";

/// The maximum length of the name of a sheet, in characters.
const NAME: usize = 31;

/// The maximum length of a cell, in characters.
const CELL: usize = 32_767;

/// The workbook of these tables of a release.
pub fn workbook(release: &Release, views: &[View<'_>], headings: Headings) -> Result<Vec<u8>, Error> {
    book(release, views, headings.language(), None, |sheet, view| table(sheet, view, headings))
        .map_err(|error| Error::Format(error.to_string()))
}

/// A workbook with a first sheet, if one is given with its name, a sheet for each table, which `fill` writes, then the sheet
/// of metadata.
pub(super) fn book(
    release: &Release,
    views: &[View<'_>],
    language: Lang,
    first: Option<(&'static str, Worksheet)>,
    fill: impl Fn(&mut Worksheet, &View<'_>) -> Result<(), XlsxError>,
) -> Result<Vec<u8>, XlsxError> {
    let mut book = empty(release)?;
    let mut names = BTreeSet::from([METADATA.to_owned()]);
    if let Some((name, mut sheet)) = first {
        sheet.set_name(sheet_name(name, &mut names))?;
        book.push_worksheet(sheet);
    }
    for view in views {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(&view.table.id, &mut names))?;
        fill(sheet, view)?;
    }
    metadata_sheet(book.add_worksheet(), release, language)?;
    book.save_to_buffer()
}

/// An empty workbook. The library would store the current time if no date were set.
fn empty(release: &Release) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // A workbook stores an instant without a time zone.
    let signed = release.signed_at.get(..19).unwrap_or(&release.signed_at);
    let created = ExcelDateTime::parse_from_str(signed)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&created).set_company(&release.service_name));
    Ok(book)
}

/// The sheet of metadata, one line per item.
fn metadata_sheet(sheet: &mut Worksheet, release: &Release, language: Lang) -> Result<(), XlsxError> {
    sheet.set_name(METADATA)?;
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    sheet.set_column_width(0, 32)?.set_column_width(1, 96)?;
    for (line, (name, text)) in (0..).zip(items(release, language)) {
        sheet.write_string_with_format(line, 0, name, &bold)?;
        sheet.write_string_with_format(line, 1, fitting(escape_formulas(&text)), &wrapped)?;
    }
    Ok(())
}

fn items(release: &Release, language: Lang) -> Vec<(&'static str, String)> {
    let policy = &release.policy;
    let mut items = vec![
        ("release", release.id.clone()),
        ("release_number", release.number.to_string()),
        ("service", release.service_name.clone()),
        ("service_id", release.service_id.clone()),
        ("year", release.year.to_string()),
        ("through", release.through.clone()),
        ("tier", metadata::tier(release).to_owned()),
        ("cut_off", release.cut_off.clone()),
        ("signed_at", release.signed_at.clone()),
        ("threshold", policy.threshold.to_string()),
        ("household_threshold", policy.household_threshold.to_string()),
        ("without_two_referrers", policy.without_two_referrers.to_string()),
        ("policy_reason", policy.reason.clone()),
        ("spec", metadata::spec(&release.spec)),
        ("spec_sha256", release.spec.sha256.clone()),
        ("definitions_version", release.definitions_version.clone()),
        ("nomenclatures_version", release.nomenclatures_version.clone()),
        ("licence", release.licence.name.clone()),
        ("licence_url", release.licence.url.clone()),
    ];
    if let Some(replaced) = &release.supersedes {
        items.push(("supersedes", replaced.id.clone()));
        items.push(("supersedes_reason", replaced.reason.clone()));
    }
    items.push(("published", metadata::shown(language).to_owned()));
    items.push(("suppressed", metadata::hidden(language).to_owned()));
    if release.has_ranges() {
        items.push(("ranges", metadata::ranges(language).to_owned()));
    }
    items.extend(release.notes.iter().map(|note| ("note", text(note, language).to_owned())));
    items
}

/// The sheet of a table, one line per cell: the code and the label of each dimension, the count, the status, the range.
fn table(sheet: &mut Worksheet, view: &View<'_>, headings: Headings) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let language = headings.language();
    sheet.set_freeze_panes(1, 0)?;
    let ranges = view.release.has_ranges();
    for (at, name) in (0..).zip(headings.of_cells(&view.axes, ranges)) {
        sheet.write_string_with_format(0, at, escape_formulas(&name), &bold)?;
    }
    for (line, (values, cell)) in (1..).zip(view.rows()) {
        let mut at = 0;
        for text in values.iter().flat_map(|value| [value.code.as_str(), text(&value.label, language)]) {
            sheet.write_string(line, at, fitting(escape_formulas(text)))?;
            at += 1;
        }
        if let Some(count) = cell.value {
            sheet.write_number(line, at, exact(count))?;
        }
        sheet.write_string(line, at + 1, headings.status(cell.status))?;
        if ranges {
            for (column, end) in (at + 2..).zip([cell.at_least, cell.at_most]) {
                if let Some(end) = end {
                    sheet.write_number(line, column, exact(end))?;
                }
            }
            let range = metadata::range(cell, language);
            if !range.is_empty() {
                sheet.write_string(line, at + 4, range)?;
            }
        }
    }
    sheet.autofit();
    Ok(())
}

/// A count as a sheet stores it: exact up to 2^53.
#[allow(clippy::cast_precision_loss, reason = "a sheet has no other numbers")]
pub(super) fn exact(count: u64) -> f64 {
    count as f64
}

/// A valid and unique name for a sheet. Some characters are not allowed, and names are case-insensitive.
fn sheet_name(id: &str, taken: &mut BTreeSet<String>) -> String {
    let clean: String = id.chars().map(|sign| if r"[]:*?/\'".contains(sign) { '_' } else { sign }).collect();
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!("_{number}") };
        let mut name = String::new();
        let mut units = suffix.len();
        for letter in clean.chars() {
            units += letter.len_utf16();
            if units > NAME {
                break;
            }
            name.push(letter);
        }
        name.push_str(&suffix);
        if !name.is_empty() && taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

/// Truncates a text that is too long for a cell, and marks it with an ellipsis. The format counts UTF-16 units.
pub(super) fn fitting(text: String) -> String {
    if text.encode_utf16().count() <= CELL {
        return text;
    }
    let mut units = 1;
    let kept = text.chars().take_while(|letter| {
        units += letter.len_utf16();
        units <= CELL
    });
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{open_workbook, release, select};
    use super::super::views;
    use crate::statistics::formats::xlsx::*;
    use calamine::{Data, Reader};

    #[test]
    fn a_hidden_cell_is_empty() {
        let release = release();
        let all = views(&release, &select(&release, [])).unwrap();
        let mut book = open_workbook(workbook(&release, &all, Headings::Codes(Lang::Fr)).unwrap());
        assert_eq!(book.sheet_names(), ["by_territory", "by_territory_and_age", "metadata"]);
        let sheet = book.worksheet_range("by_territory").unwrap();
        let cell = |at: u32, column: u32| sheet.get_value((at, column)).cloned().unwrap_or(Data::Empty);
        let line = |at: u32| (0..9).map(|column| cell(at, column)).collect::<Vec<_>>();
        let text = |text: &str| Data::String(text.into());
        let period = ["2025-Q1", "1er trimestre 2025"].map(text);
        let rest = [text("_T"), text("Ensemble"), Data::Float(40.0), text("published")];
        let none = [Data::Empty, Data::Empty, Data::Empty];
        assert_eq!(line(1), [period.as_slice(), &rest, &none].concat());
        let rest = [text("63001"), text("Bourg, le Haut"), Data::Empty, text("suppressed")];
        let range = [Data::Float(0.0), Data::Float(28.0), text("entre 0 et 28")];
        assert_eq!(line(2), [period.as_slice(), &rest, &range].concat());
        let rest = [text("63002"), text("'=Val(d'Or)"), Data::Empty, text("suppressed")];
        let range = [Data::Float(0.0), Data::Empty, text("0 ou plus")];
        assert_eq!(line(3), [period.as_slice(), &rest, &range].concat());
    }

    #[test]
    fn the_last_sheet_has_the_metadata() {
        let release = release();
        let mut book = open_workbook(workbook(&release, &[], Headings::Codes(Lang::En)).unwrap());
        let sheet = book.worksheet_range("metadata").unwrap();
        let lines: Vec<(String, String)> = sheet.rows().map(|row| (row[0].to_string(), row[1].to_string())).collect();
        let of = |name: &str| lines.iter().find(|(own, _)| own == name).unwrap().1.as_str();
        assert_eq!((of("release_number"), of("tier"), of("through")), ("2", "partner", "2025-Q2"));
        assert_eq!((of("spec"), of("cut_off")), ("partners/3", "2025-07-10T00:00:00Z"));
        assert!(of("suppressed").starts_with("A suppressed cell has no value: it is not zero."));
        assert_eq!(of("note"), "Children seen by the service alone.");
    }

    #[test]
    fn the_same_release_gives_the_same_bytes() {
        let release = release();
        let none = |release: &Release| empty(release).unwrap().save_to_buffer().unwrap();
        let mut later = release.clone();
        later.signed_at = "2025-07-11T08:00:01Z".into();
        assert_ne!(none(&release), none(&later), "the date of a workbook is the date of the signature");
        let all = views(&release, &select(&release, [])).unwrap();
        let bytes = || workbook(&release, &all, Headings::Codes(Lang::Fr)).unwrap();
        assert_eq!(bytes(), bytes());
    }

    #[test]
    fn names_of_sheets_are_unique_and_short_enough() {
        let mut taken = BTreeSet::new();
        let mut name = |id: &str| sheet_name(id, &mut taken);
        assert_eq!(name("metadata"), "metadata");
        assert_eq!(name("Metadata"), "Metadata_2");
        assert_eq!(name("a/b"), "a_b");
        let long = "children_by_territory_and_need_domain";
        assert_eq!(name(long), &long[..31]);
        assert_eq!(name(long), format!("{}_2", &long[..29]));
    }
}
