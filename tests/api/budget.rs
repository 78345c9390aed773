//! The budget of round trips: how many statements a call may send to PostgreSQL, each of which waits for the network.
//!
//! Counted are all statements of the call, with `BEGIN`, `COMMIT`, the stored response and the journal. Not counted are
//! the first preparation of a statement on a connection, and the rights of the caller, which are cached for five
//! seconds. diesel prepares an update again at each call, a round trip more, unless it is `prepared` or several writes.

use std::cell::Cell;

use diesel::prelude::*;
use passerelle::auth::{Permission, Role, client_permissions};
use passerelle::db::schema::services;
use passerelle::db::{AnyConn, prepared};
use serde_json::{Value, json};

use crate::harness::contract::{Operation, operations, row_schema};
use crate::harness::{Caller, Engine, Response, TestApp, run};
use crate::lists::furniture::furnished;
use crate::lists::lists;
use crate::matrix::call;
use crate::matrix::fixture::{Contents, Fixture};
use crate::matrix::recipes::Recipe;
use crate::matrix::shared::Shared;

/// Statements of a creation, and of any other write.
const WRITE: u64 = 10;

/// Statements of a read of one object.
const READ: u64 = 4;

/// Statements of a list.
const LIST: u64 = 8;

/// Operations that may send more: the number, and the reason. An operation that no longer needs its exception fails the test.
const EXCEPTIONS: &[(&str, u64, &str)] = &[
    ("resetPassword", 11, "the attempt is counted first, the right of the issuer checked again, and the sessions end"),
    ("annulReferral", 11, "its case goes with it, or opens with the next referral"),
    ("holdAppointment", 13, "it creates the interventions of its cases, each under the rules of an intervention"),
    ("mergeChild", 30, MERGED),
    ("undoChildMerge", 30, MERGED),
    ("deleteIntervention", 11, "an act about several cases goes from each of them, with its former values"),
    ("publishStatisticsBuild", 30, "a release is a publication of many parts"),
    ("getReservationReceipt", 8, DOCUMENT),
    ("getConventionStatement", 10, DOCUMENT),
    ("getAppointment", 5, NAMED),
    ("getPlacement", 5, NAMED),
    ("getReservation", 5, NAMED),
    ("moveAppointment", 11, NAMED),
    ("reopenAppointment", 11, NAMED),
    ("handOverCases", 11, NAMED),
    ("confirmPlacement", 11, NAMED),
    ("endPlacement", 11, NAMED),
    ("returnReservation", 11, NAMED),
];

/// One statement reads the names of a response that the call has not read already. The caller of this test recorded most of what
/// it reads: the name of a colleague costs this statement.
const NAMED: &str = "with the names of what it refers to, which come last";
const MERGED: &str = "the rows of every table that names a child are looked for, kept or moved";
const DOCUMENT: &str = "a document of many objects";

/// The budget of an operation.
fn budget(operation: &Operation) -> u64 {
    if operation.method != "GET" {
        return WRITE;
    }
    let schema = &operation.said["responses"]["200"]["content"]["application/json"]["schema"];
    let is_list = schema.is_object() && row_schema(schema).0["properties"]["data"]["type"] == "array";
    if is_list { LIST } else { READ }
}

/// Whether an operation takes an `Idempotency-Key`.
fn takes_a_key(operation: &Operation) -> bool {
    let parameters = operation.said["parameters"].as_array();
    parameters.is_some_and(|all| all.iter().any(|parameter| parameter["name"] == "Idempotency-Key"))
}

/// The statements of a call.
async fn counted(app: &TestApp, caller: &Caller, call: impl AsyncFnOnce(&Caller) -> Response) -> (Response, u64) {
    if let Some(id) = caller.id {
        // The rights are read now, so that they do not expire during the call.
        app.context().principals.forget(id);
        app.context().revocations.forget();
        caller.get("/v1/me").await.expect(200);
    }
    let before = app.context().db.load().statements;
    let response = call(caller).await;
    (response, app.context().db.load().statements - before)
}

/// What was counted, and what is over the budget.
#[derive(Default)]
struct Table {
    lines: Vec<String>,
    faults: Vec<String>,
}

