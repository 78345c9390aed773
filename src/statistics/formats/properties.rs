//! Properties of every format: it contains exactly the requested cells, and hidden counts do not change it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use calamine::{Data, Reader};
use proptest::prelude::*;
use serde_json::Value as Json;

use super::document::{Dimension, Release, Status};
use super::fixtures::{assemble, dimension, label, open_workbook, table, value, whole, with_cells};
use super::{Headings, Lang, Selection, View, csv, dataset, sdmx_csv, sdmx_json, xlsx};

/// For each cell: its codes, its count, and whether it is published.
type Read = Vec<(Vec<String>, Option<u64>, bool)>;

fn cells(view: &View<'_>) -> Read {
    let read = |cell: &&super::document::Cell| (cell.coordinates.clone(), cell.value, cell.status == Status::Published);
    view.cells.iter().map(read).collect()
}

fn from_csv(bytes: &[u8], axes: usize) -> Read {
    let mut reader = ::csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap());
    let read = |record: ::csv::StringRecord| {
        let codes = (0..axes).map(|at| record[2 * at].to_owned()).collect();
        (codes, record[2 * axes].parse().ok(), &record[2 * axes + 1] == "published")
    };
    reader.records().map(|record| read(record.unwrap())).collect()
}

fn from_sdmx_csv(bytes: &[u8], view: &View<'_>) -> Read {
    let mut reader = ::csv::Reader::from_reader(bytes);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|own| own == name).unwrap();
    let of_axis = |id: &str| if id == "period" { column("TIME_PERIOD") } else { column(&id.to_uppercase()) };
    let columns: Vec<usize> = view.axes.iter().map(|axis| of_axis(&axis.dimension.id)).collect();
    let read = |record: ::csv::StringRecord| {
        let codes = columns.iter().map(|at| ours(&record[*at])).collect();
        (codes, record[column("OBS_VALUE")].parse().ok(), &record[column("CONF_STATUS")] == "F")
    };
    reader.records().map(|record| read(record.unwrap())).collect()
}

/// Our code of an SDMX time period or identifier; other codes are the same.
fn ours(code: &str) -> String {
    if let Some(number) = code.strip_prefix("departement-") {
        return format!("departement:{number}");
    }
    code.strip_suffix("-01-01/P9M").map_or_else(|| code.to_owned(), |year| format!("{year}-M9"))
}

/// The published schema of SDMX-JSON data messages.
static SDMX: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../tests/data/sdmx-json-data-schema-2.0.0.json");
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&schema).unwrap()
});

fn from_xlsx(bytes: Vec<u8>, sheet: &str, axes: usize) -> Read {
    let range = open_workbook(bytes).worksheet_range(sheet).unwrap();
    let read = |row: &[Data]| {
        let codes = (0..axes).map(|at| row[2 * at].to_string()).collect();
        let count = match &row[2 * axes] {
            Data::Empty => None,
            other => other.to_string().parse().ok(),
        };
        (codes, count, row[2 * axes + 1] == "published")
    };
    range.rows().skip(1).map(read).collect()
}

