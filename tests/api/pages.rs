//! Pages for people: the address of the API in a browser, and open data. They run nothing and load nothing from elsewhere.

use passerelle::auth::Role;
use serde_json::{Value, json};

use crate::cases::{accept, child, refer};
use crate::harness::{Caller, Response, TestApp};

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

fn browser(app: &TestApp) -> Caller {
    app.anonymous().with_header("Accept", BROWSER)
}

/// The HTML of a page, which loads nothing from another site and has no script.
fn html(page: &Response, own: &str) -> String {
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("script-src"), "{policy}");
    let text = page.text();
    let foreign = text.replace(own, "");
    for forbidden in ["http:", "https:", "src=", "url(", "@import", "<script", "javascript:", " onload="] {
        assert!(!foreign.contains(forbidden), "{forbidden} in {text}");
    }
    text
}

/// A service with children, its manager, and its open and its partners' release of 2025.
pub(crate) async fn published(app: &TestApp) -> (Caller, String, String) {
    let service = app.service().await;
    let manager = app.user(service, Role::Manager).await;
    for number in 0..3 {
        let referral = refer(&manager, service, "2025-02-10", child(&format!("Enfant {number}"))).await;
        accept(&manager, &referral, "2025-02-10").await;
    }
    let builds = format!("/v1/services/{service}/statistics-builds");
    let build = manager.post(&builds, json!({"year": 2025, "quarter": 4})).await.expect(202).id();
    app.make_releases();
    manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
    let releases = manager.get("/v1/statistics/releases").await.expect(200);
    let of = |tier: &str| {
        let row = releases.rows().iter().find(|row| row["tier"] == tier).expect("a release of the tier");
        row["id"].as_str().unwrap().to_owned()
    };
    let (open, partners) = (of("open"), of("partner"));
    (manager, open, partners)
}

