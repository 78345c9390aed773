//! Builds and the catalogue of releases in the contract.

pub mod document;
mod filters;
mod table;

pub use filters::{
    BuildSort, OpenStatisticsReleaseFilter, ReleaseSort, StatisticsBuildFilter, StatisticsReleaseFilter, StatisticsTier,
};
pub use table::{StatisticsFormat, StatisticsTableChoice};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::model::{BuildAction, BuildRecords, BuildStatus, TierCode, through};
use super::store::{BuildRow, EntryRow};
use crate::db::{Id, UtcTs};
use crate::http::reply::Located;
use passerelle_disclosure::making::Utility;

/// Figures to prepare.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2025, "quarter": 4}))]
pub struct NewStatisticsBuild {
    /// The calendar year.
    #[schema(minimum = 2000, maximum = 2100)]
    pub year: i32,
    /// The last quarter that is in; those before it are in too.
    #[schema(minimum = 1, maximum = 4)]
    pub quarter: i32,
    /// Why the last release is replaced: by another specification, another threshold, a fact, corrected records. Absent when a
    /// quarter is added.
    #[schema(required = false, min_length = 1, max_length = 300, pattern = r"\S")]
    pub reason: Option<String>,
    /// Which records a replacement is made from, `kept` unless said. Those of a year are corrected once at most, and before its
    /// last release; the releases of the quarters that follow are made from the corrected ones.
    #[schema(required = false)]
    pub records: Option<BuildRecords>,
    /// The code of a specification to try instead of the one that the service publishes by: what it would show and hide, and what
    /// is lost. Such a build is never published.
    #[schema(required = false, min_length = 1, max_length = 40, pattern = "^[a-z][a-z0-9_]*$")]
    pub trial_spec: Option<String>,
}

/// Figures that are prepared: protected, proved, and then published or not.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7f20", "service_id": "0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7c60",
    "year": 2025, "quarter": 4, "status": "ready", "available_actions": ["publish", "cancel"], "records": "kept",
    "cut_off": "2026-03-02T08:15:00.000000Z", "proved": 873, "to_prove": 873,
    "utility": [{"tier": "open", "population": "children", "cells": 420, "published": 61, "primary": 320, "secondary": 39,
        "already_disclosed": 0, "proved": 873, "programs": 259, "tables": [{"table": "by_age_band", "cells": 42, "published": 12}]}],
    "author": "user:0197c2a0-6d3e-7b1c-9f42-3a5d1e8b7d01", "version": 4,
    "created_at": "2026-03-02T08:15:00.000000Z", "updated_at": "2026-03-02T08:15:09.000000Z"
}))]
pub struct StatisticsBuild {
    /// Identifier.
    pub id: Id,
    /// The service.
    pub service_id: Id,
    /// The calendar year.
    pub year: i32,
    /// The last quarter that is in.
    pub quarter: i32,
    /// Where it is.
    pub status: BuildStatus,
    /// What can be done with it now.
    pub available_actions: Vec<BuildAction>,
    /// Why it replaces the last release.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Which records it is made from.
    pub records: BuildRecords,
    /// The specification that is tried: such a build is never published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_spec: Option<String>,
    /// Until when what was recorded is in, once the figures are taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cut_off: Option<UtcTs>,
    /// How many counts that must stay unknown are proved, of those looked at now.
    pub proved: i32,
    /// How many there are.
    pub to_prove: i32,
    /// Why nothing can be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    /// What each tier would show and hide; empty until it is ready.
    pub utility: Vec<StatisticsUtility>,
    /// Who asked for it.
    pub author: String,
    /// Version of the row.
    pub version: i32,
    /// When it was asked for.
    pub created_at: UtcTs,
    /// When it last changed.
    pub updated_at: UtcTs,
}

/// What a tier shows and hides of a population.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "tier": "open", "population": "children", "cells": 420, "published": 61, "primary": 320, "secondary": 39,
    "already_disclosed": 0, "proved": 873, "programs": 259, "tables": [{"table": "by_age_band", "cells": 42, "published": 12}]
}))]
pub struct StatisticsUtility {
    /// Who would read it.
    pub tier: TierCode,
    /// What is counted.
    #[schema(example = "children")]
    pub population: String,
    /// Cells of its tables.
    pub cells: usize,
    /// Those shown.
    pub published: usize,
    /// Those hidden because their own count is to be protected. A threshold alone would hide these, and not be safe.
    pub primary: usize,
    /// Those hidden so that the others cannot be computed, or because they were hidden before.
    pub secondary: usize,
    /// Counts that earlier releases and facts reveal by themselves: they stay hidden, and nothing can be done about them.
    pub already_disclosed: usize,
    /// Counts proved unknown: cells, and differences between cells.
    pub proved: usize,
    /// Linear programs solved for it.
    pub programs: usize,
    /// The same by table.
    pub tables: Vec<StatisticsTableUtility>,
}

/// What a tier shows of a table.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"table": "by_age_band", "cells": 42, "published": 12}))]
pub struct StatisticsTableUtility {
    /// Its code.
    pub table: String,
    /// Its cells.
    pub cells: usize,
    /// Those shown.
    pub published: usize,
}

impl StatisticsUtility {
    /// What was measured of a tier.
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

impl From<BuildRow> for StatisticsBuild {
    fn from(row: BuildRow) -> Self {
        Self {
            utility: super::prepare::Drafts::of(&row).map(super::prepare::Drafts::utility).unwrap_or_default(),
            available_actions: row.actions().to_vec(),
            id: row.id,
            service_id: row.service_id,
            year: row.year,
            quarter: row.quarter,
            status: row.status,
            reason: row.reason,
            trial_spec: row.trial_spec,
            records: row.records,
            cut_off: row.cut_off,
            proved: row.proved,
            to_prove: row.to_prove,
            refusal: row.refusal,
            author: row.author,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

crate::versioned!(StatisticsBuild);

impl Located for StatisticsBuild {
    fn location(&self) -> String {
        format!("/v1/statistics-builds/{}", self.id)
    }

    fn version(&self) -> Option<i32> {
        Some(self.version)
    }
}

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
    /// The last quarter that is in; those before it are in too.
    #[schema(example = "2025-Q4")]
    pub through: String,
    /// Who may read it.
    pub tier: TierCode,
    /// Position among the releases of the service and tier, from 1.
    pub number: i32,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The release that it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<Id>,
    /// The release that replaces it. Its own bytes stay as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub superseded_by: Option<Id>,
    /// When it was published.
    pub published_at: UtcTs,
}

impl StatisticsRelease {
    /// The entry of a release, and what replaces it.
    pub(super) fn of(row: EntryRow, superseded_by: Option<Id>) -> Self {
        Self {
            superseded_by,
            through: through(row.year, row.quarter),
            id: row.id,
            service_id: row.service_id,
            year: row.year,
            tier: row.tier,
            number: row.number,
            sha256: row.sha256,
            supersedes: row.supersedes,
            published_at: row.published_at,
        }
    }
}

crate::page! {
    /// A page of the catalogue of releases.
    StatisticsReleasePage of StatisticsRelease
}
