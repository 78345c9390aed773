//! Resource people: their directory, and the work for which they were called upon.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::cases::{case_of, coordinator, ids, interview, nursery, with};

fn person(service: Id, name: &str, profession: &str) -> Value {
    json!({"service_id": service, "name": name, "profession": profession})
}

on_both_databases! {
    async fn a_directory_of_outside_professionals(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let organisation = nursery(&caller, service, "Cabinet des Lilas").await;
        let new = with(person(service, "Éléonore Exemple", "speech_therapist"), "organisation_id", organisation.as_str().into());
        let made = caller.post("/v1/resource-people", new.clone()).await.expect(201);
        assert_eq!((&made["profession_label"], &made["organisation_name"]), (&json!("Orthophoniste"), &json!("Cabinet des Lilas")));
        let other = caller.post("/v1/resource-people", person(service, "Sacha Exemple", "psychologist")).await.expect(201);
        let (made_id, other_id) = (made.id(), other.id());
        assert_eq!(ids(&caller, "/v1/resource-people").await, [made_id.clone(), other_id.clone()], "by name, without accents");
        assert_eq!(ids(&caller, "/v1/resource-people?name=eleonore").await, [made_id.as_str()]);
        assert_eq!(ids(&caller, "/v1/resource-people?profession=psychologist,other").await, [other_id.as_str()]);
        assert_eq!(ids(&caller, &format!("/v1/resource-people?organisation_id={organisation}")).await, [made_id.as_str()]);
        let path = format!("/v1/resource-people/{made_id}");
        let own = caller.patch(&path, json!({"organisation_id": null, "phone": "04 73 00 00 00"})).await.expect(200);
        assert_eq!((&own["organisation_name"], &own["phone"], &own["version"]), (&Value::Null, &json!("04 73 00 00 00"), &json!(2)));
        // Another service has another directory.
        let (elsewhere, stranger) = coordinator(&app).await;
        stranger.get(&path).await.expect(404);
        assert!(ids(&stranger, "/v1/resource-people").await.is_empty());
        let foreign = with(person(elsewhere, "x", "other"), "organisation_id", organisation.as_str().into());
        stranger.post("/v1/resource-people", foreign).await.breaks("/organisation_id", "unknown_organisation");
        caller.post("/v1/resource-people", person(elsewhere, "x", "other")).await.breaks("/service_id", "unknown_service");
        let wrong = person(service, " ", "wizard");
        let mut faults = caller.post("/v1/resource-people", wrong).await.expect(400).faults();
        faults.sort();
        assert_eq!(faults.iter().map(|(at, _)| at.as_str()).collect::<Vec<_>>(), ["/name", "/profession"]);
        caller.delete(&format!("{path}?reason=entered_by_mistake")).await.expect(204);
        caller.get(&path).await.expect(404);
        let feed = caller.get("/v1/changes?limit=500").await.expect(200);
        let of: Vec<&Value> = feed.rows().iter().filter(|event| event["object_id"] == made_id.as_str()).map(|event| &event["kind"]).collect();
        assert_eq!(of, ["created", "updated", "deleted"]);
        assert!(!feed.text().contains("Exemple"), "events name nobody");
    }

    async fn work_names_those_who_were_called_upon(app: TestApp) {
        let (service, caller) = coordinator(&app).await;
        let mut people = Vec::new();
        for name in ["Sacha Exemple", "Lou Exemple"] {
            people.push(caller.post("/v1/resource-people", person(service, name, "occupational_therapist")).await.expect(201).id());
        }
        let (case, other) = (case_of(&caller, service, "Exemple", "2026-02-09").await, case_of(&caller, service, "Autre", "2026-02-09").await);
        let path = format!("/v1/cases/{case}/interventions");
        let new = with(interview("2026-02-20"), "resource_person_ids", json!([people[1], people[0]]));
        let made = caller.post(&path, new.clone()).await.expect(201);
        assert_eq!(made["resource_person_ids"], json!([people[1], people[0]]), "in the order given");
        assert_eq!(made["resource_person_names"], json!(["Lou Exemple", "Sacha Exemple"]));
        let none = caller.post(&path, interview("2026-02-21")).await.expect(201);
        assert_eq!((&none["resource_person_ids"], &none["resource_person_names"]), (&json!([]), &json!([])));
        // Of an act about two cases, both shares say it, and it counts once.
        let both = with(with(interview("2026-02-22"), "case_ids", json!([case, other])), "resource_person_ids", json!([people[0]]));
        caller.post("/v1/interventions", with(both, "service_id", service.as_str().into())).await.expect(201);
        let found = caller.get(&format!("/v1/interventions?resource_person_id={}", people[0])).await.expect(200);
        assert_eq!((found.rows().len(), &found["totals"]["acts"]), (3, &json!(2)));
        assert!(found.rows().iter().all(|row| row["resource_person_names"].as_array().unwrap().contains(&json!("Sacha Exemple"))));
        let found = caller.get(&format!("/v1/interventions?resource_person_id={}", people[1])).await.expect(200);
        assert_eq!((found.rows().len(), &found["totals"]["acts"]), (1, &json!(1)));
        // A caller without the directory sees identifiers.
        let script = app.client(service, &[Permission::CasesRead]).await;
        let seen = script.get(&format!("/v1/interventions/{}", made.id())).await.expect(200);
        assert_eq!((&seen["resource_person_ids"], &seen["resource_person_names"]), (&made["resource_person_ids"], &json!([])));
        // Corrected with its history; a new name shows everywhere.
        let one = format!("/v1/interventions/{}", made.id());
        let corrected = caller.patch(&one, json!({"resource_person_ids": [people[0]]})).await.expect(200);
        assert_eq!((&corrected["resource_person_names"], &corrected["version"]), (&json!(["Sacha Exemple"]), &json!(2)));
        caller.patch(&format!("/v1/resource-people/{}", people[0]), json!({"name": "Sacha Modèle"})).await.expect(200);
        assert_eq!(caller.get(&one).await.expect(200)["resource_person_names"], json!(["Sacha Modèle"]));
        caller.patch(&one, json!({"resource_person_ids": []})).await.expect(200);
        let history = caller.get(&format!("{one}/history")).await.expect(200);
        let changed: Vec<&Value> = history.rows().iter().map(|row| &row["changes"][0]["field"]).collect();
        assert_eq!(changed, ["resource_person_ids", "resource_person_ids"]);
        assert_eq!(history.rows()[0]["changes"].as_array().unwrap().len(), 1, "names are not values");
        // Refused: somebody of another directory, somebody named twice, more than ten.
        let (elsewhere, stranger) = coordinator(&app).await;
        let foreign = stranger.post("/v1/resource-people", person(elsewhere, "x", "other")).await.expect(201).id();
        let wrong = with(interview("2026-02-20"), "resource_person_ids", json!([people[0], foreign]));
        caller.post(&path, wrong).await.breaks("/resource_person_ids/1", "unknown_resource_person");
        caller.patch(&one, json!({"resource_person_ids": [foreign]})).await.breaks("/resource_person_ids/0", "unknown_resource_person");
        let twice = json!([people[0], people[0]]);
        caller.post(&path, with(interview("2026-02-20"), "resource_person_ids", twice.clone())).await.breaks("/resource_person_ids", "not_unique");
        caller.patch(&one, json!({"resource_person_ids": twice})).await.breaks("/resource_person_ids", "not_unique");
        caller.post(&path, with(interview("2026-02-20"), "resource_person_ids", json!(vec![people[0].clone(); 11]))).await.expect(400);
        // Somebody who was called upon stays in the directory, until no work names them.
        let removal = format!("/v1/resource-people/{}?reason=entered_by_mistake", people[0]);
        caller.delete(&removal).await.expect(409);
        for row in caller.get(&format!("/v1/interventions?resource_person_id={}", people[0])).await.expect(200).rows() {
            caller.delete(&format!("/v1/interventions/{}?reason=entered_by_mistake", row["id"].as_str().unwrap())).await;
        }
        caller.delete(&removal).await.expect(204);
    }

    async fn the_directory_has_the_rights_of_organisations(app: TestApp) {
        let service = app.service().await;
        let new = person(service, "Sacha Exemple", "psychologist");
        let reader = app.client(service, &[Permission::OrganisationsRead]).await;
        reader.post("/v1/resource-people", new.clone()).await.expect(403).problem("forbidden");
        let made = app.user(service, Role::Professional).await.post("/v1/resource-people", new).await.expect(201).id();
        reader.get(&format!("/v1/resource-people/{made}")).await.expect(200);
        app.client(service, &[Permission::CasesRead]).await.get("/v1/resource-people").await.expect(403);
    }
}
