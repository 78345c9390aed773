//! Every list of the contract, whichever there are: pages, total, order, sparse rows, spreadsheets.
//!
//! A list that is added later is walked too; one below an object of a new kind has to say in [`Objects`] which.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{accept, child, interview, nursery, refer};
use crate::harness::contract::{Operation, operations, row_schema};
use crate::harness::shelf::Shelf;
use crate::harness::{Answer, Caller, TestApp};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The objects whose lists are read.
struct Objects {
    service: Id,
    referral: String,
    case: String,
    begun: String,
    kit: String,
    copy: String,
    action: String,
    referent: String,
    convention: String,
    instalment: String,
}

impl Objects {
    /// The path of a list with its `?`, for more parameters. The journal grows by being read: its list ends where the
    /// test begins.
    fn path(&self, list: &Operation) -> String {
        match list.said["operationId"].as_str() {
            Some("listAuditEvents") => format!("{}?to={}&", list.path, self.begun),
            _ => self.concrete(list) + "?",
        }
    }

    fn concrete(&self, list: &Operation) -> String {
        let (parent, id) = match list.path.split_once("/{id}") {
            None => return list.path.clone(),
            Some((parent, _)) => (
                parent,
                match parent {
                    "/v1/services" => self.service.as_str(),
                    "/v1/referrals" => &self.referral,
                    "/v1/cases" => &self.case,
                    "/v1/kits" => &self.kit,
                    "/v1/kit-copies" => &self.copy,
                    "/v1/actions" => &self.action,
                    "/v1/referents" => &self.referent,
                    "/v1/conventions" => &self.convention,
                    "/v1/instalments" => &self.instalment,
                    other => panic!("say which object of {other} has lists to read"),
                },
            ),
        };
        list.path.replacen(&format!("{parent}/{{id}}"), &format!("{parent}/{id}"), 1)
    }
}

/// Several rows in every list, and somebody who may read them all.
async fn furnished(app: &TestApp) -> (Caller, Objects) {
    let shelf = lending(app).await;
    let service = shelf.service;
    let manager = app.user(service, Role::Manager).await;
    for name in ["Agenda", "=2+2"] {
        let calendar = json!({"name": name});
        manager.post(&format!("/v1/services/{service}/kit-calendars"), calendar).await.expect(201);
    }
    for name in ["Abricot", "=1+1", "Bulle; =2"] {
        nursery(&manager, service, name).await;
        app.advance(chrono::Duration::seconds(1));
        app.client(service, &[Permission::ServicesRead]).await;
        app.user(service, Role::Professional).await;
        let invited = json!({"service_id": service, "role": "professional"});
        manager.post("/v1/invitations", invited).await.expect(201);
        let position = json!({"title": name, "fte_percent": 50, "starts_on": "2026-01-05", "counted": true});
        manager
            .post(&format!("/v1/services/{service}/positions", service = service.as_str()), position)
            .await
            .expect(201);
    }
    let referral = refer(&manager, service, "2026-02-02", child("Exemple")).await;
    let case = accept(&manager, &referral, "2026-02-02").await;
    for (at, day) in ["2026-02-10", "2026-02-20", "2026-02-20"].into_iter().enumerate() {
        app.advance(chrono::Duration::seconds(1));
        let waiting = refer(&manager, service, day, child(&format!("Attente {at}"))).await;
        manager.post(&format!("/v1/referrals/{waiting}/waiting-list"), json!({"decided_on": day})).await.expect(200);
        let accepted = refer(&manager, service, day, child(&format!("Suivi {at}"))).await;
        accept(&manager, &accepted, day).await;
        let step = json!({"step": "childcare_search", "reached_on": day, "note": "+1"});
        manager.post(&format!("/v1/cases/{case}/steps"), step).await.expect(201);
        manager.post(&format!("/v1/cases/{case}/interventions"), interview(day)).await.expect(201);
        let organisation = nursery(&manager, service, &format!("Crèche {at}")).await;
        let placement = json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": day});
        manager.post(&format!("/v1/cases/{case}/placements"), placement).await.expect(201);
    }
    let action = gathering(app, &manager, service).await;
    let referent = network(app, &manager, service).await;
    let (convention, instalment) = treaties(app, &manager, service).await;
    let begun = app.context().now().to_string();
    let copy = shelf.copies[0].clone();
    (
        manager,
        Objects { service, referral, case, begun, kit: shelf.kit, copy, action, referent, convention, instalment },
    )
}

