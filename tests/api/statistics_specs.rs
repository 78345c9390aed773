//! The statistics settings of a service, its specifications, and figures made public elsewhere.

use passerelle::auth::Role;
use passerelle::db::Id;
use passerelle::statistics::facts;
use serde_json::{Value, json};

use crate::cases::with;
use crate::harness::{Caller, Response, TestApp};

trait Faulty {
    /// The response has this fault alone, before any rule.
    fn faulty(self, pointer: &str, code: &str);
}

impl Faulty for Response {
    #[track_caller]
    fn faulty(self, pointer: &str, code: &str) {
        assert_eq!(self.expect(400).faults(), [(pointer.to_owned(), code.to_owned())]);
    }
}

async fn manager(app: &TestApp) -> (Id, Caller, String) {
    let service = app.service().await;
    (service, app.user(service, Role::Manager).await, format!("/v1/services/{service}"))
}

fn table(code: &str, dimensions: &[&str]) -> Value {
    json!({
        "code": code, "label_fr": code, "label_en": code, "population": "children", "dimensions": dimensions,
        "frequency": "quarterly"
    })
}

fn spec(tables: &Value) -> Value {
    json!({
        "code": "mine", "label_fr": "La nôtre", "label_en": "Ours", "territory_levels": ["group", "departement"],
        "groups": [{"code": "centre", "label_fr": "Centre", "label_en": "Centre", "members": ["246300701", "200070753"]}],
        "tables": tables
    })
}

fn fact(coordinates: &Value) -> Value {
    json!({
        "population": "children", "year": 2025, "period": "2025-S1", "coordinates": coordinates,
        "source": "Procès-verbal du conseil", "reference": "Page 12", "published_on": "2025-09-12"
    })
}

