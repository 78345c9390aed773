//! Registrations for collective actions: seats, the queue, attendance; and concurrent requests for the last seats.

use serde_json::{Value, json};

use crate::harness::action_service::{ActionService, came};

const CLIENTS: usize = 16;

/// The state of each registration, oldest first.
fn states(book: &[(i64, String)]) -> Vec<&str> {
    book.iter().map(|(_, state)| state.as_str()).collect()
}

/// Checks that the seats registered do not exceed the places, and that no waiting registration fits in the free seats.
async fn assert_fair(agenda: &ActionService, action: &str) {
    let response = agenda.read(action).await;
    let summary = &response["registration"];
    let book = agenda.book(action).await;
    let seats = |state: &str| book.iter().filter(|(_, one)| one == state).map(|(seats, _)| seats).sum::<i64>();
    let (places, registered) = (summary["places"].as_i64().unwrap(), seats("registered"));
    assert!(registered <= places, "overbooked: {book:?}");
    assert_eq!(
        (&summary["registered_seats"], &summary["waiting_seats"]),
        (&json!(registered), &json!(seats("waiting")))
    );
    assert_eq!(summary["free_seats"], places - registered);
    for (seats, state) in &book {
        assert!(
            state != "waiting" || *seats > places - registered,
            "a waiting registration fits: {places} places, {book:?}"
        );
    }
}

