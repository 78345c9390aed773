//! A small release for the tests of the formats, and a reader of workbooks.

use std::io::Cursor;

use super::document::{Cell, Dimension, FORMAT, Label, Licence, Policy, Release, SpecReference, Table, Tier, Value};
use super::{Selection, View};

/// A release of two tables, with some hidden cells, a published zero, and a label that starts like a formula.
pub(super) fn release() -> Release {
    let value = |code: &str, fr: &str, en: &str, parts: &[u32]| value(code, label(fr, en), parts);
    let commune = |code: &str, name: &str, part: u32| {
        let mut value = value(code, name, name, &[part]);
        value.level = Some("commune".into());
        value
    };
    let territories = vec![
        value("_T", "Ensemble", "All", &[1, 2]),
        commune("63001", "Bourg, le Haut", 1),
        commune("63002", "=Val(d'Or)", 2),
    ];
    let dimensions = vec![
        dimension(
            "period",
            label("Période", "Period"),
            vec![
                value("2025-Q1", "1er trimestre 2025", "1st quarter of 2025", &[1]),
                value("2025-Q2", "2e trimestre 2025", "2nd quarter of 2025", &[2]),
                value("2025-S1", "1er semestre 2025", "1st half of 2025", &[1, 2]),
            ],
        ),
        dimension("territory", label("Territoire", "Territory"), territories),
        dimension(
            "age",
            label("Âge", "Age"),
            vec![value("_T", "Ensemble", "All", &[1, 2]), value("0-2", "Moins de 3 ans", "Under 3", &[1])],
        ),
    ];
    let by_territory = table("by_territory", label("Enfants par territoire", "Children by territory"));
    let by_age = table("by_territory_and_age", label("Enfants par territoire et âge", "Children by territory and age"));
    let counts = [Some(40), None, None, Some(38), Some(0), None, Some(55), None, None];
    let tables = vec![
        with_ranges(with_cells(by_territory, &dimensions[..2], &counts)),
        // For the half-year only.
        with_cells(by_age, &halved(&dimensions), &[Some(55), Some(12), None, None, None, None]),
    ];
    assemble(dimensions, tables)
}

/// The table with a range for two of its hidden cells, one of them without an upper end.
fn with_ranges(mut table: Table) -> Table {
    (table.cells[1].at_least, table.cells[1].at_most) = (Some(0), Some(28));
    table.cells[2].at_least = Some(0);
    table
}

/// The dimensions with the half-year as the only period.
fn halved(dimensions: &[Dimension]) -> Vec<Dimension> {
    let mut kept = dimensions.to_vec();
    kept[0].values.retain(|value| value.code == "2025-S1");
    kept
}

/// A release of these tables.
pub(super) fn assemble(dimensions: Vec<Dimension>, tables: Vec<Table>) -> Release {
    Release {
        format: FORMAT.into(),
        id: "0197c5f0-0000-7000-8000-000000000001".into(),
        service_id: "0197c5f0-0000-7000-8000-0000000000aa".into(),
        service_name: "Pôle ressources".into(),
        year: 2025,
        through: "2025-Q2".into(),
        tier: Tier::Partner,
        number: 2,
        cut_off: "2025-07-10T00:00:00Z".into(),
        signed_at: "2025-07-11T08:00:00Z".into(),
        supersedes: None,
        predecessor_sha256: None,
        policy: Policy {
            threshold: 5,
            household_threshold: 5,
            without_two_referrers: 3,
            reason: "Convention with partners".into(),
            classes: None,
        },
        spec: SpecReference { code: "partners".into(), version: 3, sha256: "ab".repeat(32) },
        definitions_version: "2026.1".into(),
        nomenclatures_version: "2026.1".into(),
        licence: Licence {
            name: "Licence Ouverte 2.0".into(),
            url: "https://www.etalab.gouv.fr/licence-ouverte-open-licence/".into(),
        },
        notes: vec![label("Enfants vus par le seul service.", "Children seen by the service alone.")],
        dimensions,
        tables,
        decided_public: Vec::new(),
        facts: Vec::new(),
        certificates: Vec::new(),
    }
}

/// A text in both languages.
pub(super) fn label(fr: &str, en: &str) -> Label {
    Label { fr: fr.into(), en: en.into() }
}

/// A value of a dimension.
pub(super) fn value(code: &str, label: Label, parts: &[u32]) -> Value {
    Value { code: code.into(), label, level: None, parts: parts.to_vec() }
}

/// A dimension.
pub(super) fn dimension(id: &str, label: Label, values: Vec<Value>) -> Dimension {
    Dimension { id: id.into(), definition: label.clone(), label, values }
}

/// A table without cells.
pub(super) fn table(id: &str, label: Label) -> Table {
    Table {
        id: id.into(),
        label,
        population: "children".into(),
        class: None,
        dimensions: Vec::new(),
        cells: Vec::new(),
    }
}

/// The table with a cell for each combination of the values, in order.
pub(super) fn with_cells(mut table: Table, dimensions: &[Dimension], counts: &[Option<u64>]) -> Table {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for dimension in dimensions {
        let longer = |start: &Vec<String>| {
            let codes = dimension.values.iter().map(|value| value.code.clone());
            codes.map(|code| start.iter().cloned().chain([code]).collect()).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    assert_eq!(all.len(), counts.len());
    let cell = |(coordinates, value): (Vec<String>, &Option<u64>)| Cell::of(coordinates, *value);
    table.dimensions = dimensions.iter().map(|dimension| dimension.id.clone()).collect();
    table.cells = all.into_iter().zip(counts).map(cell).collect();
    table
}

/// A valid selection of the release.
pub(super) fn select<'p>(release: &Release, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Selection {
    Selection::of_release(release, pairs).unwrap()
}

/// The view of a whole table.
pub(super) fn whole<'r>(release: &'r Release, table: &str) -> View<'r> {
    View::new(release, table, &Selection::all()).unwrap()
}

/// Opens a workbook for reading.
pub(super) fn open_workbook(bytes: Vec<u8>) -> calamine::Xlsx<Cursor<Vec<u8>>> {
    calamine::Reader::new(Cursor::new(bytes)).unwrap()
}
