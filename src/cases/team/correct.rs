//! Correcting the days of a part in a team, undoing a change of hands, and the history of a part.

use serde_json::{Value, json};

use super::dto::{CaseMember, CaseMemberPatch};
use super::model::{Capacity, Days, redated, without};
use super::ops::{refuse_twice, show_one};
use super::store::{self, MemberRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, around, touch};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::ops::{self as corrections, Corrector};
use crate::cases::model::days_in_order;
use crate::cases::store::CaseRow;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::{Field, Versioned};
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A part in scope, with what a correction of it needs.
#[derive(Debug)]
pub struct Found {
    row: MemberRow,
    around: Around,
}

impl Versioned for Found {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// A part in scope; 404 if there is none. Takes the lock of the teams: the days of référents are checked against one another.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Found, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    let around = around(work, row.service_id, row.case_id)?;
    work.lock_first(Lock::Teams, row.service_id);
    Ok(Found { row, around })
}

/// Corrects the days of a part. If it is a référent's, the change of hands stays one day: who was before and who came after
/// follow.
pub fn correct(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    patch: CaseMemberPatch,
) -> Result<CaseMember, ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let first_alone = patch.ends_on == Field::Keep;
    let days = Days { starts_on: patch.starts_on.unwrap_or(row.starts_on), ends_on: patch.ends_on.over(row.ends_on) };
    if days == row.days() {
        return show_one(work, row.clone());
    }
    let today = found.around.today(work)?;
    let team = store::others(work.conn, row)?;
    let mut faults: Vec<Fault> = [
        dates::not_in_the_future("/starts_on", days.starts_on, today),
        dates::not_before("/starts_on", days.starts_on, case.opened_on, "before_opening"),
        days.ends_on.and_then(|end| dates::not_in_the_future("/ends_on", end, today)),
        days.ends_on.and_then(|end| days_in_order(("/starts_on", days.starts_on), ("/ends_on", end), first_alone)),
        (row.ends_on.is_none() && days.ends_on.is_some()).then(not_ended),
    ]
    .into_iter()
    .flatten()
    .collect();
    let (before, at) = in_order(row, &team);
    let all: Vec<Days> = before.iter().map(|one| one.days()).collect();
    let after = if row.capacity == Capacity::Referent {
        redated(&all, at, days).unwrap_or_else(|found| {
            faults.extend(found);
            all.clone()
        })
    } else {
        all.iter().enumerate().map(|(rank, old)| if rank == at { days } else { *old }).collect()
    };
    ApiError::reject_if_any(faults)?;
    // The days of référents are in order, so theirs only touch.
    if row.capacity == Capacity::Member {
        refuse_twice(row.capacity, days, team.iter().filter(|other| other.user_id == row.user_id))?;
    }
    touch(work, scope, case, &Field::Keep)?;
    let mut shown = row.clone();
    for (old, days) in before.into_iter().zip(after).filter(|(old, days)| old.days() != *days) {
        let new = write(work, case, old, days)?;
        if new.id == row.id {
            shown = new;
        }
    }
    if let Some(member) = member_before(row, &team).filter(|_| days.starts_on != row.starts_on) {
        let ends_on = Some(days.starts_on.max(member.starts_on));
        write(work, case, member, Days { ends_on, ..member.days() })?;
    }
    show_one(work, shown)
}

/// The part of a member that ended when the same person became the référent.
fn member_before<'a>(row: &MemberRow, team: &'a [MemberRow]) -> Option<&'a MemberRow> {
    let ended = |part: &&MemberRow| {
        let last = row.starts_on.max(part.starts_on);
        part.capacity == Capacity::Member && part.user_id == row.user_id && part.ends_on == Some(last)
    };
    team.iter().find(ended).filter(|_| row.capacity == Capacity::Referent)
}

