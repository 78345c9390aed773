//! Requests and responses about kits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::db::{Id, UtcTs, text_enum};
use crate::http::Field;
use crate::lending::copies::dto::KitCopy;
use crate::lending::items::dto::KitItem;
use crate::nomenclatures::codes::{KitAudience, KitTheme};

/// A kit to add to the catalogue.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60", "title_fr": "Sensorielle", "title_en": "Sensory",
    "themes": ["senses"], "audiences": ["family", "early_childhood_professional"],
    "description_fr": "Explorer par le toucher, l'ouïe et la vue.",
    "description_en": "Exploring by touch, hearing and sight.", "picture_url": "https://example.org/sensorielle.jpg"
}))]
pub struct KitInput {
    /// The service that lends it.
    pub service_id: Id,
    /// Title in French.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: String,
    /// Title in English.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Option<String>,
    /// Themes.
    #[schema(min_items = 1, max_items = 20)]
    pub themes: BTreeSet<KitTheme>,
    /// Audiences that may borrow it.
    #[schema(min_items = 1, max_items = 10)]
    pub audiences: BTreeSet<KitAudience>,
    /// Description in French.
    #[schema(format = "lines", min_length = 1, max_length = 4000)]
    pub description_fr: Option<String>,
    /// Description in English.
    #[schema(format = "lines", min_length = 1, max_length = 4000)]
    pub description_en: Option<String>,
    /// URL of a picture.
    #[schema(max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub picture_url: Option<String>,
    /// Length of a loan in days, if it differs from the service's. The longest loan of the service limits it.
    #[schema(minimum = 1, maximum = 365)]
    pub loan_days: Option<i32>,
}

/// Changes to a kit. A merge patch (RFC 7396): an absent field keeps its value, null removes it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title_fr": "Éveil sensoriel", "picture_url": null}))]
pub struct KitPatch {
    /// Title in French.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_fr: Option<String>,
    /// Title in English; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, pattern = r"\S")]
    pub title_en: Field<String>,
    /// Themes.
    #[serde(default)]
    #[schema(value_type = BTreeSet<KitTheme>, required = false, min_items = 1, max_items = 20)]
    pub themes: Option<BTreeSet<KitTheme>>,
    /// Audiences that may borrow it.
    #[serde(default)]
    #[schema(value_type = BTreeSet<KitAudience>, required = false, min_items = 1, max_items = 10)]
    pub audiences: Option<BTreeSet<KitAudience>>,
    /// Description in French; null if it has none.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description_fr: Field<String>,
    /// Description in English; null if it has none.
    #[serde(default)]
    #[schema(format = "lines", value_type = Option<String>, min_length = 1, max_length = 4000)]
    pub description_en: Field<String>,
    /// URL of a picture; null if it has none.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500, pattern = r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/\S*)?$")]
    pub picture_url: Field<String>,
    /// Length of a loan in days; null for the service's.
    #[serde(default)]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365)]
    pub loan_days: Field<i32>,
}

/// A kit, with its items and its copies.
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
    pub title_en: Option<String>,
    /// Themes.
    pub themes: Vec<KitTheme>,
    /// Audiences that may borrow it.
    pub audiences: Vec<KitAudience>,
    /// Description in French.
    pub description_fr: Option<String>,
    /// Description in English.
    pub description_en: Option<String>,
    /// URL of a picture.
    pub picture_url: Option<String>,
    /// Length of a loan in days, if it differs from the service's.
    pub loan_days: Option<i32>,
    /// The items that every copy should contain.
    pub items: Vec<KitItem>,
    /// The copies, including those out of service.
    pub copies: Vec<KitCopy>,
    /// Version of the kit. A change of an item or a copy increments it too.
    pub version: i32,
    /// When it was created.
    pub created_at: UtcTs,
    /// When the kit, one of its items or one of its copies last changed.
    pub updated_at: UtcTs,
}

crate::resource!(Kit at "/v1/kits/");

crate::page! {
    /// A page of the catalogue.
    KitPage of Kit
}

text_enum! {
    /// Order of the catalogue. Titles are compared without case, accents and punctuation.
    pub enum KitSort {
        /// By French title, A to Z.
        Title = "title_fr",
        /// By French title, Z to A.
        TitleDesc = "-title_fr",
        /// Least recently changed first: use it with `updated_since` to pull changes.
        UpdatedAt = "updated_at",
        /// Most recently changed first.
        UpdatedAtDesc = "-updated_at",
    }
}

/// Filters of the list of kits. A row must match every filter given.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
pub struct KitFilter {
    /// Only the rows with these identifiers, at most 100. Identifiers that do not exist, or that the caller may not see, are
    /// left out.
    #[param(style = Form, explode = false, min_items = 1, max_items = 100, example = json!(["0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c70"]))]
    #[allow(dead_code, reason = "the page reads it")]
    pub(super) id: Option<Vec<Id>>,
    /// Of this service. If absent, of every service that the caller can access.
    pub(super) service_id: Option<Id>,
    /// One or more themes, comma-separated: kits with at least one of them.
    #[param(style = Form, explode = false, min_items = 1, max_items = 20, example = json!(["senses", "sleeping"]))]
    pub(super) theme: Option<Vec<KitTheme>>,
    /// For this audience.
    pub(super) audience: Option<KitAudience>,
    /// The French title contains every one of these words, compared without case, accents and punctuation.
    #[param(min_length = 1, max_length = 100, example = "sensorielle")]
    pub(super) title: Option<String>,
    /// With a copy that is free on every day from this day to `free_to`. An overdue copy counts as taken until the day on
    /// which it could be lent if it came back today.
    #[param(example = "2026-06-01")]
    pub(super) free_from: Option<NaiveDate>,
    /// With a copy that is free on every day from `free_from` to this day. `free_from` and `free_to` must both be given.
    #[param(example = "2026-06-07")]
    pub(super) free_to: Option<NaiveDate>,
    /// Changed at this instant or later. A change becomes visible when it is committed, slightly after its timestamp:
    /// to miss none, let consecutive requests overlap by one minute.
    pub(super) updated_since: Option<UtcTs>,
    /// Order of the list; by title by default.
    pub(super) sort: Option<KitSort>,
}