fn from_json_stat(data: &Json) -> Read {
    let ids: Vec<&str> = data["id"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let code = |id: &str, place: usize| data["dimension"][id]["category"]["index"][place].as_str().unwrap().to_owned();
    let sizes: Vec<usize> =
        data["size"].as_array().unwrap().iter().map(|size| usize::try_from(size.as_u64().unwrap()).unwrap()).collect();
    let read = |position: usize| {
        let mut rest = position;
        let mut codes: Vec<String> = ids
            .iter()
            .zip(&sizes)
            .rev()
            .map(|(id, size)| {
                let place = rest % size;
                rest /= size;
                code(id, place)
            })
            .collect();
        codes.reverse();
        (codes, data["value"][position].as_u64(), data["status"][position] == "published")
    };
    (0..data["value"].as_array().unwrap().len()).map(read).collect()
}

fn from_sdmx_json(data: &Json, view: &View<'_>) -> BTreeMap<Vec<String>, (Option<u64>, bool)> {
    let dimensions = data["data"]["structures"][0]["dimensions"]["observation"].as_array().unwrap();
    let name = |id: &str| if id == "period" { "TIME_PERIOD".to_owned() } else { id.to_uppercase() };
    let read = |(key, observation): (&String, &Json)| {
        let places: Vec<usize> = key.split(':').map(|place| place.parse().unwrap()).collect();
        let code = |id: &str| {
            let at = dimensions.iter().position(|own| own["id"] == name(id).as_str()).unwrap();
            let value = &dimensions[at]["values"][places[at]];
            ours(value.get("id").or_else(|| value.get("value")).unwrap().as_str().unwrap())
        };
        let codes = view.axes.iter().map(|axis| code(&axis.dimension.id)).collect();
        (codes, (observation[0].as_u64(), observation[2] == 0))
    };
    data["data"]["dataSets"][0]["observations"].as_object().unwrap().iter().map(read).collect()
}

/// A view in every format, as bytes.
fn render_all(view: &View<'_>, language: Lang) -> Vec<Vec<u8>> {
    vec![
        csv(view, Headings::Codes(language)).unwrap(),
        sdmx_csv(view).unwrap(),
        xlsx(view.release, std::slice::from_ref(view), Headings::Codes(language)).unwrap(),
        serde_json::to_vec(&dataset(view, language)).unwrap(),
        serde_json::to_vec(&sdmx_json(view, language).unwrap()).unwrap(),
    ]
}

/// A release of one table with one to three dimensions, any cells of it hidden.
fn releases() -> impl Strategy<Value = Release> {
    const PERIODS: [&str; 7] = ["2025-Q1", "2025-Q2", "2025-S1", "2025-Q3", "2025-M9", "2025-Q4", "2025"];
    let sizes = (1_usize..=7, prop::collection::vec(1_usize..=4, 0..=2));
    let texts = prop::collection::vec("[-=+@a-z,;\"\\r\\n\\t é]{0,6}", 12);
    (sizes, texts).prop_flat_map(|((periods, others), texts)| {
        let text = move |at: usize| label(&texts[at % texts.len()], &format!("text {at}"));
        let values = PERIODS[..periods].iter().map(|code| value(code, text(1), &[1])).collect();
        let mut dimensions = vec![dimension("period", text(0), values)];
        for (at, size) in others.iter().enumerate() {
            let values = (0..*size)
                .map(|code| value(&format!("{}{code}", ["departement:", "v"][at]), text(at + code), &[1]))
                .collect();
            dimensions.push(dimension(["territory", "age"][at], text(at), values));
        }
        let number = dimensions.iter().map(|one: &Dimension| one.values.len()).product::<usize>();
        prop::collection::vec(prop::option::of(0_u64..1 << 53), number).prop_map(move |counts| {
            let table = with_cells(table("a_table", label("t", "t")), &dimensions, &counts);
            assemble(dimensions.clone(), vec![table])
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_contains_the_requested_cells(release in releases(), english: bool, first: prop::sample::Index) {
        let language = if english { Lang::En } else { Lang::Fr };
        let dimension = &release.dimensions[release.dimensions.len() - 1];
        let code = &dimension.values[first.index(dimension.values.len())].code;
        let narrow = Selection::of_release(&release, [(dimension.id.as_str(), code.as_str())]).unwrap();
        for selection in [Selection::all(), narrow] {
            let view = View::new(&release, "a_table", &selection).unwrap();
            let expected = cells(&view);
            let rendered = render_all(&view, language);
            prop_assert_eq!(&from_csv(&rendered[0], view.axes.len()), &expected);
            prop_assert_eq!(&from_sdmx_csv(&rendered[1], &view), &expected);
            prop_assert_eq!(&from_xlsx(rendered[2].clone(), "a_table", view.axes.len()), &expected);
            prop_assert_eq!(&from_json_stat(&serde_json::from_slice(&rendered[3]).unwrap()), &expected);
            let by_codes = expected.into_iter().map(|(codes, count, shown)| (codes, (count, shown))).collect();
            let message = serde_json::from_slice(&rendered[4]).unwrap();
            prop_assert_eq!(from_sdmx_json(&message, &view), by_codes);
            let faults: Vec<String> = SDMX.iter_errors(&message).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
            prop_assert_eq!(faults, Vec::<String>::new());
        }
    }

    /// No document contains a hidden count: releases that differ only by hidden counts give the same bytes.
    #[test]
    fn a_hidden_count_does_not_change_any_format(release in releases(), hidden in prop::collection::vec(0_u64..100, 200)) {
        let secret = |seed: usize| {
            // The counts that the service knows; the loop then hides some of them.
            let known = hidden.iter().copied().cycle().skip(seed);
            let mut made = release.clone();
            for (cell, count) in made.tables[0].cells.iter_mut().zip(known) {
                let count = cell.value.unwrap_or(count);
                cell.value = (cell.status == Status::Published).then_some(count);
            }
            render_all(&whole(&made, "a_table"), Lang::Fr)
        };
        prop_assert_eq!(secret(0), secret(7));
    }
}

/// No format has a word, a code or a field for the reason why a cell is hidden.
#[test]
fn no_format_says_why_a_cell_is_hidden() {
    let release = super::fixtures::release();
    let view = whole(&release, "by_territory");
    for bytes in render_all(&view, Lang::En) {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("primary") && !text.contains("secondary"));
    }
}

#[test]
fn the_schema_of_sdmx_refuses_a_colon_in_a_code() {
    let release = super::fixtures::release();
    let mut message = sdmx_json(&whole(&release, "by_territory"), Lang::Fr).unwrap();
    assert!(SDMX.is_valid(&message));
    message["data"]["structures"][0]["dimensions"]["observation"][3]["values"][0]["id"] = "departement:63".into();
    assert!(!SDMX.is_valid(&message));
}
