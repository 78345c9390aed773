//! Use cases of the lending settings.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::dto::{KitSettings, KitSettingsPatch, PublicHoliday, PublicHolidays};
use super::holidays::{self, Holiday};
use super::model::{LoanRules, Today};
use super::store::{self, SettingsRow};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::services;
use crate::services::model::Settings;
use crate::territories::DepartementCode;
use crate::trail::Resource;
use crate::work::Work;

/// Most days without an open one: a year, and a weekend at each end.
const LONGEST_CLOSING: i64 = 373;

/// The settings of a service in scope, for a use case to change.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<SettingsRow, ApiError> {
    services::ops::find(work, scope, service)?;
    store::settings_of_services(work.conn, &[service])?.pop().ok_or_else(ApiError::not_found)
}

/// How a service lends today; 404 if there is no such service. Read once per unit of work.
pub fn today(work: &mut Work<'_>, service: Id) -> Result<Today, ApiError> {
    today_in(work, &[service])?.remove(&service).ok_or_else(ApiError::not_found)
}

/// How several services lend today, those that exist.
pub fn today_in(work: &mut Work<'_>, services: &[Id]) -> Result<HashMap<Id, Today>, ApiError> {
    let wanted: BTreeSet<Id> = services.iter().copied().collect();
    let is_known = |work: &Work<'_>, id| work.known::<LoanRules>(id).is_some() && work.known::<Settings>(id).is_some();
    let unknown: Vec<Id> = wanted.iter().copied().filter(|id| !is_known(work, *id)).collect();
    if !unknown.is_empty() {
        let (rules, settings) = store::with_services(work.conn, &unknown)?;
        learn(work, rules, settings);
    }
    let today = |id: Id| {
        let settings: Settings = work.known(id)?;
        Some((id, Today::new(work.known(id)?, settings.time_zone, work.now)))
    };
    Ok(wanted.into_iter().filter_map(today).collect())
}

/// Keeps what was read about services for the rest of the unit of work.
pub(in crate::lending) fn learn(work: &mut Work<'_>, rules: Vec<SettingsRow>, settings: Vec<Settings>) {
    for row in rules {
        work.learn(row.service_id, row.rules);
    }
    for settings in settings {
        work.learn(settings.id, settings);
    }
}

/// The settings of a service in scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, service: Id) -> Result<KitSettings, ApiError> {
    Ok(find(work, scope, service)?.into())
}

/// The public holidays of a service in scope.
pub fn holidays(work: &mut Work<'_>, scope: &ServiceScope, service: Id, year: i32) -> Result<PublicHolidays, ApiError> {
    if !scope.contains(service) {
        return Err(ApiError::not_found());
    }
    let Today { rules, .. } = today(work, service)?;
    let departements = services::ops::settings(work, scope, service)?.departements;
    let mut days: BTreeMap<Holiday, Vec<DepartementCode>> = BTreeMap::new();
    for departement in departements {
        for holiday in holidays::of_year(year, &departement) {
            days.entry(holiday).or_default().push(departement.clone());
        }
    }
    let holiday = |(holiday, departements): (Holiday, _)| {
        let Holiday { day, name_fr, name_en } = holiday;
        PublicHoliday { day, name_fr, name_en, departements, closed: !rules.is_open(day) }
    };
    Ok(PublicHolidays { service_id: service, year, holidays: days.into_iter().map(holiday).collect() })
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
    let closed_for = |first: NaiveDate| (rules.next_open(first) - first).num_days();
    if rules.closings.iter().any(|(first, _)| closed_for(*first) > LONGEST_CLOSING) {
        let message = Text::new(
            "Des périodes de fermeture qui se suivent ferment le service pendant plus d’un an.",
            "Closing periods that follow each other close the service for more than a year.",
        );
        faults.push(Fault::new("/closings", "too_long", message));
    }
    faults
}