on_both_databases! {
    async fn released_seats_go_to_waiting_registrations(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.open("2026-03-10", 5).await;
        let new = json!({"participant_type": "childminder", "seats": 3, "organisation_id": agenda.organisation});
        let first = agenda.staff.post(&format!("/v1/actions/{id}/registrations"), new).await.expect(201);
        assert_eq!(first.header("location"), format!("/v1/action-registrations/{}", first.id()));
        assert_eq!((&first["status"], &first["organisation_id"], &first["attended"]), (&json!("registered"), &json!(agenda.organisation), &Value::Null));
        assert_eq!((&first["available_actions"], &first["queue_position"]), (&json!(["cancel"]), &Value::Null));
        // A registration is never split: three seats do not fit in two.
        let second = agenda.register(&id, 3).await.expect(201);
        assert_eq!((&second["status"], &second["queue_position"]), (&json!("waiting"), &json!(1)));
        let third = agenda.register(&id, 2).await.expect(201);
        assert_eq!(third["status"], "registered", "a registration that does not fit blocks nobody");
        let fourth = agenda.register(&id, 1).await.expect(201);
        assert_eq!((&fourth["status"], &fourth["queue_position"]), (&json!("waiting"), &json!(2)));
        let queue = agenda.staff.get(&format!("/v1/actions/{id}/registrations?status=waiting")).await.expect(200);
        assert_eq!(queue.rows().iter().map(|row| row["queue_position"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2]);
        assert_fair(&agenda, &id).await;
        // Two seats are free: not enough for the first in the queue, enough for the next.
        let before = agenda.staff.get("/v1/changes?limit=500").await.expect(200);
        let cancelled = agenda.act_on(&third.id(), "cancel", None).await.expect(200);
        assert_eq!((&cancelled["status"], &cancelled["available_actions"]), (&json!("cancelled"), &json!([])));
        assert_eq!(states(&agenda.book(&id).await), ["registered", "waiting", "cancelled", "registered"]);
        let cursor = before["page"]["next_cursor"].as_str().unwrap();
        let feed = agenda.staff.get(&format!("/v1/changes?cursor={cursor}")).await.expect(200);
        let mut changed: Vec<_> = feed.rows().iter().map(|row| row["object_id"].as_str().unwrap().to_owned()).collect();
        changed.sort();
        let mut expected = [third.id(), fourth.id()];
        expected.sort();
        assert_eq!(changed, expected, "each change is in the feed");
        agenda.act_on(&third.id(), "cancel", None).await.expect(409).problem("wrong_state");
        // More places admit waiting registrations.
        agenda.correct(&id, json!({"places": 6})).await.expect(200);
        assert_eq!(states(&agenda.book(&id).await), ["registered", "waiting", "cancelled", "registered"]);
        agenda.correct(&id, json!({"places": 7})).await.expect(200);
        assert_eq!(states(&agenda.book(&id).await), ["registered", "registered", "cancelled", "registered"]);
        agenda.correct(&id, json!({"places": 6})).await.breaks("/places", "fewer_than_registered");
        agenda.correct(&id, json!({"places": null})).await.breaks("/places", "has_registrations");
        assert_fair(&agenda, &id).await;
        let other = ActionService::new(&app).await;
        other.staff.get(&format!("/v1/action-registrations/{}", first.id())).await.expect(404);
        other.act_on(&first.id(), "cancel", None).await.expect(404);
        other.register(&id, 1).await.expect(404);
    }

    async fn each_refusal_gives_its_reason(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let other = ActionService::new(&app).await;
        let without = agenda.planned("2026-03-10").await;
        agenda.register(&without, 1).await.breaks("", "no_registration");
        let id = agenda.plan(agenda.cafe("2026-03-10", json!({"places": 5, "registration_closes_on": "2026-03-05"}))).await.expect(201).id();
        agenda.register(&id, 6).await.breaks("/seats", "more_than_places");
        let path = format!("/v1/actions/{id}/registrations");
        let with = |organisation: &str| json!({"participant_type": "parent", "seats": 1, "organisation_id": organisation});
        agenda.staff.post(&path, with(&other.organisation)).await.breaks("/organisation_id", "unknown_organisation");
        let both = json!({"participant_type": "parent", "seats": 9, "organisation_id": other.organisation});
        let refused = agenda.staff.post(&path, both).await.expect(422);
        assert_eq!(refused.faults().len(), 2, "all faults at once");
        for (body, pointer, code) in [
            (json!({"participant_type": "parent", "seats": 0}), "/seats", "too_small"),
            (json!({"participant_type": "parent", "seats": -1}), "/seats", "too_small"),
            (json!({"participant_type": "parent", "seats": 101}), "/seats", "too_large"),
            (json!({"participant_type": "ghost", "seats": 1}), "/participant_type", "unknown_code"),
            (json!({"participant_type": "parent", "seats": 1, "name": "Zoé"}), "/name", "unknown_field"),
            (json!({"participant_type": "parent"}), "/seats", "required"),
        ] {
            let refused = agenda.staff.post(&path, body).await.expect(400).problem("invalid_body");
            assert_eq!(refused.faults(), [(pointer.to_owned(), code.to_owned())]);
        }
        let mine = agenda.register(&id, 4).await.expect(201).id();
        let one = format!("/v1/action-registrations/{mine}");
        agenda.staff.patch(&one, json!({"seats": 6})).await.breaks("/seats", "no_seats_left");
        agenda.staff.patch(&one, json!({"organisation_id": other.organisation})).await.breaks("/organisation_id", "unknown_organisation");
        agenda.act_on(&mine, "attendance", Some(json!({"attended": 1}))).await.expect(409).problem("wrong_state");
        app.advance(chrono::Duration::days(4));
        agenda.register(&id, 1).await.breaks("", "registration_closed");
        assert_eq!(agenda.read(&id).await["registration"]["open"], false);
        // A cancelled action takes no registrations and no corrections.
        agenda.act(&id, "cancel", Some(json!({"reason": "health_or_weather"}))).await.expect(200);
        let refused = agenda.register(&id, 1).await.expect(409).problem("wrong_state");
        assert_eq!(refused["state"], "cancelled");
        agenda.staff.patch(&one, json!({"seats": 1})).await.expect(409).problem("wrong_state");
        // By default, the last day to register is the day of the action.
        let today = agenda.open("2026-03-06", 3).await;
        agenda.register(&today, 1).await.expect(201);
        app.advance(chrono::Duration::days(1));
        agenda.register(&today, 1).await.breaks("", "registration_closed");
    }

    async fn the_seats_of_a_registration_change_if_they_fit(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.open("2026-03-10", 6).await;
        let first = agenda.register(&id, 3).await.expect(201).id();
        let second = agenda.register(&id, 2).await.expect(201).id();
        let waiting = agenda.register(&id, 3).await.expect(201).id();
        let change = async |registration: &str, changes: Value| agenda.staff.patch(&format!("/v1/action-registrations/{registration}"), changes).await;
        assert_eq!(change(&first, json!({"seats": 4})).await.expect(200)["seats"], 4);
        change(&first, json!({"seats": 5})).await.breaks("/seats", "no_seats_left");
        change(&waiting, json!({"seats": 7})).await.breaks("/seats", "more_than_places");
        let patched = change(&second, json!({"participant_type": "parent", "organisation_id": agenda.organisation})).await.expect(200);
        assert_eq!((&patched["participant_type"], &patched["organisation_id"], &patched["seats"]), (&json!("parent"), &json!(agenda.organisation), &json!(2)));
        // Fewer seats for one registration admit another.
        change(&first, json!({"seats": 1})).await.expect(200);
        assert_eq!(states(&agenda.book(&id).await), ["registered"; 3]);
        assert_fair(&agenda, &id).await;
        // A waiting registration that reduces its seats is admitted at once.
        let last = agenda.register(&id, 2).await.expect(201);
        assert_eq!(last["status"], "waiting");
        agenda.act_on(&first, "cancel", None).await.expect(200);
        let less = change(&last.id(), json!({"seats": 1})).await.expect(200);
        assert_eq!((&less["status"], &less["queue_position"]), (&json!("registered"), &Value::Null));
        assert_fair(&agenda, &id).await;
    }

    async fn attendance_gives_the_participants(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.open("2026-03-03", 9).await;
        let path = format!("/v1/actions/{id}/registrations");
        let mut registrations = Vec::new();
        for (kind, seats) in [("childminder", 3), ("childminder", 2), ("parent", 2), ("rpe_worker", 1), ("parent", 5)] {
            let new = json!({"participant_type": kind, "seats": seats});
            registrations.push(agenda.staff.post(&path, new).await.expect(201).id());
        }
        app.advance(chrono::Duration::days(1));
        let attend = async |rank: usize, attended: i32| {
            agenda.act_on(&registrations[rank], "attendance", Some(json!({"attended": attended}))).await
        };
        attend(0, 4).await.breaks("/attended", "more_than_seats");
        attend(0, -1).await.expect(400).problem("invalid_body");
        let came_two = attend(0, 2).await.expect(200);
        assert_eq!((&came_two["status"], &came_two["attended"], &came_two["available_actions"]), (&json!("attended"), &json!(2), &json!(["attendance"])));
        assert_eq!(attend(1, 0).await.expect(200)["status"], "absent");
        assert_eq!(attend(1, 1).await.expect(200)["status"], "attended", "attendance can be recorded again");
        attend(2, 2).await.expect(200);
        attend(3, 0).await.expect(200);
        attend(4, 1).await.expect(409).problem("wrong_state");
        agenda.staff.patch(&format!("/v1/action-registrations/{}", registrations[0]), json!({"seats": 1})).await.breaks("/seats", "attendance_noted");
        agenda.act(&id, "cancel", Some(json!({"reason": "other"}))).await.breaks("", "attendance_noted");
        let held = agenda.act(&id, "hold", Some(json!({}))).await.expect(200);
        assert_eq!(held["participants"], json!([came("childminder", 3), came("parent", 2)]));
        assert_eq!(held["registration"]["attended_seats"], 5);
        // Participants that are given replace the attendance.
        agenda.act(&id, "reopen", None).await.expect(200);
        let held = agenda.act(&id, "hold", Some(json!({"participants": [came("parent", 1)]}))).await.expect(200);
        assert_eq!(held["participant_count"], 1);
        // Attendance recorded later does not change the participants.
        attend(3, 1).await.expect(200);
        assert_eq!(agenda.read(&id).await["participant_count"], 1);
        agenda.act_on(&registrations[3], "cancel", None).await.expect(409).problem("wrong_state");
        agenda.staff.patch(&format!("/v1/action-registrations/{}", registrations[4]), json!({"seats": 1})).await.breaks("/seats", "not_planned");
    }

    async fn a_cancelled_action_cancels_its_registrations(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let id = agenda.open("2026-03-10", 2).await;
        for _ in 0..3 {
            agenda.register(&id, 1).await.expect(201);
        }
        agenda.act(&id, "cancel", Some(json!({"reason": "speaker_unavailable"}))).await.expect(200);
        assert_eq!(states(&agenda.book(&id).await), ["cancelled"; 3]);
        agenda.act(&id, "reopen", None).await.expect(200);
        assert_eq!(states(&agenda.book(&id).await), ["cancelled"; 3]);
        assert_eq!(agenda.register(&id, 2).await.expect(201)["status"], "registered", "their seats are free");
    }

    async fn concurrent_registrations_are_neither_overbooked_nor_lost(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let there = agenda.at(&app.second_instance().await);
        let id = agenda.open("2026-03-10", 5).await;
        let calls = (0..CLIENTS).map(|rank| (if rank % 2 == 0 { &agenda } else { &there }).register(&id, 1));
        let responses = futures_util::future::join_all(calls).await;
        assert!(responses.iter().all(|response| response.status == 201));
        let book = agenda.book(&id).await;
        assert_eq!(states(&book)[..5], ["registered"; 5]);
        assert_eq!(states(&book)[5..], ["waiting"; CLIENTS - 5]);
        // All registered ones cancel concurrently: the first five of the queue are admitted, in order.
        let page = agenda.staff.get(&format!("/v1/actions/{id}/registrations?limit=500")).await.expect(200);
        let ids: Vec<String> = page.rows().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
        let calls = ids[..5].iter().enumerate().map(|(rank, one)| (if rank % 2 == 0 { &agenda } else { &there }).act_on(one, "cancel", None));
        assert!(futures_util::future::join_all(calls).await.iter().all(|response| response.status == 200));
        let book = agenda.book(&id).await;
        assert_eq!(states(&book)[..5], ["cancelled"; 5]);
        assert_eq!(states(&book)[5..10], ["registered"; 5]);
        assert_eq!(states(&book)[10..], ["waiting"; CLIENTS - 10]);
        assert_fair(&agenda, &id).await;
    }

    async fn concurrent_registrations_and_cancellations_leave_a_fair_queue(app: TestApp) {
        let agenda = ActionService::new(&app).await;
        let there = agenda.at(&app.second_instance().await);
        let id = agenda.open("2026-03-10", 12).await;
        let (agenda, there, id) = (&agenda, &there, &id);
        let clients = (0..CLIENTS).map(|rank| async move {
            let at = if rank % 2 == 0 { agenda } else { there };
            let (mut mine, mut statuses) = (Vec::<String>::new(), Vec::new());
            for round in 0..8 {
                let response = match (rank * 5 + round * 3) % 7 {
                    0 | 1 if !mine.is_empty() => at.act_on(&mine.swap_remove(0), "cancel", None).await,
                    2 if !mine.is_empty() => {
                        let seats = json!({"seats": 1 + (rank + round) % 4});
                        at.staff.patch(&format!("/v1/action-registrations/{}", mine[0]), seats).await
                    }
                    3 => at.correct(id, json!({"places": 8 + (rank + round) % 9})).await,
                    _ => {
                        let response = at.register(id, i32::try_from(1 + (rank + round) % 4).unwrap()).await;
                        if response.status == 201 {
                            mine.push(response.id());
                        }
                        response
                    }
                };
                statuses.push(response.status);
            }
            statuses
        });
        let statuses: Vec<u16> = futures_util::future::join_all(clients).await.into_iter().flatten().collect();
        assert!(statuses.iter().all(|status| [200, 201, 409, 422].contains(status)), "{statuses:?}");
        assert!(statuses.iter().filter(|status| **status < 300).count() > CLIENTS * 4, "{statuses:?}");
        assert_fair(agenda, id).await;
    }
}
