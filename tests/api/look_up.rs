//! Look-ups by telephone in every form, communes that address services give, and dates of birth out of reason.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, Response};

/// A family with one contact, who has this number.
async fn family(caller: &Caller, service: Id, phone: &str) -> String {
    let new = json!({
        "service_id": service, "commune_code": "63300",
        "children": [{"given_name": "Zoé", "family_name": "Exemple", "birth_date": "2023-04-05"}],
        "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": phone}]
    });
    caller.post("/v1/households", new).await.expect(201)["children"][0]["id"].as_str().unwrap().to_owned()
}

/// The children found by a number.
async fn found(caller: &Caller, service: Id, phone: &str) -> Vec<String> {
    let response =
        caller.post("/v1/children/look-up", json!({"service_id": service, "phone": phone})).await.expect(200);
    response.rows().iter().map(|row| row["child"]["id"].as_str().unwrap().to_owned()).collect()
}

/// A child of a family of its own.
async fn child_of(caller: &Caller, service: Id, given: &str, family: &str, born: &str) -> String {
    let new = json!({
        "service_id": service, "commune_code": "63300", "contacts": [],
        "children": [{"given_name": given, "family_name": family, "birth_date": born}]
    });
    caller.post("/v1/households", new).await.expect(201)["children"][0]["id"].as_str().unwrap().to_owned()
}

async fn by_name(caller: &Caller, service: Id, given: &str, family: &str) -> Response {
    let wanted = json!({"service_id": service, "given_name": given, "family_name": family});
    caller.post("/v1/children/look-up", wanted).await
}

fn household(service: Id, commune: &str) -> Value {
    json!({"service_id": service, "commune_code": commune, "children": [], "contacts": []})
}

