//! The metrics: their names are documented, and they contain no identifiers.

use std::collections::BTreeSet;

use passerelle::auth::Role;
use serde_json::json;

/// The names of the metrics in docs/operations.md.
fn documented() -> BTreeSet<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `passerelle_")?.split('`').next());
    rows.map(|name| format!("passerelle_{name}")).collect()
}

on_both_databases! {
    async fn requests_are_counted_per_route_without_identifiers(app: TestApp) {
        let service = app.service().await;
        let coordinator = app.user(service, Role::Coordinator).await;
        let nursery = json!({"service_id": service, "kind": "eaje", "name": "Les Lutins", "commune_code": "63113"});
        let place = coordinator.post("/v1/organisations", nursery).await.expect(201).id();
        for _ in 0..3 {
            coordinator.get(&format!("/v1/organisations/{place}")).await.expect(200);
        }
        let nobody = uuid::Uuid::now_v7();
        coordinator.get(&format!("/v1/organisations/{nobody}")).await.expect(404);
        coordinator.get("/v1/organisations/Quintrec").await;
        coordinator.get("/v1/enfants/Quintrec").await.expect(404);
        coordinator.get("/v1/organisations?q=Quintrec").await;
        coordinator.call("QUINTREC", "/v1/organisations", None).await;
        let text = app.anonymous().get("/metrics").await.expect(200).text();

        for line in [
            "passerelle_http_requests_total{route=\"/v1/organisations\",method=\"POST\",status=\"201\"} 1",
            "passerelle_http_requests_total{route=\"/v1/organisations/{id}\",method=\"GET\",status=\"200\"} 3",
            "passerelle_http_requests_total{route=\"none\",method=\"GET\",status=\"404\"} 1",
            "passerelle_http_requests_limited_total{limit=\"address\"} 0",
            // The request for the metrics itself.
            "passerelle_http_requests_in_flight 1",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} is not in {text}");
        }
        let counted = "passerelle_http_request_duration_seconds_count{route=\"/v1/organisations/{id}\",method=\"GET\"} ";
        assert!(text.lines().any(|line| line.starts_with(counted)), "{text}");
        let caller = coordinator.bare_id().to_string();
        for hidden in [&*place, &nobody.to_string(), service.as_str(), &caller, "Quintrec", "QUINTREC"] {
            assert!(!text.contains(hidden), "{hidden} is in {text}");
        }
        let kinds = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
        assert_eq!(kinds.map(str::to_owned).collect::<BTreeSet<_>>(), documented());
    }
}
