//! Around the loans: borrowers, receipts, reminders, figures, calendars.

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::harness::lending_service::LendingService;

on_both_databases! {
    async fn the_contact_details_of_a_professional_are_sealed(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let mut request = shelf.request("2026-03-09");
        request["borrower"] = json!({
            "kind": "professional", "name": "Dominique Canari", "phone": "06 39 98 12 34", "email": "canari@example.org",
            "commune_code": "63032", "organisation_id": shelf.organisation
        });
        request["note"] = "Un mot de canari".into();
        let asked = shelf.ask(request).await.expect(201);
        assert_eq!((&asked["borrower"]["name"], &asked["note"], &asked["commune_code"]), (&json!("Dominique Canari"), &json!("Un mot de canari"), &json!("63032")));
        let path = format!("/v1/reservations/{}", asked.id());
        let patched = shelf.staff.patch(&path, json!({"phone": null, "name": "Dominique Canari-Exemple", "note": null})).await.expect(200);
        assert_eq!((&patched["borrower"]["phone"], &patched["borrower"]["email"]), (&Value::Null, &json!("canari@example.org")));
        assert_eq!((&patched["borrower"]["name"], &patched["note"]), (&json!("Dominique Canari-Exemple"), &Value::Null));
        app.assert_never_stored(&["Dominique Canari", "canari@example.org", "06 39 98 12 34", "Un mot de canari"]);
        // An organisation has no contact name, but may have a note.
        let other = shelf.requested("2026-05-04").await;
        let path = format!("/v1/reservations/{other}");
        shelf.staff.patch(&path, json!({"name": "X"})).await.breaks("/name", "not_for_this_borrower");
        let noted = shelf.staff.patch(&path, json!({"note": "Passera le matin."})).await.expect(200);
        assert_eq!(noted["note"], "Passera le matin.");
    }

    async fn the_case_of_a_loan_is_a_case_of_the_borrower(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        let manager = app.user(shelf.service, Role::Manager).await;
        let referral = crate::cases::refer(&manager, shelf.service, "2026-03-02", crate::cases::child("Exemple")).await;
        let case = crate::cases::accept(&manager, &referral, "2026-03-02").await;
        let mut request = shelf.request_of_family("2026-03-09");
        request["case_id"] = case.clone().into();
        shelf.ask(request).await.breaks("/case_id", "case_of_another_household");
        let mut request = shelf.request("2026-03-09");
        request["case_id"] = case.clone().into();
        let asked = shelf.ask(request).await.expect(201);
        let of_case = shelf.staff.get(&format!("/v1/reservations?case_id={case}")).await.expect(200);
        assert_eq!(of_case.rows()[0]["id"], asked.id());
        let patched = shelf.staff.patch(&format!("/v1/reservations/{}", asked.id()), json!({"case_id": null})).await.expect(200);
        assert_eq!(patched["case_id"], Value::Null);
    }

    async fn a_receipt_is_a_page_to_print_and_sign(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        shelf.staff.patch(&format!("/v1/kit-items/{}", shelf.items[0]), json!({"label_fr": "<b>Balle</b>", "label_en": "Ball"})).await.expect(200);
        shelf.staff.post(&format!("/v1/kit-copies/{}/inspect", shelf.copies[0]), shelf.counted([2, 1])).await.expect(200);
        let id = shelf.ask(shelf.request_of_family("2026-03-09")).await.expect(201).id();
        let path = format!("/v1/reservations/{id}/receipt");
        let page = shelf.staff.get(&path).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(page.header("cache-control"), "no-store");
        let text = page.text();
        for expected in ["lang=\"fr\"", "Sensorielle", "Camille Exemple", "30/03/2026", "Livre tactile", "signature"] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
        assert!(!text.contains("<b>") && text.contains("Balle"), "a label is escaped: {text}");
        let english = shelf.staff.clone().with_header("Accept-Language", "en").get(&path).await.expect(200).text();
        assert!(english.contains("lang=\"en\"") && english.contains("Ball") && english.contains("2026-03-30"));
        let reader = app.client(shelf.service, &[Permission::ReservationsRead]).await;
        assert!(!reader.get(&path).await.expect(200).text().contains("Camille"), "the name is hidden from a caller who may not read households");
    }

    async fn loans_due_soon_and_overdue_loans_are_listed(app: TestApp) {
        let shelf = LendingService::new(&app, 3).await;
        let first = shelf.lent("2026-03-02").await;
        app.advance(chrono::Duration::days(2));
        let second = shelf.lent("2026-03-04").await;
        app.advance(chrono::Duration::days(20));
        let list = async |path: &str| {
            let page = shelf.staff.get(&format!("/v1/services/{}/loans/{path}", shelf.service)).await.expect(200);
            let row = |row: &Value| (row["reservation"]["id"].as_str().unwrap().to_owned(), row["days_left"].as_i64().unwrap());
            page.rows().iter().map(row).collect::<Vec<_>>()
        };
        assert_eq!(list("overdue").await, [(first.clone(), -1)]);
        assert_eq!(list("due-soon").await, [(second.clone(), 1)]);
        assert_eq!(list("due-soon?days=0").await, []);
        shelf.staff.get(&format!("/v1/services/{}/loans/due-soon?days=61", shelf.service)).await.expect(400);
        app.advance(chrono::Duration::days(2));
        assert_eq!(list("overdue").await, [(first, -3), (second, -1)]);
    }

    async fn the_figures_count_loans_refusals_and_waits(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let other = shelf.add_kit("Famille").await;
        let loan = shelf.ask(shelf.request_of_family("2026-03-02")).await.expect(201).id();
        shelf.act(&loan, "confirm", None).await.expect(200);
        shelf.act(&loan, "hand-out", Some(json!({}))).await.expect(200);
        let mut declined = shelf.request("2026-03-04");
        declined["if_taken"] = "decline".into();
        for _ in 0..2 {
            shelf.ask(declined.clone()).await.expect(201);
        }
        let waiting = shelf.wait_for("2026-03-04").await.id();
        shelf.act(&waiting, "cancel", Some(json!({}))).await.expect(200);
        app.advance(chrono::Duration::days(23));
        shelf.take_back(&loan).await;
        app.advance(chrono::Duration::days(5));
        let current = shelf.lent("2026-03-30").await;
        app.advance(chrono::Duration::days(4));
        let figures = async |from: &str, to: &str| {
            shelf.staff.get(&format!("/v1/services/{}/kit-figures?from={from}&to={to}", shelf.service)).await.expect(200)
        };
        let year = figures("2026-01-01", "2026-12-31").await;
        let sums = ["loans", "days_out", "late_returns", "refusals", "waits_without_copy"].map(|name| year[name].as_i64().unwrap());
        assert_eq!(sums, [2, 23 + 4, 1, 2, 1]);
        assert_eq!(
            year["by_kit"],
            json!([
                {"kit_id": other, "title_fr": "Famille", "copies": 0, "loans": 0, "days_out": 0, "loans_per_copy": null, "refusals": 0, "waits_without_copy": 0},
                {"kit_id": shelf.kit, "title_fr": "Sensorielle", "copies": 1, "loans": 2, "days_out": 27, "loans_per_copy": 2.0, "refusals": 2, "waits_without_copy": 1}
            ])
        );
        assert_eq!(
            year["by_borrower_kind"],
            json!([
                {"borrower_kind": "household", "loans": 1}, {"borrower_kind": "professional", "loans": 0},
                {"borrower_kind": "organisation", "loans": 1}
            ])
        );
        assert_eq!(year["by_commune"], json!([
            {"commune_code": "63032", "commune_name": "Beaumont", "loans": 1}, {"commune_code": "63300", "commune_name": "Riom", "loans": 1}
        ]));
        let nights = async |from: &str, to: &str| figures(from, to).await["days_out"].as_i64().unwrap();
        assert_eq!(nights("2026-03-01", "2026-03-15").await + nights("2026-03-16", "2026-04-30").await, 27, "periods add up");
        assert_eq!(figures("2026-03-03", "2026-03-29").await["loans"], 0);
        let refused = shelf.staff.get(&format!("/v1/services/{}/kit-figures?from=2026-02-01&to=2026-01-01", shelf.service)).await;
        refused.expect(400).problem("invalid_parameters");
        assert!(!year.text().contains(&shelf.household) && !year.text().contains(&current), "figures contain no personal data");
    }

    async fn the_calendar_contains_days_and_no_personal_data(app: TestApp) {
        let shelf = LendingService::new(&app, 2).await;
        // One in the past, one within the booking period, one whose end iCalendar cannot write.
        let closing = |starts_on: &str, ends_on: &str| json!({"starts_on": starts_on, "ends_on": ends_on});
        let closings = [closing("2025-08-04", "2025-08-22"), closing("2026-08-03", "2026-08-21"), closing("9999-12-31", "9999-12-31")];
        let closing = json!({"closings": closings});
        shelf.staff.patch(&format!("/v1/services/{}/kit-settings", shelf.service), closing).await.expect(200);
        let lent = shelf.ask(shelf.request_of_family("2026-03-02")).await.expect(201).id();
        shelf.act(&lent, "confirm", None).await.expect(200);
        shelf.act(&lent, "hand-out", Some(json!({}))).await.expect(200);
        let cancelled = shelf.requested("2026-03-09").await;
        shelf.act(&cancelled, "cancel", Some(json!({}))).await.expect(200);
        let calendars = format!("/v1/services/{}/kit-calendars", shelf.service);
        let made = shelf.staff.post(&calendars, json!({"name": "Agenda de l'équipe"})).await.expect(201);
        let url = made["url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("https://api.example").unwrap().to_owned();
        let read = app.anonymous().get(&path).await.expect(200);
        assert_eq!(read.header("content-type"), "text/calendar; charset=utf-8");
        let text = read.text();
        for line in ["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260324", "SUMMARY:Sensorielle – 1 – En prêt", "DTEND;VALUE=DATE:20260822"] {
            assert!(text.lines().any(|known| known == line), "{line} in {text}");
        }
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 2, "{text}");
        for secret in ["Camille", "Lutins", &shelf.household, &shelf.organisation, "63300"] {
            assert!(!text.contains(secret), "{secret} is in the calendar");
        }
        app.advance(chrono::Duration::days(24));
        assert!(app.anonymous().get(&path).await.expect(200).text().contains("En retard"));
        // The secret is not stored, and the calendar is deleted by its identifier.
        let token = path.rsplit('/').next().unwrap();
        app.assert_never_stored(&[token]);
        let listed = shelf.staff.get(&calendars).await.expect(200);
        assert!(!listed.text().contains(token) && listed.rows()[0]["id"] == made.id());
        shelf.staff.delete(&format!("/v1/kit-calendars/{}?reason=obsolete", made.id())).await.expect(204);
        let gone = app.anonymous().get(&path).await.expect(404).problem("not_found");
        assert!(gone["instance"].as_str().unwrap().starts_with("/calendars/"));
        app.anonymous().get("/calendars/cal_nothing").await.expect(404);
    }

    async fn reading_the_loan_of_a_household_is_journaled(app: TestApp) {
        let shelf = LendingService::new(&app, 1).await;
        let id = shelf.ask(shelf.request_of_family("2026-03-09")).await.expect(201).id();
        let before = app.database.count("audit_events");
        shelf.read(&id).await;
        assert_eq!(app.database.count("audit_events"), before + 1);
        shelf.staff.get(&format!("/v1/kits/{}", shelf.kit)).await.expect(200);
        assert_eq!(app.database.count("audit_events"), before + 1, "a kit has no personal data");
    }
}
