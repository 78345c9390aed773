//! Use cases of the collegial discussions of a complex situation.

use serde_json::{Value, json};

use super::correct::{self, Found};
use super::dto::{CaseDiscussion, CaseDiscussionInput, CaseDiscussionPatch, MOST_DISCUSSIONS};
use super::shown::{decision_at, opened};
use super::store::{self, DiscussionRow};
use crate::accounts::names;
use crate::auth::ServiceScope;
use crate::cases::common::{reading_key, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::http::{Field, Versioned};
use crate::privacy::Secret;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A discussion in scope, with its situation.
#[derive(Debug)]
pub struct FoundDiscussion {
    row: DiscussionRow,
    of: Found,
}

impl Versioned for FoundDiscussion {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A discussion in scope; 404 if there is none.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FoundDiscussion, ApiError> {
    let row = store::discussion(work.conn, scope, id)?;
    let of = correct::find(work, scope, row.situation_id)?;
    Ok(FoundDiscussion { row, of })
}

/// Records a discussion of a complex situation.
pub fn create(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    found: &Found,
    new: &CaseDiscussionInput,
) -> Result<CaseDiscussion, ApiError> {
    let case = &found.around.case;
    let today = found.around.today(work)?;
    ApiError::reject_if_any(found.whole.row.days().discussion_faults(new.held_on, today))?;
    if found.whole.discussions.len() >= MOST_DISCUSSIONS {
        let message = Text::new(
            format!("Une situation a au plus {MOST_DISCUSSIONS} discussions."),
            format!("A situation has at most {MOST_DISCUSSIONS} discussions."),
        );
        return Err(ApiError::rule("", "too_many_discussions", message));
    }
    // This also locks the case: between concurrent requests, the second one finds the discussion of the first.
    touch(work, scope, case, &Field::Keep)?;
    let now = store::whole(work.conn, scope, found.whole.row.id)?;
    refuse_same_day(&now.discussions, None, new)?;
    let key = data_keys::data_key(work, case.key_owner())?;
    let id = Id::at(work.now);
    let row = DiscussionRow {
        id,
        service_id: case.service_id,
        situation_id: found.whole.row.id,
        held_on: new.held_on,
        decision: key.seal(decision_at(&id), &new.decision)?,
        author: work.author(),
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert_discussion(work.conn, &row)?;
    work.created_in(row.situation_id, Resource::CaseDiscussion, row.service_id, id);
    work.changed_in(case.id, Resource::ComplexSituation, row.service_id, row.situation_id);
    let names = names::ops::read(work, [row.author.as_str()])?;
    opened(row, Some(&key), &names)
}

/// Fails with a 409 that names it, if the situation was discussed that day. The caller has locked the case.
fn refuse_same_day(all: &[DiscussionRow], but: Option<Id>, new: &CaseDiscussionInput) -> Result<(), ApiError> {
    let same = |row: &&DiscussionRow| row.held_on == new.held_on && Some(row.id) != but;
    let Some(existing) = all.iter().find(same) else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Cette situation a déjà une discussion à cette date (voir `existing_id`) : la corriger.",
            "This situation already has a discussion on this day: correct it. See `existing_id`.",
        )
        .with("existing_id", existing.id.as_str()))
}

/// One discussion in scope, opened.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<CaseDiscussion, ApiError> {
    let (row, case) = store::discussion_of_case(work.conn, scope, id)?;
    let key = reading_key(work, &case)?;
    let names = names::ops::read(work, [row.author.as_str()])?;
    opened(row, key.as_ref(), &names)
}

fn show(work: &mut Work<'_>, found: &FoundDiscussion) -> Result<CaseDiscussion, ApiError> {
    let owner = found.of.around.case.key_owner();
    let key = data_keys::data_keys(work, &[owner])?.remove(&owner);
    let names = names::ops::read(work, [found.row.author.as_str()])?;
    opened(found.row.clone(), key.as_ref(), &names)
}

/// Corrects a discussion.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &FoundDiscussion,
    patch: CaseDiscussionPatch,
) -> Result<CaseDiscussion, ApiError> {
    let (row, case) = (&found.row, &found.of.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let key = data_keys::data_key(work, case.key_owner())?;
    let decision: Secret<String> = key.open(decision_at(&row.id), &row.decision)?;
    let wanted = CaseDiscussionInput {
        held_on: patch.held_on.unwrap_or(row.held_on),
        decision: patch.decision.unwrap_or_else(|| decision.clone()),
    };
    let changes =
        between(&values(row, Some(&decision)), Some(&json!({"held_on": wanted.held_on, "decision": wanted.decision})));
    if changes.is_empty() {
        return show(work, found);
    }
    let today = found.of.around.today(work)?;
    ApiError::reject_if_any(found.of.whole.row.days().discussion_faults(wanted.held_on, today))?;
    let correction = corrections::row(work, corrections::corrected(&found.of.around.case, &found.row, None), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    refuse_same_day(&found.of.whole.discussions, Some(row.id), &wanted)?;
    let new = DiscussionRow {
        held_on: wanted.held_on,
        decision: key.seal(decision_at(&row.id), &wanted.decision)?,
        version: row.version + 1,
        updated_at: work.now,
        ..row.clone()
    };
    ApiError::require_first(store::correct_discussion(work.conn, row, &new, &correction)?)?;
    work.changed_in(row.situation_id, Resource::CaseDiscussion, row.service_id, row.id);
    work.changed_in(case.id, Resource::ComplexSituation, row.service_id, row.situation_id);
    let names = names::ops::read(work, [new.author.as_str()])?;
    opened(new, Some(&key), &names)
}

/// What a correction compares.
fn values(row: &DiscussionRow, decision: Option<&Secret<String>>) -> Value {
    json!({"held_on": row.held_on, "decision": decision})
}

/// Removes a discussion that was recorded by mistake.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &FoundDiscussion,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    let (row, case) = (&found.row, &found.of.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let shown = show(work, found)?;
    let changes = between(&values(row, shown.decision.as_ref()), None);
    let correction =
        corrections::row(work, corrections::corrected(&found.of.around.case, &found.row, Some(reason)), &changes)?;
    touch(work, scope, case, &Field::Keep)?;
    ApiError::require_first(store::remove_discussion(work.conn, row, &correction, work.now)?)?;
    work.deleted_in(row.situation_id, Resource::CaseDiscussion, row.service_id, row.id, reason);
    work.changed_in(case.id, Resource::ComplexSituation, row.service_id, row.situation_id);
    Ok(())
}
