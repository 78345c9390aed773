//! Kits in the contract.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::store::KitRow;
use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::http::description::Description;
use crate::http::page::QueryParams;
use crate::http::reply::Located;
use crate::lending::copies::dto::KitCopy;
use crate::lending::items::dto::KitItem;
use crate::nomenclatures::codes::{KitAudience, KitTheme};

/// A kit to be added to the catalogue.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "title_fr": "Sensorielle", "title_en": "Sensory",
    "themes": ["senses"], "audiences": ["family", "early_childhood_professional"],
    "description_fr": "Explorer par le toucher, l'ouïe et la vue.",
    "description_en": "Exploring by touch, hearing and sight.", "picture_url": "https://example.org/sensorielle.jpg"
}))]
pub struct NewKit {
    /// The service that lends it.
    pub service_id: Id,
    /// Title in French.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Option<String>,
    /// What it is about.
    #[schema(min_items = 1, max_items = 20)]
    pub themes: BTreeSet<KitTheme>,
    /// Who may borrow it.
    #[schema(min_items = 1, max_items = 10)]
    pub audiences: BTreeSet<KitAudience>,
    /// Description in French.
    #[schema(min_length = 1, max_length = 4000)]
    pub description_fr: Option<String>,
    /// Description in English.
    #[schema(min_length = 1, max_length = 4000)]
    pub description_en: Option<String>,
    /// Address of a picture.
    #[schema(max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub picture_url: Option<String>,
    /// Days of a loan, where they differ from the service's.
    #[schema(minimum = 1, maximum = 365)]
    pub loan_days: Option<i32>,
}

/// A correction of a kit, as a merge patch: what is absent stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title_fr": "Éveil sensoriel", "picture_url": null}))]
pub struct KitPatch {
    /// Title in French.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: Option<String>,
    /// Title in English; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Field<String>,
    /// What it is about.
    #[serde(default)]
    #[schema(value_type = BTreeSet<KitTheme>, required = false, min_items = 1, max_items = 20)]
    pub themes: Option<BTreeSet<KitTheme>>,
    /// Who may borrow it.
    #[serde(default)]
    #[schema(value_type = BTreeSet<KitAudience>, required = false, min_items = 1, max_items = 10)]
    pub audiences: Option<BTreeSet<KitAudience>>,
    /// Description in French; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description_fr: Field<String>,
    /// Description in English; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description_en: Field<String>,
    /// Address of a picture; null when it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub picture_url: Field<String>,
    /// Days of a loan; null for the service's.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    pub loan_days: Field<i32>,
}

/// A kit: what it is about, what every copy should contain, and the copies.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "title_fr": "Sensorielle", "title_en": "Sensory", "themes": ["senses"],
    "audiences": ["early_childhood_professional", "family"],
    "description_fr": "Explorer par le toucher, l'ouïe et la vue.", "description_en": null,
    "picture_url": "https://example.org/sensorielle.jpg", "loan_days": null,
    "items": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d11", "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10",
        "category": "adapted_toy", "label_fr": "Balle à picots", "label_en": "Spiky ball", "quantity": 2, "version": 1
    }],
    "copies": [{
        "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d12", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
        "kit_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d10", "label": "1", "condition": "good",
        "home_site": "Clermont-Ferrand", "out_of_service_since": null, "out_of_service_reason": null, "version": 1,
        "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:00.000000Z"
    }],
    "version": 3, "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:20:00.000000Z"
}))]
pub struct Kit {
    /// Identifier.
    pub id: Id,
    /// The service that lends it.
    pub service_id: Id,
    /// Title in French.
    pub title_fr: String,
    /// Title in English.
    #[schema(required = true)]
    pub title_en: Option<String>,
    /// What it is about.
    pub themes: Vec<KitTheme>,
    /// Who may borrow it.
    pub audiences: Vec<KitAudience>,
    /// Description in French.
    #[schema(required = true)]
    pub description_fr: Option<String>,
    /// Description in English.
    #[schema(required = true)]
    pub description_en: Option<String>,
    /// Address of a picture.
    #[schema(required = true)]
    pub picture_url: Option<String>,
    /// Days of a loan, where they differ from the service's.
    #[schema(required = true)]
    pub loan_days: Option<i32>,
    /// What every copy should contain.
    pub items: Vec<KitItem>,
    /// The copies, those out of service included.
    pub copies: Vec<KitCopy>,
    /// Version of the kit, its items and copies included.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When it, one of its items or one of its copies last changed.
    pub updated_at: UtcTs,
}

/// What belongs to a kit and stands in other tables.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) themes: Vec<KitTheme>,
    pub(super) audiences: Vec<KitAudience>,
    pub(super) items: Vec<KitItem>,
    pub(super) copies: Vec<KitCopy>,
}

impl Kit {
    pub(super) fn new(row: KitRow, parts: Parts) -> Self {
        Self {
            id: row.id,
            service_id: row.service_id,
            title_fr: row.title_fr,
            title_en: row.title_en,
            themes: parts.themes,
            audiences: parts.audiences,
            description_fr: row.description_fr,
            description_en: row.description_en,
            picture_url: row.picture_url,
            loan_days: row.loan_days,
            items: parts.items,
            copies: parts.copies,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(Kit);

impl Located for Kit {
    fn location(&self) -> String {
        format!("/v1/kits/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

crate::page! {
    /// A page of the catalogue.
    KitPage of Kit
}

text_enum! {
    /// Order of the catalogue. Titles are compared without case, accents or punctuation.
    pub enum KitSort {
        /// By French title.
        Title = "title_fr",
        /// By French title, backwards.
        TitleDesc = "-title_fr",
        /// Changed first first: to pull what changed, with `updated_since`.
        UpdatedAt = "updated_at",
        /// Changed last first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Which kits; every condition that is given.
#[derive(Debug, Deserialize, IntoParams)]
pub struct KitFilter {
    /// Of this service; of every service that the token may see when absent.
    pub(super) service_id: Option<Id>,
    /// About one of these themes, separated by commas.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["senses", "sleeping"]))]
    pub(super) theme: Option<Vec<KitTheme>>,
    /// For these borrowers.
    pub(super) audience: Option<KitAudience>,
    /// Every word given is somewhere in the French title, without case, accents or punctuation.
    #[param(min_length = 1, max_length = 100, example = "sensorielle")]
    pub(super) title: Option<String>,
    /// With a copy that is free on every day from this one to `free_to`. A copy that is overdue is not.
    #[param(example = "2026-06-01")]
    pub(super) free_from: Option<NaiveDate>,
    /// With a copy that is free on every day from `free_from` to this one: give both.
    #[param(example = "2026-06-07")]
    pub(super) free_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change is seen once it is committed, which is a little after its instant: to miss
    /// none, ask again from a minute earlier.
    pub(super) updated_since: Option<UtcTs>,
    /// Order, by title unless said.
    pub(super) sort: Option<KitSort>,
}

impl QueryParams for KitFilter {
    fn collect_schemas(description: &mut Description<'_>) {
        description.reference::<Id>();
        description.reference::<KitTheme>();
        description.reference::<KitAudience>();
        description.reference::<UtcTs>();
        description.reference::<KitSort>();
    }
}
