//! Builds and the catalogue of releases in the contract.

pub mod document;
mod filters;
mod table;

pub use filters::{
    BuildSort, OpenStatisticsReleaseFilter, ReleaseSort, StatisticsBuildFilter, StatisticsReleaseFilter, StatisticsTier,
};
pub use table::{
    StatisticsFileChoice, StatisticsFileKind, StatisticsFiles, StatisticsFormat, StatisticsLocale,
    StatisticsTableChoice,
};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{BuildAction, BuildRecords, BuildStatus, TierCode};
use crate::db::{Id, UtcTs};
use crate::naming::model::{Named, Names};
use passerelle_disclosure::making::Utility;

/// A release to prepare.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2025, "quarter": 4}))]
pub struct StatisticsBuildInput {
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The last quarter covered. Earlier quarters of the year are covered too.
    #[schema(minimum = 1, maximum = 4)]
    pub quarter: i32,
    /// Why the last release is replaced: another specification, another threshold, corrected records. It is published.
    /// Absent if a quarter is added.
    #[schema(format = "lines", required = false, min_length = 1, max_length = 300, pattern = r"\S")]
    pub reason: Option<String>,
    /// Which records a replacement is made from; `kept` by default. The records of a year can be corrected at most
    /// once, before its last release. Releases of later quarters are then made from the corrected records.
    #[schema(required = false)]
    pub records: Option<BuildRecords>,
    /// The code of a specification to try instead of the one that the service follows, to see what it would publish
    /// and hide. Such a build cannot be published.
    #[schema(required = false, min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub trial_spec: Option<String>,
}

/// A build: figures that are protected and proved, and then published or not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "year": 2025, "quarter": 4, "status": "ready", "available_actions": ["publish", "cancel"], "records": "kept",
    "cut_off": "2026-03-02T08:15:00.000000Z", "proved": 873, "to_prove": 873,
    "utility": [{"tier": "open", "population": "children", "cells": 420, "published": 61, "primary": 320, "secondary": 39,
        "already_disclosed": 0, "proved": 873, "programs": 259, "tables": [{"table": "by_age_band", "cells": 42, "published": 12}]}],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d01", "author_name": "Dominique Exemple", "version": 4,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:09.000000Z"
}))]
pub struct StatisticsBuild {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The last quarter covered.
    pub quarter: i32,
    /// Its state.
    pub status: BuildStatus,
    /// The actions that its state allows.
    pub available_actions: Vec<BuildAction>,
    /// Why it replaces the last release, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub reason: Option<String>,
    /// Which records it is made from.
    pub records: BuildRecords,
    /// The specification that it tries. Such a build cannot be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub trial_spec: Option<String>,
    /// The cut-off, once the figures are taken: what was recorded until this instant is counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = UtcTs, required = false)]
    pub cut_off: Option<UtcTs>,
    /// The number of counts proved unknown so far, in the current step.
    pub proved: i32,
    /// The number of counts to prove in the current step.
    pub to_prove: i32,
    /// Why nothing can be published, if it is withheld.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    pub refusal: Option<String>,
    /// What each tier would publish and hide; empty until the build is ready.
    pub utility: Vec<StatisticsUtility>,
    /// Who requested it.
    pub author: String,
    /// Name of who recorded it; null for API clients.
    pub author_name: Option<String>,
    /// Version of the row.
    pub version: i32,
    /// When it was requested.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

impl Named for StatisticsBuild {
    fn show_names(&mut self, names: &mut Names) {
        names.author(Some(&self.author), &mut self.author_name);
    }
}

/// What a tier publishes and hides of a population.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "tier": "open", "population": "children", "cells": 420, "published": 61, "primary": 320, "secondary": 39,
    "already_disclosed": 0, "proved": 873, "programs": 259, "tables": [{"table": "by_age_band", "cells": 42, "published": 12}]
}))]
pub struct StatisticsUtility {
    /// The tier.
    pub tier: TierCode,
    /// The population.
    #[schema(example = "children")]
    pub population: String,
    /// The number of cells of its tables.
    pub cells: usize,
    /// The number of published cells.
    pub published: usize,
    /// The number of cells hidden because their own count must stay unknown. A threshold alone would hide these, which
    /// would not be safe.
    pub primary: usize,
    /// The number of cells hidden so that other cells cannot be computed, or because they were hidden before.
    pub secondary: usize,
    /// The number of counts that earlier releases and facts already reveal. They stay hidden, but cannot be protected
    /// any more.
    pub already_disclosed: usize,
    /// The number of counts proved unknown: cells, and differences between cells.
    pub proved: usize,
    /// The number of linear programs solved.
    pub programs: usize,
    /// The same by table.
    pub tables: Vec<StatisticsTableUtility>,
}

/// What a tier publishes of a table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"table": "by_age_band", "cells": 42, "published": 12}))]
pub struct StatisticsTableUtility {
    /// Its code.
    pub table: String,
    /// The number of its cells.
    pub cells: usize,
    /// The number of published cells.
    pub published: usize,
}

impl StatisticsUtility {
    /// The measures of a tier in the contract.
    pub fn of(tier: TierCode, utility: Utility) -> Self {
        let table = |(table, cells, published)| StatisticsTableUtility { table, cells, published };
        Self {
            tier,
            population: utility.population,
            cells: utility.cells,
            published: utility.published,
            primary: utility.primary,
            secondary: utility.secondary,
            already_disclosed: utility.already_disclosed,
            proved: utility.proved,
            programs: utility.programs,
            tables: utility.tables.into_iter().map(table).collect(),
        }
    }
}

crate::resource!(StatisticsBuild at "/v1/statistics-builds/");

crate::page! {
    /// A page of builds.
    StatisticsBuildPage of StatisticsBuild
}

/// A release in the catalogue.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f30", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "year": 2025, "through": "2025-Q4", "tier": "partner", "number": 4,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "published_at": "2026-03-02T08:15:00.000000Z"
}))]
pub struct StatisticsRelease {
    /// Identifier.
    pub id: Id,
    /// The service whose figures these are.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The last quarter covered. Earlier quarters of the year are covered too.
    #[schema(example = "2025-Q4")]
    pub through: String,
    /// Who may read it.
    pub tier: TierCode,
    /// Number among the releases of the service and tier, from 1.
    pub number: i32,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The release that it replaces, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Id, required = false)]
    pub supersedes: Option<Id>,
    /// The release that replaces it, if any. Its own bytes do not change.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Id, required = false)]
    pub superseded_by: Option<Id>,
    /// When it was published.
    pub published_at: UtcTs,
}

crate::page! {
    /// A page of the catalogue of releases.
    StatisticsReleasePage of StatisticsRelease
}