on_both_databases! {
    async fn a_date_narrows_a_look_up_and_more_than_twenty_are_never_shown(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        for _ in 0..21 {
            family(&caller, service, "06 39 98 44 10").await;
        }
        let look_up = async |wanted: Value| {
            let mut wanted = wanted;
            wanted.as_object_mut().unwrap().insert("service_id".into(), json!(service));
            caller.post("/v1/children/look-up", wanted).await
        };
        look_up(json!({"phone": "0639984410"})).await.breaks("/birth_date", "too_many_found");
        let other_day = look_up(json!({"phone": "0639984410", "birth_date": "1990-01-01"})).await.expect(200);
        assert_eq!(other_day.rows().len(), 0, "nobody was born that day");
        look_up(json!({"phone": "0639984410", "birth_date": "2023-04-05"})).await.breaks("", "too_many_found");
        look_up(json!({"family_name": "Exemple", "birth_date": "2023-04-05"})).await.breaks("", "too_many_found");
    }

    async fn a_telephone_overseas_is_one_number_in_every_form(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        for forms in [
            &["0692 12 34 56", "+262 692 12 34 56", "00262692123456", "00262 (0)692 12 34 56", "+262\u{a0}692\u{202f}12\u{202f}34\u{202f}56"][..],
            &["0590 12 34 56", "+590 590 12 34 56", "00590 0590 123456"],
            &["0696 12 34 56", "+596 696 12 34 56"],
            &["0508 41 00 00", "+508 41 00 00", "00508410000"],
            &["+687 25 00 00", "00687 25 00 00"],
            &["06 12 34 56 78", "+33 6 12 34 56 78", "0033 (0)6 12 34 56 78", "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78"],
        ] {
            for recorded in forms {
                let other = app.service().await;
                let caller = app.user(other, Role::Coordinator).await;
                let child = family(&caller, other, recorded).await;
                for sought in forms {
                    assert_eq!(found(&caller, other, sought).await, std::slice::from_ref(&child), "{recorded} by {sought}");
                }
            }
        }
        family(&caller, service, "06 87 25 00 00").await;
        assert!(found(&caller, service, "+687 25 00 00").await.is_empty(), "a mobile of the mainland is not a number of Nouméa");
    }

    async fn a_contact_recorded_before_is_still_found(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        // The token of an earlier version: of the digits, without knowledge of the plan overseas. The number of the same
        // digits outside the plan has it today.
        let child = family(&caller, service, "+262 692 12 34 56").await;
        let former = app.local(move |work| {
            // +999 is no French number: its token is that of its digits, and so is the former token of 262 692….
            Ok(work.vault.tokens(service).searching_contact(Some("0692123456"), None).into_iter().map(|(_, token)| token).collect::<Vec<_>>())
        }).await;
        assert!(former.len() > 5, "the number and its former forms");
        let written = |rank: usize| passerelle::text::hex(&former[rank]);
        for rank in 0..former.len() {
            let bytes = match app.database.engine() {
                crate::harness::Engine::Sqlite => format!("x'{}'", written(rank)),
                crate::harness::Engine::Postgres => format!("decode('{}', 'hex')", written(rank)),
            };
            app.database.execute(&format!("UPDATE blind_tokens SET token = {bytes} WHERE kind = 'phone'")).unwrap();
            assert_eq!(found(&caller, service, "+262 692 12 34 56").await, std::slice::from_ref(&child), "{rank}");
            assert_eq!(found(&caller, service, "0692123456").await, std::slice::from_ref(&child), "{rank}");
        }
    }

    async fn codes_that_address_services_give_are_read_as_communes(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        // Arrondissements of Paris, Lyon and Marseille, an associated commune, a commune that merged.
        for (given, commune) in [("75101", "75056"), ("75120", "75056"), ("69381", "69123"), ("69389", "69123"), ("13201", "13055"), ("13216", "13055"), ("01120", "01262"), ("01340", "01015"), ("63300", "63300")] {
            let made = caller.post("/v1/households", household(service, given)).await.expect(201);
            assert_eq!(made["commune_code"], commune, "{given}");
        }
        assert_eq!(app.anonymous().get("/v1/territories/commune/75101").await.expect(200)["code"], "75056");
        app.anonymous().get("/v1/territories/commune/75121").await.expect(404);
        // In a parameter too, and in a territory of any kind.
        assert_eq!(caller.get("/v1/coverage?commune=69389").await.expect(200)["commune_code"], "69123");
        let convention = json!({
            "service_id": service, "collectivity": "commune:01340", "starts_on": "2026-01-01", "ends_on": "2026-12-31", "services": []
        });
        let refused = caller.post("/v1/conventions", convention).await;
        assert!(refused.faults().iter().all(|(_, code)| code != "unknown_territory"), "{}", refused.text());
        for unknown in ["75121", "69390", "13217", "63999"] {
            let refused = caller.post("/v1/households", household(service, unknown)).await.expect(400);
            assert_eq!(refused.faults(), [("/commune_code".to_owned(), "unknown_territory".to_owned())], "{unknown}");
        }
    }

    async fn dates_of_birth_out_of_reason_are_refused(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let born = |day: &str| json!({"given_name": "Zoé", "family_name": "Exemple", "birth_date": day});
        let expected = |day: &str| json!({"family_name": "Exemple", "expected_on": day});
        let with = |child: Value| json!({"service_id": service, "commune_code": "63300", "children": [child], "contacts": []});
        for (child, pointer, code) in [
            (born("0001-01-01"), "/children/0/birth_date", "out_of_range"),
            (born("1990-01-01"), "/children/0/birth_date", "out_of_range"),
            (born("2036-03-02"), "/children/0/birth_date", "birth_date_to_come"),
            (expected("2015-06-01"), "/children/0/expected_on", "out_of_range"),
            (expected("2036-03-02"), "/children/0/expected_on", "out_of_range"),
            (expected("0001-01-01"), "/children/0/expected_on", "out_of_range"),
        ] {
            caller.post("/v1/households", with(child)).await.breaks(pointer, code);
        }
        for child in [born("0000-01-01"), expected("0000-12-31")] {
            caller.post("/v1/households", with(child)).await.expect(400);
        }
        let home = caller.post("/v1/households", with(expected("2026-05-01"))).await.expect(201);
        let child = format!("/v1/children/{}", home["children"][0]["id"].as_str().unwrap());
        // Long after the expected day, the name can still be corrected, and the birth recorded.
        app.advance(chrono::Duration::days(200));
        caller.patch(&child, json!({"family_name": "Exemplaire"})).await.expect(200);
        caller.patch(&child, json!({"expected_on": "2015-05-01"})).await.breaks("/expected_on", "out_of_range");
        caller.patch(&child, json!({"given_name": "Zoé", "birth_date": "2026-05-03", "expected_on": null})).await.expect(200);
    }

    async fn the_order_of_compound_names_is_folded_with_a_date_too(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let child = child_of(&caller, service, "Anne-Sophie", "Petit-Durand", "2023-04-05").await;
        // A namesake, born on another day.
        let elder = child_of(&caller, service, "Anne-Sophie", "Petit-Durand", "2016-01-01").await;
        let found = async |given: &str, family: &str, born: &str| -> Vec<String> {
            let wanted = json!({"service_id": service, "given_name": given, "family_name": family, "birth_date": born});
            let found = caller.post("/v1/children/look-up", wanted).await.expect(200);
            found.rows().iter().map(|row| row["child"]["id"].as_str().unwrap().to_owned()).collect()
        };
        for (given, family) in [("Anne-Sophie", "Petit-Durand"), ("sophie anne", "DURAND PETIT"), ("Sophie-Anne", "Petit Durand")] {
            assert_eq!(found(given, family, "2023-04-05").await, std::slice::from_ref(&child), "{given} {family}");
            assert_eq!(found(given, family, "2016-01-01").await, std::slice::from_ref(&elder), "{given} {family}");
            assert!(found(given, family, "2020-06-06").await.is_empty(), "{given} {family}");
        }
    }

    async fn a_family_on_the_phone_is_found_by_both_names_without_a_date(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let child = child_of(&caller, service, "Zoé", "Lefèvre-Martin", "2023-04-05").await;
        for (given, family) in [
            ("Zoé", "Lefèvre-Martin"), ("ZOE", "lefevre martin"), ("zoë", "MARTIN LEFEVRE"), ("Zoé", "LefèvreMartin"),
        ] {
            let found = by_name(&caller, service, given, family).await.expect(200);
            assert_eq!(found.rows()[0]["child"]["id"], child, "{given} {family}");
            assert_eq!(found.rows()[0]["matched_on"], json!(["full_name"]));
        }
        for (given, family) in [("Zoé", "Lefèvre"), ("Zoéline", "Lefèvre-Martin"), ("Léa", "Lefèvre-Martin")] {
            assert!(by_name(&caller, service, given, family).await.expect(200).rows().is_empty(), "{given} {family}");
        }
        for alone in [json!({"family_name": "Lefèvre-Martin"}), json!({"given_name": "Zoé"})] {
            let mut wanted = alone;
            wanted["service_id"] = json!(service);
            caller.post("/v1/children/look-up", wanted).await.breaks("", "not_enough_to_look_up");
        }
        // A corrected name is found, and the former one no longer is.
        caller.patch(&format!("/v1/children/{child}"), json!({"family_name": "Durand"})).await.expect(200);
        assert_eq!(by_name(&caller, service, "Zoé", "Durand").await.rows().len(), 1);
        assert!(by_name(&caller, service, "Zoé", "Lefèvre-Martin").await.rows().is_empty());
        // Namesakes of another age are not proposed as duplicates of each other.
        let elder = child_of(&caller, service, "Zoé", "Durand", "2016-01-01").await;
        assert_eq!(by_name(&caller, service, "Zoé", "Durand").await.rows().len(), 2);
        let new = json!({
            "service_id": service, "subject": "child", "child_id": elder, "origin": "pmi", "channel": "phone",
            "needs": ["find_childcare"]
        });
        assert_eq!(caller.post("/v1/referrals", new).await.expect(201)["possible_duplicates"], json!([]));
    }

    async fn a_look_up_that_finds_more_than_twenty_asks_for_more_and_opens_nobody(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        for day in 1..=20 {
            child_of(&caller, service, "Zoé", "Martin", &format!("2023-04-{day:02}")).await;
        }
        assert_eq!(by_name(&caller, service, "Zoé", "Martin").await.expect(200).rows().len(), 20);
        child_of(&caller, service, "Zoé", "Martin", "2023-04-21").await;
        let reads = || {
            let of_caller = format!("SELECT id AS text FROM audit_events WHERE principal = 'user:{}'", caller.bare_id());
            app.database.texts(&of_caller).len()
        };
        let before = reads();
        by_name(&caller, service, "Zoé", "Martin").await.breaks("/birth_date", "too_many_found");
        assert_eq!(reads(), before, "nobody's data was read");
        let wanted = json!({"service_id": service, "given_name": "Zoé", "family_name": "Martin", "birth_date": "2023-04-21"});
        assert_eq!(caller.post("/v1/children/look-up", wanted).await.expect(200).rows()[0]["likelihood"], "same");
        // A look-up that finds nobody is in the journal.
        by_name(&caller, service, "Personne", "Inconnue").await.expect(200);
        assert!(reads() > before + 1);
    }

    async fn children_recorded_before_get_the_tokens_of_their_names_step_by_step(app: TestApp) {
        let service = app.service().await;
        let caller = app.user(service, Role::Coordinator).await;
        let many: Vec<Value> = (0..9).map(|at| json!({"given_name": format!("Enfant {at}"), "family_name": "Exemple", "birth_date": "2023-04-05"})).collect();
        let mut homes = Vec::new();
        for _ in 0..12 {
            let new = json!({"service_id": service, "commune_code": "63300", "children": many, "contacts": []});
            homes.push(caller.post("/v1/households", new).await.expect(201));
        }
        let stored = app.database.count("blind_tokens");
        // As an earlier version left them; one family was erased since.
        app.database.execute("DELETE FROM blind_tokens WHERE kind = 'full_name'").unwrap();
        app.database.execute("UPDATE children SET token_scheme = 0").unwrap();
        app.database.execute(&format!("DELETE FROM data_keys WHERE owner_id = '{}'", homes[0].id())).unwrap();
        assert!(by_name(&caller, service, "Enfant 3", "Exemple").await.rows().is_empty());
        let left = || app.database.texts("SELECT id AS text FROM children WHERE token_scheme = 0").len();
        let mut progress = vec![left()];
        let mut services = None;
        let context = app.context();
        let step = |services: &mut Option<Vec<Id>>| {
            // As the thread of the jobs does: it waits for the database.
            let add = || passerelle::households::naming::ops::add_next(context, services).unwrap();
            std::thread::scope(|scope| scope.spawn(add).join().unwrap())
        };
        step(&mut services);
        progress.push(left());
        // Another start goes on where the first stopped.
        let mut services = None;
        while step(&mut services) {
            progress.push(left());
        }
        assert_eq!((progress[0], left()), (108, 0));
        assert!(progress.is_sorted_by(|a, b| a >= b) && progress.len() >= 3, "{progress:?}");
        assert_eq!(app.database.count("blind_tokens"), stored - 18, "two tokens a child, none of an erased one");
        assert_eq!(by_name(&caller, service, "Enfant 3", "Exemple").await.expect(200).rows().len(), 11);
        assert!(!step(&mut services), "nothing is left");
        app.assert_never_stored(&["Enfant 3", "enfant 3", "enfant3"]);
    }
}