/// Conventions that are about to end, with what they owe, funders, and communes that move. Returns one that was amended and
/// suspended, and an instalment of another with payments.
async fn treaties(app: &TestApp, manager: &Caller, service: Id) -> (String, String) {
    let mut instalments = Vec::new();
    let mut conventions = Vec::new();
    for (at, (collectivity, commune, epci, funder)) in [
        ("epci:200070753", "63300", "200070753", "caf"),
        ("commune:63032", "63032", "246300701", "msa"),
        ("commune:63014", "63014", "246300701", "cpam"),
    ]
    .into_iter()
    .enumerate()
    {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({
            "service_id": service, "collectivity": collectivity, "reference": "=7+7", "starts_on": "2026-01-01",
            "ends_on": format!("2026-05-{:02}", 10 + at),
            "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 1}]
        });
        let id = manager.post("/v1/conventions", new).await.expect(201).id();
        let flat =
            json!({"year": 2026, "basis": "flat", "flat_cents": 100_000, "instalments": [{"due_on": "2026-02-01"}]});
        let owed = manager.post(&format!("/v1/conventions/{id}/contributions"), flat).await.expect(201);
        instalments.push(owed["instalments"][0]["id"].as_str().unwrap().to_owned());
        for action in ["propose", "sign"] {
            manager.post(&format!("/v1/conventions/{id}/{action}"), json!({})).await.expect(200);
        }
        let day = json!({
            "service_id": service, "kind": "pedagogical_day", "title": "Journée", "held_on": "2026-04-14",
            "duration_minutes": 360, "place": "municipal_premises", "organiser_role": "pole_coordinator",
            "commune_code": commune
        });
        manager.post("/v1/actions", day).await.expect(201);
        let line = json!({
            "service_id": service, "year": 2026, "funder": funder, "basis": "grant", "planned_cents": 5
        });
        manager.post("/v1/fundings", line).await.expect(201);
        let change = json!({
            "service_id": service, "commune_code": commune, "effective_on": "2027-01-01",
            "from_epci": epci, "source": "=8+8"
        });
        manager.post("/v1/boundary-changes", change).await.expect(201);
        conventions.push(id);
    }
    let called = format!("/v1/instalments/{}", instalments[1]);
    manager.post(&format!("{called}/call"), json!({})).await.expect(200);
    for amount in [1, 2, 3] {
        let paid = json!({"amount_cents": amount, "reference": "=9+9"});
        manager.post(&format!("{called}/payments"), paid).await.expect(201);
    }
    manager.post(&format!("/v1/conventions/{}/suspend", conventions[0]), json!({"reason": "budget"})).await.expect(200);
    (conventions.swap_remove(0), instalments.swap_remove(1))
}

/// Referents with what they came to, and questionnaires. Returns who came most.
async fn network(app: &TestApp, manager: &Caller, service: Id) -> String {
    let organisation = nursery(manager, service, "=4+4").await;
    let mut referents = Vec::new();
    for day in ["2026-01-12", "2026-01-12", "2026-01-19"] {
        app.advance(chrono::Duration::seconds(1));
        let identity = json!({"name": "=5+5", "role": "@1"});
        let referent =
            json!({"service_id": service, "organisation_id": organisation, "identity": identity, "appointed_on": day});
        referents.push(manager.post("/v1/referents", referent).await.expect(201).id());
        let survey = json!({
            "service_id": service, "moment": "end_of_follow_up", "title_fr": "=6+6", "opens_on": day,
            "closes_on": "2026-12-31", "questions": [{"text_fr": "L'accueil"}]
        });
        manager.post("/v1/surveys", survey).await.expect(201);
    }
    for (kind, day) in [("own_training", "2026-02-02"), ("themed_day", "2026-02-02"), ("themed_day", "2026-02-03")] {
        let path = format!("/v1/referents/{}/attendances", referents[0]);
        manager.post(&path, json!({"kind": kind, "held_on": day})).await.expect(201);
    }
    referents.swap_remove(0)
}

/// Loans that are late on the day of the story and loans that are due soon, a queue, checks and what they found.
async fn lending(app: &TestApp) -> Shelf {
    app.clock.set("2026-01-26T08:15:00Z".parse().unwrap());
    let shelf = Shelf::new(app, 4).await;
    shelf.add_kit("=3+3").await;
    for present in [2, 1, 0] {
        app.advance(chrono::Duration::seconds(1));
        let path = format!("/v1/kit-copies/{}/inspect", shelf.copies[0]);
        shelf.staff.post(&path, shelf.counted([present, 1])).await.expect(200);
    }
    for day in ["2026-01-26", "2026-01-28", "2026-02-10", "2026-02-12"] {
        app.clock.set(format!("{day}T08:15:00Z").parse().unwrap());
        shelf.lent(day).await;
    }
    for _ in 0..2 {
        app.advance(chrono::Duration::seconds(1));
        shelf.wait_for("2026-02-12").await;
    }
    app.clock.set(crate::harness::START.parse().unwrap());
    shelf
}