/// Removes a part that was recorded by mistake. If it is a référent's, the change of hands is undone: who was in charge
/// before is again. If they are also who took the case over afterwards, their two parts become one.
pub fn remove(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    corrector: &Corrector,
    found: &Found,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    let (row, case) = (&found.row, &found.around.case);
    corrector.require(work, row.service_id, &row.author)?;
    let team = store::others(work.conn, row)?;
    refuse_last_referent(row, case, &team)?;
    touch(work, scope, case, &Field::Keep)?;
    let (rows, at) = in_order(row, &team);
    if row.capacity != Capacity::Referent {
        return take_away(work, case, row, reason);
    }
    let all: Vec<Days> = rows.iter().map(|one| one.days()).collect();
    let person = |rank: Option<usize>| rank.and_then(|rank| rows.get(rank)).map(|one| one.user_id);
    let former = person(at.checked_sub(1));
    let is_same_person = former.is_some() && former == person(Some(at + 1));
    let left: Vec<(&MemberRow, Option<Days>)> = rows.into_iter().zip(without(&all, at, is_same_person)).collect();
    // Those that go first: only one référent may be without a last day.
    for (gone, _) in left.iter().filter(|(_, days)| days.is_none()) {
        take_away(work, case, gone, reason)?;
    }
    for (old, days) in left {
        if let Some(days) = days.filter(|days| *days != old.days()) {
            write(work, case, old, days)?;
        }
    }
    // Who was a member until they took the case over is one again.
    let is_there = |part: &MemberRow| part.user_id == row.user_id && part.ends_on.is_none();
    if let Some(member) = member_before(row, &team)
        && row.ends_on.is_none()
        && former != Some(row.user_id)
        && !team.iter().any(is_there)
    {
        write(work, case, member, Days { ends_on: None, ..member.days() })?;
    }
    Ok(())
}

/// Removes one part, and keeps its values.
fn take_away(work: &mut Work<'_>, case: &CaseRow, row: &MemberRow, reason: DeletionReason) -> Result<(), ApiError> {
    let correction =
        corrections::row(work, corrections::corrected(case, row, Some(reason)), &between(&values(row), None))?;
    ApiError::require_first(store::remove(work.conn, row, &correction)?)?;
    work.deleted_in(case.id, Resource::CaseMember, row.service_id, row.id, reason);
    Ok(())
}

/// The parts of one capacity, in the order of their days, and the place of one of them.
fn in_order<'a>(row: &'a MemberRow, others: &'a [MemberRow]) -> (Vec<&'a MemberRow>, usize) {
    let mut all: Vec<&MemberRow> = others.iter().filter(|other| other.capacity == row.capacity).collect();
    all.push(row);
    all.sort_by_key(|one| (one.starts_on, one.ends_on.is_none(), one.ends_on, one.id));
    let at = all.iter().position(|one| one.id == row.id).unwrap_or_default();
    (all, at)
}

/// Writes other days of a part, and keeps the former ones.
fn write(work: &mut Work<'_>, case: &CaseRow, old: &MemberRow, days: Days) -> Result<MemberRow, ApiError> {
    let new = MemberRow {
        starts_on: days.starts_on,
        ends_on: days.ends_on,
        version: old.version + 1,
        updated_at: work.now,
        ..old.clone()
    };
    let changes = between(&values(old), Some(&values(&new)));
    let correction = corrections::row(work, corrections::corrected(case, old, None), &changes)?;
    ApiError::require_first(store::correct(work.conn, old, &new, &correction)?)?;
    work.changed_in(case.id, Resource::CaseMember, new.service_id, new.id);
    Ok(new)
}

fn not_ended() -> Fault {
    let message = Text::new(
        "Cette personne accompagne encore le suivi : y mettre fin (`POST /v1/case-members/{id}/end`).",
        "This person still accompanies the case: end it (`POST /v1/case-members/{id}/end`).",
    );
    Fault::new("/ends_on", "not_ended", message)
}

/// A closed case keeps its last référent: who answers for its file is always known. The days of that part can be corrected.
fn refuse_last_referent(row: &MemberRow, case: &CaseRow, others: &[MemberRow]) -> Result<(), ApiError> {
    let is_referent = |part: &MemberRow| part.capacity == Capacity::Referent;
    if case.is_open() || !is_referent(row) || others.iter().any(is_referent) {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Un suivi clos garde son dernier référent. Corriger les dates de cette personne (`PATCH /v1/case-members/{id}`), ou rouvrir le suivi et le confier à quelqu'un d'autre (`POST /v1/cases/hand-over`).",
            "A closed case keeps its last référent. Correct the days of this person (`PATCH /v1/case-members/{id}`), or reopen the case and hand it over to somebody else (`POST /v1/cases/hand-over`).",
        )
        .with("case_id", case.id.as_str()))
}

/// What a correction compares.
fn values(row: &MemberRow) -> Value {
    json!({
        "user_id": row.user_id, "capacity": row.capacity, "starts_on": row.starts_on, "ends_on": row.ends_on,
    })
}
