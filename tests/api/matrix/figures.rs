//! The statistics of the matrix, and the recipes of their operations.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use super::fixture::Fixture;
use super::recipes::{Recipe, act, delete, read, under};
use crate::harness::{Caller, TestApp};

/// The statistics of a service.
pub struct StatisticsFixture {
    /// A fact that was published elsewhere.
    pub fact: String,
    /// A fact that another person recorded.
    pub unconfirmed: String,
    /// A build that is ready to publish.
    pub draft: String,
    /// A release for partners.
    pub release: String,
    /// An open release.
    pub open: String,
}

impl StatisticsFixture {
    pub async fn new(app: &TestApp, manager: &Caller, service: Id) -> Self {
        let facts = format!("/v1/services/{service}/statistics-facts");
        let (open, partner) = published(app, manager, service, 2024).await;
        let fact = manager.post(&facts, Self::fact()).await.expect(201).id();
        let colleague = app.user(service, Role::Manager).await;
        let unconfirmed = colleague.post(&facts, Self::fact()).await.expect(201).id();
        let draft = built(app, manager, service, 2022).await;
        Self { fact, unconfirmed, draft, release: partner, open }
    }

    fn build() -> Value {
        json!({"year": 2023, "quarter": 4})
    }

    fn fact() -> Value {
        json!({
            "population": "children", "year": 2025, "period": "2025",
            "coordinates": [{"dimension": "territory", "value": "commune:63284"}],
            "source": "Procès-verbal du conseil", "reference": "Page 12", "published_on": "2026-01-12"
        })
    }
}

/// A build of a whole year, ready to publish.
async fn built(app: &TestApp, manager: &Caller, service: Id, year: i32) -> String {
    let builds = format!("/v1/services/{service}/statistics-builds");
    let build = manager.post(&builds, json!({"year": year, "quarter": 4})).await.expect(202).id();
    app.make_releases();
    build
}

/// Publishes a year. Returns its open release and its partner release.
async fn published(app: &TestApp, manager: &Caller, service: Id, year: i32) -> (String, String) {
    let build = built(app, manager, service, year).await;
    manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
    let mut tiers = Vec::new();
    for tier in ["open", "partner"] {
        let path = format!("/v1/statistics/releases?service_id={service}&tier={tier}");
        tiers.push(manager.get(&path).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned());
    }
    (tiers.remove(0), tiers.remove(0))
}

/// The recipes of the operations on statistics.
pub fn recipe(operation: &str, e: &Fixture, f: &StatisticsFixture) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "getStatisticsSettings"
        | "listStatisticsSpecs"
        | "getStatisticsSpec"
        | "listStatisticsFacts"
        | "listStatisticsBuilds"
        | "listLatestYearTables"
        | "getLatestYearTable"
        | "listLatestOpenYearTables"
        | "getLatestOpenYearTable" => read(Some(&service)),
        "updateStatisticsSettings" => act(&service, json!({"spec_code": "large", "reason": "Choix du service"})),
        "createStatisticsSpec" => under(
            &service,
            json!({
                "code": "mine", "label_fr": "La nôtre", "label_en": "Ours",
                "tables": [{"code": "children", "label_fr": "Enfants", "label_en": "Children", "population": "children",
                            "dimensions": [], "frequency": "yearly"}]
            }),
        ),
        "createStatisticsFact" => under(&service, StatisticsFixture::fact()),
        "getStatisticsFact" => read(Some(&f.fact)),
        "confirmStatisticsFact" => act(&f.unconfirmed, Value::Null),
        "deleteStatisticsFact" => delete(&f.fact),
        "createStatisticsBuild" => under(&service, StatisticsFixture::build()).with(|recipe| recipe.status = 202),
        "getStatisticsBuild" => read(Some(&f.draft)),
        "previewStatisticsBuild" => read(Some(&f.draft)).with(|recipe| recipe.query = "?tier=partner".into()),
        "cancelStatisticsBuild" | "publishStatisticsBuild" => act(&f.draft, Value::Null),
        "listStatisticsReleases" | "listOpenStatisticsReleases" | "getOpenDataCatalogue" => read(None),
        "getStatisticsRelease"
        | "getStatisticsDictionary"
        | "listStatisticsTables"
        | "getStatisticsTable"
        | "getSignedStatisticsRelease" => read(Some(&f.release)),
        // The year 2024 of the service is published.
        "getLatestYearFile" | "getLatestOpenYearFile" => {
            read(Some(&service)).with(|recipe| recipe.query = "?kind=xlsx".into())
        }
        "getStatisticsFile" => read(Some(&f.release)).with(|recipe| recipe.query = "?kind=xlsx".into()),
        "getOpenStatisticsFile" => read(Some(&f.open)).with(|recipe| recipe.query = "?kind=xlsx".into()),
        "getOpenStatisticsRelease"
        | "listOpenStatisticsTables"
        | "getOpenStatisticsDictionary"
        | "getOpenStatisticsTable"
        | "getSignedOpenStatisticsRelease" => read(Some(&f.open)),
        _ => return None,
    })
}
