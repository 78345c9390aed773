//! The days of a loan: the length that was asked for, the closings and holidays of the service, the service's own day.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::lending_service::LendingService;

/// Sets the clock.
fn go_to(app: &TestApp, instant: &str) {
    let instant: DateTime<Utc> = instant.parse().unwrap();
    app.advance(instant - app.now());
}

/// Changes the lending settings of the service.
async fn set(shelf: &LendingService, settings: Value) -> Value {
    let path = format!("/v1/services/{}/kit-settings", shelf.service);
    shelf.staff.patch(&path, settings).await.expect(200).json
}

fn closing(first: &str, last: &str) -> Value {
    json!({"starts_on": first, "ends_on": last})
}

/// The length of a loan in days.
fn days(loan: &Value) -> i64 {
    let date = |name: &str| loan[name].as_str().unwrap().parse::<NaiveDate>().unwrap();
    (date("due_on") - date("starts_on")).num_days()
}

/// The public holidays of the service in a year.
async fn holidays(shelf: &LendingService, year: i32) -> Vec<Value> {
    let path = format!("/v1/services/{}/public-holidays?year={year}", shelf.service);
    shelf.staff.get(&path).await.expect(200)["holidays"].as_array().unwrap().clone()
}

on_both_databases! {
    async fn a_loan_that_is_moved_over_a_closing_and_back_keeps_its_length(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        set(&shelf, json!({"longest_loan_days": 90, "closings": [closing("2026-04-06", "2026-05-17")]})).await;
        let asked = shelf.ask(shelf.request("2026-03-09")).await.expect(201);
        assert_eq!((&asked["due_on"], &asked["asked_days"]), (&json!("2026-03-30"), &json!(21)));
        let id = asked.id();
        let over = shelf.act(&id, "move", Some(json!({"starts_on": "2026-03-23"}))).await.expect(200);
        assert_eq!((&over["due_on"], &over["asked_days"]), (&json!("2026-05-18"), &json!(21)), "the service is closed");
        let back = shelf.act(&id, "move", Some(json!({"starts_on": "2026-03-09"}))).await.expect(200);
        assert_eq!((&back["due_on"], &back["blocked_until"]), (&json!("2026-03-30"), &json!("2026-03-31")));
        let chosen = shelf.act(&id, "move", Some(json!({"due_on": "2026-03-23"}))).await.expect(200);
        assert_eq!(chosen["asked_days"], 14);
        let later = shelf.act(&id, "move", Some(json!({"starts_on": "2026-06-01"}))).await.expect(200);
        assert_eq!(later["due_on"], "2026-06-15", "the length that was chosen last");
        crate::kit_plan::assert_consistent(&app, "moves").await;
    }

    async fn no_loan_lasts_longer_than_the_longest_because_of_a_closing(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        set(&shelf, json!({"closings": [closing("2026-04-06", "2026-05-17")]})).await;
        // 21 days from 23 March end in the closing period: 56 days until the next open day.
        shelf.ask(shelf.request("2026-03-23")).await.breaks("/due_on", "too_long");
        let id = shelf.requested("2026-03-09").await;
        shelf.act(&id, "move", Some(json!({"starts_on": "2026-03-23"}))).await.breaks("/due_on", "too_long");
        let short = json!({"starts_on": "2026-03-23", "due_on": "2026-04-03"});
        assert_eq!(shelf.act(&id, "move", Some(short)).await.expect(200)["due_on"], "2026-04-03");
        // What is proposed instead is what can be reserved.
        let refused = shelf.ask(shelf.request("2026-03-10")).await.expect(409).problem("kit_taken");
        let next = &refused["next_free"][0];
        assert_eq!((&next["starts_on"], days(next)), (&json!("2026-05-19"), 21), "after the buffer");
        // A kit with a longer length of its own follows the rule of the service.
        shelf.staff.patch(&format!("/v1/kits/{}", shelf.kit), json!({"loan_days": 60})).await.expect(200);
        assert_eq!(days(&shelf.ask(shelf.request("2026-06-01")).await.expect(201).json), 42);
    }

    async fn a_proposal_of_the_queue_has_the_length_that_was_asked_for(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let loan = shelf.lent("2026-03-02").await;
        set(&shelf, json!({"closings": [closing("2026-04-06", "2026-04-08")]})).await;
        let mut request = shelf.request("2026-03-16");
        (request["if_taken"], request["waits_until"]) = ("wait".into(), "2026-03-24".into());
        let waiting = shelf.ask(request).await.expect(201);
        assert_eq!((&waiting["status"], days(&waiting.json)), (&json!("waiting"), 24), "it would end after the closing");
        go_to(&app, "2026-03-17T08:00:00Z");
        shelf.take_back(&loan).await;
        let proposed = shelf.read(&waiting.id()).await;
        assert_eq!((&proposed["status"], &proposed["starts_on"]), (&json!("proposed"), &json!("2026-03-19")));
        assert_eq!((&proposed["due_on"], &proposed["asked_days"]), (&json!("2026-04-09"), &json!(21)));
    }

    async fn several_borrowers_of_a_queue_get_different_days(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let loans = [shelf.lent("2026-03-02").await, shelf.lent("2026-03-02").await];
        let mut waiting = Vec::new();
        for _ in 0..4 {
            let mut request = shelf.request("2026-03-09");
            (request["if_taken"], request["waits_until"]) = ("wait".into(), "2026-04-30".into());
            waiting.push(shelf.ask(request).await.expect(201).id());
        }
        for loan in &loans {
            shelf.take_back(loan).await;
        }
        let mut starts = Vec::new();
        for id in &waiting {
            let read = shelf.read(id).await;
            assert_eq!(read["status"], "proposed");
            starts.push(read["starts_on"].as_str().unwrap().to_owned());
        }
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), 2, "two copies, one loan after the other on each: {starts:?}");
        crate::kit_plan::assert_consistent(&app, "four proposals").await;
    }

    async fn the_public_holidays_of_years_can_be_closed(app: TestApp) {
        let service = app.service_with(|new| new.departements = ["63", "67", "971"].map(|code| code.parse().unwrap()).to_vec()).await;
        let shelf = LendingService::of(&app, service, 1).await;
        let of_2026 = holidays(&shelf, 2026).await;
        let named = |name: &str| of_2026.iter().find(|holiday| holiday["name_fr"] == name).unwrap().clone();
        let expected = json!({"day": "2026-04-06", "name_fr": "Lundi de Pâques", "name_en": "Easter Monday", "departements": ["63", "67", "971"], "closed": false});
        assert_eq!(named("Lundi de Pâques"), expected);
        assert_eq!((&named("Vendredi saint")["day"], &named("Vendredi saint")["departements"]), (&json!("2026-04-03"), &json!(["67"])));
        assert_eq!((&named("Abolition de l’esclavage")["day"], &named("Abolition de l’esclavage")["departements"]), (&json!("2026-05-27"), &json!(["971"])));
        assert_eq!((of_2026.len(), &named("Assomption")["closed"]), (14, &json!(true)), "a Saturday");
        let mut closings = Vec::new();
        for year in 2026..=2035 {
            let days = holidays(&shelf, year).await;
            // Two holidays can fall on one day.
            let mut days: Vec<String> = days.iter().map(|holiday| holiday["day"].as_str().unwrap().to_owned()).collect();
            days.dedup();
            closings.extend(days.iter().map(|day| closing(day, day)));
        }
        assert!(closings.len() > 130);
        let settings = set(&shelf, json!({"closings": closings})).await;
        assert_eq!(settings["closings"].as_array().unwrap().len(), closings.len());
        assert!(holidays(&shelf, 2031).await.iter().all(|holiday| holiday["closed"] == true));
        shelf.ask(shelf.request("2026-04-06")).await.breaks("/starts_on", "closing_day");
        // 21 days from 16 March end on Easter Monday.
        assert_eq!(shelf.ask(shelf.request("2026-03-16")).await.expect(201)["due_on"], "2026-04-07");
        for (query, status) in [("", 400), ("?year=1999", 400), ("?year=2101", 400), ("?year=2100", 200)] {
            shelf.staff.get(&format!("/v1/services/{service}/public-holidays{query}")).await.expect(status);
        }
        let other = app.service().await;
        shelf.staff.get(&format!("/v1/services/{other}/public-holidays?year=2026")).await.expect(404);
    }

    async fn closings_never_close_a_service_for_more_than_a_year(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let path = format!("/v1/services/{}/kit-settings", shelf.service);
        let closings = json!([closing("2027-01-01", "2027-12-31"), closing("2028-01-03", "2028-06-30")]);
        shelf.staff.patch(&path, json!({"closings": closings})).await.breaks("/closings", "too_long");
        // Monday 3 January 2028 is open.
        let closings = json!([closing("2027-01-01", "2027-12-31"), closing("2028-01-04", "2028-06-30")]);
        shelf.staff.patch(&path, json!({"closings": closings})).await.expect(200);
    }

    async fn a_wait_ends_with_its_last_day_in_the_service(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let mut request = shelf.request("2026-03-02");
        request["due_on"] = "2026-04-03".into();
        let loan = shelf.ask(request).await.expect(201).id();
        shelf.act(&loan, "confirm", None).await.expect(200);
        shelf.act(&loan, "hand-out", Some(json!({}))).await.expect(200);
        let mut request = shelf.request("2026-03-09");
        (request["if_taken"], request["waits_until"]) = ("wait".into(), "2026-03-31".into());
        let waiting = shelf.ask(request.clone()).await.expect(201).id();
        request["waits_until"] = "2026-04-03".into();
        let second = shelf.ask(request).await.expect(201).id();
        let listed = async |status: &str| {
            let page = shelf.staff.get(&format!("/v1/reservations?kit_id={}&status={status}", shelf.kit)).await.expect(200);
            page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let queue = async || {
            let page = shelf.staff.get(&format!("/v1/kits/{}/queue", shelf.kit)).await.expect(200);
            page.rows().iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row["queue_position"].as_i64().unwrap())).collect::<Vec<_>>()
        };
        let waits = async |month: &str| {
            let path = format!("/v1/services/{}/kit-figures?from={month}-01&to={month}-30", shelf.service);
            let path = path.replace("03-30", "03-31");
            shelf.staff.get(&path).await.expect(200)["waits_without_copy"].as_i64().unwrap()
        };
        // Half past eleven in the evening of the last day.
        go_to(&app, "2026-03-31T21:30:00Z");
        assert_eq!((shelf.read(&waiting).await["status"].as_str(), waits("2026-03").await), (Some("waiting"), 0));
        assert_eq!(queue().await, [(waiting.clone(), 1), (second.clone(), 2)]);
        // Half past midnight in Paris; in UTC it is still the last day. No background job has run.
        go_to(&app, "2026-03-31T22:30:00Z");
        let ended = shelf.read(&waiting).await;
        assert_eq!((&ended["status"], &ended["decided_on"]), (&json!("expired"), &json!("2026-03-31")));
        assert_eq!((&ended["available_actions"], &ended["queue_position"]), (&json!([]), &Value::Null));
        assert_eq!((listed("expired").await, listed("waiting").await), (vec![waiting.clone()], vec![second.clone()]));
        assert_eq!((listed("expired,waiting").await.len(), listed("on_loan").await), (2, vec![loan.clone()]));
        assert_eq!(queue().await, [(second.clone(), 1)]);
        assert_eq!((waits("2026-03").await, waits("2026-04").await), (1, 0));
        shelf.act(&waiting, "cancel", Some(json!({}))).await.expect(409).problem("wrong_state");
        let availability = format!("/v1/kits/{}/availability?from=2026-04-01&to=2026-04-02", shelf.kit);
        assert_eq!(shelf.staff.get(&availability).await.expect(200)["waiting"], 1);
        shelf.act(&second, "cancel", Some(json!({}))).await.expect(200);
        // It no longer blocks the extension of the loan.
        shelf.act(&loan, "extend", Some(json!({"due_on": "2026-04-10"}))).await.expect(200);
        // The job stores what was computed.
        go_to(&app, "2026-05-04T08:00:00Z");
        crate::reservations::run_queue_job(&app);
        assert_eq!(shelf.read(&waiting).await["decided_on"], "2026-03-31");
        assert_eq!((waits("2026-03").await, waits("2026-04").await), (1, 1), "the second was cancelled in April");
    }

    async fn the_filter_of_states_is_the_rule_of_the_model(app: TestApp) {
        // Three services whose days differ at one instant: Kiritimati is on 2 April, Paris on 1 April, Martinique on 31 March.
        let mut shelves = Vec::new();
        for zone in ["Pacific/Kiritimati", "Europe/Paris", "America/Martinique"] {
            let service = app.service_with(|new| zone.clone_into(&mut new.time_zone)).await;
            shelves.push(LendingService::of(&app, service, 1).await);
        }
        let services: Vec<_> = shelves.iter().map(|shelf| shelf.service).collect();
        let reader = app.client_of(&services, &[passerelle::auth::Permission::ReservationsRead]).await;
        for shelf in &shelves {
            shelf.lent("2026-03-02").await;
            for last in ["2026-03-30", "2026-03-31", "2026-04-01", "2026-04-02"] {
                let mut request = shelf.request("2026-03-09");
                (request["if_taken"], request["waits_until"]) = ("wait".into(), last.into());
                shelf.ask(request).await.expect(201);
            }
            // A proposal that expires after 72 hours.
            let taken = shelf.requested("2026-06-01").await;
            let mut request = shelf.request("2026-06-01");
            (request["if_taken"], request["waits_until"]) = ("wait".into(), "2026-06-30".into());
            shelf.ask(request).await.expect(201);
            shelf.act(&taken, "cancel", Some(json!({}))).await.expect(200);
        }
        for instant in ["2026-03-04T08:00:00Z", "2026-03-20T08:00:00Z", "2026-04-01T02:00:00Z", "2026-04-01T11:00:00Z"] {
            go_to(&app, instant);
            let all = reader.get("/v1/reservations?limit=500").await.expect(200);
            for states in ["waiting", "proposed", "expired", "waiting,expired", "proposed,cancelled", "on_loan"] {
                let wanted = all.rows().iter().filter(|row| states.split(',').any(|state| row["status"] == state));
                let mut wanted: Vec<&str> = wanted.map(|row| row["id"].as_str().unwrap()).collect();
                let page = reader.get(&format!("/v1/reservations?limit=500&status={states}")).await.expect(200);
                let mut found: Vec<&str> = page.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
                wanted.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, wanted, "{states} at {instant}");
            }
        }
    }

    async fn a_kit_is_free_by_the_same_rule_in_the_catalogue_and_in_its_plan(app: TestApp) {
        // A day ahead of UTC for most of it.
        let service = app.service_with(|new| new.time_zone = "Pacific/Auckland".into()).await;
        let shelf = LendingService::of(&app, service, 1).await;
        shelf.lent("2026-03-02").await;
        // 24 March in Auckland: the loan that was due on 23 March is overdue.
        go_to(&app, "2026-03-23T12:00:00Z");
        let path = format!("/v1/kits/{}/availability?from=2026-03-23&to=2026-04-10", shelf.kit);
        let plan = shelf.staff.get(&path).await.expect(200);
        let states = plan["copies"][0]["days"].as_array().unwrap();
        assert_eq!(states[1], json!({"day": "2026-03-24", "state": "overdue"}));
        for day in states {
            let on = day["day"].as_str().unwrap();
            let free = ["free", "closed"].contains(&day["state"].as_str().unwrap());
            let found = shelf.staff.get(&format!("/v1/kits?free_from={on}&free_to={on}")).await.expect(200);
            assert_eq!(found.rows().len(), usize::from(free), "{day}");
        }
        assert!(states.iter().any(|day| day["state"] == "free"));
        app.advance(Duration::days(30));
        let later = shelf.staff.get("/v1/kits?free_from=2026-04-20&free_to=2026-04-24").await.expect(200);
        assert!(later.rows().is_empty(), "still overdue");
        assert_eq!(shelf.staff.get("/v1/kits?free_from=2026-05-04&free_to=2026-05-08").await.expect(200).rows().len(), 1);
    }
}
