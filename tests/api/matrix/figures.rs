//! The statistics of the matrix, and how their operations are called rightly.

use passerelle::db::Id;
use serde_json::{Value, json};

use super::estate::Estate;
use super::recipes::{Recipe, act, delete, read, under};
use crate::harness::Caller;

/// What a service publishes.
pub struct Figures {
    /// A figure that was made public elsewhere.
    pub fact: String,
}

impl Figures {
    pub async fn new(manager: &Caller, service: Id) -> Self {
        let facts = format!("/v1/services/{service}/statistics-facts");
        Self { fact: manager.post(&facts, Self::fact()).await.expect(201).id() }
    }

    fn fact() -> Value {
        json!({
            "population": "children", "year": 2025, "period": "2025",
            "coordinates": [{"dimension": "territory", "value": "commune:63284"}], "value": 1,
            "source": "Procès-verbal du conseil", "published_on": "2026-01-12"
        })
    }
}

/// The recipes of the operations on statistics.
pub fn recipe(operation: &str, e: &Estate, f: &Figures) -> Option<Recipe> {
    let service = e.service.to_string();
    Some(match operation {
        "getStatisticsSettings" | "listStatisticsSpecs" | "getStatisticsSpec" | "listStatisticsFacts" => {
            read(Some(&service))
        }
        "updateStatisticsSettings" => act(&service, json!({"spec_code": "large", "reason": "Choix du service"})),
        "createStatisticsSpec" => under(
            &service,
            json!({
                "code": "mine", "label_fr": "La nôtre", "label_en": "Ours",
                "tables": [{"code": "children", "label_fr": "Enfants", "label_en": "Children", "population": "children",
                            "dimensions": [], "frequency": "yearly"}]
            }),
        ),
        "createStatisticsFact" => under(&service, Figures::fact()),
        "getStatisticsFact" => read(Some(&f.fact)),
        "deleteStatisticsFact" => delete(&f.fact),
        _ => return None,
    })
}
