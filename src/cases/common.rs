//! What the use cases of a case and of its parts share: the state check, the version, the record of a read, the key.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::model::{CaseAction, CaseStatus};
use super::store::{self, CaseRow};
use crate::auth::ServiceScope;
use crate::data_keys;
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::DataKey;
use crate::trail::Resource;
use crate::work::Work;

/// Fails with a 409 if an action is not allowed in the state of a case. Returns today's date in its service.
pub(super) fn require_action(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    action: CaseAction,
) -> Result<NaiveDate, ApiError> {
    state_after(case, action)?;
    let settings = crate::services::ops::settings(work, scope, case.service_id)?;
    Ok(settings.date_of(work.now))
}

/// The state after an action, or a 409 if the action is not allowed.
pub(super) fn state_after(case: &CaseRow, action: CaseAction) -> Result<CaseStatus, ApiError> {
    case.status.after(action).ok_or_else(|| {
        let actions = case.status.available_actions(case.subject);
        ApiError::wrong_state(case.status.as_str(), actions.iter().map(CaseAction::as_str))
    })
}

/// Increments the version of an open case to which something is added. Sets the next follow-up if a date is given.
pub(super) fn touch(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    next_follow_up_on: Option<NaiveDate>,
) -> Result<(), ApiError> {
    work.changed(Resource::Case, case.service_id, case.id);
    let open = store::touch(work.conn, scope, case.id, next_follow_up_on, work.now)?;
    ApiError::require_first(open)
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