on_both_databases! {
    async fn a_service_has_default_settings_until_it_changes_them(app: TestApp) {
        let (service, manager, path) = manager(&app).await;
        let settings = format!("{path}/statistics-settings");
        let before = manager.get(&settings).await.expect(200);
        assert_eq!((&before["spec_code"], &before["spec_is_chosen"]), (&json!("small"), &json!(false)));
        assert_eq!((&before["open_threshold"], &before["partner_threshold"]), (&json!(11), &json!(5)));
        assert_eq!((&before["author"], &before["updated_at"]), (&Value::Null, &Value::Null));
        // The thresholds have minimums.
        for (field, value) in [("open_threshold", 10), ("partner_threshold", 4)] {
            let low = json!({field: value, "reason": "Plus fin"});
            manager.patch(&settings, low).await.expect(400).faulty(&format!("/{field}"), "too_small");
        }
        manager.patch(&settings, json!({"open_threshold": 12})).await.expect(400).faulty("/reason", "required");
        let high = json!({"partner_threshold": 12, "reason": "Prudence"});
        manager.patch(&settings, high).await.expect(422).breaks("/partner_threshold", "above_open");
        let unknown = json!({"spec_code": "mine", "reason": "La nôtre"});
        manager.patch(&settings, unknown.clone()).await.expect(422).breaks("/spec_code", "unknown_spec");
        manager.post(&format!("{path}/statistics-specs"), spec(&json!([table("children", &[])]))).await.expect(201);
        let chosen = manager.patch(&settings, unknown).await.expect(200);
        assert_eq!((&chosen["spec_code"], &chosen["spec_version"]), (&json!("mine"), &json!(1)));
        assert_eq!((&chosen["reason"], &chosen["version"]), (&json!("La nôtre"), &json!(2)));
        assert_eq!(chosen["author"], manager.id.unwrap().to_string());
        // The latest version applies from the next release on.
        manager.post(&format!("{path}/statistics-specs"), spec(&json!([table("age", &["age_band"])]))).await.expect(201);
        assert_eq!(manager.get(&settings).await["spec_version"], 2);
        let back = json!({"spec_code": null, "partner_threshold": 6, "reason": "Par la taille"});
        let back = manager.patch(&settings, back).await.expect(200);
        assert_eq!((&back["spec_code"], &back["partner_threshold"]), (&json!("small"), &json!(6)));
        let policy = app.local(move |work| passerelle::statistics::settings::ops::policy(work, service)).await;
        assert_eq!((policy.spec.code.as_str(), policy.open_threshold, policy.partner_threshold), ("small", 11, 6));
        assert_eq!(back["spec_sha256"], policy.spec_sha256);
    }

    async fn a_partner_reads_specifications_but_no_settings(app: TestApp) {
        let (service, _, path) = manager(&app).await;
        let partner = app.partner(service).await;
        // The default specification depends on the current number of children, so partners must not read it.
        partner.get(&format!("{path}/statistics-settings")).await.expect(403);
        let specs = partner.get(&format!("{path}/statistics-specs")).await.expect(200);
        assert_eq!(specs.rows().iter().map(|row| row["code"].clone()).collect::<Vec<_>>(), ["small", "small", "small", "large"]);
        partner.get(&format!("{path}/statistics-facts")).await.expect(403);
        partner.patch(&format!("{path}/statistics-settings"), json!({"reason": "x"})).await.expect(403);
        let coordinator = app.user(service, Role::Coordinator).await;
        coordinator.get(&format!("{path}/statistics-settings")).await.expect(200);
        coordinator.post(&format!("{path}/statistics-specs"), spec(&json!([table("children", &[])]))).await.expect(403);
    }

    async fn a_version_of_a_specification_never_changes(app: TestApp) {
        let (_, manager, path) = manager(&app).await;
        let specs = format!("{path}/statistics-specs");
        let tables = json!([table("children", &[]), table("crossed", &["territory", "age_band"])]);
        let first = manager.post(&specs, spec(&tables)).await.expect(201);
        assert_eq!(first.header("location"), format!("{specs}/mine?version=1"));
        assert_eq!(first["territory_levels"], json!(["departement", "group"]), "the widest first");
        // Accepted, with advice.
        assert_eq!(first["advice"][0]["code"], "mostly_hidden");
        assert_eq!(first["advice"][0]["pointer"], "/tables/1");
        let second = manager.post(&specs, spec(&json!([table("children", &[])]))).await.expect(201);
        assert_eq!((&second["version"], &second["advice"]), (&json!(2), &json!([])));
        assert_ne!(first["sha256"], second["sha256"]);
        let old = manager.get(&format!("{specs}/mine?version=1")).await.expect(200);
        assert_eq!((&old["sha256"], &old["tables"]), (&first["sha256"], &first["tables"]));
        assert_eq!(old.json.get("advice"), None);
        assert_eq!(manager.get(&format!("{specs}/mine")).await.expect(200)["version"], 2);
        manager.get(&format!("{specs}/mine?version=3")).await.expect(404);
        manager.get(&format!("{specs}/theirs")).await.expect(404);
        let listed = manager.get(&format!("{specs}?include_total=true")).await.expect(200);
        let rows: Vec<_> = listed.rows().iter().map(|row| (row["code"].clone(), row["version"].clone())).collect();
        let expected = [("small", 3), ("small", 2), ("small", 1), ("large", 1), ("mine", 2), ("mine", 1)];
        assert_eq!(rows, expected.map(|(code, version)| (json!(code), json!(version))));
        let altered = app.context().db.write(passerelle::db::SystemScope::Operator, |conn| {
            use diesel::prelude::*;
            use passerelle::db::schema::statistics_specs as specs;
            diesel::update(specs::table).set(specs::body.eq("{}")).execute(conn)?;
            Ok(())
        });
        assert!(altered.await.is_err(), "the database refuses to alter a version");
    }

    async fn an_invalid_specification_is_refused_with_a_reason(app: TestApp) {
        let (_, manager, path) = manager(&app).await;
        let specs = format!("{path}/statistics-specs");
        let communes = with(spec(&json!([table("by", &["territory"])])), "territory_levels", json!(["group", "commune"]));
        let refused = manager.post(&specs, communes).await.expect(422);
        let refused = refused.breaks("/territory_levels", "too_few_children");
        assert!(refused.text().contains("moins de 300 enfants par an"), "{}", refused.text());
        let reserved = with(spec(&json!([table("children", &[])])), "code", json!("small"));
        manager.post(&specs, reserved).await.expect(422).breaks("/code", "reserved");
        let triangle = json!([
            table("a", &["territory", "age_band"]), table("b", &["territory", "need_domain"]),
            table("c", &["age_band", "need_domain"])
        ]);
        manager.post(&specs, spec(&triangle)).await.expect(422).breaks("/tables", "no_shared_dimension");
        let unknown = spec(&json!([table("a", &["name"])]));
        manager.post(&specs, unknown).await.expect(422).breaks("/tables/0/dimensions/0", "unknown_dimension");
        let three = spec(&json!([table("a", &["territory", "age_band", "need_domain"])]));
        manager.post(&specs, three).await.expect(400).faulty("/tables/0/dimensions", "too_many");
        let early = spec(&json!([table("a", &["intervention_advice"])]));
        manager.post(&specs, early).await.expect(422).breaks("/tables/0/dimensions/0", "known_at_the_end");
    }

    async fn a_fact_can_be_deleted_until_a_release_takes_it_into_account(app: TestApp) {
        let (service, manager, path) = manager(&app).await;
        let facts = format!("{path}/statistics-facts");
        let at = json!([{"dimension": "territory", "value": "commune:63284"}]);
        let one = manager.post(&facts, fact(&at)).await.expect(201);
        let other = manager.post(&facts, fact(&json!([]))).await.expect(201).id();
        assert_eq!(manager.get(one.header("location")).await.expect(200)["coordinates"], at);
        let nowhere = json!([{"dimension": "territory", "value": "commune:63999"}]);
        manager.post(&facts, fact(&nowhere)).await.expect(422).breaks("/coordinates/0/value", "unknown_value");
        let another = with(fact(&json!([])), "period", json!("2024"));
        manager.post(&facts, another).await.expect(422).breaks("/period", "of_another_year");
        let half = with(fact(&json!([])), "period", json!("2025-S2"));
        manager.post(&facts, half).await.expect(400).faulty("/period", "pattern");
        let to_come = with(fact(&json!([])), "published_on", json!("2026-03-03"));
        manager.post(&facts, to_come).await.expect(422).breaks("/published_on", "in_the_future");
        let used: Id = one.id().parse().unwrap();
        let of_year = app
            .local(move |work| {
                facts::ops::mark_used(work, service, &[used])?;
                facts::ops::of_year(work, service, 2025)
            })
            .await;
        // The other one is not confirmed.
        assert_eq!(of_year.iter().map(|fact| (fact.id, fact.used_at.is_some())).collect::<Vec<_>>(), [(used, true)]);
        let path = |id: &str| format!("/v1/statistics-facts/{id}?reason=entered_by_mistake");
        manager.delete(&path(&one.id())).await.expect(409);
        manager.delete(&path(&other)).await.expect(204);
        assert_eq!(manager.get(&facts).await.expect(200).rows().len(), 1);
    }
}
