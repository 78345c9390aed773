//! Organisations: one directory per service, without duplicates.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};

const SIRET: &str = "73282932000074";
const FINESS: &str = "630780989";

fn nursery(service: Id, name: &str) -> Value {
    json!({"service_id": service.as_str(), "kind": "eaje", "name": name, "commune_code": "63032"})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

async fn coordinator(app: &TestApp) -> (Id, Caller) {
    let service = app.service().await;
    (service, app.user(service, Role::Coordinator).await)
}

async fn names(caller: &Caller, query: &str) -> Vec<String> {
    let list = caller.get(&format!("/v1/organisations?{query}")).await.expect(200);
    list.rows().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

on_both_databases! {
    async fn a_coordinator_adds_an_organisation_and_reads_it_back(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let new = json!({
            "service_id": service.as_str(), "kind": "eaje", "name": "Multi-accueil Les Lutins", "commune_code": "63032",
            "siret": SIRET, "finess": FINESS, "phone": "04 73 00 00 00", "email": "lutins@example.org"
        });
        let created = coordinator.post("/v1/organisations", new.clone()).await.expect(201);
        for (field, value) in new.as_object().unwrap() {
            assert_eq!(&created[field.as_str()], value, "{field}");
        }
        assert_eq!(created.header("location"), format!("/v1/organisations/{}", created.id()));
        assert_eq!(created.header("cache-control"), "no-store");
        let read = coordinator.get(created.header("location")).await.expect(200);
        assert_eq!(read.json, created.json);
        let few = coordinator.post("/v1/organisations", nursery(service, "Sans numéro")).await.expect(201);
        assert!(few["siret"].is_null() && few["email"].is_null());
    }

    async fn a_number_is_unique_in_a_directory(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let first = with(nursery(service, "Les Lutins"), "siret", SIRET.into());
        let first = coordinator.post("/v1/organisations", with(first, "finess", FINESS.into())).await.expect(201).id();
        for (field, value) in [("siret", SIRET), ("finess", FINESS)] {
            let twin = with(nursery(service, "Les Farfadets"), field, value.into());
            let refused = coordinator.post("/v1/organisations", twin).await.expect(409).problem("conflict");
            assert_eq!(refused["existing_id"], first.as_str());
            assert_eq!(refused.faults(), [(format!("/{field}"), "already_used".to_owned())]);
        }
        assert_eq!(app.database.count("organisations"), 1);
        for name in ["Sans numéro", "Sans numéro"] {
            coordinator.post("/v1/organisations", nursery(service, name)).await.expect(201);
        }
        let (elsewhere, other) = self::coordinator(&app).await;
        let same = with(nursery(elsewhere, "Les Lutins"), "siret", SIRET.into());
        other.post("/v1/organisations", same).await.expect(201);
    }

    async fn one_of_two_concurrent_duplicates_is_stored(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let second = app.second_instance().await;
        let twin = |name: &str| with(nursery(service, name), "siret", SIRET.into());
        let callers: Vec<Caller> =
            (0..8).map(|rank| if rank % 2 == 0 { coordinator.clone() } else { coordinator.clone().at(&second) }).collect();
        let calls = callers.iter().map(|caller| caller.post("/v1/organisations", twin("Jumeau")));
        let mut statuses: Vec<u16> =
            futures_util::future::join_all(calls).await.into_iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(app.database.count("organisations"), 1);
    }

    async fn every_fault_of_a_body_is_reported_at_once(app: TestApp) {
        let (_, coordinator) = coordinator(&app).await;
        let bad = json!({
            "service_id": "1", "kind": "nursery", "name": " ", "commune_code": "63999", "siret": "73282932000075",
            "finess": "2C0000012", "phone": "appeler le matin", "email": "lutins", "colour": "blue"
        });
        let refused = coordinator.post("/v1/organisations", bad).await.expect(400).problem("invalid_body");
        let mut faults = refused.faults();
        faults.sort();
        let faults: Vec<_> = faults.iter().map(|(at, code)| (at.as_str(), code.as_str())).collect();
        assert_eq!(
            faults,
            [
                ("/colour", "unknown_field"),
                ("/commune_code", "unknown_territory"),
                ("/email", "email"),
                ("/finess", "pattern"),
                ("/kind", "unknown_code"),
                ("/name", "blank"),
                ("/phone", "pattern"),
                ("/service_id", "uuid"),
                ("/siret", "siret"),
            ]
        );
        let refused = coordinator.post("/v1/organisations", json!({"commune_code": "63000-1", "siret": "732 829 320 00074"})).await.expect(400);
        assert!(refused.faults().contains(&("/commune_code".to_owned(), "pattern".to_owned())));
        assert!(!refused.faults().contains(&("/commune_code".to_owned(), "unknown_territory".to_owned())));
        assert_eq!(refused.faults().iter().filter(|(at, _)| at == "/siret").count(), 1, "one fault per malformed value");
        assert_eq!(app.database.count("organisations"), 0);
    }

    async fn the_directory_of_another_service_is_not_found(app: TestApp) {
        let (own, coordinator) = coordinator(&app).await;
        let (other, stranger) = self::coordinator(&app).await;
        let hidden = stranger.post("/v1/organisations", nursery(other, "Cachée")).await.expect(201).id();
        coordinator.get(&format!("/v1/organisations/{hidden}")).await.expect(404).problem("not_found");
        coordinator.get("/v1/organisations/not-an-id").await.expect(404).problem("not_found");
        assert!(names(&coordinator, "").await.is_empty());
        assert!(names(&coordinator, &format!("service_id={other}")).await.is_empty());
        let missing: Id = "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60".parse().unwrap();
        for service in [other, missing] {
            let refused = coordinator.post("/v1/organisations", nursery(service, "Chez l'autre")).await;
            refused.breaks("/service_id", "unknown_service");
        }
        coordinator.post("/v1/organisations", nursery(own, "Chez soi")).await.expect(201);
        assert_eq!(names(&stranger, "").await, ["Cachée"]);
    }

    async fn a_missing_permission_is_named(app: TestApp) {
        let service = app.service().await;
        let reader = app.client(service, &[Permission::OrganisationsRead]).await;
        let refused = reader.post("/v1/organisations", nursery(service, "Non")).await.expect(403).problem("forbidden");
        assert_eq!(refused["required_permission"], "organisations:write");
        app.administrator().await.get("/v1/organisations").await.expect(403).problem("forbidden");
        app.anonymous().get("/v1/organisations").await.expect(401).problem("unauthenticated");
        reader.get("/v1/organisations").await.expect(200);
    }

    async fn a_directory_is_searched_by_name_place_and_number(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        for (name, kind, commune, number) in [
            ("Étoile filante", "eaje", "63032", Some(("siret", SIRET))),
            ("ETOILE du matin", "childminder", "63113", None),
            ("CAMSP 100% écoute", "camsp", "63300", Some(("finess", FINESS))),
            ("Multi_accueil Zébulon", "eaje", "03185", None),
        ] {
            let new = json!({"service_id": service.as_str(), "kind": kind, "name": name, "commune_code": commune});
            let new = match number {
                Some((field, value)) => with(new, field, value.into()),
                None => new,
            };
            coordinator.post("/v1/organisations", new).await.expect(201);
        }
        let find = async |query: &str| names(&coordinator, query).await;
        let all = ["CAMSP 100% écoute", "ETOILE du matin", "Étoile filante", "Multi_accueil Zébulon"];
        assert_eq!(find("").await, all);
        assert_eq!(find("kind=eaje,camsp").await, [all[0], all[2], all[3]]);
        assert_eq!(find("commune=63032").await, [all[2]]);
        assert_eq!(find("epci=246300701").await, [all[1], all[2]]);
        assert_eq!(find("departement=63").await, all[..3]);
        assert_eq!(find("departement=63&kind=eaje").await, [all[2]]);
        assert_eq!(find("name=etoile").await, [all[1], all[2]]);
        assert_eq!(find("name=FILANTE%20%C3%A9toi").await, [all[2]]);
        assert_eq!(find(&format!("siret={SIRET}")).await, [all[2]]);
        assert_eq!(find(&format!("finess={FINESS}")).await, [all[0]]);
        assert_eq!(find(&format!("service_id={service}")).await, all);
        for wildcard in ["%25", "_", "%5C", "%27"] {
            assert!(find(&format!("name={wildcard}")).await.is_empty(), "{wildcard}");
        }
        assert_eq!(find("name=accueil_multi").await, [all[3]], "an underscore separates words");
        let refused = coordinator.get("/v1/organisations?commune=63000&epci=1&siret=1&kind=x").await.expect(400);
        assert_eq!(refused.faults().len(), 4, "{:?}", refused.faults());
    }

    async fn pages_are_ordered_by_name(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        for name in ["b", "a", "C", "a", "É", "d"] {
            coordinator.post("/v1/organisations", nursery(service, name)).await.expect(201);
        }
        let (mut query, mut found) = ("limit=2".to_owned(), Vec::new());
        loop {
            let page = coordinator.get(&format!("/v1/organisations?{query}")).await.expect(200);
            found.extend(page.rows().iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            query = format!("limit=2&cursor={cursor}");
        }
        assert_eq!(found, ["a", "a", "b", "C", "d", "É"]);
    }

    async fn another_slice_can_only_reference_an_organisation_of_the_same_service(app: TestApp) {
        let (service, coordinator) = coordinator(&app).await;
        let other = app.service().await;
        let id: Id =
            coordinator.post("/v1/organisations", nursery(service, "Les Lutins")).await.expect(201).id().parse().unwrap();
        let found = app.local(move |work| passerelle::organisations::ops::require(work, service, id, "/at")).await;
        assert_eq!(found.name, "Les Lutins");
        let refused = app
            .local(move |work| Ok(passerelle::organisations::ops::require(work, other, id, "/at").err().unwrap()))
            .await;
        assert_eq!((refused.faults[0].pointer.as_str(), &*refused.faults[0].code), ("/at", "unknown_organisation"));
    }
}
