//! Referents: training, charter, standing, departures and attendances.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::TestApp;
use crate::harness::network::Network;

/// The number of rows of each table, except those of the journal.
fn counts(app: &TestApp) -> Vec<(String, i64)> {
    app.database.counts().into_iter().filter(|(table, _)| !table.starts_with("audit")).collect()
}

on_both_databases! {
    async fn a_referent_is_certified_after_training_and_signatures(app: TestApp) {
        let network = Network::new(&app).await;
        let made = network.staff.post("/v1/referents", network.referent("2026-01-12")).await.expect(201);
        let id = made.id();
        assert_eq!(made.header("location"), format!("/v1/referents/{id}"));
        assert_eq!((&made["organisation_name"], &made["commune_code"]), (&json!("Les Lutins"), &json!("63032")));
        assert_eq!((&made["standing"], &made["standing_on"]), (&json!("in_training"), &json!("2026-03-02")));
        assert_eq!(made["reasons"].as_array().unwrap().len(), 5);
        assert_eq!((&made["changes_on"], &made["changes_to"]), (&Value::Null, &Value::Null));
        assert_eq!(made["available_actions"], json!(["sign", "leave"]));
        for (kind, day) in [("external_training", "2026-01-20"), ("own_training", "2026-02-10"), ("external_training", "2026-02-03")] {
            let attended = network.attends(&id, kind, day).await.expect(201);
            assert_eq!((&attended["kind"], &attended["held_on"], &attended["version"]), (&json!(kind), &json!(day), &json!(1)));
        }
        let trained = network.read(&id).await;
        assert_eq!((&trained["trained_on"], &trained["external_training_days"]), (&json!("2026-02-10"), &json!(2)));
        let missing = ["referent", "structure", "service"].map(|who| format!("charter_not_signed_by_{who}"));
        assert_eq!(trained["reasons"], json!(missing));
        assert!(trained["version"].as_i64() > made["version"].as_i64(), "an attendance is a change of the referent");
        // Signatures can be recorded one by one.
        for (who, day) in [("structure", "2026-02-20"), ("referent", "2026-02-01")] {
            let mut charter = json!({"charter_version": "2026"});
            charter[format!("signed_by_{who}_on")] = day.into();
            assert_eq!(network.act(&id, "sign", charter).await.expect(200)["standing"], "in_training");
        }
        let signed = network.act(&id, "sign", json!({"charter_version": "2026", "signed_by_service_on": "2026-02-15"})).await.expect(200);
        assert_eq!((&signed["signed_on"], &signed["certified_on"]), (&json!("2026-02-20"), &json!("2026-02-20")));
        assert_eq!((&signed["standing"], &signed["reasons"]), (&json!("certified"), &json!(["year_of_certification"])));
        assert_eq!((&signed["changes_on"], &signed["changes_to"]), (&json!("2028-01-01"), &json!("lapsed")));
        assert_eq!(network.read(&id).await.json, signed.json);
        // Another version of the charter discards the previous signatures.
        let again = network.act(&id, "sign", json!({"charter_version": "2027", "signed_by_service_on": "2026-03-01"})).await.expect(200);
        assert_eq!((&again["signed_by_referent_on"], &again["standing"]), (&Value::Null, &json!("in_training")));
    }

    async fn the_standing_changes_with_the_years(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let on = |day: &str| app.clock.set(format!("{day}T11:00:00Z").parse().unwrap());
        on("2024-12-31");
        assert_eq!(network.standing(&id).await, "certified");
        on("2025-06-01");
        network.attends(&id, "follow_up_meeting", "2025-03-01").await.expect(201);
        assert_eq!(network.read(&id).await["reasons"], json!(["themed_day"]));
        network.attends(&id, "themed_day", "2025-06-01").await.expect(201);
        let in_order = network.read(&id).await;
        assert_eq!((&in_order["standing"], &in_order["changes_on"], &in_order["changes_to"]), (&json!("in_order"), &json!("2026-01-01"), &json!("certified")));
        on("2026-01-01");
        assert_eq!(network.standing(&id).await, "certified", "the calendar alone changes it");
        on("2027-01-01");
        let lapsed = network.read(&id).await;
        assert_eq!((&lapsed["standing"], &lapsed["changes_on"]), (&json!("lapsed"), &Value::Null));
        assert_eq!(lapsed["reasons"], json!(["follow_up_meeting_last_year", "themed_day_last_year"]));
        assert_eq!((&lapsed["version"], &lapsed["updated_at"]), (&in_order["version"], &in_order["updated_at"]), "the standing is not stored");
        on("2027-02-01");
        network.attends(&id, "themed_day", "2027-01-20").await.expect(201);
        let meeting = network.attends(&id, "follow_up_meeting", "2027-01-21").await.expect(201).id();
        assert_eq!(network.standing(&id).await, "in_order");
        network.staff.delete(&format!("/v1/referent-attendances/{meeting}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!(network.standing(&id).await, "lapsed");
        network.staff.delete(&format!("/v1/referent-attendances/{meeting}?reason=entered_by_mistake")).await.expect(404);
    }

    async fn a_referent_leaves_and_the_departure_is_cancelled(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let leave = |day: &str| json!({"left_on": day, "reason": "left_structure"});
        network.act(&id, "leave", leave("2026-03-03")).await.breaks("/left_on", "in_the_future");
        network.act(&id, "leave", leave("2023-03-03")).await.breaks("/left_on", "before_appointment");
        network.act(&id, "leave", leave("2024-05-31")).await.breaks("/left_on", "before_last_event");
        network.staff.post(&format!("/v1/referents/{id}/return"), json!({})).await.expect(409);
        let left = network.act(&id, "leave", leave("2026-03-02")).await.expect(200);
        assert_eq!((&left["standing"], &left["changes_on"], &left["changes_to"]), (&json!("lapsed"), &json!("2026-03-03"), &json!("left")));
        assert_eq!(left["available_actions"], json!(["return"]));
        let refused = network.act(&id, "leave", leave("2026-03-02")).await.expect(409).problem("wrong_state");
        assert_eq!((&refused["state"], &refused["available_actions"]), (&json!("left"), &json!(["return"])));
        network.act(&id, "sign", json!({"charter_version": "2026", "signed_by_service_on": "2026-03-02"})).await.expect(409);
        app.advance(chrono::Duration::days(1));
        assert_eq!(network.standing(&id).await, "left");
        // Attendances until the last day can still be recorded.
        network.attends(&id, "themed_day", "2026-03-03").await.breaks("/held_on", "after_departure");
        network.attends(&id, "themed_day", "2026-03-02").await.expect(201);
        let back = network.staff.act(&format!("/v1/referents/{id}/return")).await.expect(200);
        assert_eq!((&back["standing"], &back["left_on"], &back["departure_reason"]), (&json!("lapsed"), &Value::Null, &Value::Null));
    }

    async fn each_fault_of_a_referent_is_reported(app: TestApp) {
        let network = Network::new(&app).await;
        let other = Network::new(&app).await;
        let before = counts(&app);
        let with = |field: &str, value: Value| {
            let mut referent = network.referent("2026-01-12");
            referent[field] = value;
            referent
        };
        let post = async |body: Value| network.staff.post("/v1/referents", body).await;
        post(with("appointed_on", json!("2026-03-03"))).await.breaks("/appointed_on", "in_the_future");
        post(with("organisation_id", json!(other.structure))).await.breaks("/organisation_id", "unknown_organisation");
        post(with("service_id", json!(other.service))).await.breaks("/service_id", "unknown_service");
        post(with("identity", json!({"name": " "}))).await.expect(400).problem("invalid_body");
        post(with("identity", json!({"phone": "06 39 98 00 00"}))).await.expect(400);
        let mut both = with("organisation_id", json!(other.structure));
        both["appointed_on"] = "2026-03-03".into();
        let faults: Vec<_> = post(both).await.expect(422).faults().into_iter().map(|(_, code)| code).collect();
        assert_eq!(faults, ["in_the_future", "unknown_organisation"]);
        assert_eq!(counts(&app), before, "a rejected request writes nothing");
        let id = post(network.referent("2026-01-12")).await.expect(201).id();
        let sign = async |body: Value| network.act(&id, "sign", body).await;
        sign(json!({"charter_version": "2026"})).await.breaks("", "no_signature");
        sign(json!({"charter_version": "2026", "signed_by_service_on": "2026-03-03"})).await.breaks("/signed_by_service_on", "in_the_future");
        sign(json!({"charter_version": "2026", "signed_by_referent_on": "2026-01-11"})).await.breaks("/signed_by_referent_on", "before_appointment");
        network.attends(&id, "themed_day", "2026-03-03").await.breaks("/held_on", "in_the_future");
        network.attends(&id, "themed_day", "2026-01-11").await.breaks("/held_on", "before_appointment");
        network.attends(&id, "party", "2026-01-13").await.expect(400);
        let first = network.attends(&id, "themed_day", "2026-01-13").await.expect(201).id();
        let again = network.attends(&id, "themed_day", "2026-01-13").await.expect(409).problem("conflict");
        assert_eq!(again["existing_id"], first);
        network.attends(&id, "follow_up_meeting", "2026-01-13").await.expect(201);
        // Another service does not find the referent nor the attendance.
        other.staff.get(&format!("/v1/referents/{id}")).await.expect(404);
        other.attends(&id, "themed_day", "2026-01-14").await.expect(404);
        other.staff.delete(&format!("/v1/referent-attendances/{first}?reason=duplicate")).await.expect(404);
    }

    async fn an_extra_day_of_training_never_makes_a_referent_lapse(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let day = "2024-02-05";
        let charter = json!({"charter_version": "2024", "signed_by_referent_on": day, "signed_by_structure_on": day, "signed_by_service_on": day});
        network.act(&id, "sign", charter).await.expect(200);
        network.attends(&id, "external_training", "2026-01-20").await.expect(201);
        let refused = network.attends(&id, "own_training", "2024-02-03").await;
        refused.breaks("/held_on", "moves_certification");
        network.attends(&id, "external_training", "2024-01-20").await.expect(201);
    }

    async fn an_attendance_matches_its_collective_action(app: TestApp) {
        let network = Network::new(&app).await;
        let other = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let action = |service: Id, kind: &str, status: &str| {
            let action = Id::at(app.context().now());
            let reason = if status == "cancelled" { "'too_few_registrations'" } else { "NULL" };
            let sql = format!(
                "INSERT INTO actions (id, service_id, kind, title, status, held_on, duration_minutes, place, commune_code, organiser_role, \
                 preparation_minutes, travel_minutes, cancellation_reason, author, version, created_at, updated_at) VALUES ('{action}', '{service}', \
                 '{kind}', 'Une journée', '{status}', '2026-02-02', 360, 'Riom', '63300', 'service', 0, 0, {reason}, 'local', 1, \
                 '2026-01-01 00:00:00', '2026-01-01 00:00:00')"
            );
            app.database.execute(&sql).unwrap();
            action.to_string()
        };
        let themed = action(network.service, "referent_themed_day", "held");
        let attends = async |kind: &str, day: &str, action: &str| {
            let path = format!("/v1/referents/{id}/attendances");
            network.staff.post(&path, json!({"kind": kind, "held_on": day, "action_id": action})).await
        };
        attends("follow_up_meeting", "2026-02-02", &themed).await.breaks("/action_id", "action_of_another_kind");
        attends("themed_day", "2026-02-03", &themed).await.breaks("/held_on", "not_the_day_of_the_action");
        attends("themed_day", "2026-02-02", &action(other.service, "referent_themed_day", "held")).await.breaks("/action_id", "unknown_action");
        attends("themed_day", "2026-02-02", &action(network.service, "referent_themed_day", "cancelled")).await.breaks("/action_id", "action_cancelled");
        let several = attends("own_training", "2026-02-03", &themed).await.expect(422).faults();
        assert_eq!(several.len(), 2, "all faults at once: {several:?}");
        assert_eq!(attends("themed_day", "2026-02-02", &themed).await.expect(201)["action_id"], json!(themed));
        attends("external_training", "2026-02-02", &action(network.service, "referent_training_day", "planned")).await.expect(201);
        let listed = network.staff.get(&format!("/v1/referents/{id}/attendances")).await.expect(200);
        assert_eq!((listed.rows().len(), &listed.rows()[0]["held_on"]), (5, &json!("2026-02-02")));
    }

    async fn the_attendances_of_a_day_are_recorded_in_one_request(app: TestApp) {
        let network = Network::new(&app).await;
        let other = Network::new(&app).await;
        let (first, second) = (network.certified(&network.structure).await, network.appointed(&network.structure).await);
        let late = network.staff.post("/v1/referents", network.referent("2026-02-03")).await.expect(201).id();
        let foreign = other.appointed(&other.structure).await;
        let path = format!("/v1/services/{}/referent-attendances", network.service);
        let day = |ids: &[&String], held_on: &str| json!({"kind": "themed_day", "held_on": held_on, "referent_ids": ids});
        let before = counts(&app);
        network.staff.post(&path, day(&[&first], "2026-03-03")).await.breaks("/held_on", "in_the_future");
        network.staff.post(&path, day(&[], "2026-02-02")).await.expect(400);
        assert_eq!(counts(&app), before);
        let made = network.staff.post(&path, day(&[&first, &foreign, &second, &late, &first], "2026-02-02")).await.expect(200);
        assert_eq!((&made["created"], &made["refused"]), (&json!(2), &json!(3)));
        let statuses: Vec<_> = made.rows().iter().map(|row| row["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201, 422, 409]);
        let fault = |index: usize| &made.rows()[index]["problem"]["errors"][0];
        assert_eq!((&fault(1)["pointer"], &fault(1)["code"]), (&json!("/referent_ids/1"), &json!("unknown_referent")));
        assert_eq!((&fault(3)["pointer"], &fault(3)["code"]), (&json!("/referent_ids/3"), &json!("before_appointment")));
        assert_eq!(made.rows()[4]["problem"]["existing_id"], made.rows()[0]["created"]["id"]);
        assert_eq!(made.rows()[0]["created"]["referent_id"], json!(first));
        // A repeated request has no further effect.
        let keyed = network.staff.clone().with_header("Idempotency-Key", "a-day");
        let body = day(&[&first], "2026-02-04");
        keyed.post(&path, body.clone()).await.expect(200);
        assert_eq!(keyed.post(&path, body).await.expect(200).header("idempotency-replayed"), "true");
    }

    async fn a_referent_is_corrected_and_deleted(app: TestApp) {
        let network = Network::new(&app).await;
        let other = network.add_structure("rpe", "Relais de Riom", "63300").await;
        let id = network.certified(&network.structure).await;
        let path = format!("/v1/referents/{id}");
        let patched = network.staff.patch(&path, json!({"organisation_id": other, "identity": {"phone": "06 39 98 00 02", "role": null}})).await.expect(200);
        assert_eq!((&patched["organisation_name"], &patched["commune_code"]), (&json!("Relais de Riom"), &json!("63300")));
        let identity = json!({"name": "Dominique Exemple", "phone": "06 39 98 00 02", "email": "dominique@example.org", "role": null});
        assert_eq!(patched["identity"], identity);
        network.staff.patch(&path, json!({"appointed_on": "2024-02-02"})).await.breaks("/appointed_on", "after_first_event");
        network.staff.patch(&path, json!({"organisation_id": null})).await.expect(400);
        network.staff.patch(&path, json!({"identity": {"name": null}})).await.expect(400);
        network.staff.patch(&path, json!({"left_on": "2026-03-02"})).await.expect(400);
        network.staff.patch(&path, json!({"appointed_on": "2024-02-01"})).await.expect(200);
        network.staff.clone().with_header("If-Match", "\"1\"").patch(&path, json!({})).await.expect(412);
        network.staff.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(409).problem("conflict");
        let unused = network.appointed(&other).await;
        let keys = app.database.count("data_keys");
        network.staff.delete(&format!("/v1/referents/{unused}?reason=entered_by_mistake")).await.expect(204);
        assert_eq!(app.database.count("data_keys"), keys - 1, "the key is deleted with the referent");
        network.staff.get(&format!("/v1/referents/{unused}")).await.expect(404);
        network.staff.delete(&format!("/v1/organisations/{other}?reason=obsolete")).await.expect(409);
    }

    async fn the_identity_of_a_referent_is_sealed_and_reading_it_is_journaled(app: TestApp) {
        let network = Network::new(&app).await;
        let mut referent = network.referent("2026-01-12");
        referent["identity"] = json!({"name": "Apolline Quintrec", "phone": "06 39 98 77 66", "email": "apolline@quintrec.example", "role": "Directrice Zinzoline"});
        let id = network.staff.post("/v1/referents", referent).await.expect(201).id();
        app.assert_never_stored(&["Apolline", "Quintrec", "98 77 66", "Zinzoline"]);
        let before = app.database.count("audit_events");
        let opened = |app: &TestApp| app.database.texts("SELECT opened AS text FROM audit_events ORDER BY id DESC LIMIT 1").remove(0);
        network.read(&id).await;
        assert_eq!(app.database.count("audit_events"), before + 1);
        assert!(opened(&app).contains(&id));
        network.staff.get("/v1/referents").await.expect(200);
        network.staff.get(&format!("/v1/services/{}/referent-reminders", network.service)).await.expect(200);
        assert_eq!(app.database.count("audit_events"), before + 3);
        assert!(opened(&app).contains(&id));
        for path in ["referent-figures?from=2026-01-01&to=2026-12-31", "referent-coverage"] {
            network.staff.get(&format!("/v1/services/{}/{path}", network.service)).await.expect(200);
        }
        assert_eq!(app.database.count("audit_events"), before + 3, "figures open no personal data");
        // Without the key, the identity cannot be read.
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{id}'")).unwrap();
        assert_eq!(network.read(&id).await["identity"]["name"], Value::Null);
    }

    async fn concurrent_requests_record_an_attendance_once(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let second = app.second_instance().await;
        let there = network.staff.clone().at(&second);
        let path = format!("/v1/referents/{id}/attendances");
        for day in ["2026-01-01", "2026-01-02", "2026-01-03"] {
            let body = json!({"kind": "themed_day", "held_on": day});
            let other = json!({"kind": "follow_up_meeting", "held_on": day});
            let responses = futures_util::future::join_all([
                network.staff.post(&path, body.clone()), there.post(&path, body.clone()), there.post(&path, other), network.staff.post(&path, body),
            ]).await;
            let mut statuses: Vec<u16> = responses.iter().map(|response| response.status).collect();
            statuses.sort_unstable();
            assert_eq!(statuses, [201, 201, 409, 409], "{day}");
        }
        assert_eq!(network.staff.get(&path).await.expect(200).rows().len(), 9);
    }

    async fn the_feed_of_changes_and_the_permissions_apply_to_referents(app: TestApp) {
        let network = Network::new(&app).await;
        let id = network.certified(&network.structure).await;
        let reader = app.client(network.service, &[Permission::ReferentsRead, Permission::ChangesRead]).await;
        let changes = reader.get("/v1/changes?limit=500").await.expect(200);
        assert!(changes.rows().iter().all(|row| row["resource"] == "referent" && row["object_id"] == json!(id)), "{}", changes.text());
        reader.get(&format!("/v1/referents/{id}")).await.expect(200);
        reader.delete(&format!("/v1/referents/{id}?reason=obsolete")).await.expect(403);
        let stranger = app.user(network.service, Role::Professional).await;
        stranger.get(&format!("/v1/referents/{id}")).await.expect(200);
    }
}
