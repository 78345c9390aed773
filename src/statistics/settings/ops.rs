//! Use cases of the settings of statistics.

use super::dto::{StatisticsSettings, StatisticsSettingsPatch};
use super::model::Choice;
use super::store::{self, SettingsRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::naming::ops::named;
use crate::services;
use crate::statistics::specs;
use crate::statistics::specs::model::{Spec, usual};
use crate::trail::Resource;
use crate::work::Work;

/// The settings in force: what the next release follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The specification, in its latest version.
    pub spec: Spec,
    /// Its SHA-256, in hexadecimal.
    pub spec_sha256: String,
    /// The threshold of open releases.
    pub open_threshold: i32,
    /// The threshold of partner releases.
    pub partner_threshold: i32,
    /// The reason.
    pub reason: String,
}

/// The settings in force for a service.
pub fn policy(work: &mut Work<'_>, service: Id) -> Result<Policy, ApiError> {
    policy_with(work, service, None)
}

/// The same, with another specification if one is given.
pub fn policy_with(work: &mut Work<'_>, service: Id, spec: Option<&str>) -> Result<Policy, ApiError> {
    let mut row = store::get(work.conn, work.vault.authority_key(), &ServiceScope::one(service), service)?;
    if let Some(code) = spec {
        row.choice.spec_code = Some(code.to_owned());
    }
    let spec = self::spec(work, &row)?;
    Ok(Policy {
        spec_sha256: specs::ops::hash(&spec),
        spec,
        open_threshold: row.choice.open_threshold,
        partner_threshold: row.choice.partner_threshold,
        reason: row.choice.reason,
    })
}

/// The specification that the settings name, in its latest version, or the built-in one for the service's size.
fn spec(work: &mut Work<'_>, row: &SettingsRow) -> Result<Spec, ApiError> {
    let chosen = row.choice.spec_code.clone();
    let code = match chosen {
        Some(code) => code,
        None => usual(specs::ops::children_a_year(work, row.service_id)?).to_owned(),
    };
    specs::ops::latest(work, row.service_id, &code)?.ok_or_else(|| ApiError::new(Code::Internal))
}

/// The row of the settings of a service of the scope, for a change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<SettingsRow, ApiError> {
    services::ops::find(work, scope, service)?;
    Ok(store::get(work.conn, work.vault.authority_key(), scope, service)?)
}

/// The settings of a service of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<StatisticsSettings, ApiError> {
    let row = find(work, scope, service)?;
    let spec = spec(work, &row)?;
    let shown = StatisticsSettings {
        service_id: service,
        spec_sha256: specs::ops::hash(&spec),
        spec_version: spec.version,
        spec_code: spec.code,
        spec_is_chosen: row.choice.spec_code.is_some(),
        open_threshold: row.choice.open_threshold,
        partner_threshold: row.choice.partner_threshold,
        reason: row.choice.reason,
        author: row.author,
        author_name: None,
        version: row.version,
        updated_at: row.updated_at,
    };
    named(work, shown)
}

/// Changes the settings of a service, from the next release on.
pub fn correct(
    work: &mut Work<'_>,
    row: &SettingsRow,
    patch: StatisticsSettingsPatch,
) -> Result<StatisticsSettings, ApiError> {
    let choice = Choice {
        spec_code: patch.spec_code.over(row.choice.spec_code.clone()),
        open_threshold: patch.open_threshold.unwrap_or(row.choice.open_threshold),
        partner_threshold: patch.partner_threshold.unwrap_or(row.choice.partner_threshold),
        reason: patch.reason,
    };
    if let Some(code) = &choice.spec_code
        && specs::ops::latest(work, row.service_id, code)?.is_none()
    {
        let message = Text::new(
            "Le service n'a pas de spécification portant ce code.",
            "The service has no specification with this code.",
        );
        return Err(ApiError::rule("/spec_code", "unknown_spec", message));
    }
    if choice.partner_threshold > choice.open_threshold {
        let message = Text::new(
            "Le seuil des partenaires ne peut pas dépasser celui des données ouvertes : les partenaires lisent aussi ce que tout le monde peut lire.",
            "The partner threshold must not exceed the open threshold: partners also read what everybody may read.",
        );
        return Err(ApiError::rule("/partner_threshold", "above_open", message));
    }
    // The reason is that of a choice: without another choice there is none to give.
    if (Choice { reason: row.choice.reason.clone(), ..choice.clone() }) == row.choice {
        return get(work, &ServiceScope::one(row.service_id), row.service_id);
    }
    let author = work.author();
    ApiError::require_first(store::put(work.conn, work.vault.authority_key(), row, &choice, &author, work.now)?)?;
    work.changed(Resource::StatisticsSettings, row.service_id, row.service_id);
    get(work, &ServiceScope::one(row.service_id), row.service_id)
}
