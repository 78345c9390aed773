//! Notes of cases: summaries, and restricted notes that only their author and their readers see.

use std::collections::BTreeSet;

use passerelle::auth::{Permission, Role};
use serde_json::{Value, json};

use crate::cases::{accept, case_of, child, coordinator, ids, interview, refer};
use crate::child_merges::{followed, merge};
use crate::child_merges_undone::{obstacles, undo};

fn restricted(text: &str, readers: &[&str]) -> Value {
    json!({"kind": "restricted", "text": text, "reader_ids": readers})
}

on_both_databases! {
    async fn a_restricted_note_exists_for_its_author_and_its_readers_only(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let (reader, other) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let manager = app.user(service, Role::Manager).await;
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let notes = format!("/v1/cases/{case}/notes");
        let before = author.get(&format!("/v1/cases/{case}")).await["version"].clone();
        let id = reader.bare_id().to_string();
        let made = author.post(&notes, restricted("Canari : à reprendre ensemble.", &[&id])).await.expect(201);
        assert_eq!((&made["reader_ids"], &made["reader_names"].as_array().unwrap().len()), (&json!([id]), &1));
        let path = format!("/v1/case-notes/{}", made.id());
        for who in [&author, &reader] {
            assert_eq!(who.get(&path).await.expect(200)["text"], "Canari : à reprendre ensemble.");
            assert_eq!(ids(who, &notes).await, [made.id()]);
        }
        // To everybody else it does not exist, whatever they hold.
        let script = app.client(service, &[Permission::CasesRead, Permission::CasesWrite, Permission::CasesCorrect]).await;
        let stranger = coordinator(&app).await.1;
        for who in [&other, &manager, &script, &stranger] {
            who.get(&path).await.expect(404);
            who.get(&format!("{path}/history")).await.expect(404);
        }
        for who in [&other, &manager, &script] {
            let page = who.get(&format!("{notes}?include_total=true")).await.expect(200);
            assert_eq!((page.rows().len(), &page["page"]["total"]), (0, &json!(0)));
            who.patch(&path, json!({"text": "x"})).await.expect(404);
            who.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(404);
        }
        // Nothing tells that there is one: no event, no new version of the case.
        assert_eq!(author.get(&format!("/v1/cases/{case}")).await["version"], before);
        assert!(app.database.texts(&format!("SELECT object_id AS text FROM changes WHERE object_id = '{}'", made.id())).is_empty());
        // A reader reads; its author corrects, removes, and reads the history.
        reader.patch(&path, json!({"text": "x"})).await.expect(403);
        reader.get(&format!("{path}/history")).await.expect(403);
        let shared = author.patch(&path, json!({"reader_ids": [other.bare_id()]})).await.expect(200);
        assert_eq!(shared["reader_ids"], json!([other.bare_id()]));
        reader.get(&path).await.expect(404);
        other.get(&path).await.expect(200);
        author.patch(&path, json!({"text": "Canari : vu."})).await.expect(200);
        let history = author.get(&format!("{path}/history")).await.expect(200);
        assert_eq!(history.rows().len(), 2);
        assert_eq!(history.rows()[1]["changes"][0]["after"], "Canari : vu.");
        // A script that retries gets its own response, and nobody else does.
        let keyed = author.clone().with_header("Idempotency-Key", "note-1");
        let once = keyed.post(&notes, restricted("Canari : une seule fois.", &[])).await.expect(201);
        assert_eq!(keyed.post(&notes, restricted("Canari : une seule fois.", &[])).await.expect(201).id(), once.id());
        let same_key = manager.clone().with_header("Idempotency-Key", "note-1");
        let theirs = same_key.post(&notes, restricted("Canari : une seule fois.", &[])).await.expect(201);
        assert_ne!(theirs.id(), once.id());
        // Spreadsheets have what the caller reads.
        for (who, reads) in [(&author, true), (&manager, false)] {
            let sheet = who.clone().with_header("Accept", "text/csv").get(&notes).await.expect(200);
            assert_eq!(sheet.text().contains("Canari : vu."), reads);
        }
        author.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(204);
        author.get(&path).await.expect(404);
        assert_eq!(author.get(&format!("{path}/history")).await.expect(200).rows().len(), 3);
        for who in [&other, &manager, &reader] {
            who.get(&format!("{path}/history")).await.expect(404);
        }
        app.assert_never_stored(&["Canari"]);
    }

    async fn whoever_leaves_reads_no_more(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let administrator = app.administrator().await;
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let notes = format!("/v1/cases/{case}/notes");
        let elsewhere = app.service().await;
        for way in ["disabled", "moved"] {
            let reader = app.user(service, Role::Professional).await;
            let note = author.post(&notes, restricted("Canari", &[reader.bare_id().as_str()])).await.expect(201);
            let path = format!("/v1/case-notes/{}", note.id());
            reader.get(&path).await.expect(200);
            let account = format!("/v1/users/{}", reader.bare_id());
            if way == "disabled" {
                administrator.act(&format!("{account}/disable")).await.expect(200);
                reader.get(&path).await.expect(401);
            } else {
                let there = json!({"service_id": elsewhere, "role": "professional"});
                administrator.post(&format!("{account}/role"), there).await.expect(200);
                let gone = json!({"service_id": service, "role": null});
                administrator.post(&format!("{account}/role"), gone).await.expect(200);
                reader.get(&path).await.expect(404);
                reader.get(&notes).await.expect(404);
            }
            // Who was named stays named when something else is corrected, and cannot be named again.
            let again = author.patch(&path, json!({"text": "Canari, suite"})).await.expect(200);
            assert_eq!(again["reader_ids"], json!([reader.bare_id()]));
            author.post(&notes, restricted("x", &[reader.bare_id().as_str()])).await.breaks("/reader_ids/0", "unknown_professional");
            author.patch(&path, json!({"reader_ids": []})).await.expect(200);
            author.patch(&path, json!({"reader_ids": [reader.bare_id()]})).await.breaks("/reader_ids/0", "unknown_professional");
        }
        // An author who leaves reads no more either.
        let leaving = app.user(service, Role::Professional).await;
        let own = leaving.post(&notes, restricted("Canari", &[])).await.expect(201).id();
        let account = format!("/v1/users/{}/role", leaving.bare_id());
        administrator.post(&account, json!({"service_id": elsewhere, "role": "manager"})).await.expect(200);
        administrator.post(&account, json!({"service_id": service, "role": null})).await.expect(200);
        leaving.get(&format!("/v1/case-notes/{own}")).await.expect(404);
        leaving.get(&format!("/v1/case-notes/{own}/history")).await.expect(404);
    }

    async fn no_role_that_is_not_named_learns_a_restricted_note(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let notes = format!("/v1/cases/{case}/notes");
        let note = author.post(&notes, restricted("Canari", &[])).await.expect(201).id();
        author.patch(&format!("/v1/case-notes/{note}"), json!({"text": "Canari bleu"})).await.expect(200);
        let path = format!("/v1/case-notes/{note}");
        for role in [Role::Manager, Role::Coordinator, Role::Professional] {
            let who = app.user(service, role).await;
            for (method, path, body) in [
                ("GET", path.clone(), None),
                ("GET", format!("{path}/history"), None),
                ("PATCH", path.clone(), Some(json!({"text": "x"}))),
                ("DELETE", format!("{path}?reason=entered_by_mistake"), None),
            ] {
                let answer = match body {
                    Some(body) => who.patch(&path, body).await,
                    None => who.call(method, &path, None).await,
                };
                answer.expect(404).problem("not_found");
            }
            assert!(ids(&who, &notes).await.is_empty(), "{role:?}");
        }
    }

    async fn a_merge_moves_restricted_notes_and_tells_nobody(app: TestApp) {
        let (service, manager) = coordinator(&app).await;
        let author = app.user(service, Role::Professional).await;
        let (stays, case) = followed(&manager, service, "Zélie", "2026-02-10").await;
        let (goes, other) = followed(&manager, service, "Zelie", "2026-02-02").await;
        let notes = format!("/v1/cases/{other}/notes");
        let hidden = author.post(&notes, restricted("Canari", &[])).await.expect(201).id();
        let shown = author.post(&notes, json!({"kind": "summary", "text": "Deux matinées."})).await.expect(201).id();
        let done = merge(&manager, &stays.child, &goes.child).await.expect(200);
        assert!(done.text().contains(&shown) && !done.text().contains(&hidden), "{}", done.text());
        let told = app.database.texts(&format!("SELECT object_id AS text FROM changes WHERE object_id = '{hidden}'"));
        assert!(told.is_empty(), "no event");
        let moved = author.get(&format!("/v1/case-notes/{hidden}")).await.expect(200);
        assert_eq!((&moved["case_id"], &moved["text"]), (&json!(case), &json!("Canari")));
        manager.get(&format!("/v1/case-notes/{hidden}")).await.expect(404);
        // One written since keeps the merge from being undone. That there is one is told, not which.
        let since = author.post(&format!("/v1/cases/{case}/notes"), restricted("Canari", &[])).await.expect(201).id();
        let refused = undo(&manager, &done).await.expect(409).problem("conflict");
        assert_eq!(obstacles(&refused), BTreeSet::from(["restricted_since case_note".to_owned()]));
        assert!(!refused.text().contains(&since), "{}", refused.text());
        author.call("DELETE", &format!("/v1/case-notes/{since}?reason=entered_by_mistake"), None).await.expect(204);
        undo(&manager, &done).await.expect(200);
        let back = author.get(&format!("/v1/case-notes/{hidden}")).await.expect(200);
        assert_eq!((&back["case_id"], &back["text"]), (&json!(other), &json!("Canari")));
        app.assert_never_stored(&["Canari"]);
    }

    async fn notes_and_recommendations_keep_a_case_from_being_annulled(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let referral = refer(&author, service, "2026-02-09", child("Exemple")).await;
        let case = accept(&author, &referral, "2026-02-09").await;
        let note = author.post(&format!("/v1/cases/{case}/notes"), restricted("x", &[])).await.expect(201).id();
        let new = json!({"kind": "other", "text": "x", "addressed_to": "parent"});
        let advice = author.post(&format!("/v1/cases/{case}/recommendations"), new).await.expect(201).id();
        let annul = format!("/v1/referrals/{referral}/annul");
        let mistake = json!({"reason": "entered_by_mistake"});
        let refused = author.post(&annul, mistake.clone()).await.expect(409).problem("conflict");
        assert_eq!(refused["hangs_on"], json!([{"kind": "case_note"}, {"kind": "recommendation", "number": 1}]));
        author.call("DELETE", &format!("/v1/case-notes/{note}?reason=entered_by_mistake"), None).await.expect(204);
        author.call("DELETE", &format!("/v1/recommendations/{advice}?reason=entered_by_mistake"), None).await.expect(204);
        author.post(&annul, mistake).await.expect(200);
    }

    async fn a_summary_is_read_by_whoever_reads_the_case(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let colleague = app.user(service, Role::Professional).await;
        let (case, elsewhere) = (case_of(&author, service, "Exemple", "2026-02-09").await, case_of(&author, service, "Autre", "2026-02-09").await);
        let work = author.post(&format!("/v1/cases/{case}/interventions"), interview("2026-02-20")).await.expect(201).id();
        let notes = format!("/v1/cases/{case}/notes");
        let made = colleague.post(&notes, json!({"kind": "summary", "text": "Deux matinées.", "intervention_id": work})).await.expect(201);
        let path = format!("/v1/case-notes/{}", made.id());
        author.post(&notes, json!({"kind": "summary", "text": "L'année."})).await.expect(201);
        assert_eq!(ids(&author, &format!("{notes}?intervention_id={work}")).await, [made.id()]);
        assert_eq!(ids(&author, &format!("{notes}?kind=summary")).await.len(), 2);
        assert!(ids(&author, &format!("{notes}?kind=restricted")).await.is_empty());
        // Its author and a coordinator correct it, as other records.
        author.patch(&path, json!({"text": "Trois matinées."})).await.expect(200);
        app.user(service, Role::Professional).await.patch(&path, json!({"text": "x"})).await.expect(403);
        assert_eq!(colleague.get(&format!("{path}/history")).await.expect(200).rows()[0]["changes"][0]["before"], "Deux matinées.");
        let told = app.database.texts(&format!("SELECT kind AS text FROM changes WHERE object_id = '{}'", made.id()));
        assert_eq!(told.len(), 2, "{told:?}");
        // Refusals, all at once.
        let stranger = coordinator(&app).await.1;
        let other_case = format!("/v1/cases/{elsewhere}/notes");
        let wrong = json!({"kind": "summary", "text": "x", "intervention_id": work, "reader_ids": [stranger.bare_id()]});
        let faults = author.post(&other_case, wrong).await.expect(422).faults();
        let faults: Vec<_> = faults.iter().map(|(at, code)| format!("{at} {code}")).collect();
        assert_eq!(faults, ["/reader_ids not_restricted", "/intervention_id unknown_intervention"]);
        author.post(&notes, restricted("x", &[stranger.bare_id().as_str()])).await.breaks("/reader_ids/0", "unknown_professional");
        author.post(&notes, json!({"kind": "secret", "text": "x"})).await.expect(400);
        // The intervention goes, the summary stays.
        author.call("DELETE", &format!("/v1/interventions/{work}?reason=entered_by_mistake"), None).await.expect(200);
        assert!(author.get(&path).await.expect(200)["intervention_id"].is_null());
        // A summary that was removed has its history, as other records.
        author.call("DELETE", &format!("{path}?reason=entered_by_mistake"), None).await.expect(204);
        for who in [&author, &colleague] {
            assert_eq!(who.get(&format!("{path}/history")).await.expect(200).rows().len(), 2);
        }
        app.user(service, Role::Professional).await.get(&format!("{path}/history")).await.expect(403);
    }

    async fn reading_a_note_is_journaled(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let made = author.post(&format!("/v1/cases/{case}/notes"), restricted("Rien.", &[])).await.expect(201).id();
        let count = || app.database.count("audit_events");
        let before = count();
        author.get(&format!("/v1/case-notes/{made}")).await.expect(200);
        assert!(count() > before, "the read is in the journal before the answer leaves");
    }

    async fn a_recommendation_says_to_whom_and_what_became_of_it(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let (owner, colleague) = (app.user(service, Role::Professional).await, app.user(service, Role::Professional).await);
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let path = format!("/v1/cases/{case}/recommendations");
        let new = json!({
            "kind": "childcare_adaptation", "text": "Canari : un coin calme.", "addressed_to": "parent",
            "adaptation": "adapted_schedule", "made_on": "2026-02-20"
        });
        let made = owner.post(&path, new.clone()).await.expect(201);
        assert_eq!((&made["applied"], &made["checked_on"]), (&Value::Null, &Value::Null));
        for label in ["kind_label", "addressed_to_label", "adaptation_label"] {
            assert!(made[label].is_string(), "{label}");
        }
        let one = format!("/v1/recommendations/{}", made.id());
        assert_eq!(ids(&author, &format!("{path}?checked=false")).await, [made.id()]);
        // Half an answer, a day before it was made, a day to come: every fault.
        colleague.patch(&one, json!({"applied": true})).await.breaks("/checked_on", "half_answered");
        colleague.patch(&one, json!({"checked_on": "2026-02-21"})).await.breaks("/applied", "half_answered");
        colleague.patch(&one, json!({"applied": true, "checked_on": "2026-02-19"})).await.breaks("/checked_on", "before_recommendation");
        colleague.patch(&one, json!({"applied": true, "checked_on": "2026-03-03"})).await.breaks("/checked_on", "in_the_future");
        // Anybody says what became of it; the rest is its author's, or a coordinator's.
        let checked = colleague.patch(&one, json!({"applied": false, "checked_on": "2026-03-02"})).await.expect(200);
        assert_eq!((&checked["applied"], &checked["version"]), (&json!(false), &json!(2)));
        // It is checked again months later, by whoever comes by.
        colleague.patch(&one, json!({"applied": true})).await.expect(200);
        colleague.patch(&one, json!({"applied": false})).await.expect(200);
        colleague.patch(&one, json!({"text": "x"})).await.expect(403);
        author.patch(&one, json!({"applied": true})).await.expect(200);
        owner.patch(&one, json!({"adaptation": null, "text": "Canari : deux coins calmes."})).await.expect(200);
        assert_eq!(ids(&author, &format!("{path}?applied=true")).await, [made.id()]);
        assert!(ids(&author, &format!("{path}?applied=false")).await.is_empty());
        assert!(ids(&author, &format!("{path}?checked=false")).await.is_empty());
        assert_eq!(owner.get(&format!("{one}/history")).await.expect(200).rows().len(), 5);
        colleague.get(&format!("{one}/history")).await.expect(403);
        // The kind says what else there may be; the day is that of the case.
        owner.patch(&one, json!({"kind": "equipment", "adaptation": "adapted_space"})).await.breaks("/adaptation", "not_an_adaptation");
        assert_eq!(ids(&author, &format!("{path}?kind=childcare_adaptation")).await, [made.id()]);
        assert!(ids(&author, &format!("{path}?kind=equipment")).await.is_empty());
        let early = json!({"kind": "other", "text": "x", "addressed_to": "parent", "made_on": "2026-02-08"});
        author.post(&path, early).await.breaks("/made_on", "before_request");
        let late = json!({"kind": "other", "text": "x", "addressed_to": "parent", "made_on": "2026-03-03"});
        author.post(&path, late).await.breaks("/made_on", "in_the_future");
        let wrong = json!({"kind": "other", "text": "x", "addressed_to": "nobody"});
        assert_eq!(author.post(&path, wrong).await.expect(400).faults()[0].0, "/addressed_to");
        author.call("DELETE", &format!("{one}?reason=entered_by_mistake"), None).await.expect(204);
        assert_eq!(author.get(&format!("{one}/history")).await.expect(200).rows().len(), 6);
        // A case closes on the day of its last recommendation or later, and takes none of a later day.
        author.post(&path, json!({"kind": "other", "text": "x", "addressed_to": "parent", "made_on": "2026-02-25"})).await.expect(201);
        let close = format!("/v1/cases/{case}/close");
        author.post(&close, json!({"outcome": "need_met", "closed_on": "2026-02-24"})).await.breaks("/closed_on", "before_last_record");
        author.post(&close, json!({"outcome": "need_met", "closed_on": "2026-02-26"})).await.expect(200);
        let after = json!({"kind": "other", "text": "x", "addressed_to": "parent", "made_on": "2026-02-27"});
        author.post(&path, after).await.breaks("/made_on", "after_closing");
        app.assert_never_stored(&["Canari"]);
    }

    async fn once_the_family_is_erased_nothing_can_be_read_or_written(app: TestApp) {
        let (service, author) = coordinator(&app).await;
        let case = case_of(&author, service, "Exemple", "2026-02-09").await;
        let (notes, advice) = (format!("/v1/cases/{case}/notes"), format!("/v1/cases/{case}/recommendations"));
        let new = json!({"kind": "other", "text": "Canari", "addressed_to": "parent"});
        let note = author.post(&notes, restricted("Canari", &[])).await.expect(201).id();
        let said = author.post(&advice, new.clone()).await.expect(201).id();
        author.patch(&format!("/v1/case-notes/{note}"), json!({"text": "Canari bleu"})).await.expect(200);
        let household = author.get(&format!("/v1/cases/{case}")).await["household_id"].as_str().unwrap().to_owned();
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{household}'")).unwrap();
        for path in [format!("/v1/case-notes/{note}"), format!("/v1/recommendations/{said}")] {
            assert!(author.get(&path).await.expect(200)["text"].is_null(), "{path}");
            author.patch(&path, json!({"text": "Canari"})).await.expect(409);
        }
        let history = author.get(&format!("/v1/case-notes/{note}/history")).await.expect(200);
        assert!(history.rows()[0]["changes"].is_null());
        author.post(&notes, restricted("Canari", &[])).await.expect(409);
        author.post(&advice, new).await.expect(409);
    }
}
