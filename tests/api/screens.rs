//! Screens: what a front end shows costs at most three calls each, on the demonstration, and every identifier is named.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::cases::{accept, case_of, coordinator, refer};
use crate::demo::played;
use crate::harness::Caller;
use crate::harness::lending_service::LendingService;

/// The calls that one screen may cost.
const MOST: usize = 3;

/// A screen, and the calls that fill it.
struct Screen<'a> {
    name: &'static str,
    caller: &'a Caller,
    read: Vec<Value>,
}

impl<'a> Screen<'a> {
    fn new(name: &'static str, caller: &'a Caller) -> Self {
        Self { name, caller, read: Vec::new() }
    }

    async fn get(&mut self, path: String) -> Value {
        let response = self.caller.get(&path).await.expect(200);
        let mut unnamed = Vec::new();
        find_unnamed(&response.json, "", &mut unnamed);
        assert!(unnamed.is_empty(), "{}: {path} names nobody at {}", self.name, unnamed.join(", "));
        self.read.push(response.json.clone());
        assert!(self.read.len() <= MOST, "{} needs {} calls", self.name, self.read.len());
        response.json
    }

    /// The rows of a list, which has some.
    async fn rows(&mut self, path: String) -> Vec<Value> {
        let read = self.get(path.clone()).await;
        let rows = read["data"].as_array().unwrap().clone();
        assert!(!rows.is_empty(), "{}: {path} is empty", self.name);
        rows
    }

    /// Fails unless each row has a text at each of these places, in at least one row.
    fn shows(&self, rows: &[Value], places: &[&str]) {
        for place in places {
            let shown = |row: &Value| row.pointer(place).is_some_and(|value| !value.is_null() && *value != json!([]));
            assert!(rows.iter().any(shown), "{}: no row shows {place}", self.name);
        }
    }
}

/// The places of identifiers whose name stands beside them and is null.
fn find_unnamed(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                find_unnamed(item, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                find_unnamed(value, &format!("{at}/{name}"), found);
                let base = name.strip_suffix("_id").or_else(|| name.strip_suffix("_code")).unwrap_or(name);
                let beside = ["name", "title", "label"].map(|suffix| members.get(&format!("{base}_{suffix}")));
                if value.is_string() && beside.into_iter().flatten().any(Value::is_null) {
                    found.push(format!("{at}/{name}"));
                }
            }
        }
        _ => {}
    }
}

