//! Reservations: requests, availability, the queue, hand-outs and returns.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::lending_service::LendingService;

/// The number of rows of each table, except those of the journal.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    app.database.counts().into_iter().filter(|(table, _)| !table.starts_with("audit")).collect()
}

on_both_databases! {
    async fn a_kit_is_reserved_lent_and_returned(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let asked = shelf.ask(shelf.request_of_family("2026-03-02")).await.expect(201);
        assert_eq!(asked.header("location"), format!("/v1/reservations/{}", asked.id()));
        assert_eq!((&asked["status"], &asked["due_on"], &asked["blocked_until"]), (&json!("requested"), &json!("2026-03-23"), &json!("2026-03-24")));
        assert_eq!((&asked["copy_id"], &asked["copy_label"], &asked["kit_title_fr"]), (&json!(shelf.copies[0]), &json!("1"), &json!("Sensorielle")));
        assert_eq!((&asked["commune_code"], &asked["borrower"]["household_id"]), (&json!("63300"), &json!(shelf.household)));
        assert_eq!(asked["available_actions"], json!(["confirm", "decline", "cancel", "move"]));
        let id = asked.id();
        assert_eq!(shelf.read(&id).await.json, asked.json);
        let refused = shelf.act(&id, "hand-out", Some(json!({}))).await.expect(409).problem("wrong_state");
        assert_eq!(refused["state"], "requested");
        shelf.act(&id, "confirm", None).await.expect(200);
        let lent = shelf.act(&id, "hand-out", Some(json!({"check": shelf.counted([3, 1])}))).await.expect(200);
        assert_eq!((&lent["status"], &lent["handed_out_on"]), (&json!("on_loan"), &json!("2026-03-02")));
        app.advance(chrono::Duration::days(21));
        let back = json!({"check": shelf.counted([2, 1])});
        let returned = shelf.act(&id, "return", Some(back)).await.expect(200);
        assert_eq!((&returned["status"], &returned["returned_on"], &returned["overdue"]), (&json!("returned"), &json!("2026-03-23"), &json!(false)));
        assert_eq!(returned["available_actions"], json!([]));
        let checks = shelf.staff.get(&format!("/v1/kit-copies/{}/checks", shelf.copies[0])).await.expect(200);
        let moments: Vec<_> = checks.rows().iter().map(|row| (&row["moment"], &row["reservation_id"])).collect();
        assert_eq!(moments, [(&json!("return"), &json!(id)), (&json!("hand_out"), &json!(id))]);
        let defects = shelf.staff.get("/v1/kit-defects?status=to_buy").await.expect(200);
        assert_eq!((defects.rows().len(), &defects.rows()[0]["kind"]), (1, &json!("missing")));
    }

    async fn availability_gives_the_state_of_each_copy_on_each_day(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let loan = shelf.lent("2026-03-02").await;
        shelf.confirmed("2026-03-25").await;
        shelf.staff.post(&format!("/v1/kit-copies/{}/withdraw", shelf.copies[1]), json!({"reason": "En réparation"})).await.expect(200);
        let path = format!("/v1/kits/{}/availability?from=2026-03-02&to=2026-04-19", shelf.kit);
        let states = async |copy: usize| {
            let read = shelf.staff.get(&path).await.expect(200);
            let days = read["copies"][copy]["days"].as_array().unwrap().clone();
            let mut runs: Vec<(String, String)> = Vec::new();
            for day in days {
                let (day, state) = (day["day"].as_str().unwrap().to_owned(), day["state"].as_str().unwrap().to_owned());
                match runs.last() {
                    Some((_, known)) if *known == state => {}
                    _ => runs.push((day, state)),
                }
            }
            runs
        };
        let run = |from: &str, state: &str| (from.to_owned(), state.to_owned());
        assert_eq!(
            states(0).await,
            [
                run("2026-03-02", "on_loan"), run("2026-03-24", "buffer"), run("2026-03-25", "reserved"),
                run("2026-04-16", "buffer"), run("2026-04-17", "free"), run("2026-04-18", "closed"),
            ]
        );
        assert_eq!(states(1).await, [run("2026-03-02", "out_of_service")]);
        let read = shelf.staff.get(&path).await.expect(200);
        let next: Vec<_> = read["next_free"].as_array().unwrap().iter().map(|free| (&free["starts_on"], &free["due_on"])).collect();
        assert_eq!(next, [(&json!("2026-04-17"), &json!("2026-05-08"))]);
        assert_eq!(read["rules"][0], json!({"rule": "loan_days", "value": 21, "source": "service"}));
        // An early return releases the remaining days.
        shelf.take_back(&loan).await;
        assert_eq!(states(0).await[..3], [run("2026-03-02", "on_loan"), run("2026-03-03", "buffer"), run("2026-03-04", "free")]);
        for (query, code) in [("from=2026-03-02&to=2026-03-01", "ends_before_start"), ("from=2026-03-02&to=2027-03-03", "too_long")] {
            let refused = shelf.staff.get(&format!("/v1/kits/{}/availability?{query}", shelf.kit)).await.expect(400);
            assert_eq!(refused.faults(), [("to".to_owned(), code.to_owned())]);
        }
    }

    async fn a_conflict_names_the_obstacles_and_the_next_possible_loans(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let (first, second) = (shelf.requested("2026-03-09").await, shelf.requested("2026-03-11").await);
        let before = counts(&app);
        let refused = shelf.ask(shelf.request("2026-03-16")).await.expect(409).problem("kit_taken");
        let obstacles: Vec<_> = refused["obstacles"].as_array().unwrap().iter().map(|one| (&one["reservation_id"], &one["from"], &one["to"])).collect();
        assert_eq!(
            obstacles,
            [(&json!(first), &json!("2026-03-16"), &json!("2026-03-31")), (&json!(second), &json!("2026-03-16"), &json!("2026-04-02"))]
        );
        let next: Vec<_> = refused["next_free"].as_array().unwrap().iter().map(|free| (&free["copy_id"], &free["starts_on"])).collect();
        assert_eq!(next, [(&json!(shelf.copies[0]), &json!("2026-04-01")), (&json!(shelf.copies[1]), &json!("2026-04-03"))]);
        assert!(refused.text().contains("2026-04-01"));
        assert_eq!(counts(&app), before, "a refusal records nothing");
        shelf.requested("2026-04-01").await;
        // `if_taken=decline` records it for the figures.
        let mut request = shelf.request("2026-03-16");
        request["if_taken"] = "decline".into();
        let declined = shelf.ask(request).await.expect(201);
        assert_eq!((&declined["status"], &declined["reason"], &declined["copy_id"]), (&json!("declined"), &json!("no_copy"), &Value::Null));
    }

    async fn every_fault_of_a_request_is_reported(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let other = LendingService::new(&app, 1).await;
        let with = |changes: Value| {
            let mut request = shelf.request("2026-03-09");
            request.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            request
        };
        let before = counts(&app);
        let person = json!({"kind": "professional", "name": "Dominique Exemple", "commune_code": "63300"});
        for (changes, pointer, code) in [
            (json!({"due_on": "2026-03-06"}), "/due_on", "ends_before_start"),
            (json!({"due_on": "2026-03-09"}), "/due_on", "too_short"),
            (json!({"starts_on": "2026-02-27"}), "/starts_on", "in_the_past"),
            (json!({"starts_on": "2026-03-08"}), "/starts_on", "closing_day"),
            (json!({"due_on": "2026-03-28"}), "/due_on", "closing_day"),
            (json!({"due_on": "2027-04-13"}), "/due_on", "too_long"),
            (json!({"starts_on": "2027-03-03"}), "/starts_on", "too_far_ahead"),
            (json!({"copy_id": other.copies[0]}), "/copy_id", "unknown_copy"),
            (json!({"kit_id": other.kit}), "/kit_id", "unknown_kit"),
            (json!({"borrower": {"kind": "household", "household_id": other.household}}), "/borrower/household_id", "unknown_household"),
            (json!({"borrower": {"kind": "organisation", "organisation_id": other.organisation}}), "/borrower/organisation_id", "unknown_organisation"),
            (json!({"borrower": {"kind": "household"}}), "/borrower/household_id", "required"),
            (json!({"borrower": {"kind": "professional", "name": "Dominique"}}), "/borrower/commune_code", "required"),
            (json!({"borrower": {"kind": "organisation", "organisation_id": shelf.organisation, "name": "X"}}), "/borrower/name", "not_for_this_borrower"),
            (json!({"case_id": shelf.kit}), "/case_id", "unknown_case"),
            (json!({"waits_until": "2026-03-02", "if_taken": "wait"}), "/waits_until", "ends_before_start"),
        ] {
            shelf.ask(with(changes)).await.breaks(pointer, code);
        }
        shelf.ask(with(json!({"service_id": other.service}))).await.breaks("/service_id", "unknown_service");
        let several = with(json!({"starts_on": "2026-03-01", "due_on": "2027-03-02", "copy_id": other.copies[0], "borrower": {"kind": "household"}}));
        let refused = shelf.ask(several).await.expect(422);
        let faults: Vec<_> = refused.faults().into_iter().map(|(_, code)| code).collect();
        assert_eq!(faults, ["in_the_past", "closing_day", "too_long", "required", "unknown_copy"]);
        assert_eq!(counts(&app), before);
        shelf.ask(with(json!({"borrower": person}))).await.expect(201);
        // An organisation may not borrow a kit for families.
        shelf.staff.patch(&format!("/v1/kits/{}", shelf.kit), json!({"audiences": ["family"]})).await.expect(200);
        shelf.ask(shelf.request("2026-05-04")).await.breaks("/borrower/kind", "not_the_audience");
    }

    async fn a_check_assesses_a_request_and_records_nothing(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let before = counts(&app);
        let check = async |request: Value| shelf.staff.post("/v1/reservations/check", request).await.expect(200);
        let fine = check(shelf.request("2026-03-09")).await;
        assert_eq!((&fine["possible"], &fine["blockers"], &fine["warnings"]), (&json!(true), &json!([]), &json!([])));
        assert_eq!(fine["loan"], json!({"starts_on": "2026-03-09", "due_on": "2026-03-30", "blocked_until": "2026-03-31", "copy_id": shelf.copies[0]}));
        let sunday = shelf.staff.clone().with_header("Accept-Language", "en");
        let sunday = sunday.post("/v1/reservations/check", shelf.request("2026-03-08")).await.expect(200);
        assert_eq!((&sunday["possible"], &sunday["loan"]), (&json!(false), &Value::Null), "absent");
        assert_eq!(sunday["blockers"][0]["code"], "closing_day");
        assert_eq!(sunday["blockers"][0]["message"], "The service is closed on this day; the next open day is 2026-03-09.");
        // Three weeks from a Friday before a closing.
        let closed = json!({"closings": [{"starts_on": "2026-03-27", "ends_on": "2026-03-27"}]});
        shelf.staff.patch(&format!("/v1/services/{}/kit-settings", shelf.service), closed).await.expect(200);
        let moved = check(shelf.request("2026-03-06")).await;
        assert_eq!((&moved["loan"]["due_on"], &moved["warnings"][0]["code"]), (&json!("2026-03-30"), &json!("due_day_moved")));
        assert_eq!(counts(&app).iter().filter(|(table, _)| table == "reservations").count(), 1);
        let rows = |table: &str| app.database.count(table);
        assert_eq!((rows("reservations"), rows("kit_days")), (0, 0));
        drop(before);
        shelf.staff.post(&format!("/v1/kit-copies/{}/inspect", shelf.copies[0]), shelf.counted([2, 1])).await.expect(200);
        shelf.requested("2026-05-04").await;
        let warned = check(shelf.request("2026-03-09")).await;
        let codes: Vec<_> = warned["warnings"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
        assert_eq!((codes, &warned["possible"]), (vec!["same_kit", "copy_incomplete"], &json!(true)));
        let taken = check(shelf.request("2026-05-11")).await;
        assert_eq!((&taken["possible"], &taken["obstacles"][0]["from"], &taken["warnings"][1]["code"]), (&json!(false), &json!("2026-05-11"), &json!("kit_taken")));
        assert!(!taken["next_free"].as_array().unwrap().is_empty());
    }

    async fn an_available_copy_is_proposed_to_the_queue_in_order(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let first = shelf.requested("2026-03-02").await;
        let waits = [shelf.wait_for("2026-03-04").await, shelf.wait_for("2026-03-04").await];
        for (place, waiting) in waits.iter().enumerate() {
            assert_eq!((&waiting["status"], &waiting["queue_position"]), (&json!("waiting"), &json!(place + 1)));
            assert_eq!((&waiting["copy_id"], &waiting["waits_until"]), (&Value::Null, &json!("2026-03-24")), "the day before the first free day");
        }
        let queue = shelf.staff.get(&format!("/v1/kits/{}/queue", shelf.kit)).await.expect(200);
        let order: Vec<_> = queue.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(order, [waits[0].id(), waits[1].id()]);
        let extended = shelf.act(&first, "extend", Some(json!({}))).await;
        extended.expect(409).problem("wrong_state");
        shelf.act(&first, "cancel", Some(json!({}))).await.expect(200);
        let proposed = shelf.read(&waits[0].id()).await;
        assert_eq!((&proposed["status"], &proposed["starts_on"], &proposed["due_on"]), (&json!("proposed"), &json!("2026-03-04"), &json!("2026-03-25")));
        assert_eq!(proposed["proposal_expires_at"], "2026-03-05T08:15:00.000000Z");
        assert_eq!(shelf.read(&waits[1].id()).await["queue_position"], 1);
        // The proposal expires at that instant, even before the job has run. Then the next reservation gets a proposal.
        app.advance(chrono::Duration::hours(72));
        assert_eq!(shelf.read(&waits[0].id()).await["status"], "expired");
        let late = shelf.act(&waits[0].id(), "confirm", None).await.expect(409).problem("wrong_state");
        assert_eq!(late["state"], "expired");
        run_queue_job(&app);
        let next = shelf.read(&waits[1].id()).await;
        assert_eq!((&next["status"], &next["starts_on"]), (&json!("proposed"), &json!("2026-03-05")));
        shelf.act(&waits[1].id(), "confirm", None).await.expect(200);
        assert_eq!(shelf.read(&waits[1].id()).await["proposal_expires_at"], Value::Null);
        run_queue_job(&app);
        assert_eq!(app.database.count("kit_days"), 23);
    }

    async fn a_wait_expires_after_its_last_day_and_a_new_copy_serves_the_queue(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        shelf.lent("2026-03-02").await;
        let mut request = shelf.request("2026-03-03");
        request["if_taken"] = "wait".into();
        request["waits_until"] = "2026-03-06".into();
        let short = shelf.ask(request.clone()).await.expect(201).id();
        let long = shelf.wait_for("2026-03-03").await.id();
        // A wait that includes a free day gets a proposal at once.
        request["waits_until"] = "2026-04-30".into();
        let patient = shelf.ask(request).await.expect(201);
        assert_eq!((&patient["status"], &patient["starts_on"]), (&json!("proposed"), &json!("2026-03-25")));
        app.advance(chrono::Duration::days(7));
        run_queue_job(&app);
        assert_eq!(shelf.read(&short).await["status"], "expired");
        assert_eq!(shelf.read(&long).await["status"], "waiting");
        shelf.add_copy("2").await;
        let served = shelf.read(&long).await;
        assert_eq!((&served["status"], &served["starts_on"], &served["copy_label"]), (&json!("proposed"), &json!("2026-03-09"), &json!("2")));
    }

    async fn an_overdue_loan_takes_the_copy_and_endangers_the_next_reservation(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let loan = shelf.lent("2026-03-02").await;
        let next = shelf.confirmed("2026-03-25").await;
        let later = shelf.confirmed("2026-05-04").await;
        assert_eq!(shelf.read(&next).await["endangered"], false);
        app.advance(chrono::Duration::days(23));
        assert_eq!(shelf.read(&loan).await["overdue"], true);
        let endangered = shelf.read(&next).await;
        assert_eq!((&endangered["endangered"], &endangered["endangered_by_loan_id"]), (&json!(true), &json!(loan)));
        assert_eq!(shelf.read(&later).await["endangered"], false);
        let refused = shelf.act(&next, "hand-out", Some(json!({}))).await.expect(409).problem("kit_taken");
        assert_eq!(refused["loan_id"], loan.as_str());
        let reminders = shelf.staff.get(&format!("/v1/services/{}/loans/overdue", shelf.service)).await.expect(200);
        assert_eq!((&reminders.rows()[0]["days_left"], &reminders.rows()[0]["reservation"]["id"]), (&json!(-2), &json!(loan)));
        assert_eq!(reminders.rows()[0]["endangers"], json!([{"reservation_id": next, "starts_on": "2026-03-25"}]));
        let taken = shelf.ask(shelf.request("2026-03-26")).await.expect(409).problem("kit_taken");
        let obstacles: Vec<_> = taken["obstacles"].as_array().unwrap().iter().map(|one| (&one["reservation_id"], &one["overdue"])).collect();
        assert_eq!(obstacles, [(&json!(loan), &json!(true)), (&json!(next), &json!(false))]);
        // Another copy resolves it.
        shelf.act(&next, "move", Some(json!({}))).await.expect(409).problem("kit_taken");
        let copy = shelf.add_copy("2").await;
        let moved = shelf.act(&next, "move", Some(json!({}))).await.expect(200);
        assert_eq!((&moved["copy_id"], &moved["starts_on"], &moved["endangered"]), (&json!(copy), &json!("2026-03-25"), &json!(false)));
        shelf.act(&next, "hand-out", Some(json!({}))).await.expect(200);
        // The overdue copy has no reservation left, and is not free until it could be lent again.
        let day = shelf.staff.get(&format!("/v1/kits/{}/availability?from=2026-03-24&to=2026-03-27", shelf.kit)).await.expect(200);
        let states: Vec<_> = day["copies"][0]["days"].as_array().unwrap().iter().map(|day| day["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["overdue", "overdue", "buffer", "free"]);
        shelf.take_back(&loan).await;
        assert_eq!(shelf.read(&loan).await["blocked_until"], "2026-03-26", "the buffer starts at the return");
    }

    async fn a_loan_is_extended_if_the_queue_is_empty(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let loan = shelf.lent("2026-03-02").await;
        let extend = async |due_on: &str| shelf.act(&loan, "extend", Some(json!({"due_on": due_on}))).await;
        extend("2026-03-23").await.breaks("/due_on", "before_due");
        extend("2026-03-28").await.breaks("/due_on", "closing_day");
        extend("2026-04-14").await.breaks("/due_on", "too_long");
        let waiting = shelf.wait_for("2026-03-04").await.id();
        let refused = extend("2026-03-27").await.expect(409).problem("kit_taken");
        assert_eq!(refused["waiting"], 1);
        shelf.act(&waiting, "cancel", Some(json!({}))).await.expect(200);
        let extended = extend("2026-03-27").await.expect(200);
        assert_eq!((&extended["due_on"], &extended["blocked_until"], &extended["extensions"]), (&json!("2026-03-27"), &json!("2026-03-30"), &json!(1)));
        let next = shelf.requested("2026-04-02").await;
        let refused = extend("2026-04-01").await.expect(409).problem("kit_taken");
        assert_eq!(refused["obstacles"][0]["reservation_id"], next.as_str());
        extend("2026-03-31").await.expect(200);
        assert_eq!(shelf.read(&loan).await["blocked_until"], "2026-04-01");
        shelf.act(&next, "decline", Some(json!({"reason": "not_suitable"}))).await.expect(200);
        // By default, the extension has the usual length of a loan: here, the total is too long.
        shelf.act(&loan, "extend", Some(json!({}))).await.breaks("/due_on", "too_long");
    }

    async fn a_reservation_moves_to_other_days_and_copies(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let id = shelf.confirmed("2026-03-09").await;
        let kept = shelf.read(&id).await["copy_id"].clone();
        let other = shelf.copies.iter().find(|copy| **copy != kept).unwrap().clone();
        let moved = shelf.act(&id, "move", Some(json!({"copy_id": other}))).await.expect(200);
        assert_eq!((&moved["copy_id"], &moved["status"]), (&json!(other), &json!("confirmed")));
        let moved = shelf.act(&id, "move", Some(json!({"starts_on": "2026-03-10"}))).await.expect(200);
        assert_eq!((&moved["starts_on"], &moved["due_on"]), (&json!("2026-03-10"), &json!("2026-03-31")));
        let moved = shelf.act(&id, "move", Some(json!({"due_on": "2026-03-20"}))).await.expect(200);
        assert_eq!((&moved["starts_on"], &moved["due_on"], &moved["blocked_until"]), (&json!("2026-03-10"), &json!("2026-03-20"), &json!("2026-03-23")));
        assert_eq!(app.database.count("kit_days"), 14);
        shelf.act(&id, "move", Some(json!({"starts_on": "2026-03-08"}))).await.breaks("/starts_on", "closing_day");
        shelf.act(&id, "move", Some(json!({"copy_id": shelf.household}))).await.breaks("/copy_id", "unknown_copy");
    }

    async fn a_copy_is_handed_out_early_if_it_is_free(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let early = shelf.confirmed("2026-03-09").await;
        let long_ago = json!({"handed_out_on": "1990-01-01"});
        shelf.act(&early, "hand-out", Some(long_ago)).await.breaks("/handed_out_on", "too_long");
        let lent = shelf.act(&early, "hand-out", Some(json!({}))).await.expect(200);
        assert_eq!((&lent["starts_on"], &lent["handed_out_on"], &lent["due_on"]), (&json!("2026-03-02"), &json!("2026-03-02"), &json!("2026-03-30")));
        let next = shelf.confirmed("2026-04-01").await;
        shelf.take_back(&early).await;
        shelf.act(&next, "move", Some(json!({"starts_on": "2026-03-23"}))).await.expect(200);
        let mut short = shelf.request("2026-03-09");
        short["due_on"] = "2026-03-13".into();
        let before = shelf.ask(short).await.expect(201).id();
        let refused = shelf.act(&next, "hand-out", Some(json!({}))).await.expect(409).problem("kit_taken");
        let obstacles: Vec<_> = refused["obstacles"].as_array().unwrap().iter().map(|one| one["reservation_id"].as_str().unwrap()).collect();
        assert_eq!(obstacles, [early, before], "the buffer of the loan before, and a request");
        shelf.act(&next, "hand-out", Some(json!({"handed_out_on": "2026-03-03"}))).await.breaks("/handed_out_on", "in_the_future");
    }

    async fn a_copy_is_not_collected(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let id = shelf.confirmed("2026-03-04").await;
        let waiting = shelf.wait_for("2026-03-05").await.id();
        shelf.act(&id, "not-collected", None).await.breaks("", "not_begun");
        app.advance(chrono::Duration::days(3));
        let ended = shelf.act(&id, "not-collected", None).await.expect(200);
        assert_eq!((&ended["status"], &ended["decided_on"]), (&json!("not_collected"), &json!("2026-03-05")));
        assert_eq!(shelf.read(&waiting).await["status"], "proposed");
        shelf.act(&id, "hand-out", Some(json!({}))).await.expect(409).problem("wrong_state");
    }

    async fn a_change_of_the_buffer_applies_to_later_bookings(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let old = shelf.confirmed("2026-03-09").await;
        let settings = format!("/v1/services/{}/kit-settings", shelf.service);
        shelf.staff.patch(&settings, json!({"buffer_days": 3, "closings": [{"starts_on": "2026-03-30", "ends_on": "2026-03-30"}]})).await.expect(200);
        let kept = shelf.read(&old).await;
        assert_eq!((&kept["due_on"], &kept["blocked_until"], &kept["buffer_days"]), (&json!("2026-03-30"), &json!("2026-03-31"), &json!(1)));
        let new = shelf.ask(shelf.request("2026-04-01")).await.expect(201);
        assert_eq!((&new["due_on"], &new["blocked_until"], &new["buffer_days"]), (&json!("2026-04-22"), &json!("2026-04-27"), &json!(3)));
    }

    async fn a_website_may_request_but_not_confirm(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let site = app.client(shelf.service, &[Permission::CatalogueRead, Permission::ReservationsRequest]).await;
        site.post("/v1/reservations/check", shelf.request("2026-03-09")).await.expect(200);
        let asked = site.clone().with_header("Idempotency-Key", "form-1").post("/v1/reservations", shelf.request("2026-03-09")).await.expect(201);
        let again = site.clone().with_header("Idempotency-Key", "form-1").post("/v1/reservations", shelf.request("2026-03-09")).await.expect(201);
        assert_eq!((again.header("idempotency-replayed"), again.id()), ("true", asked.id()));
        let confirm = site.call("POST", &format!("/v1/reservations/{}/confirm", asked.id()), None).await;
        assert_eq!(confirm.expect(403).problem("forbidden")["required_permission"], "reservations:write");
        site.get(&format!("/v1/reservations/{}", asked.id())).await.expect(403);
        app.user(shelf.service, Role::Professional).await.call("POST", &format!("/v1/reservations/{}/confirm", asked.id()), None).await.expect(200);
    }
}

/// Runs the background job of the queues.
pub fn run_queue_job(app: &TestApp) {
    let context = app.context();
    std::thread::scope(|scope| scope.spawn(|| passerelle::lending::queue::ops::serve_all(context)).join().unwrap())
        .unwrap();
}
