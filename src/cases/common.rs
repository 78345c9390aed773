//! What the use cases of a case and of its parts share: the state check, the version, the record of a read, the key.

use std::collections::HashMap;

use chrono::NaiveDate;
use validator::Validate;

use super::model::{self, CaseAction, CaseStatus, LATE_ENTRIES};
use super::store::{self, CaseRow};
use crate::auth::ServiceScope;
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault};
use crate::http::Field;
use crate::http::body::check_rules;
use crate::privacy::DataKey;
use crate::services::model::Settings;
use crate::trail::Resource;
use crate::work::Work;

/// Fails with a 409 if an action is not allowed in the state of a case. Returns today's date in its service.
pub(super) fn require_action(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    action: CaseAction,
) -> Result<NaiveDate, ApiError> {
    let settings = crate::services::ops::settings(work, scope, case.service_id)?;
    let today = settings.date_of(work.now);
    match case.status.after(action) {
        Some(_) => Ok(today),
        None => Err(wrong_state(case, takes_late_entries(case, &settings, today))),
    }
}

/// [`require_action`] for work that a closed case still takes for some days: work done before it was closed.
pub(super) fn require_entry(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    action: CaseAction,
) -> Result<NaiveDate, ApiError> {
    let Some(closed_on) = case.closed_on.filter(|_| LATE_ENTRIES.contains(&action)) else {
        return require_action(work, scope, case, action);
    };
    let settings = crate::services::ops::settings(work, scope, case.service_id)?;
    let today = settings.date_of(work.now);
    if takes_late_entries(case, &settings, today) {
        return Ok(today);
    }
    let last = model::last_late_day(closed_on, settings.late_entry_days);
    let (closed_fr, last_fr) = (dates::french(closed_on), dates::french(last));
    Err(wrong_state(case, false).detail(
        format!("Ce suivi est clos depuis le {closed_fr} ; le travail fait avant pouvait être saisi jusqu'au {last_fr}. Pour le saisir, rouvrir le suivi."),
        format!("This case was closed on {closed_on}; work done before could be recorded until {last}. To record it, reopen the case."),
    ))
}

/// Whether a case is closed and still takes [`LATE_ENTRIES`].
pub(super) fn takes_late_entries(case: &CaseRow, settings: &Settings, today: NaiveDate) -> bool {
    case.closed_on.is_some_and(|closed_on| today <= model::last_late_day(closed_on, settings.late_entry_days))
}

/// The faults of the day of a record: in the future, before the first possible day, after the closing of the case.
pub(super) fn day_faults(
    pointer: &'static str,
    day: NaiveDate,
    (first, rule): (NaiveDate, &'static str),
    today: NaiveDate,
    case: &CaseRow,
) -> Vec<Fault> {
    let faults = [
        dates::not_in_the_future(pointer, day, today),
        dates::not_before(pointer, day, first, rule),
        case.closed_on.and_then(|closed_on| dates::not_after(pointer, day, closed_on, "after_closing")),
    ];
    faults.into_iter().flatten().collect()
}

/// The faults that the type of a request finds by itself. A merge patch is checked once it is merged.
pub(super) fn own_faults(request: &impl Validate) -> Vec<Fault> {
    check_rules(request).err().map(|error| error.faults.clone()).unwrap_or_default()
}

/// The state after an action, or a 409 if the action is not allowed.
pub(super) fn state_after(case: &CaseRow, action: CaseAction) -> Result<CaseStatus, ApiError> {
    case.status.after(action).ok_or_else(|| wrong_state(case, false))
}

fn wrong_state(case: &CaseRow, late: bool) -> ApiError {
    let actions = case.status.available_actions(case.subject, late);
    ApiError::wrong_state(case.status.as_str(), actions.iter().map(CaseAction::as_str))
}

/// Increments the version of a case of which a record is added, corrected or removed, and locks its row. Sets, clears or keeps
/// the next follow-up.
pub(super) fn touch(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    next_follow_up_on: &Field<NaiveDate>,
) -> Result<(), ApiError> {
    work.changed(Resource::Case, case.service_id, case.id);
    let as_read = store::touch(work.conn, scope, case, next_follow_up_on, work.now)?;
    ApiError::require_first(as_read)
}

/// Records in the journal that the data of a case are read, for data that no key seals: codes and dates.
pub(super) fn record_read(work: &mut Work<'_>, case: &CaseRow) {
    work.trail.open(case.key_owner(), case.service_id);
}

/// The key that opens the notes of a case; none once its owner is erased.
pub(super) fn reading_key(work: &mut Work<'_>, case: &CaseRow) -> Result<Option<DataKey>, ApiError> {
    record_read(work, case);
    let owner = case.key_owner();
    let mut keys: HashMap<Id, DataKey> = data_keys::data_keys(work, &[owner])?;
    Ok(keys.remove(&owner))
}

/// The case of a record that is read or corrected, with the day on which its first referral arrived. Its key and the settings
/// of its service are read too.
pub(super) fn around(work: &mut Work<'_>, service: Id, case: Id) -> Result<Around, ApiError> {
    arounds(work, service, &[case])?.pop().ok_or_else(ApiError::not_found)
}

/// [`around`] for the cases of one record, in the order given.
pub(super) fn arounds(work: &mut Work<'_>, service: Id, of: &[Id]) -> Result<Vec<Around>, ApiError> {
    let mut rows = store::around(work.conn, service, of)?;
    for settings in rows.settings {
        work.learn(settings.id, settings);
    }
    data_keys::unwrap_keys(work, rows.keys)?;
    let mut found = Vec::with_capacity(of.len());
    for id in of {
        let case = rows.cases.remove(id).ok_or_else(ApiError::not_found)?;
        record_read(work, &case);
        found.push(Around { first_received_on: rows.received.get(id).copied(), case });
    }
    Ok(found)
}

/// See [`around`].
#[derive(Clone, Debug)]
pub(super) struct Around {
    /// The case.
    pub(super) case: CaseRow,
    /// The day on which its first referral arrived.
    pub(super) first_received_on: Option<NaiveDate>,
}

impl Around {
    /// The first day of work on the case: the arrival of its first referral, if that is before the opening.
    pub(super) fn first_day(&self) -> NaiveDate {
        self.first_received_on.map_or(self.case.opened_on, |received| received.min(self.case.opened_on))
    }

    /// Today's date in the service of the case.
    pub(super) fn today(&self, work: &mut Work<'_>) -> Result<NaiveDate, ApiError> {
        crate::services::ops::today(work, self.case.service_id)
    }
}
