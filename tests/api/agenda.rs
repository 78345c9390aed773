//! The agenda, the dashboard and the calendars of users.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, structure_case};
use crate::harness::lending_service::LendingService;
use crate::harness::{Caller, TestApp};

/// Plans an appointment about a case.
async fn appointment(caller: &Caller, service: Id, case: &str, day: &str, time: &str) -> String {
    let new = json!({
        "service_id": service, "type": "family_interview", "planned_on": day, "starts_at": time, "minutes": 60,
        "place": "family_home", "case_ids": [case], "title": "Chez Camille Canari", "note": "Canari"
    });
    caller.post("/v1/appointments", new).await.expect(201).id()
}

async fn follow_up(caller: &Caller, case: &str, day: &str) {
    caller.post(&format!("/v1/cases/{case}/follow-up"), json!({"next_follow_up_on": day})).await.expect(200);
}

/// The entries of an agenda: kind, day, time, whether it is overdue.
async fn entries(caller: &Caller, query: &str) -> Vec<String> {
    let page = caller.get(&format!("/v1/agenda?{query}")).await.expect(200);
    page.rows().iter().map(line).collect()
}

fn line(row: &Value) -> String {
    let time = row["starts_at"].as_str().map(|time| format!(" {time}")).unwrap_or_default();
    let late = if row["overdue"] == true { " overdue" } else { "" };
    format!("{} {}{time}{late}", row["kind"].as_str().unwrap(), row["on"].as_str().unwrap())
}

/// A service with something of every kind to do. Its clock is at 2 March 2026.
async fn busy(app: &TestApp) -> (Id, Caller, String) {
    let shelf = LendingService::new(app, 2).await;
    let service = shelf.service;
    let caller = app.user(service, Role::Manager).await;
    // Born on 5 April 2023: seven years old in 2030.
    let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
    app.clock.set("2026-02-09T08:15:00Z".parse().unwrap());
    shelf.lent("2026-02-09").await;
    app.clock.set(crate::harness::START.parse().unwrap());
    shelf.lent("2026-03-02").await;
    appointment(&caller, service, &case, "2026-02-25", "09:30").await;
    appointment(&caller, service, &case, "2026-03-05", "14:00").await;
    appointment(&caller, service, &case, "2026-03-05", "09:30").await;
    follow_up(&caller, &case, "2026-03-04").await;
    let gathering = |day: &str, time: &str| {
        json!({
            "service_id": service, "kind": "parent_cafe", "title": "Café parents", "held_on": day, "starts_at": time,
            "duration_minutes": 90, "place": "municipal_premises", "commune_code": "63300", "organiser_role": "pole_coordinator"
        })
    };
    for (day, time) in [("2026-03-05", "10:00"), ("2026-02-26", "10:00"), ("2026-04-05", "10:00")] {
        caller.post("/v1/actions", gathering(day, time)).await.expect(201);
    }
    let signed = json!({
        "service_id": service, "collectivity": "commune:63032", "starts_on": "2025-03-07", "ends_on": "2026-03-06",
        "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 1}]
    });
    let convention = caller.post("/v1/conventions", signed).await.expect(201).id();
    for action in ["propose", "sign"] {
        caller.post(&format!("/v1/conventions/{convention}/{action}"), json!({})).await.expect(200);
    }
    (service, caller, case)
}

