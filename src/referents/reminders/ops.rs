//! The use case of reminders.

use chrono::{Datelike, NaiveDate};

use super::dto::{ReferentNeed, ReferentReminder, ReferentReminderPage};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::page::PageRequest;
use crate::referents::model::{ReferentFacts, StandingReason};
use crate::referents::ops::identities;
use crate::referents::store;
use crate::services;
use crate::work::Work;

/// A page of the referents of a service in scope with something left to do today, least recently appointed first.
pub(super) fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    page: &PageRequest,
) -> Result<ReferentReminderPage, ApiError> {
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let (rows, page) = store::in_need(work.conn, &scope.within(Some(service)), today, page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let structures: Vec<Id> = rows.iter().map(|row| row.organisation_id).collect();
    let structures = store::structures(work.conn, &structures)?;
    let mut attended = store::attended(work.conn, &ids)?;
    let mut identities = identities(work, &rows)?;
    let to_reminder = |row: store::ReferentRow| {
        let structure = structures.get(&row.organisation_id).ok_or_else(|| ApiError::new(Code::Internal))?;
        let facts = row.facts(attended.remove(&row.id).unwrap_or_default());
        let next = facts.next_change(today);
        Ok(ReferentReminder {
            referent_id: row.id,
            organisation_id: row.organisation_id,
            organisation_name: structure.name.clone(),
            identity: identities.remove(&row.id).unwrap_or_default().into(),
            appointed_on: row.appointed_on,
            standing: facts.standing(today),
            changes_on: next.map(|(day, _)| day),
            changes_to: next.map(|(_, standing)| standing),
            needs: facts
                .needs(today)
                .into_iter()
                .map(|need| with_dates(need, &facts, row.appointed_on, today))
                .collect(),
        })
    };
    let data = rows.into_iter().map(to_reminder).collect::<Result<_, ApiError>>()?;
    Ok(ReferentReminderPage { data, page })
}

/// A need, with its start and its deadline.
fn with_dates(need: StandingReason, facts: &ReferentFacts, appointed_on: NaiveDate, today: NaiveDate) -> ReferentNeed {
    let (since, due_on) = match need {
        StandingReason::FollowUpMeeting | StandingReason::ThemedDay => {
            let first = NaiveDate::from_ymd_opt(today.year(), 1, 1).unwrap_or(today);
            (first, NaiveDate::from_ymd_opt(today.year(), 12, 31))
        }
        StandingReason::CharterNotSignedByReferent
        | StandingReason::CharterNotSignedByStructure
        | StandingReason::CharterNotSignedByService => (facts.trained_on().unwrap_or(appointed_on), None),
        _ => (appointed_on, None),
    };
    ReferentNeed { need, since, due_on }
}