on_both_databases! {
    async fn a_browser_gets_a_page_and_a_program_the_description(app: TestApp) {
        let described = app.anonymous().get("/").await.expect(200);
        let own = described["contract_url"].as_str().unwrap().replace("/openapi.json", "");
        let page = html(&browser(&app).get("/").await.expect(200), &own);
        for link in ["/docs/", "/openapi.json", "/open-data", "/v1/open-data/releases", "/health/ready"] {
            assert!(page.contains(&format!("href=\"{link}\"")), "{link}");
            app.anonymous().get(link).await.expect(200);
        }
        assert_eq!(page.matches("<li>").count(), 8, "three links and five calls");
        let program = app.anonymous().with_header("Accept", "application/json, text/html").get("/").await.expect(200);
        assert_eq!(program["name"], "Passerelle");
    }

    async fn an_explanation_has_the_style_of_the_other_pages(app: TestApp) {
        let page = html(&browser(&app).get("/problems/not_found").await.expect(200), "\0");
        assert!(page.contains("<code>not_found</code>") && page.contains("href=\"/open-data\""), "{page}");
    }

    async fn open_releases_have_pages_that_show_what_their_tables_have(app: TestApp) {
        let anybody = browser(&app);
        let own = app.anonymous().get("/").await.expect(200)["contract_url"].as_str().unwrap().replace("/openapi.json", "");
        let empty = html(&anybody.get("/open-data").await.expect(200), &own);
        assert!(empty.contains("Aucune publication ouverte"), "{empty}");

        let (_, open, _) = published(&app).await;
        let list = html(&anybody.get("/open-data").await.expect(200), &own);
        assert!(list.contains(&format!("href=\"/open-data/{open}\"")) && list.contains("année entière"), "{list}");

        let response = anybody.get(&format!("/open-data/{open}")).await.expect(200);
        assert_eq!(response.header("cache-control"), "public, max-age=300");
        let page = html(&response, &own);
        let known = anybody.clone().with_header("If-None-Match", response.header("etag"));
        known.get(&format!("/open-data/{open}")).await.expect(304);
        anybody.call("HEAD", &format!("/open-data/{open}"), None).await.expect(200);

        let release = app.anonymous().get(&format!("/v1/open-data/releases/{open}")).await.expect(200).json;
        for table in release["tables"].as_array().unwrap() {
            let (id, cells) = (table["id"].as_str().unwrap(), table["cells"].as_array().unwrap());
            let address = format!("/open-data/{open}/{id}");
            assert!(page.contains(&format!("href=\"{address}\"")), "{id}");
            let shown = html(&anybody.get(&address).await.expect(200), &own);
            let hidden = cells.iter().filter(|cell| cell["status"] == "suppressed").count();
            let published: Vec<&Value> = cells.iter().filter(|cell| cell["status"] == "published").collect();
            assert_eq!(shown.matches("<td class=\"hidden\">masqué").count(), hidden, "{id}");
            assert_eq!(shown.matches("<td>").count(), published.len(), "{id}");
            for cell in published {
                assert!(shown.contains(&format!("<td>{}</td>", cell["value"])), "{id} lacks {cell}");
            }
            for link in shown.split("href=\"").skip(1).map(|part| part.split('"').next().unwrap()) {
                if link.starts_with('/') {
                    app.anonymous().get(&link.replace("&amp;", "&")).await.expect(200);
                }
            }
        }
    }

    async fn a_page_shows_open_releases_only(app: TestApp) {
        let anybody = browser(&app);
        let (manager, open, partners) = published(&app).await;
        let list = anybody.get("/open-data").await.expect(200).text();
        assert!(list.contains(&open) && !list.contains(&partners));
        // Whoever asks: the pages are for everybody.
        for caller in [&app.anonymous(), &manager] {
            caller.get(&format!("/open-data/{partners}")).await.expect(404).problem("not_found");
            caller.get(&format!("/open-data/{partners}/children")).await.expect(404).problem("not_found");
        }
        let program = app.anonymous();
        program.get(&format!("/open-data/{open}/nothing")).await.expect(404).problem("not_found");
        program.get("/open-data/nothing").await.expect(404).problem("not_found");
        for client in [program, anybody] {
            client.call("POST", "/open-data", None).await.expect(405).problem("method_not_allowed");
        }
    }

    async fn a_browser_gets_a_page_where_nothing_is(app: TestApp) {
        let anybody = browser(&app);
        for (path, code) in [("/nothing", "unknown_path"), ("/open-data/nothing", "not_found"), ("/v2", "unknown_path")] {
            let response = anybody.get(path).await.expect(404);
            let page = html(&response, "\0");
            assert!(page.contains(&format!("<code>{code}</code>")) && page.contains("href=\"/open-data\""), "{page}");
            assert!(!page.contains("nothing"), "the path of the caller is not in the page");
            assert_eq!((response.header("content-language"), response.header("cache-control")), ("fr", "no-store"));
            let english = anybody.clone().with_header("Accept-Language", "en").get(path).await.expect(404);
            assert!(english.text().contains("API documentation"));
            app.anonymous().get(path).await.expect(404).problem(code);
        }
        // Operations keep their problem documents, which the contract promises.
        anybody.get("/v1/cases").await.expect(401).problem("unauthenticated");
        anybody.get("/openapi/nothing.json").await.expect(404).problem("not_found");
    }

    async fn a_selection_without_a_dimension_is_refused(app: TestApp) {
        let (_, open, _) = published(&app).await;
        for select in [";", "period:2025;", ""] {
            let table = format!("/v1/open-data/releases/{open}/tables/children?select={select}");
            app.anonymous().get(&table).await.expect(400).problem("invalid_parameters");
        }
    }

    async fn head_has_the_headers_of_get(app: TestApp) {
        let caller = app.anonymous().with_header("Accept-Encoding", "br, gzip");
        for path in ["/openapi.json", "/openapi/cases.json", "/v1/nomenclatures", "/open-data", "/health/live"] {
            let (head, got) = (caller.call("HEAD", path, None).await.expect(200), caller.get(path).await.expect(200));
            for name in ["content-encoding", "etag", "content-type", "cache-control", "vary"] {
                assert_eq!(head.header(name), got.header(name), "{name} of {path}");
            }
        }
    }
}
