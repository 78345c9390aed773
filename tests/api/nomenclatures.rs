//! Code lists: open data, and what the contract's `x-nomenclature` refers to.

on_both_databases! {
    async fn anyone_lists_the_code_lists(app: TestApp) {
        let lists = app.anonymous().get("/v1/nomenclatures").await.expect(200);
        assert_eq!(lists.rows().len(), 46);
        assert_eq!(lists.rows()[0]["name"], "referral_origin_group");
        assert!(lists["page"]["next_cursor"].is_null());
        assert_eq!(lists.header("cache-control"), "public, max-age=86400");
    }

    async fn the_pages_of_lists_return_every_list(app: TestApp) {
        let (mut query, mut names) = ("limit=10".to_owned(), Vec::new());
        loop {
            let page = app.anonymous().get(&format!("/v1/nomenclatures?{query}")).await.expect(200);
            names.extend(page.rows().iter().map(|row| row["name"].as_str().unwrap().to_owned()));
            let Some(cursor) = page["page"]["next_cursor"].as_str() else { break };
            query = format!("limit=10&cursor={cursor}");
        }
        assert_eq!(names, passerelle::nomenclatures::lists::ALL);
    }

    async fn a_list_has_its_codes_in_order(app: TestApp) {
        let steps = app.anonymous().get("/v1/nomenclatures/case_step").await.expect(200);
        assert_eq!(steps["codes"][2]["code"], "childcare_search");
        assert_eq!(steps["codes"][2]["label_en"], "Childcare search");
        app.anonymous().get("/v1/nomenclatures/case_steps").await.expect(404).problem("not_found");
        app.anonymous().get("/v1/nomenclatures/case_step?lang=fr").await.expect(400).problem("invalid_parameters");
    }

    async fn every_list_named_in_the_contract_exists(app: TestApp) {
        let contract = app.anonymous().get("/openapi.json").await.expect(200);
        let mut named = Vec::new();
        let mut stack = vec![&contract.json];
        while let Some(value) = stack.pop() {
            match value {
                serde_json::Value::Object(fields) => {
                    named.extend(fields.get("x-nomenclature").and_then(|list| list.as_str()));
                    stack.extend(fields.values());
                }
                serde_json::Value::Array(items) => stack.extend(items),
                _ => {}
            }
        }
        assert!(named.contains(&"organisation_kind"));
        named.sort_unstable();
        named.dedup();
        for list in named {
            app.anonymous().get(&format!("/v1/nomenclatures/{list}")).await.expect(200);
        }
    }
}
