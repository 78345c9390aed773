//! Every refusal is a problem document that states what is wrong and where, in the caller's language, and nothing is
//! stored. (The harness checks that the contract declares each response.)

use passerelle::auth::{Permission, Role};
use passerelle::error::Code;
use serde_json::{Value, json};

use crate::harness::contract::listed_codes;
use crate::harness::logs;

fn a_service() -> Value {
    json!({
        "name": "Pôle Ressources Petite Enfance", "time_zone": "Europe/Paris", "departements": ["63"],
        "age_lower_birthday": 0, "age_upper_birthday": 7, "childcare_groups": ["eaje"], "opened_on": "2021-01-04"
    })
}

/// Pairs of pointer and code, as the faults of a response.
fn faults(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

fn sorted(mut faults: Vec<(String, String)>) -> Vec<(String, String)> {
    faults.sort();
    faults
}

on_both_databases! {
    async fn an_unknown_path_gets_404(app: TestApp) {
        let caller = app.administrator().await;
        for path in ["/v2", "/v1", "/v1/", "/v1/services/", "/V1/services", "/v1/services/a/b/c", "/v1/%00", "/docs/none"] {
            caller.get(path).await.expect(404).problem("unknown_path");
        }
        caller.post("/v1/nothing", json!({})).await.expect(404).problem("unknown_path");
    }

    async fn a_method_that_is_not_allowed_gets_405_with_allow(app: TestApp) {
        let caller = app.administrator().await;
        let response = caller.delete("/v1/services").await.expect(405).problem("method_not_allowed");
        assert_eq!(response.header("allow"), "GET, HEAD, OPTIONS, POST");
        let response = caller.call("PUT", "/health/live", None).await.expect(405).problem("method_not_allowed");
        assert_eq!(response.header("allow"), "GET, HEAD, OPTIONS");
        // Without a token too: the contract is public.
        app.anonymous().delete("/v1/me").await.expect(405).problem("method_not_allowed");
    }

    async fn a_malformed_json_body_gets_the_position_of_the_error(app: TestApp) {
        let caller = app.administrator().await;
        for body in ["", "{", "{\"name\": }", "[1, 2", "{'name': 1}", "nul", "{\"a\": 1} {\"b\": 2}", "{\"a\":\"\u{1}\"}"] {
            let response = caller.post_bytes("/v1/services", "application/json", body).await.expect(400);
            let detail = response.problem("malformed_body").json["detail"].as_str().unwrap().to_owned();
            assert!(detail.starts_with("JSON mal formé à la ligne 1, colonne "), "{body}: {detail}");
        }
        let latin_1 = b"{\"name\": \"P\xf4le\"}".to_vec();
        caller.post_bytes("/v1/services", "application/json", latin_1).await.expect(400).problem("malformed_body");
        // Valid JSON, but not an object.
        for body in ["null", "[]", "\"text\"", "12"] {
            let response = caller.post_bytes("/v1/services", "application/json", body).await.expect(400);
            assert_eq!(response.problem("invalid_body").faults(), faults(&[("", "type")]), "{body}");
        }
    }

    async fn a_body_of_another_media_type_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        let body = a_service().to_string();
        for media_type in ["text/plain", "application/xml", "application/x-www-form-urlencoded", "json", ""] {
            let response = caller.post_bytes("/v1/services", media_type, body.clone()).await;
            let response = response.expect(415).problem("unsupported_media_type");
            assert_eq!(response.header("accept"), "application/json", "{media_type}");
        }
        let latin_1 = "application/json; charset=iso-8859-1";
        caller.post_bytes("/v1/services", latin_1, body.clone()).await.expect(415).problem("unsupported_media_type");
        caller.post_bytes("/v1/services", "application/json; charset=UTF-8", body.clone()).await.expect(201);
        caller.post_bytes("/v1/services", "APPLICATION/JSON", body).await.expect(201);
        let form = app.anonymous().post("/oauth/token", json!({"grant_type": "password"})).await;
        assert_eq!(form.expect(415).header("accept"), "application/x-www-form-urlencoded");
    }

    async fn a_body_over_the_limit_is_refused_with_or_without_a_length(app: TestApp) {
        let caller = app.administrator().await;
        let mut new = a_service();
        new["name"] = "x".repeat(1 << 20).into();
        let undeclared = caller.post("/v1/services", new).await.expect(413).problem("too_large");
        assert_eq!(undeclared["limit_bytes"], 1 << 20);
        // The declared length is enough: the body does not need to arrive.
        let declared = caller
            .request("POST", "/v1/services")
            .insert_header(("Content-Type", "application/json"))
            .insert_header(("Content-Length", ((1 << 20) + 1).to_string()));
        app.send(declared.to_request()).await.expect(413).problem("too_large");
        let mut largest = a_service().to_string();
        largest.push_str(&" ".repeat((1 << 20) - largest.len()));
        caller.post_bytes("/v1/services", "application/json", largest).await.expect(201);
    }

    async fn json_that_is_too_deep_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        for depth in [18, 127, 10_000] {
            let body = format!("{{\"name\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
            caller.post_bytes("/v1/services", "application/json", body).await.expect(400).problem("malformed_body");
        }
        // At the maximum depth, the schema refuses it instead.
        let body = format!("{{\"name\":{}{}}}", "[".repeat(15), "]".repeat(15));
        caller.post_bytes("/v1/services", "application/json", body).await.expect(400).problem("invalid_body");
    }

    async fn the_nul_character_is_refused_before_it_reaches_a_database(app: TestApp) {
        let caller = app.administrator().await;
        let mut new = a_service();
        new["name"] = "Pôle\u{0}".into();
        let response = caller.post("/v1/services", new).await.expect(400).problem("invalid_body");
        assert_eq!(response.faults(), faults(&[("/name", "nul_character")]));
        let response = caller.get("/v1/services?cursor=%00").await.expect(400).problem("invalid_parameters");
        assert_eq!(response.faults(), faults(&[("cursor", "nul_character")]));
        let form = [("grant_type", "password"), ("username", "a\u{0}b"), ("password", "x")];
        let response = app.anonymous().post_form("/oauth/token", &form).await.expect(400).problem("invalid_body");
        assert_eq!(response.faults(), faults(&[("/username", "nul_character")]));
    }

    async fn an_unknown_field_is_refused_and_not_ignored(app: TestApp) {
        let caller = app.administrator().await;
        let mut new = a_service();
        new["colour"] = "blue".into();
        new["a/b~c"] = 1.into();
        let response = caller.post("/v1/services", new).await.expect(400).problem("invalid_body");
        assert_eq!(sorted(response.faults()), faults(&[("/a~1b~0c", "unknown_field"), ("/colour", "unknown_field")]));
        let form = [("grant_type", "password"), ("colour", "blue")];
        let response = app.anonymous().post_form("/oauth/token", &form).await.expect(400).problem("invalid_body");
        assert_eq!(response.faults(), faults(&[("/colour", "unknown_field")]));
    }

    async fn an_unknown_parameter_is_refused_everywhere(app: TestApp) {
        let caller = app.administrator().await;
        let id = app.service().await;
        let one = format!("/v1/services/{id}");
        for path in ["/v1/services", one.as_str(), "/v1/me", "/", "/health/live", "/openapi.json", "/problems/conflict"] {
            let response = caller.get(&format!("{path}?colour=blue")).await.expect(400).problem("invalid_parameters");
            assert_eq!(response.faults(), faults(&[("colour", "unknown_field")]), "{path}");
        }
        let response = caller.post("/v1/services?colour=blue", a_service()).await.expect(400);
        assert_eq!(response.problem("invalid_parameters").faults(), faults(&[("colour", "unknown_field")]));
    }

    async fn a_repeated_parameter_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        let response = caller.get("/v1/services?limit=1&limit=2").await.expect(400).problem("invalid_parameters");
        assert_eq!(response.faults(), faults(&[("limit", "repeated")]));
        let body = "grant_type=password&username=a&username=b";
        let response = app.anonymous().post_bytes("/oauth/token", "application/x-www-form-urlencoded", body).await;
        assert_eq!(response.expect(400).problem("invalid_body").faults(), faults(&[("username", "repeated")]));
    }

    async fn a_parameter_of_the_wrong_form_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        for (limit, code) in [
            ("0", "too_small"), ("501", "too_large"), ("-1", "too_small"), ("ten", "type"), ("", "type"), ("05", "type"),
            ("%2B5", "type"), ("1.5", "type"), ("99999999999999999999", "type"), ("1,2", "type"),
        ] {
            let response = caller.get(&format!("/v1/services?limit={limit}")).await.expect(400);
            assert_eq!(response.problem("invalid_parameters").faults(), faults(&[("limit", code)]), "{limit}");
        }
    }

    async fn a_cursor_that_was_not_issued_for_this_list_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        for _ in 0..2 {
            app.service().await;
        }
        let first = caller.get("/v1/services?limit=1").await.expect(200);
        let cursor = first["page"]["next_cursor"].as_str().unwrap().to_owned();
        caller.get(&format!("/v1/services?limit=1&cursor={cursor}")).await.expect(200);
        // Another page size is still the same list.
        caller.get(&format!("/v1/services?limit=2&cursor={cursor}")).await.expect(200);
        for bad in ["x", ".", "a.b", &cursor[4..], &format!("{cursor}."), &format!("{cursor}AAAA"), &format!("AAAA{cursor}")] {
            caller.get(&format!("/v1/services?cursor={bad}")).await.expect(400).problem("invalid_cursor");
        }
        caller.get(&format!("/v1/clients?cursor={cursor}")).await.expect(400).problem("invalid_cursor");
        let long = "a".repeat(1025);
        let response = caller.get(&format!("/v1/services?cursor={long}")).await.expect(400).problem("invalid_parameters");
        assert_eq!(response.faults(), faults(&[("cursor", "too_long")]));
    }

    async fn a_problem_lists_all_faults_of_a_request(app: TestApp) {
        let caller = app.administrator().await;
        let before = app.database.counts();
        let body = json!({
            "name": "", "departements": [], "age_lower_birthday": "zero", "age_upper_birthday": 19,
            "childcare_groups": ["eaje", "spaceship"], "opened_on": "2021-02-29", "colour": "blue"
        });
        let response = caller.post("/v1/services", body).await.expect(400).problem("invalid_body");
        assert_eq!(
            sorted(response.faults()),
            faults(&[
                ("/age_lower_birthday", "type"),
                ("/age_upper_birthday", "too_large"),
                ("/childcare_groups/1", "unknown_code"),
                ("/colour", "unknown_field"),
                ("/departements", "too_few"),
                ("/name", "too_short"),
                ("/opened_on", "date"),
                ("/time_zone", "required"),
            ])
        );
        assert_eq!(response["detail"], "8 erreurs dans la requête : les corriger, puis renvoyer la requête.");
        // All the rules of the domain that it breaks are listed too.
        let mut new = a_service();
        new["time_zone"] = "Europe/Clermont".into();
        new["age_lower_birthday"] = 7.into();
        let response = caller.post("/v1/services", new).await.expect(422).problem("rule_broken");
        assert_eq!(
            response.faults(),
            faults(&[("/age_upper_birthday", "empty_age_range"), ("/time_zone", "unknown_time_zone")])
        );
        assert_eq!(app.database.counts(), before);
    }

    async fn a_number_follows_its_schema(app: TestApp) {
        let caller = app.administrator().await;
        let with = |number: &str| a_service().to_string().replace("birthday\":7", &format!("birthday\":{number}"));
        // JSON Schema considers this the same integer.
        for seven in ["7.0", "7e0", "0.7e1"] {
            let made = caller.post_bytes("/v1/services", "application/json", with(seven)).await.expect(201);
            assert_eq!(made["age_upper_birthday"], 7, "{seven}");
        }
        for (other, code) in [("7.5", "type"), ("\"7\"", "type"), ("null", "type"), ("true", "type"), ("1e300", "too_large")] {
            let response = caller.post_bytes("/v1/services", "application/json", with(other)).await.expect(400);
            assert_eq!(response.problem("invalid_body").faults(), faults(&[("/age_upper_birthday", code)]), "{other}");
        }
    }

    async fn a_list_with_duplicates_is_refused(app: TestApp) {
        let caller = app.administrator().await;
        let before = app.database.counts();
        for (field, twice) in [("departements", "63"), ("childcare_groups", "eaje")] {
            let mut new = a_service();
            new[field] = json!([twice, twice]);
            let response = caller.post("/v1/services", new).await.expect(400).problem("invalid_body");
            assert_eq!(response.faults(), faults(&[(&format!("/{field}"), "not_unique")]));
        }
        assert_eq!(app.database.counts(), before);
    }

    async fn problems_are_in_french_unless_english_is_preferred(app: TestApp) {
        let french = app.anonymous().get("/v1/me").await.expect(401).problem("unauthenticated");
        assert_eq!((french["title"].as_str(), french.header("content-language")), (Some("Jeton requis"), "fr"));
        let english = app.anonymous().with_header("Accept-Language", "de, en-GB;q=0.9, fr;q=0.5");
        let response = english.get("/v1/me").await.expect(401).problem("unauthenticated");
        assert_eq!((response["title"].as_str(), response.header("content-language")), (Some("Token required"), "en"));
        // The messages of the faults are in the same language.
        let caller = app.administrator().await.with_header("Accept-Language", "en");
        let response = caller.post("/v1/services", json!({})).await.expect(400).problem("invalid_body");
        assert_eq!(response["errors"][0]["message"], "This field is required.");
        assert_eq!(response["detail"], "7 faults in the request: correct them, then send the request again.");
    }

    async fn a_request_keeps_the_id_given_by_the_caller(app: TestApp) {
        let named = app.anonymous().with_header("X-Request-Id", "form-2026.03_02");
        assert_eq!(named.get("/health/live").await.expect(200).header("x-request-id"), "form-2026.03_02");
        let refused = named.get("/v1/me").await.expect(401).problem("unauthenticated");
        assert_eq!(refused["request_id"], "form-2026.03_02");
        for bad in ["", "a b", "é", "<script>", "a/b", &"x".repeat(65)] {
            let response = app.anonymous().with_header("X-Request-Id", bad).get("/v1/me").await;
            let given = response.expect(401).problem("unauthenticated").json["request_id"].as_str().unwrap().to_owned();
            assert!(uuid::Uuid::try_parse(&given).is_ok(), "{bad:?} became {given:?}");
        }
    }

    async fn no_token_is_401_no_permission_403_no_object_404(app: TestApp) {
        let service = app.service().await;
        let path = format!("/v1/services/{service}");
        let missing = app.anonymous().get(&path).await.expect(401).problem("unauthenticated");
        assert_eq!(missing.header("www-authenticate"), "Bearer");
        for token in ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "bearer eyJhbGciOiJub25lIn0.e30."] {
            let response = app.anonymous().with_header("Authorization", token).get(&path).await.expect(401);
            assert!(response.header("www-authenticate").starts_with("Bearer"), "{token}");
        }
        let reader = app.client(service, &[Permission::ServicesRead]).await;
        reader.get(&path).await.expect(200);
        let new = json!({"title": "Psychologue", "fte_percent": 50, "starts_on": "2026-01-01", "counted": true});
        let forbidden = reader.post(&format!("{path}/positions"), new.clone()).await.expect(403).problem("forbidden");
        assert_eq!(forbidden["required_permission"], "services:write");
        let manager = app.user(service, Role::Manager).await;
        let elsewhere = app.service().await;
        manager.post(&format!("{path}/positions"), new.clone()).await.expect(201);
        manager.post(&format!("/v1/services/{elsewhere}/positions"), new).await.expect(404).problem("not_found");
        manager.get("/v1/services/not-an-id").await.expect(404).problem("not_found");
    }

    async fn checks_run_in_a_fixed_order(app: TestApp) {
        let service = app.service().await;
        let path = format!("/v1/services/{service}/positions");
        let broken = json!({"colour": "blue"});
        app.anonymous().post(&format!("{path}?x=1"), broken.clone()).await.expect(401);
        let reader = app.client(service, &[Permission::ServicesRead]).await;
        reader.post(&format!("{path}?x=1"), broken.clone()).await.expect(403);
        let manager = app.user(service, Role::Manager).await;
        manager.post(&format!("{path}?x=1"), broken).await.expect(400).problem("invalid_parameters");
    }

    async fn an_expired_or_forged_token_is_refused(app: TestApp) {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let bearer = app.anonymous().with_header("Authorization", &format!("Bearer {}", manager.token()));
        bearer.get("/v1/me").await.expect(200);
        app.advance(chrono::Duration::seconds(599));
        bearer.get("/v1/me").await.expect(200);
        app.advance(chrono::Duration::seconds(1));
        let expired = bearer.get("/v1/me").await.expect(401).problem("unauthenticated");
        assert_eq!(expired.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        // Signed with the right key, but for a principal that does not exist.
        for subject in ["user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "client:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "local", ""] {
            let token = app.context().keys.sign(subject, None, app.context().now()).unwrap();
            let caller = app.anonymous().with_header("Authorization", &format!("Bearer {token}"));
            caller.get("/v1/me").await.expect(401).problem("unauthenticated");
        }
        // A signature with one altered character.
        let mut altered = manager.token().into_bytes();
        let middle = altered.len() - 20;
        altered[middle] = if altered[middle] == b'A' { b'B' } else { b'A' };
        let altered = format!("Bearer {}", String::from_utf8(altered).unwrap());
        app.anonymous().with_header("Authorization", &altered).get("/v1/me").await.expect(401);
    }

    async fn neither_the_response_nor_the_log_repeats_a_refused_value(app: TestApp) {
        let caller = app.administrator().await;
        let canary = "Zibeline-Quartzite";
        let mut new = a_service();
        new["time_zone"] = canary.into();
        new["age_lower_birthday"] = canary.into();
        let mut responses = vec![
            caller.post("/v1/services", new.clone()).await.expect(400),
            caller.post_bytes("/v1/services", "application/json", format!("{{\"name\": \"{canary}\" oops")).await.expect(400),
            caller.get(&format!("/v1/services?limit={canary}")).await.expect(400),
            caller.get(&format!("/v1/services?cursor={canary}")).await.expect(400),
        ];
        new["age_lower_birthday"] = 0.into();
        responses.push(caller.post("/v1/services", new).await.expect(422));
        let form = [("grant_type", "password"), ("username", canary), ("password", canary)];
        responses.push(app.anonymous().post_form("/oauth/token", &form).await.expect(400));
        for response in responses {
            assert!(!response.text().contains(canary), "{}: {}", response.asked, response.text());
        }
        assert_eq!(logs::lines_with(canary), Vec::<String>::new());
        assert_eq!(app.traces_of(&[canary]), Vec::<String>::new());
    }

    async fn the_type_of_a_problem_leads_to_the_page_of_its_code(app: TestApp) {
        let refused = app.anonymous().get("/v1/me").await.expect(401);
        assert_eq!(refused["type"], "https://api.example/problems/unauthenticated");
        for code in Code::ALL {
            let page = app.anonymous().get(&format!("/problems/{}", code.as_str())).await.expect(200);
            assert_eq!(page["status"], code.status().as_u16());
        }
        // So do the codes of faults, in both languages: the contract lists them.
        let listed = listed_codes("ProblemFault");
        assert!(listed.len() > 250 && listed_codes("Problem").iter().all(|code| listed.contains(code)));
        for code in listed {
            let page = app.anonymous().get(&format!("/problems/{code}")).await.expect(200);
            assert_eq!(page["code"], code);
            let html = app.anonymous().with_header("Accept", "text/html").get(&format!("/problems/{code}")).await;
            let html = html.expect(200).text().replace("&#39;", "'").replace("&#60;", "<");
            assert!(html.contains(page["title_fr"].as_str().unwrap()), "{code}");
        }
        app.anonymous().get("/problems/none").await.expect(404).problem("not_found");
    }

    async fn a_response_with_personal_data_has_no_store(app: TestApp) {
        let caller = app.administrator().await;
        for response in [caller.get("/v1/services").await, caller.get("/v1/me").await, caller.get("/v1/nothing").await] {
            assert_eq!(response.header("cache-control"), "no-store", "{}", response.asked);
        }
    }

    async fn a_response_is_compressed_on_request(app: TestApp) {
        let plain = app.anonymous().get("/openapi.json").await.expect(200);
        assert_eq!(plain.header("content-encoding"), "");
        let compressed = app.anonymous().with_header("Accept-Encoding", "gzip").get("/openapi.json").await.expect(200);
        assert_eq!(compressed.header("content-encoding"), "gzip");
        assert_eq!(compressed.json, plain.json);
        assert!(compressed.header("vary").contains("Accept-Encoding"), "{:?}", compressed.headers);
    }
}
