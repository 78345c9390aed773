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
use crate::error::{ApiError, Code, Fault};
use crate::households;
use crate::households::absorbed::ops::pointing_on;
use crate::households::model::Birth;
use crate::households::ops::ChildRow;
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
        None => Err(wrong_state(work, case, takes_late_entries(case, &settings, today))?),
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
    Err(wrong_state(work, case, false)?.detail(
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
    // The caller has required the action.
    case.status.after(action).ok_or_else(|| ApiError::new(Code::Conflict))
}

/// The refusal of an action that the state of a case does not allow, with the actions that it takes as it stands.
fn wrong_state(work: &mut Work<'_>, case: &CaseRow, late: bool) -> Result<ApiError, ApiError> {
    let standing = store::standing(work.conn, case)?;
    let mut actions = case.status.available_actions(case.subject, late);
    actions.retain(|action| action.fits(standing));
    Ok(ApiError::wrong_state(case.status.as_str(), actions.iter().map(CaseAction::as_str)))
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

/// The case in scope that the path of a request names. The 404 of one that went into another says into which.
pub(super) fn in_path(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseRow, ApiError> {
    let found = store::get(work.conn, scope, id).map_err(ApiError::from);
    pointing_on(work, scope, id, found)
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

/// The key that seals what is written about a case. Fails with a 409 once its owner is erased: nothing could be sealed.
pub(super) fn writing_key(work: &mut Work<'_>, case: &CaseRow) -> Result<DataKey, ApiError> {
    let owner = case.key_owner();
    data_keys::data_keys(work, &[owner])?.remove(&owner).ok_or_else(|| {
        ApiError::new(Code::Conflict).detail(
            "Les données personnelles de ce suivi ont été effacées : on n'y écrit plus rien.",
            "The personal data of this case were erased: nothing more is written about it.",
        )
    })
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
    let homes: Vec<Id> = rows.children.iter().map(ChildRow::household).collect();
    let children = households::ops::children(&data_keys::data_keys(work, &homes)?, &rows.children)?;
    let mut found = Vec::with_capacity(of.len());
    for id in of {
        let case = rows.cases.remove(id).ok_or_else(ApiError::not_found)?;
        record_read(work, &case);
        let birth = case.child_id.and_then(|child| Birth::of(&children.get(&child)?.identity()));
        found.push(Around { first_received_on: rows.received.get(id).copied(), birth, case });
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
    /// The birth of its child; none for a structure, and once the child is erased.
    pub(super) birth: Option<Birth>,
}

/// A case in scope that gets a record about its child.
#[derive(Debug)]
pub struct FoundCase(pub(super) Around);

impl FoundCase {
    /// The birth date of its child, or the expected one.
    pub fn born_on(&self) -> Option<NaiveDate> {
        self.0.birth.map(Birth::day)
    }
}

/// A case in scope, with its key, its child and the settings of its service; 404 if there is none.
pub fn find_case(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FoundCase, ApiError> {
    let row = in_path(work, scope, id)?;
    around(work, row.service_id, id).map(FoundCase)
}

impl Around {
    /// The faults of days in the life of its child that are before the birth.
    pub(super) fn birth_faults<'a>(&self, days: impl IntoIterator<Item = (&'a str, Option<NaiveDate>)>) -> Vec<Fault> {
        let fault = |(pointer, day): (&str, Option<NaiveDate>)| self.birth?.fault(pointer, day?);
        days.into_iter().filter_map(fault).collect()
    }

    /// The first day of work on the case: the arrival of its first referral, if that is before the opening.
    pub(super) fn first_day(&self) -> NaiveDate {
        self.first_received_on.map_or(self.case.opened_on, |received| received.min(self.case.opened_on))
    }

    /// Today's date in the service of the case.
    pub(super) fn today(&self, work: &mut Work<'_>) -> Result<NaiveDate, ApiError> {
        crate::services::ops::today(work, self.case.service_id)
    }
}
