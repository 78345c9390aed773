//! Lists that are screens: what a row shows, filters and orders of cases, the waiting list, the load of the team.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::cases::{accept, case_of, child, coordinator, ids, interview, nursery, refer, structure_case, with};
use crate::harness::{Caller, Engine};

/// A child of a commune, with needs.
fn living_in(family_name: &str, commune: &str, needs: &[&str]) -> Value {
    with(with(child(family_name), "commune_code", commune.into()), "needs", json!(needs))
}

async fn step(caller: &Caller, case: &str, step: &str, day: &str) {
    caller.post(&format!("/v1/cases/{case}/steps"), json!({"step": step, "reached_on": day})).await.expect(201);
}

async fn plan(caller: &Caller, case: &str, day: Value) {
    caller.post(&format!("/v1/cases/{case}/follow-up"), json!({"next_follow_up_on": day})).await.expect(200);
}

on_both_databases! {
    async fn a_row_of_a_case_has_what_a_screen_shows(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let id = case_of(&caller, service, "Exemple", "2026-02-09").await;
        step(&caller, &id, "childcare_search", "2026-02-20").await;
        caller.post(&format!("/v1/cases/{id}/interventions"), interview("2026-02-12")).await.expect(201);
        caller.post(&format!("/v1/cases/{id}/interventions"), interview("2026-02-18")).await.expect(201);
        let structure = structure_case(&caller, service, "2026-02-10").await;
        let listed = caller.get("/v1/cases?sort=opened_on").await.expect(200);
        let row = &listed.rows()[0];
        assert_eq!(row["child"]["family_name"], "Exemple");
        assert_eq!((&row["commune_name"], &row["epci_name"]), (&json!("Clermont-Ferrand"), &json!("Clermont Auvergne Métropole")));
        assert_eq!(row["epci_code"], "246300701");
        assert_eq!((&row["latest_step"], &row["latest_step_on"]), (&json!("childcare_search"), &json!("2026-02-20")));
        assert_eq!(row["latest_step_label"], "Recherche d'un mode d'accueil");
        assert_eq!(row["last_intervention_on"], "2026-02-18");
        assert_eq!(row["needs"], json!(["find_childcare"]));
        assert!(row["outcome_label"].is_null() && row["organisation_name"].is_null());
        let other = &listed.rows()[1];
        assert_eq!((&other["id"], &other["organisation_name"]), (&json!(structure), &json!("Multi-accueil Les Lutins")));
        assert!(other.get("child").is_none() && other["last_intervention_on"].is_null());
        // One case is the same as its row, and a label follows the language.
        assert_eq!(caller.get(&format!("/v1/cases/{id}")).await.expect(200).json, *row);
        let english = caller.clone().with_header("Accept-Language", "en").get(&format!("/v1/cases/{id}")).await.expect(200);
        assert_eq!(english["latest_step_label"], "Childcare search");
        caller.post(&format!("/v1/cases/{id}/close"), json!({"outcome": "need_met"})).await.expect(200);
        assert!(!caller.get(&format!("/v1/cases/{id}")).await["outcome_label"].is_null());
        // The rights of what is shown apply.
        let clerk = app.client(service, &[Permission::CasesRead]).await;
        let hidden = clerk.get("/v1/cases").await.expect(200);
        assert!(hidden.rows().iter().all(|row| row.get("child").is_none() && row["organisation_name"].is_null()));
        assert!(!hidden.text().contains("Exemple") && !hidden.text().contains("Lutins"));
        assert_eq!(hidden.rows()[0]["commune_name"], "Clermont-Ferrand");
    }

    async fn a_row_of_a_referral_has_what_a_screen_shows(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let lutins = nursery(&caller, service, "Les Lutins").await;
        let new = with(with(child("Exemple"), "origin_organisation_id", lutins.clone().into()), "current_childcare", "creche".into());
        refer(&caller, service, "2026-02-09", with(new, "current_childcare_organisation_id", lutins.clone().into())).await;
        let row = caller.get("/v1/referrals").await.expect(200).rows()[0].clone();
        for name in ["origin_organisation_name", "current_childcare_organisation_name"] {
            assert_eq!(row[name], "Les Lutins", "{name}");
        }
        assert_eq!((&row["commune_name"], &row["author_name"]), (&json!("Clermont-Ferrand"), &json!("Une personne")));
        let clerk = app.client(service, &[Permission::ReferralsRead]).await;
        let hidden = clerk.get("/v1/referrals").await.expect(200).rows()[0].clone();
        assert!(hidden["origin_organisation_name"].is_null() && hidden["author_name"].is_null());
    }

    async fn each_filter_of_cases_keeps_what_it_names_and_nothing_else(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let open = async |about: Value, day: &str| {
            let referral = refer(&caller, service, day, about).await;
            accept(&caller, &referral, day).await
        };
        let search = open(living_in("Un", "63113", &["find_childcare"]), "2026-02-02").await;
        let visit = open(living_in("Deux", "63300", &["support_current_placement"]), "2026-02-03").await;
        let none = open(living_in("Trois", "63300", &["find_childcare"]), "2026-02-04").await;
        let closed = open(living_in("Quatre", "63113", &["find_childcare"]), "2026-02-05").await;
        step(&caller, &search, "childcare_search", "2026-02-10").await;
        step(&caller, &visit, "childcare_search", "2026-02-10").await;
        step(&caller, &visit, "childcare_appointment", "2026-02-12").await;
        for (case, day) in [(&search, "2026-02-10"), (&visit, "2026-02-20")] {
            caller.post(&format!("/v1/cases/{case}/interventions"), interview(day)).await.expect(201);
        }
        plan(&caller, &search, "2026-03-04".into()).await;
        plan(&caller, &visit, "2026-03-20".into()).await;
        let closure = json!({"outcome": "need_met", "closed_on": "2026-02-25"});
        caller.post(&format!("/v1/cases/{closed}/close"), closure).await.expect(200);
        app.advance(chrono::Duration::days(3));
        let set = |cases: &[&String]| {
            let mut sorted: Vec<String> = cases.iter().map(|case| (*case).clone()).collect();
            sorted.sort();
            sorted
        };
        for (query, expected) in [
            ("epci=246300701", set(&[&search, &closed])),
            ("epci=200070753", set(&[&visit, &none])),
            ("epci=200070753&commune=63113", set(&[])),
            ("commune=63300", set(&[&visit, &none])),
            ("step=childcare_search", set(&[&search])),
            ("step=childcare_appointment,childcare_search", set(&[&search, &visit])),
            ("step=closure", set(&[&closed])),
            ("outcome=need_met", set(&[&closed])),
            ("outcome=effective_placement", set(&[])),
            ("need=support_current_placement", set(&[&visit])),
            ("need=support_current_placement,find_childcare", set(&[&search, &visit, &none, &closed])),
            ("closed_from=2026-02-25&closed_to=2026-02-25", set(&[&closed])),
            ("closed_from=2026-02-26", set(&[])),
            ("closed_to=2026-02-24", set(&[])),
            ("overdue=true", set(&[&search])),
            ("overdue=false", set(&[&visit, &none, &closed])),
            ("nothing_planned=true", set(&[&none])),
            ("nothing_planned=false", set(&[&search, &visit])),
            ("no_intervention_since=2026-02-15&status=open", set(&[&search, &none])),
            ("no_intervention_since=2026-02-20", set(&[&search, &none, &closed])),
            ("no_intervention_since=2026-02-21&status=open", set(&[&search, &visit, &none])),
            ("mine=true", set(&[&search, &visit, &none, &closed])),
            ("mine=false", set(&[])),
            ("has_referent=false", set(&[])),
            ("overdue=true&step=childcare_appointment", set(&[])),
        ] {
            let mut found = ids(&caller, &format!("/v1/cases?{query}")).await;
            found.sort();
            assert_eq!(found, expected, "{query}");
            let counted = caller.get(&format!("/v1/cases?{query}&limit=1&include_total=true")).await.expect(200);
            assert_eq!(counted["page"]["total"], expected.len(), "{query}");
        }
        // A closure that was undone is not the latest step.
        caller.act(&format!("/v1/cases/{closed}/reopen")).await.expect(200);
        assert!(ids(&caller, "/v1/cases?step=closure").await.is_empty());
        for bad in ["step=nothing", "epci=63113", "overdue=perhaps", "referent_id=me", "no_intervention_since=yesterday"] {
            caller.get(&format!("/v1/cases?{bad}")).await.expect(400).problem("invalid_parameters");
        }
    }

    async fn cases_are_ordered_by_their_next_follow_up_whatever_writes_it(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut cases = Vec::new();
        for name in ["Un", "Deux", "Trois"] {
            cases.push(case_of(&caller, service, name, "2026-02-02").await);
        }
        let key = "SELECT id AS text FROM cases WHERE next_key <> COALESCE(next_follow_up_on, DATE '9999-12-31')";
        let key = if app.database.engine() == Engine::Sqlite { key.replace("DATE ", "") } else { key.to_owned() };
        plan(&caller, &cases[0], "2026-04-15".into()).await;
        let next = with(interview("2026-02-20"), "next_action_on", "2026-03-20".into());
        caller.post(&format!("/v1/cases/{}/interventions", cases[1]), next).await.expect(201);
        assert_eq!(ids(&caller, "/v1/cases?sort=next_follow_up").await, [&cases[1], &cases[0], &cases[2]].map(Clone::clone));
        assert_eq!(ids(&caller, "/v1/cases?sort=-next_follow_up").await, [&cases[2], &cases[0], &cases[1]].map(Clone::clone));
        assert!(app.database.texts(&key).is_empty());
        plan(&caller, &cases[1], Value::Null).await;
        assert!(app.database.texts(&key).is_empty());
        caller.post(&format!("/v1/cases/{}/close", cases[0]), json!({"outcome": "need_met"})).await.expect(200);
        assert!(app.database.texts(&key).is_empty());
        caller.act(&format!("/v1/cases/{}/reopen", cases[0])).await.expect(200);
        assert!(app.database.texts(&key).is_empty());
        assert_eq!(ids(&caller, "/v1/cases?nothing_planned=true").await.len(), 3);
    }

    async fn a_place_in_the_waiting_list_is_that_of_the_whole_list_and_explained(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut waiting = Vec::new();
        for (name, urgency, day, commune, need) in [
            ("Un", "normal", "2026-02-02", "63113", "find_childcare"),
            ("Deux", "urgent", "2026-02-10", "63300", "find_childcare"),
            ("Trois", "normal", "2026-02-03", "63300", "support_current_placement"),
            ("Quatre", "priority", "2026-02-04", "63113", "find_childcare"),
        ] {
            let id = refer(&caller, service, day, with(living_in(name, commune, &[need]), "urgency", urgency.into())).await;
            caller.post(&format!("/v1/referrals/{id}/waiting-list"), json!({"decided_on": day})).await.expect(200);
            waiting.push(id);
        }
        let path = format!("/v1/services/{service}/waiting-list");
        let shown = async |query: &str| {
            let list = caller.get(&format!("{path}?{query}include_total=true")).await.expect(200);
            assert_eq!(list["page"]["total"], list.rows().len());
            let row = |row: &Value| {
                let rank = waiting.iter().position(|id| row["referral"]["id"] == *id).unwrap();
                let number = |value: &Value| value.as_i64().unwrap();
                (rank, number(&row["position"]), number(&row["ahead"]["more_urgent"]), number(&row["ahead"]["waiting_longer"]))
            };
            list.rows().iter().map(row).collect::<Vec<_>>()
        };
        assert_eq!(shown("").await, [(1, 1, 0, 0), (3, 2, 1, 0), (0, 3, 2, 0), (2, 4, 2, 1)]);
        assert_eq!(shown("urgency=normal&").await, [(0, 3, 2, 0), (2, 4, 2, 1)]);
        assert_eq!(shown("need=support_current_placement&").await, [(2, 4, 2, 1)]);
        assert_eq!(shown("epci=200070753&").await, [(1, 1, 0, 0), (2, 4, 2, 1)]);
        assert_eq!(shown("commune=63113&urgency=normal,priority&").await, [(3, 2, 1, 0), (0, 3, 2, 0)]);
        caller.get(&format!("{path}?urgency=soon")).await.expect(400).problem("invalid_parameters");
    }

    async fn the_load_of_a_team_is_told_by_referent(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let manager = app.user(service, Role::Manager).await;
        let half = json!({"title": "Éducatrice", "fte_percent": 50, "starts_on": "2026-01-01", "counted": true});
        for _ in 0..3 {
            manager.post(&format!("/v1/services/{service}/positions"), half.clone()).await.expect(201);
        }
        let mut cases = Vec::new();
        for name in ["Un", "Deux", "Trois"] {
            cases.push(case_of(&caller, service, name, "2026-02-02").await);
        }
        structure_case(&caller, service, "2026-02-10").await;
        plan(&caller, &cases[0], "2026-03-03".into()).await;
        plan(&caller, &cases[1], "2026-03-20".into()).await;
        let colleague = app.user(service, Role::Professional).await.bare_id().to_string();
        let moved = json!({"case_ids": [cases[2]], "referent_id": colleague});
        caller.post("/v1/cases/hand-over", moved).await.expect(200);
        let gone = case_of(&caller, service, "Quatre", "2026-02-02").await;
        caller.post(&format!("/v1/cases/{gone}/close"), json!({"outcome": "need_met"})).await.expect(200);
        let waits = refer(&caller, service, "2026-02-02", with(child("Cinq"), "urgency", "priority".into())).await;
        caller.post(&format!("/v1/referrals/{waits}/waiting-list"), json!({})).await.expect(200);
        app.advance(chrono::Duration::days(2));
        let load = caller.get(&format!("/v1/services/{service}/workload")).await.expect(200);
        assert_eq!((&load["counted_fte_hundredths"], &load["recommended_children"]), (&json!(150), &json!(45)));
        assert_eq!((&load["open_cases"], &load["open_children"], &load["accompanied_this_year"]), (&json!(4), &json!(3), &json!(4)));
        assert_eq!((&load["overdue"], &load["nothing_planned"], &load["without_referent"]), (&json!(1), &json!(2), &json!(0)));
        let of = |person: &str| {
            let row = load["referents"].as_array().unwrap().iter().find(|row| row["referent_id"] == *person).unwrap().clone();
            (row["open_cases"].clone(), row["overdue"].clone(), row["nothing_planned"].clone())
        };
        assert_eq!(of(caller.bare_id().as_str()), (json!(3), json!(1), json!(1)));
        assert_eq!(of(&colleague), (json!(1), json!(0), json!(1)));
        assert_eq!(load["waiting"], json!([
            {"urgency": "urgent", "number": 0}, {"urgency": "priority", "number": 1}, {"urgency": "normal", "number": 0}
        ]));
        let (elsewhere, stranger) = coordinator(&app).await;
        stranger.get(&format!("/v1/services/{service}/workload")).await.expect(404);
        let nobody = stranger.get(&format!("/v1/services/{elsewhere}/workload")).await.expect(200);
        assert!(nobody["recommended_children"].is_null());
        assert_eq!(nobody["referents"], json!([]));
    }
}