on_both_databases! {
    async fn an_account_without_cases_gets_no_calendar(app: TestApp) {
        let administrator = app.administrator().await;
        let refused = administrator.post("/v1/me/agenda-calendars", json!({"name": "Agenda"})).await.expect(403);
        assert_eq!(refused["required_permission"], "cases:read");
    }

    async fn the_agenda_has_every_kind_and_what_is_overdue_comes_first(app: TestApp) {
        let (service, caller, case) = busy(&app).await;
        let week = [
            "appointment 2026-02-25 09:30 overdue", "action 2026-02-26 10:00 overdue", "kit_return 2026-03-02",
            "follow_up 2026-03-04", "appointment 2026-03-05 09:30", "action 2026-03-05 10:00", "appointment 2026-03-05 14:00",
            "convention_end 2026-03-06",
        ];
        assert_eq!(entries(&caller, "").await, week);
        // Page by page, whatever the size.
        for limit in [1, 2, 3, 7] {
            let (mut found, mut path) = (Vec::new(), format!("/v1/agenda?limit={limit}&include_total=true"));
            loop {
                let page = caller.get(&path).await.expect(200);
                assert_eq!(page["page"]["total"], week.len());
                found.extend(page.rows().iter().map(line));
                if page["page"]["next_cursor"].is_null() {
                    break;
                }
                page.header("link").trim_start_matches('<').split('>').next().unwrap().clone_into(&mut path);
            }
            assert_eq!(found, week, "limit={limit}");
        }
        // Without today, nothing is overdue.
        assert_eq!(entries(&caller, "from=2026-03-05&to=2026-03-05").await, week[4..7]);
        assert_eq!(entries(&caller, "from=2026-02-20&to=2026-02-28").await, ["appointment 2026-02-25 09:30 overdue", "action 2026-02-26 10:00 overdue"]);
        assert_eq!(entries(&caller, "kind=follow_up,kit_return&to=2026-03-30").await, ["kit_return 2026-03-02", "follow_up 2026-03-04", "kit_return 2026-03-23"]);
        assert_eq!(entries(&caller, &format!("service_id={service}")).await, week);
        let page = caller.get("/v1/agenda").await.expect(200);
        let first = &page.rows()[0];
        assert_eq!(first["cases"][0]["case_id"], case);
        assert_eq!(first["cases"][0]["child_name"], "Zoé Exemple");
        assert_eq!(first["professional_ids"], json!([caller.bare_id()]));
        assert_eq!(first["title"], "Entretien avec la famille");
        assert_eq!(page.rows()[3]["commune_name"], "Clermont-Ferrand");
        assert_eq!(page.rows()[2]["title"], "Sensorielle");
        assert_eq!(page.rows()[7]["organisation_name"], "Beaumont");
        for row in page.rows() {
            caller.get(row["path"].as_str().unwrap()).await.expect(200);
        }
        let english = caller.clone().with_header("Accept-Language", "en").get("/v1/agenda").await.expect(200);
        assert_ne!(english.rows()[0]["title"], first["title"]);
        for query in ["from=2026-03-02&to=2026-05-03", "from=2026-03-02&to=2026-03-01", "scope=ours", "kind=everything"] {
            caller.get(&format!("/v1/agenda?{query}")).await.expect(400);
        }
    }

    async fn an_agenda_shows_no_kind_and_no_name_that_the_caller_may_not_read(app: TestApp) {
        let (service, _, case) = busy(&app).await;
        let reader = app.client(service, &[Permission::CasesRead]).await;
        let page = reader.get("/v1/agenda").await.expect(200);
        let kinds: Vec<_> = page.rows().iter().map(|row| row["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["appointment", "follow_up", "appointment", "appointment"]);
        assert_eq!(page.rows()[0]["cases"][0]["case_id"], case);
        assert!(page.rows().iter().all(|row| row["cases"][0]["child_name"].is_null()));
        assert!(!page.text().contains("Zo\u{e9}") && !page.text().contains("Canari"));
        // Nor the names of the staff and of organisations, which are not for API clients.
        let listed = reader.get("/v1/appointments").await.expect(200);
        for row in page.rows().iter().chain(listed.rows()).filter(|row| row["professional_ids"] != json!([])) {
            assert_eq!(row["professional_names"], json!([]));
            assert!(row["organisation_name"].is_null());
        }
        assert!(!listed.rows().is_empty());
        assert_eq!(reader.get("/v1/agenda?scope=mine").await.expect(200).rows().len(), 0, "a client is in no team");
        let elsewhere = app.user(app.service().await, Role::Manager).await;
        assert_eq!(entries(&elsewhere, "").await, [] as [String; 0]);
        assert_eq!(entries(&elsewhere, &format!("service_id={service}")).await, [] as [String; 0]);
    }

    async fn ones_own_agenda_has_no_follow_up_of_another_team(app: TestApp) {
        let (service, caller, case) = busy(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        appointment(&colleague, service, &case, "2026-03-03", "11:00").await;
        assert_eq!(entries(&colleague, "scope=mine").await, ["appointment 2026-03-03 11:00"]);
        let join = json!({"user_id": colleague.bare_id()});
        let member = caller.post(&format!("/v1/cases/{case}/team"), join).await.expect(201).id();
        let shared = ["appointment 2026-03-03 11:00", "follow_up 2026-03-04"];
        assert_eq!(entries(&colleague, "scope=mine").await, shared);
        caller.post(&format!("/v1/case-members/{member}/end"), json!({})).await.expect(200);
        assert_eq!(entries(&colleague, "scope=mine").await, ["appointment 2026-03-03 11:00"]);
        let mine = entries(&caller, "scope=mine").await;
        assert_eq!(mine.len(), 4, "{mine:?}");
        assert!(!mine.contains(&"appointment 2026-03-03 11:00".to_owned()));
    }

    async fn a_child_is_announced_six_months_before_the_upper_age(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let case = case_of(&caller, service, "Exemple", "2026-02-02").await;
        structure_case(&caller, service, "2026-02-02").await;
        let child = caller.get(&format!("/v1/cases/{case}")).await["child_id"].clone();
        let path = format!("/v1/children/{}", child.as_str().unwrap());
        let born = async |day: &str| {
            caller.patch(&path, json!({"birth_date": day})).await.expect(200);
            entries(&caller, "").await
        };
        assert_eq!(born("2019-09-02").await, ["age_limit 2026-09-02"]);
        let page = caller.get("/v1/agenda").await.expect(200);
        assert_eq!((&page.rows()[0]["object_id"], &page.rows()[0]["cases"][0]["case_id"]), (&child, &json!(case)));
        assert_eq!(page.rows()[0]["title"], "Limite d'âge du service : 7 ans");
        assert_eq!(born("2019-09-03").await, [] as [String; 0]);
        assert_eq!(born("2019-02-15").await, ["age_limit 2026-02-15 overdue"]);
        assert_eq!(entries(&caller, "from=2026-04-01").await, [] as [String; 0]);
        caller.post(&format!("/v1/cases/{case}/close"), json!({"outcome": "reached_age_limit"})).await.expect(200);
        assert_eq!(entries(&caller, "").await, [] as [String; 0]);
    }

    async fn the_dashboard_counts_what_the_lists_show_and_hides_what_the_caller_may_not_read(app: TestApp) {
        let (service, caller, case) = busy(&app).await;
        let path = format!("/v1/dashboard?service_id={service}");
        appointment(&caller, service, &case, "2026-03-02", "08:00").await;
        let read = caller.get(&path).await.expect(200);
        for (counter, expected) in [
            ("referrals_to_decide", 0), ("referrals_waiting", 0), ("open_cases", 1), ("follow_ups_overdue", 0),
            ("follow_ups_this_week", 1), ("appointments_today", 1), ("appointments_this_week", 3),
            ("appointments_unanswered", 1), ("kits_overdue", 0), ("kits_due_this_week", 1), ("conventions_expiring", 1),
            ("instalments_overdue", 0), ("children_this_year", 1), ("counted_fte_hundredths", 0),
            ("recommended_per_fte_per_year", 30),
        ] {
            assert_eq!(read[counter], expected, "{counter}");
        }
        assert_eq!((&read["today"], &read["week_to"], &read["children_per_fte"]), (&json!("2026-03-02"), &json!("2026-03-08"), &Value::Null));
        app.advance(chrono::Duration::days(4));
        let later = caller.get(&path).await.expect(200);
        for (counter, expected) in [
            ("follow_ups_overdue", 1), ("follow_ups_this_week", 0), ("appointments_unanswered", 4), ("kits_overdue", 1),
        ] {
            assert_eq!(later[counter], expected, "{counter}");
        }
        let reader = app.client(service, &[Permission::CasesRead]).await.get(&path).await.expect(200);
        for counter in [
            "referrals_to_decide", "referrals_waiting", "kits_overdue", "kits_due_this_week", "conventions_expiring",
            "instalments_overdue", "children_this_year", "counted_fte_hundredths", "children_per_fte",
        ] {
            assert!(reader[counter].is_null(), "{counter}");
        }
        assert_eq!(reader["open_cases"], 1);
        caller.get("/v1/dashboard").await.expect(400).problem("invalid_parameters");
    }

    async fn a_calendar_names_nobody_and_stops_with_its_user(app: TestApp) {
        let (service, caller, _) = busy(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let made = caller.post("/v1/me/agenda-calendars", json!({"name": "Téléphone"})).await.expect(201);
        let address = made["url"].as_str().unwrap();
        let path = address[address.find("/agendas/").unwrap()..].to_owned();
        let anonymous = app.anonymous();
        let file = anonymous.get(&path).await.expect(200);
        assert_eq!(file.header("content-type"), "text/calendar; charset=utf-8");
        let text = file.text();
        for expected in ["BEGIN:VCALENDAR", "SUMMARY:Rendez-vous – Domicile", "SUMMARY:Suivi à faire", "DTSTART:20260305T083000Z", "DTSTART;VALUE=DATE:20260304"] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        for secret in ["Zo\u{e9}", "Exemple", "Camille", "Canari", "Z. E.", "Lutins", "Caf\u{e9}"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 4, "three appointments and a follow-up: {text}");
        let theirs = colleague.post("/v1/me/agenda-calendars", json!({"name": "Bureau"})).await.expect(201);
        let theirs_path = theirs["url"].as_str().unwrap().split_once("/agendas/").unwrap().1.to_owned();
        let theirs = anonymous.get(&format!("/agendas/{theirs_path}")).await.expect(200);
        assert!(!theirs.text().contains("BEGIN:VEVENT"), "a colleague is in no team and takes part in nothing");
        // The address is shown once and stored as a hash; a list is one's own.
        let listed = caller.get("/v1/me/agenda-calendars").await.expect(200);
        assert_eq!((listed.rows().len(), &listed.rows()[0]["name"]), (1, &json!("Téléphone")));
        assert!(!listed.text().contains("agd_"));
        app.assert_never_stored(&[path.rsplit('/').next().unwrap()]);
        colleague.call("DELETE", &format!("/v1/me/agenda-calendars/{}", made.id()), None).await.expect(404);
        caller.call("DELETE", &format!("/v1/me/agenda-calendars/{}", made.id()), None).await.expect(204);
        anonymous.get(&path).await.expect(404);
        anonymous.get("/agendas/agd_of_nobody").await.expect(404);
        caller.act(&format!("/v1/users/{}/disable", colleague.bare_id())).await;
        app.context().principals.forget(colleague.id.unwrap());
        anonymous.get(&format!("/agendas/{theirs_path}")).await.expect(404);
        let client = app.client(service, &[Permission::CasesRead]).await;
        client.post("/v1/me/agenda-calendars", json!({"name": "Script"})).await.expect(403);
    }
}
