//! Use cases of the lending settings.

use std::collections::{BTreeSet, HashMap};

use super::dto::{KitSettings, KitSettingsPatch};
use super::model::LoanRules;
use super::store::{self, SettingsRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// The settings of a service in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<SettingsRow, ApiError> {
    services::ops::find(work, scope, service)?;
    store::of_services(work.conn, &[service])?.pop().ok_or_else(ApiError::not_found)
}

/// The settings of a service, as the rules need them. Read once per unit of work.
pub fn rules(work: &mut Work<'_>, service: Id) -> Result<LoanRules, ApiError> {
    Ok(rules_of(work, &[service])?.remove(&service).unwrap_or_default())
}

/// The settings of several services, as the rules need them.
pub fn rules_of(work: &mut Work<'_>, services: &[Id]) -> Result<HashMap<Id, LoanRules>, ApiError> {
    let wanted: BTreeSet<Id> = services.iter().copied().collect();
    let unknown: Vec<Id> = wanted.iter().copied().filter(|id| work.known::<LoanRules>(*id).is_none()).collect();
    if !unknown.is_empty() {
        let read = store::of_services(work.conn, &unknown)?;
        for row in read {
            work.learn(row.service_id, row.rules);
        }
    }
    Ok(wanted.into_iter().map(|id| (id, work.known(id).unwrap_or_default())).collect())
}

/// The settings of a service in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<KitSettings, ApiError> {
    Ok(find(work, scope, service)?.into())
}

/// Corrects the settings of a service. Existing reservations do not change.
pub fn correct(work: &mut Work<'_>, row: &SettingsRow, patch: KitSettingsPatch) -> Result<KitSettings, ApiError> {
    let before = row.rules.clone();
    let kept = before.clone();
    let mut closings: Vec<_> = match patch.closings {
        Some(closings) => closings.iter().map(|closing| (closing.starts_on, closing.ends_on)).collect(),
        None => before.closings,
    };
    closings.sort_unstable();
    let after = LoanRules {
        loan_days: patch.loan_days.unwrap_or(before.loan_days),
        longest_loan_days: patch.longest_loan_days.unwrap_or(before.longest_loan_days),
        buffer_days: patch.buffer_days.unwrap_or(before.buffer_days),
        book_ahead_days: patch.book_ahead_days.unwrap_or(before.book_ahead_days),
        proposal_hours: patch.proposal_hours.unwrap_or(before.proposal_hours),
        closed_weekdays: patch.closed_weekdays.unwrap_or(before.closed_weekdays),
        closings,
    };
    ApiError::reject_if_any(faults(&after))?;
    if after == kept {
        return get(work, &ServiceScope::one(row.service_id), row.service_id);
    }
    ApiError::require_first(store::put(work.conn, row, &after, work.now)?)?;
    work.forget_known();
    work.changed(Resource::KitSettings, row.service_id, row.service_id);
    get(work, &ServiceScope::one(row.service_id), row.service_id)
}

/// The faults of the corrected settings.
fn faults(rules: &LoanRules) -> Vec<Fault> {
    let mut faults = Vec::new();
    if rules.longest_loan_days < rules.loan_days {
        let message = Text::new(
            "La durée maximale d'un prêt est inférieure à sa durée habituelle.",
            "The maximum length of a loan is less than the usual length.",
        );
        faults.push(Fault::new("/longest_loan_days", "shorter_than_usual", message));
    }
    if rules.closings.windows(2).any(|two| two[1].0 <= two[0].1) {
        let message = Text::new("Deux périodes de fermeture se chevauchent.", "Two closing periods overlap.");
        faults.push(Fault::new("/closings", "overlapping", message));
    }
    faults
}