on_both_databases! {
    async fn each_of_twelve_screens_costs_at_most_three_calls(app: TestApp) {
        let played = played(&app, 7);
        let service = played.setup.services[0].id;
        let staff = app.user(service, Role::Coordinator).await;

        let mut home = Screen::new("home", &staff);
        let me = home.get("/v1/me".into()).await;
        home.shows(&[me], &["/display_name", "/services/0/service_name", "/services/0/role"]);
        home.get(format!("/v1/dashboard?service_id={service}")).await;
        let week = home.rows(format!("/v1/agenda?service_id={service}&to=2026-04-15")).await;
        home.shows(&week, &["/title", "/on"]);

        let mut intake = Screen::new("intake", &staff);
        let new = intake.rows(format!("/v1/referrals?service_id={service}&status=received,qualified&expand=contacts")).await;
        intake.shows(&new, &["/child/family_name", "/commune_name", "/author_name", "/expanded/contacts/0/name"]);

        let mut waiting = Screen::new("waiting list", &staff);
        let queue = waiting.rows(format!("/v1/services/{service}/waiting-list")).await;
        waiting.shows(&queue, &["/referral/child/family_name", "/position", "/days_waited"]);

        let mut cases = Screen::new("cases", &staff);
        let open = cases.rows(format!("/v1/cases?service_id={service}&status=open&limit=100")).await;
        cases.shows(&open, &["/child/family_name", "/commune_name", "/epci_name", "/referent_name", "/latest_step_label"]);

        let followed = open.iter().find(|row| row["household_id"].is_string() && row["last_intervention_on"].is_string());
        let id = followed.unwrap()["id"].as_str().unwrap().to_owned();
        let mut case = Screen::new("case", &staff);
        let whole = case.get(format!("/v1/cases/{id}?expand=household,referrals")).await;
        case.shows(&[whole], &["/child/family_name", "/expanded/household/contacts/0/name", "/expanded/referrals/0/received_on"]);
        let acts = case.rows(format!("/v1/cases/{id}/interventions")).await;
        case.shows(&acts, &["/professional_names/0", "/author_name", "/type_label"]);
        let events = case.rows(format!("/v1/cases/{id}/history")).await;
        case.shows(&events, &["/author_name"]);

        let mut agenda = Screen::new("agenda", &staff);
        let weeks = agenda.rows(format!("/v1/agenda?service_id={service}&from=2026-02-02&to=2026-04-01&limit=500")).await;
        agenda.shows(&weeks, &["/title", "/cases/0/child_name", "/professional_names/0"]);

        let mut kits = Screen::new("kit calendar", &staff);
        let timetable = kits.rows(format!("/v1/services/{service}/kit-timetable?limit=500")).await;
        kits.shows(&timetable, &["/kit_title", "/copies/0/copy_label", "/closed_days/0"]);
        let taken = |row: &Value| row["copies"].as_array().unwrap().iter().flat_map(|copy| copy["reservations"].as_array().unwrap().clone()).collect::<Vec<_>>();
        let loans: Vec<Value> = timetable.iter().flat_map(taken).collect();
        kits.shows(&loans, &["/borrower/household_name", "/borrower/organisation_name", "/commune_name", "/author_name"]);

        let mut actions = Screen::new("actions", &staff);
        let held = actions.rows(format!("/v1/actions?service_id={service}&limit=100")).await;
        actions.shows(&held, &["/title", "/commune_name", "/author_name"]);

        let mut referents = Screen::new("referents", &staff);
        let network = referents.rows(format!("/v1/referents?service_id={service}&limit=100")).await;
        referents.shows(&network, &["/identity/name", "/organisation_name", "/commune_name", "/author_name"]);
        referents.get(format!("/v1/services/{service}/referent-coverage")).await;

        let mut statistics = Screen::new("statistics", &staff);
        statistics.get(format!("/v1/services/{service}/activity?from=2025-01-01&to=2025-12-31")).await;
        statistics.rows("/v1/indicators".into()).await;

        let manager = app.user(service, Role::Manager).await;
        let mut convention = Screen::new("convention", &manager);
        let signed = convention.rows(format!("/v1/conventions?service_id={service}&status=signed&limit=1")).await;
        convention.shows(&signed, &["/collectivity_name", "/author_name"]);
        let id = signed[0]["id"].as_str().unwrap();
        let owed = convention.rows(format!("/v1/contributions?service_id={service}&convention_id={id}")).await;
        convention.shows(&owed, &["/convention_name", "/instalments/0/due_on"]);
        convention.rows(format!("/v1/conventions/{id}/history")).await;

        let partner = app.partner_of(service, signed[0]["collectivity"].as_str().unwrap()).await;
        let mut statement = Screen::new("statement", &partner);
        let years = statement.rows("/v1/statements?year=2026".into()).await;
        statement.shows(&years, &["/collectivity_name"]);
        let one = statement.get(years[0]["url"].as_str().unwrap().to_owned()).await;
        statement.shows(&[one], &["/service_name", "/collectivity_name"]);
    }

    async fn a_case_and_a_referral_are_expanded_within_the_rights_of_the_caller(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let plain = caller.get(&format!("/v1/cases/{case}")).await.expect(200);
        assert!(plain.json.get("expanded").is_none());
        let path = format!("/v1/cases/{case}?expand=household,contacts&expand=organisation,referrals");
        let whole = caller.get(&path).await.expect(200);
        let expanded = &whole["expanded"];
        assert_eq!(expanded["household"]["id"], plain["household_id"]);
        assert_eq!(expanded["household"]["children"][0]["family_name"], "Exemple");
        assert_eq!(expanded["contacts"], expanded["household"]["contacts"]);
        assert_eq!(expanded["referrals"][0]["id"], plain["referral_ids"][0]);
        assert!(expanded.get("organisation").is_none(), "the case has none");
        let listed = caller.get(&format!("/v1/cases?expand=referrals&id={case}")).await.expect(200);
        assert_eq!(listed.rows()[0]["expanded"], json!({"referrals": expanded["referrals"]}));
        let referral = plain["referral_ids"][0].as_str().unwrap();
        let read = caller.get(&format!("/v1/referrals/{referral}?expand=case,contacts")).await.expect(200);
        assert_eq!((&read["expanded"]["case"]["id"], &read["expanded"]["contacts"]), (&json!(case), &expanded["contacts"]));
        let listed = caller.get("/v1/referrals?expand=case").await.expect(200);
        assert_eq!(listed.rows()[0]["expanded"]["case"]["id"], json!(case));
        // An expansion that is not offered is refused, and the refusal names those that are.
        for path in [format!("/v1/cases/{case}?expand=everything"), "/v1/cases?expand=child_merges".into()] {
            let refused = caller.get(&path).await.expect(400);
            assert!(["household", "contacts", "organisation", "referrals"].iter().all(|name| refused.text().contains(name)), "{}", refused.text());
        }
        // The rights of what is added apply.
        let clerk = app.client(service, &[Permission::CasesRead, Permission::ReferralsRead]).await;
        let hidden = clerk.get(&path).await.expect(200);
        assert_eq!(hidden["expanded"].as_object().unwrap().keys().collect::<Vec<_>>(), ["referrals"]);
        assert!(!hidden.text().contains("Exemple"));
        let desk = app.client(service, &[Permission::ReferralsRead]).await;
        let hidden = desk.get(&format!("/v1/referrals/{referral}?expand=case,household,contacts")).await.expect(200);
        assert_eq!(hidden["expanded"], json!({}));
        // What is read of a family is in the journal.
        let manager = app.user(service, Role::Manager).await;
        let household = plain["household_id"].as_str().unwrap();
        let journal = manager.get(&format!("/v1/audit-events?object_id={household}&limit=500")).await.expect(200);
        let reads = |operation: &str| journal.rows().iter().filter(|row| row["operation"] == operation).count();
        assert!(reads("GET /v1/cases/{id}") >= 2 && reads("GET /v1/referrals/{id}") >= 1, "{}", journal.text());
        assert!(journal.rows().iter().any(|row| row["principal_name"] == "Une personne"));
    }

    async fn the_timetable_has_all_kits_with_their_borrowers(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        shelf.add_kit("Autre").await;
        let loan = shelf.ask(shelf.request_of_family("2026-03-09")).await.expect(201).id();
        let lent = shelf.lent("2026-03-02").await;
        let path = format!("/v1/services/{}/kit-timetable", shelf.service);
        let page = shelf.staff.get(&path).await.expect(200);
        let titles: Vec<&Value> = page.rows().iter().map(|row| &row["kit_title"]).collect();
        assert_eq!(titles, ["Autre", "Sensorielle"]);
        let kit = &page.rows()[1];
        assert_eq!((&kit["from"], &kit["to"], kit["copies"].as_array().unwrap().len()), (&json!("2026-03-02"), &json!("2026-04-12"), 2));
        assert!(kit["closed_days"].as_array().unwrap().contains(&json!("2026-03-08")), "a Sunday");
        let reservations: Vec<&Value> = kit["copies"].as_array().unwrap().iter().flat_map(|copy| copy["reservations"].as_array().unwrap()).collect();
        let ids: Vec<&str> = reservations.iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert!(ids.len() == 2 && ids.contains(&loan.as_str()) && ids.contains(&lent.as_str()), "{ids:?}");
        let of_family = reservations.iter().find(|one| one["id"] == json!(loan)).unwrap();
        assert_eq!(of_family["borrower"]["household_name"], "Camille Exemple");
        let before = shelf.staff.get(&format!("{path}?from=2026-01-05&to=2026-01-06")).await.expect(200);
        assert_eq!(before.rows()[1]["copies"][0]["reservations"], json!([]));
        // `to` alone ends the six weeks.
        let until = shelf.staff.get(&format!("{path}?to=2026-06-02")).await.expect(200);
        assert_eq!((&until.rows()[0]["from"], &until.rows()[0]["to"]), (&json!("2026-04-22"), &json!("2026-06-02")));
        let long = shelf.staff.get(&format!("{path}?from=2026-03-01&to=2026-06-02")).await.expect(400);
        assert_eq!(long.faults(), [("to".to_owned(), "period_too_long".to_owned())]);
        shelf.staff.get(&format!("{path}?from=2026-03-09&to=2026-03-08")).await.expect(400);
        // The name of a family is for who reads households.
        let desk = app.client(shelf.service, &[Permission::ReservationsRead]).await;
        assert!(!desk.get(&path).await.expect(200).text().contains("Camille"));
        let elsewhere = app.service().await;
        app.user(elsewhere, Role::Coordinator).await.get(&path).await.expect(404);
    }

    /// Both cases of a child are on one page.
    async fn each_case_of_a_child_has_the_child(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let first = case_of(&caller, service, "Exemple", "2026-02-09").await;
        let child = caller.get(&format!("/v1/cases/{first}")).await.expect(200)["child_id"].clone();
        caller.post(&format!("/v1/cases/{first}/close"), json!({"outcome": "moved", "closed_on": "2026-02-20"})).await.expect(200);
        let again = refer(&caller, service, "2026-03-01", json!({"subject": "child", "child_id": child})).await;
        assert_ne!(accept(&caller, &again, "2026-03-01").await, first);
        let cases = caller.get("/v1/cases").await.expect(200);
        assert_eq!(cases.rows().len(), 2);
        let expanded = caller.get("/v1/referrals?expand=case").await.expect(200);
        let of_referrals = expanded.rows().iter().map(|row| &row["expanded"]["case"]);
        for case in cases.rows().iter().chain(of_referrals) {
            assert_eq!(case["child"]["id"], child, "{case}");
        }
        // What is expanded is for those who may read it.
        let clerk = app.client(service, &[Permission::CasesRead]).await;
        let rows = clerk.get("/v1/cases?expand=referrals").await.expect(200);
        assert!(rows.rows().iter().all(|row| row["expanded"]["referrals"].is_null()));
        let rows = caller.get("/v1/cases?expand=referrals").await.expect(200);
        assert!(rows.rows().iter().all(|row| row["expanded"]["referrals"].as_array().unwrap().len() == 1));
    }

    async fn names_follow_the_rights_of_the_caller(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let case = case_of(&shelf.staff, shelf.service, "Exemple", "2026-02-09").await;
        let place = json!({"organisation_id": shelf.organisation, "childcare_type": "creche", "starts_on": "2026-02-20"});
        let placement = shelf.staff.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201);
        assert_eq!((&placement["organisation_name"], &placement["author_name"]), (&json!("Les Lutins"), &json!("Une personne")));
        let path = format!("/v1/cases/{case}/placements");
        assert_eq!(shelf.staff.get(&path).await.expect(200).rows()[0]["organisation_name"], "Les Lutins");
        let clerk = app.client(shelf.service, &[Permission::CasesRead]).await;
        let hidden = clerk.get(&path).await.expect(200).rows()[0].clone();
        assert!(hidden["organisation_name"].is_null() && hidden["author_name"].is_null());
        let asked = json!({
            "service_id": shelf.service, "type": "family_interview", "planned_on": "2026-03-09", "starts_at": "09:30",
            "minutes": 60, "place": "family_home", "case_ids": [case]
        });
        let planned = shelf.staff.post("/v1/appointments", asked).await.expect(201);
        assert_eq!((&planned["case_names"], &planned["professional_names"]), (&json!(["Zoé Exemple"]), &json!(["Une personne"])));
        assert_eq!(clerk.get("/v1/appointments").await.expect(200).rows()[0]["case_names"], json!([null]));
    }

    async fn what_the_work_has_read_already_is_named_under_the_same_rights(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let case = case_of(&shelf.staff, shelf.service, "Exemple", "2026-02-09").await;
        let place = json!({"organisation_id": shelf.organisation, "childcare_type": "creche", "starts_on": "2026-02-20"});
        let path = format!("/v1/cases/{case}/placements");
        // The organisation is checked, and its name is known; a caller without the directory still does not see it.
        let clerk = app.client(shelf.service, &[Permission::CasesRead, Permission::CasesWrite]).await;
        let made = clerk.post(&path, place).await.expect(201);
        assert!(made["organisation_name"].is_null() && made["author_name"].is_null(), "{}", made.text());
        // The name of the caller is kept with their rights; a change is seen at once.
        let manager = app.user(shelf.service, Role::Manager).await;
        let caller = app.user(shelf.service, Role::Coordinator).await;
        let goals = format!("/v1/cases/{case}/goals");
        for name in ["Une collègue", "La même, autrement"] {
            let user = format!("/v1/users/{}", caller.bare_id());
            manager.patch(&user, json!({"display_name": name})).await.expect(200);
            let set = json!({"title": "Une matinée seul", "set_on": "2026-02-20"});
            let goal = caller.post(&goals, set).await.expect(201);
            assert_eq!(goal["author_name"], name);
            let read = shelf.staff.get(&format!("/v1/goals/{}", goal.id())).await.expect(200);
            assert_eq!(read["author_name"], name, "a colleague reads the same");
        }
    }

    async fn the_caller_and_the_services_are_named(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let me = caller.get("/v1/me").await.expect(200);
        let one = &me["services"][0];
        assert_eq!((&me["display_name"], &one["service_id"], &one["role"]), (&json!("Une personne"), &json!(service), &json!("coordinator")));
        assert!(one["service_name"].as_str().is_some_and(|name| !name.is_empty()));
        let client = app.client(service, &[Permission::CasesRead]).await;
        let me = client.get("/v1/me").await.expect(200);
        assert!(me["display_name"].as_str().is_some_and(|name| !name.is_empty()) && me["services"][0]["role"].is_null());
    }
}
