//! Every list of the contract: pages, total, order, sparse rows, spreadsheets.
//!
//! New lists are tested automatically. A list below a new kind of object needs that object in [`furniture::Objects`].

pub mod furniture;

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use serde_json::{Value, json};

use crate::harness::contract::{Operation, operations, row_schema};
use crate::harness::{Caller, Response};
use furniture::furnished;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The lists of the contract: the operations that return a page.
pub fn lists() -> Vec<Operation> {
    let is_page = |operation: &Operation| {
        let schema = &operation.said["responses"]["200"]["content"]["application/json"]["schema"];
        let page = row_schema(schema).0["properties"].get("page").map(|page| row_schema(page).0.clone());
        // A feed has no last page.
        operation.method == "GET" && page.is_some_and(|page| page["properties"].get("has_more").is_none())
    };
    let lists: Vec<Operation> = operations().into_iter().filter(is_page).collect();
    assert!(lists.len() >= 13, "the lists were not found");
    lists
}

fn parameter<'a>(list: &'a Operation, name: &str) -> Option<&'a Value> {
    list.said["parameters"].as_array()?.iter().find(|parameter| parameter["name"] == name)
}

/// The values of an enumerated parameter.
fn choices(list: &Operation, name: &str) -> Vec<String> {
    let Some(parameter) = parameter(list, name) else { return Vec::new() };
    let schema = row_schema(&parameter["schema"]).0;
    let values = schema["enum"].as_array().or_else(|| schema["items"]["enum"].as_array());
    values.into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Reads a list page by page, at most five pages.
async fn walk(caller: &Caller, path: &str, query: &str) -> Vec<Value> {
    let (mut rows, mut next) = (Vec::new(), format!("{path}limit=1&{query}"));
    for _ in 0..5 {
        let page = caller.get(next.trim_end_matches('&')).await.expect(200);
        assert_eq!(page["page"]["limit"], 1);
        rows.extend_from_slice(page.rows());
        let link = page.header("link").to_owned();
        let Some(cursor) = page["page"]["next_cursor"].as_str() else {
            assert_eq!(link, "");
            break;
        };
        link.trim_start_matches('<').split('>').next().unwrap().clone_into(&mut next);
        assert!(link.ends_with("rel=\"next\"") && next.contains(cursor), "{link}");
    }
    rows
}

fn csv(response: &Response) -> Vec<Vec<String>> {
    assert_eq!(response.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = response.body.strip_prefix(b"\xef\xbb\xbf").expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn xlsx(response: &Response) -> Vec<Vec<Data>> {
    assert_eq!(response.header("content-type"), XLSX);
    let mut book = Xlsx::new(Cursor::new(response.body.to_vec())).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    sheet.rows().map(<[Data]>::to_vec).collect()
}

/// Whether a text is a date or an instant.
fn is_moment(text: &str) -> bool {
    text.parse::<chrono::NaiveDate>().is_ok() || chrono::DateTime::parse_from_rfc3339(text).is_ok()
}

/// The value of a column such as `referral.status` in a row.
fn at<'a>(row: &'a Value, column: &str) -> &'a Value {
    column.split('.').fold(row, |value, name| &value[name])
}

on_both_databases! {
    async fn every_list_has_pages_a_total_and_an_etag(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        for list in lists() {
            let (path, id) = (objects.path(&list), &list.said["operationId"]);
            for name in ["limit", "cursor", "fields", "include_total"] {
                assert!(parameter(&list, name).is_some(), "{id} does not take {name}");
            }
            let whole = caller.get(&format!("{path}limit=500&include_total=true")).await.expect(200);
            assert!(!whole.rows().is_empty(), "{id}: this test must add rows to the list");
            let total = whole["page"]["total"].as_u64().unwrap_or_else(|| panic!("{id} does not count"));
            if whole["page"]["next_cursor"].is_null() {
                assert_eq!(total, whole.rows().len() as u64, "{id}");
            } else {
                assert!(total > 500, "{id}");
            }
            let page = caller.get(&format!("{path}limit=1&include_total=true")).await.expect(200);
            assert_eq!(page["page"]["total"], total, "{id}: the total must not depend on the page");
            let usual = caller.get(&path).await.expect(200);
            assert_eq!(usual["page"].get("total"), None, "{id}: a total that was not requested");
            assert_eq!(usual.rows(), &whole.rows()[..usual.rows().len()], "{id}");
            let walked = walk(&caller, &path, "").await;
            assert_eq!(walked, whole.rows()[..walked.len()], "{id}");
            caller.clone().with_header("If-None-Match", usual.header("etag")).get(&path).await.expect(304);
            let refused = caller.get(&format!("{path}nothing=1&fields=nothing")).await.expect(400);
            let mut faults = refused.faults();
            faults.sort();
            let expected = [("fields", "unknown_field"), ("nothing", "unknown_field")];
            assert_eq!(faults, expected.map(|(at, code)| (at.to_owned(), code.to_owned())), "{id}");
        }
    }

    async fn a_list_returns_the_rows_that_it_is_asked_for(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        let unknown = uuid::Uuid::now_v7();
        let mut asked = 0;
        for list in lists() {
            let by_id = |one: &&Value| one["name"] == "id" && one["in"] == "query";
            if !list.said["parameters"].as_array().unwrap().iter().any(|one| by_id(&one)) {
                continue;
            }
            asked += 1;
            let (path, name) = (objects.path(&list), &list.said["operationId"]);
            let whole = caller.get(&format!("{path}limit=500")).await.expect(200);
            let rows = whole.rows();
            let (first, last) = (rows[0]["id"].as_str().unwrap(), rows[rows.len() - 1]["id"].as_str().unwrap());
            let expected: Vec<&Value> = rows.iter().filter(|row| row["id"] == first || row["id"] == last).collect();
            for ids in [format!("id={first},{last},{unknown}"), format!("id={first}&id={last}")] {
                let some = caller.get(&format!("{path}{ids}&include_total=true")).await.expect(200);
                assert_eq!(some.rows().iter().collect::<Vec<_>>(), expected, "{name}");
                assert_eq!(some["page"]["total"], expected.len(), "{name}");
            }
            let none = caller.get(&format!("{path}id={unknown}")).await.expect(200);
            assert_eq!(none.rows(), [] as [Value; 0], "{name}");
            caller.get(&format!("{path}id=none")).await.expect(400);
            caller.get(&format!("{path}id=")).await.expect(400);
        }
        assert!(asked >= 25, "{asked} lists take identifiers");
    }

    async fn every_list_returns_the_requested_fields(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        for list in lists() {
            let (path, id) = (objects.path(&list), &list.said["operationId"]);
            let whole = caller.get(&path).await.expect(200);
            let names = choices(&list, "fields");
            let (_, row) = row_schema(&list.said["responses"]["200"]["content"]["application/json"]["schema"]);
            assert_eq!(
                names.iter().collect::<BTreeSet<_>>(), row["properties"].as_object().unwrap().keys().collect(), "{id}"
            );
            for asked in [&names[..1], &names[names.len() - 2..], &names[..]] {
                let sparse = caller.get(&format!("{path}fields={}", asked.join(","))).await.expect(200);
                assert_eq!(sparse.rows().len(), whole.rows().len(), "{id}");
                for (sparse, whole) in sparse.rows().iter().zip(whole.rows()) {
                    let picked = whole.as_object().unwrap().iter().filter(|(name, _)| asked.contains(name));
                    let picked: Value = picked.map(|(name, value)| (name.clone(), value.clone())).collect();
                    assert_eq!(*sparse, picked, "{id}");
                }
            }
            let (last, first) = (names.last().unwrap(), &names[0]);
            let repeated = caller.get(&format!("{path}fields={last}&fields={first}")).await.expect(200);
            let joined = caller.get(&format!("{path}fields={last},{first}")).await.expect(200);
            assert_eq!(repeated.rows(), joined.rows(), "{id}");
            let refused = caller.get(&format!("{path}fields=nothing")).await.expect(400).problem("invalid_parameters");
            assert!(refused.text().contains("nothing"), "{id}: the unknown field is not named");
            for twice in [format!("fields={0},{0}", names[0]), format!("fields={0}&fields={0}", names[0])] {
                let refused = caller.get(&format!("{path}{twice}")).await.expect(400);
                assert_eq!(refused.faults(), [("fields".to_owned(), "repeated".to_owned())], "{id}");
            }
        }
    }

    async fn every_list_is_available_as_a_spreadsheet(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        let mut neutralised = 0;
        for list in lists() {
            let (path, id) = (format!("{}limit=500", objects.path(&list)), list.said["operationId"].as_str().unwrap());
            let whole = caller.get(&path).await.expect(200);
            let (as_csv, as_xlsx) = (caller.clone().with_header("Accept", "text/csv"), caller.clone().with_header("Accept", XLSX));
            let text = as_csv.get(&path).await.expect(200);
            let book = as_xlsx.get(&path).await.expect(200);
            for (response, extension) in [(&text, "csv"), (&book, "xlsx")] {
                let named = format!(".{extension}\"");
                assert!(response.header("content-disposition").ends_with(&named), "{id}: {}", response.header("content-disposition"));
                assert_eq!(response.header("cache-control"), whole.header("cache-control"), "{id}");
                assert_eq!(response.header("link"), whole.header("link"), "{id}");
                let vary = response.headers.get_all("vary").any(|vary| vary.to_str().unwrap().split(", ").any(|name| name == "Accept"));
                assert!(vary && response.header("etag") != whole.header("etag"), "{id}");
            }
            as_xlsx.with_header("If-None-Match", book.header("etag")).get(&path).await.expect(304);
            let (text, book) = (csv(&text), xlsx(&book));
            let header: Vec<String> = book[0].iter().map(ToString::to_string).collect();
            assert_eq!(header, text[0], "{id}");
            assert_eq!((text.len(), book.len()), (whole.rows().len() + 1, whole.rows().len() + 1), "{id}");
            let tops: BTreeSet<&str> = header.iter().map(|name| name.split('.').next().unwrap()).collect();
            let names = choices(&list, "fields");
            assert_eq!(tops, names.iter().map(String::as_str).collect(), "{id}");
            for ((row, line), cells) in whole.rows().iter().zip(&text[1..]).zip(&book[1..]) {
                for (place, column) in header.iter().enumerate() {
                    let (value, cell) = (at(row, column), &cells[place]);
                    assert!(!line[place].starts_with(['=', '@', '\t', '\r']), "{id} {column}: {}", line[place]);
                    match value {
                        Value::Null => assert!(line[place].is_empty() && *cell == Data::Empty, "{id} {column}"),
                        Value::Number(number) => {
                            assert_eq!(line[place], number.to_string(), "{id} {column}");
                            assert_eq!(*cell, Data::Float(number.as_f64().unwrap()), "{id} {column}");
                        }
                        Value::Bool(truth) => assert_eq!(*cell, Data::Bool(*truth), "{id} {column}"),
                        Value::String(said) if is_moment(said) => {
                            assert_eq!(line[place], *said, "{id} {column}");
                            assert!(matches!(cell, Data::DateTime(_)), "{id} {column}: {cell:?} is no date");
                        }
                        Value::String(said) => {
                            assert_eq!(line[place].replace('\'', ""), said.replace('\'', ""), "{id} {column}");
                            assert_eq!(cell.to_string(), line[place], "{id} {column}");
                            neutralised += usize::from(line[place] != *said);
                        }
                        _ => assert_eq!(cell.to_string(), line[place], "{id} {column}"),
                    }
                }
            }
            // The columns come from the contract, in the requested order, even without rows.
            let asked: Vec<&str> = names.iter().rev().take(2).map(String::as_str).collect();
            let some = csv(&as_csv.get(&format!("{path}&fields={}", asked.join(","))).await.expect(200));
            let tops: Vec<&str> = some[0].iter().map(|name| name.split('.').next().unwrap()).collect();
            assert_eq!((tops[0], *tops.last().unwrap()), (asked[0], asked[1]), "{id}");
            let refused = caller.clone().with_header("Accept", "text/html").get(&path).await.expect(406);
            refused.problem("not_acceptable");
        }
        assert!(neutralised > 3, "no formula was found");
    }

    async fn every_order_holds_across_pages(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        let mut orders = 0;
        for list in lists() {
            let (path, id) = (objects.path(&list), &list.said["operationId"]);
            let (_, row) = row_schema(&list.said["responses"]["200"]["content"]["application/json"]["schema"]);
            let sorts = choices(&list, "sort");
            if row["properties"].get("updated_at").is_some() {
                assert!(sorts.contains(&"updated_at".to_owned()), "{id}: no sort by updated_at");
                assert!(parameter(&list, "updated_since").is_some(), "{id}: no updated_since");
                let last = caller.get(&format!("{path}sort=-updated_at&limit=1")).await.expect(200);
                let since = last.rows()[0]["updated_at"].as_str().unwrap().to_owned();
                let rest = caller.get(&format!("{path}updated_since={since}&include_total=true")).await.expect(200);
                assert!(!rest.rows().is_empty(), "{id}: updated_since is inclusive");
                assert!(rest.rows().iter().all(|row| row["updated_at"].as_str().unwrap() >= since.as_str()), "{id}");
                assert_eq!(rest["page"]["total"], rest.rows().len(), "{id}: the total has the same filters");
                let none = caller.get(&format!("{path}updated_since=2100-01-01T00:00:00Z&include_total=true")).await.expect(200);
                assert_eq!((none.rows().len(), &none["page"]["total"]), (0, &json!(0)), "{id}");
                caller.get(&format!("{path}updated_since=2026-03-02")).await.expect(400).problem("invalid_parameters");
            }
            for sort in &sorts {
                orders += 1;
                let rows = caller.get(&format!("{path}limit=500&sort={sort}")).await.expect(200).rows().to_vec();
                let (key, descending) = sort.strip_prefix('-').map_or((sort.as_str(), false), |key| (key, true));
                let other = if descending { key.to_owned() } else { format!("-{key}") };
                let mut backwards = caller.get(&format!("{path}limit=500&sort={other}")).await.expect(200).rows().to_vec();
                backwards.reverse();
                assert_eq!(rows, backwards, "{id}: {sort} and {other} are not opposites");
                if key.ends_with("_on") || key.ends_with("_at") {
                    let keys: Vec<&str> = rows.iter().map(|row| row[key].as_str().unwrap()).collect();
                    assert!(keys.is_sorted_by(|a, b| if descending { a >= b } else { a <= b }), "{id} {sort}: {keys:?}");
                }
                let walked = walk(&caller, &path, &format!("sort={sort}")).await;
                assert_eq!(walked, rows[..walked.len()], "{id} {sort}");
            }
        }
        assert!(orders >= 22, "{orders}");
    }

    async fn a_single_object_can_be_sparse_but_only_json(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        let path = format!("/v1/referrals/{}", objects.referral);
        let whole = caller.get(&path).await.expect(200);
        let sparse = caller.get(&format!("{path}?fields=status,id")).await.expect(200);
        assert_eq!(sparse.json, json!({"id": objects.referral, "status": "accepted"}));
        assert_ne!(sparse.header("etag"), whole.header("etag"));
        assert_eq!(sparse.header("etag").split('-').next(), whole.header("etag").split('-').next(), "the same version");
        let refused = caller.get(&format!("{path}?fields=id,siret&x=1")).await.expect(400).problem("invalid_parameters");
        let expected = [("fields", "unknown_field"), ("x", "unknown_field")];
        assert_eq!(refused.faults(), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
        caller.clone().with_header("Accept", "text/csv").get(&path).await.expect(406).problem("not_acceptable");
        // A write returns the whole object.
        let written = caller.call("POST", &format!("{path}/reopen?fields=id"), Some(json!({}))).await.expect(400);
        assert_eq!(written.faults(), [("fields".to_owned(), "unknown_field".to_owned())]);
    }
}
