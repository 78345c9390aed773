//! A table as SDMX-CSV 2.0: one line per cell, codes without labels, and the metadata as attributes.
//!
//! SDMX has codes for the reason why a count is hidden (primary, secondary, dominance); none is used. Every hidden
//! cell is `N`, not for publication, with the value `NaN`, the SDMX notation of an intentionally missing number. Its range
//! is in the attributes `AT_LEAST` and `AT_MOST`.

use super::document::{Cell, PERIOD, Status, Value};
use super::periods;
use super::{Error, View, csv, metadata};
use crate::http::spreadsheet::escape_formulas;

/// The agency that maintains the structures.
pub(super) const AGENCY: &str = "PASSERELLE";

/// The table. `DATA_PROVIDER` is a dimension: services that follow the same specification share a dataflow.
pub fn table(view: &View<'_>) -> Result<Vec<u8>, Error> {
    let period = period_axis(view)?;
    let attributes = attributes(view);
    let mut header: Vec<String> =
        ["STRUCTURE", "STRUCTURE_ID", "ACTION", "FREQ", "TIME_PERIOD", "DATA_PROVIDER"].map(str::to_owned).into();
    header.extend(others(view, period).map(|axis| axis.dimension.id.to_uppercase()));
    header.extend(["OBS_VALUE", "OBS_STATUS", "CONF_STATUS"].map(str::to_owned));
    let ranges = view.release.has_ranges();
    header.extend(RANGE.iter().filter(|_| ranges).map(|(name, ..)| (*name).to_owned()));
    header.extend(attributes.iter().map(|(name, _)| name.clone()));
    let structure = structure_id(view);
    let rows = view.rows().map(|(values, cell)| {
        let when = periods::sdmx(code_at(&values, period));
        let mut row = vec!["dataflow".to_owned(), structure.clone(), "I".to_owned()];
        row.extend([when.frequency.to_owned(), escape_formulas(&when.time), escape_formulas(&view.release.service_id)]);
        let own = values.iter().enumerate().filter(|(at, _)| *at != period);
        row.extend(own.map(|(_, value)| escape_formulas(&identifier(&value.code))));
        let (observation, confidentiality) = status(cell.status);
        row.push(cell.value.map_or_else(|| MISSING.to_owned(), |count| count.to_string()));
        row.extend([observation.to_owned(), confidentiality.to_owned()]);
        let ends = RANGE.iter().filter(|_| ranges).map(|(_, end, _)| end(cell));
        row.extend(ends.map(|end| end.map(|end| end.to_string()).unwrap_or_default()));
        row.extend(attributes.iter().map(|(_, text)| escape_formulas(text)));
        row
    });
    csv::write(b"", b',', header, rows)
}

/// An end of a range: its attribute, its value in a cell, its names.
pub(super) type End = (&'static str, fn(&Cell) -> Option<u64>, (&'static str, &'static str));

/// The attributes of the range of a hidden cell.
pub(super) const RANGE: [End; 2] = [
    ("AT_LEAST", |cell| cell.at_least, ("Effectif minimal d'une case masquée", "Least count of a suppressed cell")),
    ("AT_MOST", |cell| cell.at_most, ("Effectif maximal d'une case masquée", "Largest count of a suppressed cell")),
];

/// The identifier of a code in SDMX, which allows letters, digits, `_`, `@`, `$` and `-`, but no colon:
/// `departement-63`.
pub(super) fn identifier(code: &str) -> String {
    code.replace(':', "-")
}

/// An intentionally missing number.
pub(super) const MISSING: &str = "NaN";

/// The codes of `OBS_STATUS` and of `CONF_STATUS` of a cell.
pub(super) fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Published => ("A", "F"),
        Status::Suppressed => ("Q", "N"),
    }
}