impl Table {
    fn add(&mut self, operation: &Operation, case: &str, statements: u64) {
        let id = operation.said["operationId"].as_str().unwrap();
        let name = format!("{} {} {case}", operation.method, operation.path);
        let exception = EXCEPTIONS.iter().find(|(exception, ..)| *exception == id);
        let allowed = exception.map_or(budget(operation), |(_, allowed, _)| *allowed);
        self.lines.push(format!("{statements:3} of {allowed:2}  {name}"));
        if statements > allowed {
            self.faults.push(format!("{name} ({id}) sends {statements} statements of {allowed}"));
        }
        if exception.is_some_and(|(.., reason)| !reason.is_empty()) && statements <= budget(operation) {
            self.faults.push(format!("{name} ({id}) needs no exception: it sends {statements} statements"));
        }
    }

    fn check(mut self) {
        self.lines.sort();
        self.lines.reverse();
        eprintln!("{}", self.lines.join("\n"));
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
    }
}

#[test]
fn a_prepared_update_that_returns_rows_stays_prepared() {
    run(Engine::Postgres, async |app: TestApp| {
        let AnyConn::Pg(pg) = &mut app.database.connect() else { panic!("PostgreSQL") };
        for kept in [0, 1, 1] {
            let update = diesel::update(services::table.filter(services::id.eq("none"))).set(services::name.eq("x"));
            let _: Vec<String> = match kept {
                0 => update.returning(services::name).load(pg).unwrap(),
                _ => prepared(update.returning(services::name)).load(pg).unwrap(),
            };
            let statements = "SELECT count(*) AS count FROM pg_prepared_statements WHERE statement LIKE 'UPDATE%'";
            let count: Count = diesel::sql_query(statements).get_result(pg).unwrap();
            assert_eq!(count.count, kept);
        }
    });
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

#[test]
fn every_operation_keeps_its_budget() {
    run(Engine::Postgres, async |app: TestApp| {
        let mut shared = Shared::new(&app).await;
        let mut table = Table::default();
        for operation in Shared::ordered(operations()) {
            let statements = Cell::new(0);
            let call = async |caller: &Caller, recipe: &Recipe| {
                let key = uuid::Uuid::now_v7().to_string();
                let keyed = caller.clone().with_header("Idempotency-Key", &key);
                let caller = if takes_a_key(&operation) { &keyed } else { caller };
                let id = recipe.id.as_deref();
                let (response, sent) =
                    counted(&app, caller, async |caller| call(caller, &operation, recipe, id).await).await;
                statements.set(sent);
                response
            };
            shared.allowed(&operation, call).await;
            table.add(&operation, "", statements.get());
        }
        table.check();
    });
}

#[test]
fn a_list_sends_as_many_statements_for_many_rows_and_services_as_for_one() {
    run(Engine::Postgres, async |app: TestApp| {
        let (manager, objects) = furnished(&app).await;
        let others = [Fixture::new(&app, Contents::Everything).await, Fixture::new(&app, Contents::Everything).await];
        let services = [objects.service, others[0].service, others[1].service];
        let held: Vec<Permission> = client_permissions().iter().collect();
        let client = app.client_of(&services, &held).await;
        let mut table = Table::default();
        for list in lists() {
            let permission: Option<Permission> = list.permission().map(|one| one.parse().unwrap());
            let reads_all = permission.is_some_and(|one| client_permissions().contains(one));
            let caller = if reads_all { &client } else { &manager };
            let path = objects.path(&list);
            let read = async |query: &str| {
                let (response, statements) =
                    counted(&app, caller, async |caller| caller.get(&format!("{path}{query}")).await).await;
                response.expect(200);
                statements
            };
            let (one, all) = (read("limit=1").await, read("limit=500").await);
            table.add(&list, "limit=1", one);
            table.add(&list, "limit=500", all);
            table.add(&list, "limit=500, total", read("limit=500&include_total=true").await);
            // The queue of an action is read if a row of the page waits in it.
            if all > one + 1 {
                table.faults.push(format!("{}: {one} statements for one row, {all} for all", list.path));
            }
        }
        table.check();
    });
}

#[test]
fn a_page_of_fifty_sends_as_many_statements_as_a_page_of_five() {
    run(Engine::Postgres, async |app: TestApp| {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let mut cases = Vec::new();
        for at in 0..52 {
            let new = Fixture::referral(service, &format!("Enfant {at}"));
            let accepted = manager.post("/v1/referrals", new.clone()).await.expect(201);
            let accepted = format!("/v1/referrals/{}/accept", accepted["referral"]["id"].as_str().unwrap());
            cases.push(manager.post(&accepted, json!({})).await.expect(200)["case_id"].clone());
            let waiting = manager.post("/v1/referrals", new).await.expect(201);
            let waiting = format!("/v1/referrals/{}/waiting-list", waiting["referral"]["id"].as_str().unwrap());
            manager.post(&waiting, json!({})).await.expect(200);
        }
        for path in
            ["/v1/cases?overdue=false&mine=true&", "/v1/referrals?", &format!("/v1/services/{service}/waiting-list?")]
        {
            let read = async |limit: usize| {
                let url = format!("{path}limit={limit}");
                let (page, statements) = counted(&app, &manager, async |caller| caller.get(&url).await).await;
                assert_eq!(page.expect(200).rows().len(), limit, "{path}");
                statements
            };
            let (five, fifty) = (read(5).await, read(50).await);
            eprintln!("{fifty} {path}");
            assert!(fifty == five && fifty <= LIST, "{path}: {five} statements for five rows, {fifty} for fifty");
        }
        let colleague = app.user(service, Role::Professional).await.bare_id();
        let hand_over = async |cases: &[Value]| {
            let body = json!({"case_ids": cases, "referent_id": colleague});
            let caller = manager.clone().with_header("Idempotency-Key", &uuid::Uuid::now_v7().to_string());
            let (done, statements) =
                counted(&app, &caller, async |caller| caller.post("/v1/cases/hand-over", body).await).await;
            assert_eq!(done.expect(200)["changed"], cases.len());
            statements
        };
        let (one, all) = (hand_over(&cases[..1]).await, hand_over(&cases[1..]).await);
        // One more names the cases and their former référents.
        assert!(one == all && all <= WRITE + 1, "{one} statements for one case, {all} for fifty");
    });
}

#[test]
fn a_referral_with_everything_keeps_the_budget() {
    run(Engine::Postgres, async |app: TestApp| {
        let fixture = Fixture::new(&app, Contents::Basic).await;
        let (service, organisation) = (fixture.service, &fixture.organisation);
        let contact = |name: &str| {
            json!({"relation": "parent", "name": name, "phone": "06 39 98 00 00",
                                          "email": format!("{name}@example.org")})
        };
        let agreement = |purpose: &str| json!({"purpose": purpose, "given_by": "parent", "given_on": "2026-03-02"});
        let full = json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
            "origin_organisation_id": organisation, "current_childcare": "creche",
            "current_childcare_organisation_id": fixture.free_organisation,
            "external_id": "A-1", "description": "Une demande",
            "child": {
                "identity": {"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"},
                "contacts": [contact("Camille"), contact("Dominique")], "address": "1 rue des Exemples"
            },
            "needs": ["find_childcare", "support_current_placement"],
            "family_agreements": [agreement("partner_contact"), agreement("support")]
        });
        let caller = fixture.manager.clone().with_header("Idempotency-Key", "one");
        let (made, statements) =
            counted(&app, &caller, async |caller| caller.post("/v1/referrals", full.clone()).await).await;
        let made = made.expect(201);
        assert!(!made["possible_duplicates"].as_array().unwrap().is_empty(), "the child has duplicates");
        eprintln!("{statements} POST /v1/referrals with everything");
        // The external identifier needs a lock more.
        assert!(statements <= WRITE + 1, "{statements}");
        let household = made["referral"]["household_id"].clone();
        for subject in [
            json!({"child_id": made["referral"]["child_id"]}),
            json!({"child": {"household_id": household, "identity": {"given_name": "Léo", "family_name": "Exemple",
                             "birth_date": "2024-04-05"}}}),
        ] {
            let mut again = full.clone();
            let fields = again.as_object_mut().unwrap();
            fields.remove("child");
            fields.remove("external_id");
            fields.extend(subject.as_object().unwrap().clone());
            let caller = fixture.manager.clone().with_header("Idempotency-Key", &uuid::Uuid::now_v7().to_string());
            let (made, statements) =
                counted(&app, &caller, async |caller| caller.post("/v1/referrals", again).await).await;
            made.expect(201);
            eprintln!("{statements} POST /v1/referrals {subject}");
            assert!(statements <= WRITE, "{statements}: {subject}");
        }
    });
}