/// Collective actions, one of which has registrations in several states.
async fn gathering(app: &TestApp, manager: &Caller, service: Id) -> String {
    let mut action = String::new();
    for (title, held_on) in [("Café parents", "2026-02-19"), ("=4+4", "2026-03-19"), ("Café parents", "2026-03-19")] {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({
            "service_id": service, "kind": "parent_cafe", "title": title, "held_on": held_on, "duration_minutes": 90,
            "place": "municipal_premises", "commune_code": "63300", "organiser_role": "pole_coordinator", "places": 5
        });
        action = manager.post("/v1/actions", new).await.expect(201).id();
    }
    for seats in [3, 2, 4] {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({"participant_type": "parent", "seats": seats});
        manager.post(&format!("/v1/actions/{action}/registrations"), new).await.expect(201);
    }
    action
}

/// The lists of the contract: what answers with a page.
fn lists() -> Vec<Operation> {
    let is_page = |operation: &Operation| {
        let schema = &operation.said["responses"]["200"]["content"]["application/json"]["schema"];
        let page = row_schema(schema).0["properties"].get("page").map(|page| row_schema(page).0.clone());
        // A feed has no end: it is followed, not listed.
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

/// Walks a list page by page, for five pages at most.
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

fn csv(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8; header=present");
    let text = answer.body.strip_prefix(b"\xef\xbb\xbf").expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn xlsx(answer: &Answer) -> Vec<Vec<Data>> {
    assert_eq!(answer.header("content-type"), XLSX);
    let mut book = Xlsx::new(Cursor::new(answer.body.to_vec())).unwrap();
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
            assert!(!whole.rows().is_empty(), "{id}: this test has to furnish the list");
            let total = whole["page"]["total"].as_u64().unwrap_or_else(|| panic!("{id} does not count"));
            if whole["page"]["next_cursor"].is_null() {
                assert_eq!(total, whole.rows().len() as u64, "{id}");
            } else {
                assert!(total > 500, "{id}");
            }
            let page = caller.get(&format!("{path}limit=1&include_total=true")).await.expect(200);
            assert_eq!(page["page"]["total"], total, "{id}: the total is not that of the page");
            let usual = caller.get(&path).await.expect(200);
            assert_eq!(usual["page"].get("total"), None, "{id}: a total that nobody asked for");
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

    async fn every_list_gives_the_fields_that_are_asked_for(app: TestApp) {
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
            let refused = caller.get(&format!("{path}fields=nothing")).await.expect(400).problem("invalid_parameters");
            assert!(refused.text().contains("nothing"), "{id}: the unknown field is not named");
            for twice in [format!("fields={0},{0}", names[0]), format!("fields={0}&fields={0}", names[0])] {
                let refused = caller.get(&format!("{path}{twice}")).await.expect(400);
                assert_eq!(refused.faults(), [("fields".to_owned(), "repeated".to_owned())], "{id}");
            }
        }
    }

    async fn every_list_is_a_spreadsheet_too(app: TestApp) {
        let (caller, objects) = furnished(&app).await;
        let mut neutralised = 0;
        for list in lists() {
            let (path, id) = (format!("{}limit=500", objects.path(&list)), list.said["operationId"].as_str().unwrap());
            let whole = caller.get(&path).await.expect(200);
            let (as_csv, as_xlsx) = (caller.clone().with_header("Accept", "text/csv"), caller.clone().with_header("Accept", XLSX));
            let text = as_csv.get(&path).await.expect(200);
            let book = as_xlsx.get(&path).await.expect(200);
            for (answer, extension) in [(&text, "csv"), (&book, "xlsx")] {
                let named = format!(".{extension}\"");
                assert!(answer.header("content-disposition").ends_with(&named), "{id}: {}", answer.header("content-disposition"));
                assert_eq!(answer.header("cache-control"), whole.header("cache-control"), "{id}");
                assert_eq!(answer.header("link"), whole.header("link"), "{id}");
                let vary = answer.headers.get_all("vary").any(|vary| vary.to_str().unwrap().split(", ").any(|name| name == "Accept"));
                assert!(vary && answer.header("etag") != whole.header("etag"), "{id}");
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
            // Columns are those of the contract, in the order asked for, even without a row.
            let asked: Vec<&str> = names.iter().rev().take(2).map(String::as_str).collect();
            let some = csv(&as_csv.get(&format!("{path}&fields={}", asked.join(","))).await.expect(200));
            let tops: Vec<&str> = some[0].iter().map(|name| name.split('.').next().unwrap()).collect();
            assert_eq!((tops[0], *tops.last().unwrap()), (asked[0], asked[1]), "{id}");
            let refused = caller.clone().with_header("Accept", "text/html").get(&path).await.expect(406);
            refused.problem("not_acceptable");
        }
        assert!(neutralised > 3, "no formula was met");
    }

    async fn every_order_is_kept_from_page_to_page(app: TestApp) {
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

    async fn one_object_is_sparse_and_json_alone(app: TestApp) {
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
        // A write answers with the whole object.
        let written = caller.call("POST", &format!("{path}/reopen?fields=id"), Some(json!({}))).await.expect(400);
        assert_eq!(written.faults(), [("fields".to_owned(), "unknown_field".to_owned())]);
    }
}