/// The attributes of all cells of a release, by name.
pub(super) fn attributes(view: &View<'_>) -> Vec<(String, String)> {
    // The service is a dimension, and most releases need no notice.
    let own = |(name, text): &(&str, String)| *name != "service" && !(*name == "notice" && text.is_empty());
    let columns = metadata::columns(view.release).into_iter().filter(own);
    columns.map(|(name, text)| (name.to_uppercase(), text)).collect()
}

/// The dataflow of a table, `AGENCY:ID(VERSION)`, with the version of the specification in SDMX 3 notation.
pub(super) fn structure_id(view: &View<'_>) -> String {
    let spec = &view.release.spec;
    format!("{AGENCY}:{}_{}({}.0.0)", spec.code.to_uppercase(), view.table.id.to_uppercase(), spec.version)
}

/// The index of the period among the dimensions.
pub(super) fn period_axis(view: &View<'_>) -> Result<usize, Error> {
    let found = view.axes.iter().position(|axis| axis.dimension.id == PERIOD);
    found.ok_or_else(|| Error::Malformed { table: view.table.id.clone(), reason: "it has no period" })
}

/// The axes except the period.
pub(super) fn others<'v, 'a>(view: &'v View<'a>, period: usize) -> impl Iterator<Item = &'v super::Axis<'a>> {
    view.axes.iter().enumerate().filter(move |(at, _)| *at != period).map(|(_, axis)| axis)
}

fn code_at<'a>(values: &[&'a Value], at: usize) -> &'a str {
    values.get(at).map_or("", |value| &value.code)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{release, select, whole};
    use crate::statistics::formats::sdmx::*;

    #[test]
    fn a_cell_is_one_line_of_codes() {
        let release = release();
        let selection = select(&release, [("territory", "_T,63001")]);
        let text = table(&View::new(&release, "by_territory", &selection).unwrap()).unwrap();
        let about = "0197c5f0-0000-7000-8000-000000000001,2,partner,2025-07-10T00:00:00Z,\
                     threshold=5 household_threshold=5 without_two_referrers=3,Licence Ouverte 2.0,2026.1,partners/3";
        let start = "dataflow,PASSERELLE:PARTNERS_BY_TERRITORY(3.0.0),I";
        let provider = "0197c5f0-0000-7000-8000-0000000000aa";
        assert_eq!(
            String::from_utf8(text).unwrap(),
            format!(
                "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,TIME_PERIOD,DATA_PROVIDER,TERRITORY,OBS_VALUE,OBS_STATUS,\
                 CONF_STATUS,AT_LEAST,AT_MOST,RELEASE,RELEASE_NUMBER,TIER,CUT_OFF,POLICY,LICENCE,DEFINITIONS_VERSION,SPEC\r\n\
                 {start},Q,2025-Q1,{provider},_T,40,A,F,,,{about}\r\n\
                 {start},Q,2025-Q1,{provider},63001,NaN,Q,N,0,28,{about}\r\n\
                 {start},Q,2025-Q2,{provider},_T,38,A,F,,,{about}\r\n\
                 {start},Q,2025-Q2,{provider},63001,0,A,F,,,{about}\r\n\
                 {start},S,2025-S1,{provider},_T,55,A,F,,,{about}\r\n\
                 {start},S,2025-S1,{provider},63001,NaN,Q,N,,,{about}\r\n"
            )
        );
    }

    #[test]
    fn every_line_of_a_release_for_partners_says_so() {
        let mut release = release();
        release.notes.push(metadata::reserved());
        let text = String::from_utf8(table(&whole(&release, "by_territory")).unwrap()).unwrap();
        assert!(text.lines().next().is_some_and(|header| header.ends_with(",SPEC,NOTICE")));
        assert!(text.lines().skip(1).all(|line| line.contains("ni rediffusion ni publication")));
    }

    #[test]
    fn a_table_without_a_period_is_refused() {
        let release = release();
        let mut view = whole(&release, "by_territory");
        view.axes.remove(0);
        assert!(matches!(table(&view), Err(Error::Malformed { reason: "it has no period", .. })));
    }
}
