//! Undoing a merge: everything is as before, unless something new hangs on what was merged.

use std::collections::{BTreeMap, BTreeSet};

use super::dto::ChildMerge;
use super::model::teams::ends_back;
use super::model::{HangingRow, Kept, Moved, Named, Side, naming, undo_until};
use super::ops::{self, Merger, obstacle, record_moves};
use super::show::{self, kept_at, moved_of};
use super::store::hanging;
use super::store::moves::{self, Sides};
use super::store::{self, ChildRow, FamilyCase, MergeRow};
use super::{acts, reseal};
use crate::cases;
use crate::cases::join::model::opening;
use crate::cases::model::CaseStatus;
use crate::data_keys::{data_key, data_keys, give_keys_back};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::privacy::DataKey;
use crate::trail::Resource;
use crate::work::Work;

/// Undoes a merge.
pub(super) fn undo(work: &mut Work<'_>, merger: &Merger, row: &MergeRow) -> Result<ChildMerge, ApiError> {
    let service = row.service_id;
    merger.require(service)?;
    if row.undone_at.is_some() {
        return Err(ApiError::wrong_state("undone", std::iter::empty()));
    }
    if undo_until(row.created_at) < work.now {
        return Err(ApiError::new(Code::Conflict).detail(
            "Une fusion s'annule pendant 30 jours. Séparer les enfants à la main : en créer un, puis saisir à nouveau ce qui le concerne.",
            "A merge can be undone for 30 days. Separate the children by hand: create one, then record again what is about it.",
        ));
    }
    let absorbed = Side {
        child: row.absorbed_child_id,
        household: row.absorbed_household_id.unwrap_or(row.survivor_household_id),
        case: row.absorbed_case_id,
    };
    let survivor =
        Side { child: row.survivor_child_id, household: row.survivor_household_id, case: row.survivor_case_id };
    let sides = Sides { absorbed, survivor };
    ops::lock(work, service, &[absorbed.household, survivor.household], &[absorbed.child, survivor.child])?;
    if let Some(later) = store::later(work.conn, row)? {
        return Err(refused(vec![obstacle(work, "merged_since", Resource::ChildMerge, &[later])]));
    }
    let key = data_keys(work, &[survivor.household])?.remove(&survivor.household).ok_or_else(erased)?;
    let kept: Kept = key.open(kept_at(&row.id), &row.kept)?;
    let moved = moved_of(row)?;
    let (children, in_family) = store::families(work.conn, service, &[survivor.household])?;
    let child = children.iter().find(|child| child.id == survivor.child).ok_or_else(erased)?;
    let now = rows_now(work, &sides, &moved)?;
    let new = recorded_of_siblings(work, &sides, &moved, &in_family)?;
    refuse_what_is_new(work, &sides, (&moved, &kept), &in_family, (&now, &new))?;
    let went = moved.of("cases", |row| row.child);
    let own = in_family.iter().filter(|case| case.child_id == survivor.child && !went.contains(&case.id));
    let own: Vec<Id> = own.map(|case| case.id).collect();
    write(work, row, &sides, (child, &own), (&moved, &kept), (&key, &now, &new))
}

fn refused(obstacles: Vec<serde_json::Value>) -> ApiError {
    ApiError::new(Code::Conflict)
        .detail(
            "Cette fusion ne peut plus être annulée telle quelle : `obstacles` dit ce qui l'empêche et comment y remédier.",
            "This merge cannot be undone as things are: `obstacles` says why, and the way out.",
        )
        .with("obstacles", obstacles)
}

fn erased() -> ApiError {
    ApiError::new(Code::Conflict).detail(
        "Les données personnelles de cette famille ont été effacées : la fusion ne peut plus être annulée.",
        "The personal data of this family were erased: the merge can no longer be undone.",
    )
}

/// The objects that are in the way, by the code of the obstacle and their kind.
type Found = BTreeMap<(&'static str, Resource), BTreeSet<Id>>;

/// Fails with a 409 that lists what was added or changed since the merge, by kind.
fn refuse_what_is_new(
    work: &mut Work<'_>,
    sides: &Sides,
    (moved, kept): (&Moved, &Kept),
    in_family: &[FamilyCase],
    (now, new): (&[HangingRow], &[HangingRow]),
) -> Result<(), ApiError> {
    let referrals: Vec<Id> = now.iter().filter(|row| row.table == "referrals").map(|row| row.id).collect();
    let annulled = hanging::annulled(work.conn, &referrals)?;
    let nothing = hanging::digest(b"");
    let known: BTreeMap<(&str, Id), &HangingRow> =
        moved.rows.iter().map(|row| ((row.table.as_str(), row.id), row)).collect();
    let mut found = Found::new();
    let is_of_sibling = |row: &HangingRow| {
        !row.child && !row.case && new.iter().any(|one| (&one.table, one.id) == (&row.table, row.id))
    };
    for row in now {
        let Some(of) = naming(&row.table) else { continue };
        let code = match known.get(&(row.table.as_str(), row.id)) {
            // A team that changed since stays with the survivor's case, and a child added since in its household. A referral
            // that was annulled is about nobody.
            None if ["case_members", "children"].contains(&of.table) || annulled.contains(&row.id) => continue,
            None if is_of_sibling(row) => continue,
            None if row.hidden => {
                // That there is one has to be said. Which one is not.
                found.entry(("restricted_since", of.resource)).or_default();
                continue;
            }
            None => "created_since",
            // The text of an appointment is sealed for all its families; others are sealed again.
            Some(known) if !of.is_versioned() && known.digest.is_some() && known.digest != row.digest => {
                if row.digest.as_deref() == Some(nothing.as_str()) {
                    continue;
                }
                "text_changed_since"
            }
            Some(_) => continue,
        };
        found.entry((code, of.resource)).or_default().insert(row.id);
    }
    if let Some(case) = sides.survivor.case.filter(|_| sides.absorbed.case.is_some()) {
        let went = moved.of("referrals", |row| row.case);
        let of_case = |row: &&HangingRow| row.table == "referrals" && row.case;
        let (back, stay): (Vec<&HangingRow>, Vec<_>) =
            now.iter().filter(of_case).partition(|row| went.contains(&row.id));
        if back.is_empty() || stay.is_empty() {
            found.entry(("annulled_since", Resource::Case)).or_default().insert(case);
        } else {
            let opened_on = in_family.iter().find(|row| row.id == case).map(|row| row.opened_on);
            let of_case = opened_on.zip(moved.dates).map(|(now, dates)| opening(now, dates).to_string());
            find_early(work, &mut found, case, of_case, &stay)?;
            let absorbed = kept.rows.get("cases").and_then(|rows| rows.first());
            let of_absorbed = absorbed.and_then(|row| row.get("opened_on")?.as_str()).map(str::to_owned);
            find_early(work, &mut found, case, of_absorbed, &back)?;
        }
    }
    if sides.joins_households() {
        let of_absorbed = |row: &&HangingRow| row.digest.is_some() || row.moves();
        let absorbed: Vec<Id> = moved.rows.iter().filter(of_absorbed).chain(new).map(|row| row.id).collect();
        for part in hanging::parts(work.conn, &absorbed)? {
            let is_known =
                moved.parts.iter().any(|(table, id)| (table.as_str(), *id) == (part.table_name.as_str(), part.id));
            let of = moved.rows.iter().chain(new).find(|row| row.id == part.parent).and_then(|row| naming(&row.table));
            // What follows a record is sealed again, and a former value says whose key opens it: but for the history of a
            // referral, which does not change.
            if let Some(of) = of.filter(|_| !is_known && part.table_name == "referral_events") {
                found.entry(("decided_since", of.resource)).or_default().insert(part.parent);
            }
        }
    }
    let closed = |case: &&FamilyCase| Some(case.id) == sides.survivor.case && case.status != CaseStatus::Open;
    if let Some(case) = in_family.iter().find(closed) {
        found.entry(("closed_since", Resource::Case)).or_default().insert(case.id);
    }
    if found.is_empty() {
        return Ok(());
    }
    let listed = found.into_iter().map(|((code, resource), ids)| {
        let ids: Vec<Id> = ids.into_iter().collect();
        obstacle(work, code, resource, &ids)
    });
    Err(refused(listed.collect()))
}

/// Finds a case that would open before the first of its referrals arrived, because one of these days was corrected since.
fn find_early(
    work: &mut Work<'_>,
    found: &mut Found,
    case: Id,
    opened_on: Option<String>,
    referrals: &[&HangingRow],
) -> Result<(), ApiError> {
    let referrals: Vec<Id> = referrals.iter().map(|row| row.id).collect();
    let first = hanging::first_received(work.conn, &referrals)?;
    if opened_on.zip(first).is_some_and(|(opened_on, first)| opened_on < first) {
        found.entry(("corrected_since", Resource::Case)).or_default().insert(case);
    }
    Ok(())
}

/// What was recorded since about the other children of the absorbed household: it is about neither of the two, and goes with
/// them. Of an appointment the text is sealed for all its families, and a loan is one of the household.
fn recorded_of_siblings(
    work: &mut Work<'_>,
    sides: &Sides,
    moved: &Moved,
    in_family: &[FamilyCase],
) -> Result<Vec<HangingRow>, ApiError> {
    let siblings = moved.of("children", |row| row.household);
    if siblings.is_empty() || !sides.joins_households() {
        return Ok(Vec::new());
    }
    let cases = in_family.iter().filter(|case| siblings.contains(&case.child_id)).map(|case| case.id).collect();
    let named = Named { children: siblings, household: None, cases };
    let mut rows = hanging::rows(work.conn, &named, Some((sides.survivor, true)), &[sides.survivor.child])?;
    let nothing = hanging::digest(b"");
    rows.retain(|row| {
        let is_known = moved.rows.iter().any(|known| (&known.table, known.id) == (&row.table, row.id));
        let has_text = row.digest.as_deref() != Some(nothing.as_str());
        !is_known && row.table != "reservations" && !(row.table == "appointment_cases" && has_text)
    });
    Ok(rows)
}

/// What hangs now on what was merged.
fn rows_now(work: &mut Work<'_>, sides: &Sides, moved: &Moved) -> Result<Vec<HangingRow>, ApiError> {
    let Sides { survivor, .. } = *sides;
    let joins = sides.joins_households();
    let mut named = Named {
        children: vec![survivor.child],
        household: joins.then_some(survivor.household),
        cases: survivor.case.into_iter().collect(),
    };
    if joins {
        named.children.extend(moved.of("children", |row| row.household));
        named.cases.extend(moved.of("cases", |row| row.household));
    }
    let except: Vec<Id> = std::iter::once(survivor.child).chain(survivor.case).collect();
    Ok(hanging::rows(work.conn, &named, Some((survivor, joins)), &except)?)
}

fn write(
    work: &mut Work<'_>,
    row: &MergeRow,
    sides: &Sides,
    (child, own): (&ChildRow, &[Id]),
    (moved, kept): (&Moved, &Kept),
    (key, now, theirs): (&DataKey, &[HangingRow], &[HangingRow]),
) -> Result<ChildMerge, ApiError> {
    let service = row.service_id;
    let Sides { absorbed, survivor } = *sides;
    // A correction of the survivor has replaced its blind tokens by those of its own name.
    let with_tokens = hanging::digest(&child.identity) == moved.identity;
    let team = match survivor.case {
        Some(case) => hanging::team_now(work.conn, case)?,
        None => Vec::new(),
    };
    moves::undo(work.conn, sides, (moved, kept), with_tokens, work.now)?;
    let back = moved.of("case_members", |row| row.case);
    moves::ends_back(work.conn, &ends_back(&moved.ends, (&back, &moved.members), &team))?;
    let parted_acts = acts::part(work, &kept.acts)?;
    moves::undo_dropped(work.conn, sides, kept, work.now)?;
    if sides.joins_households() {
        moves::follow(work.conn, sides, theirs, work.now)?;
        let of_absorbed = |row: &&HangingRow| row.digest.is_some() || row.moves();
        let back: Vec<Id> = moved.rows.iter().filter(of_absorbed).chain(theirs).map(|row| row.id).collect();
        let mut parts = hanging::parts(work.conn, &back)?;
        parts.retain(|part| !["corrections", "referral_events"].contains(&part.table_name.as_str()));
        give_keys_back(work, &moved.keys, survivor.household, absorbed.household)?;
        let own = data_key(work, absorbed.household)?;
        reseal::reseal(work, &reseal::written_since(moved, (now, theirs), &parts), key, &own)?;
    }
    if let (Some(case), Some(dates)) = (survivor.case, moved.dates) {
        cases::join::ops::part(work, service, case, dates)?;
    }
    let new =
        MergeRow { undone_at: Some(work.now), undone_by: Some(work.author()), version: row.version + 1, ..row.clone() };
    ApiError::require_first(store::undone(work.conn, row, &new)?)?;
    let parted = own.iter().copied().chain(absorbed.case).chain(moved.of("cases", |row| row.child));
    let told: Vec<Id> = parted.collect();
    if let Some(case) = absorbed.case {
        cases::join::ops::tell_came_back(work, service, (row.id, &row.author, row.created_at), case)?;
    }
    cases::join::ops::tell_undo(work, service, row.id, &told)?;
    for case in own {
        work.changed(Resource::Case, service, *case);
    }
    work.created(Resource::Child, service, absorbed.child);
    if sides.joins_households() {
        work.created(Resource::Household, service, absorbed.household);
    }
    if let Some((from, _)) = sides.cases() {
        work.created(Resource::Case, service, from);
    }
    work.changed(Resource::Child, service, survivor.child);
    work.changed(Resource::Household, service, survivor.household);
    record_moves(work, service, absorbed.case, moved);
    if let Some((from, into)) = sides.cases() {
        for gone in kept.ids_of("case_members") {
            work.created_in(from, Resource::CaseMember, service, gone);
        }
        for own in moved.ended.iter().chain(moved.members.iter().filter(|id| !back.contains(id))) {
            work.changed_in(into, Resource::CaseMember, service, *own);
        }
    }
    for act in &parted_acts {
        act.record(work, service);
    }
    for row in theirs {
        if let Some(of) = naming(&row.table).filter(|of| of.household) {
            work.changed(of.resource, service, row.id);
        }
    }
    work.changed(Resource::ChildMerge, service, row.id);
    for household in [absorbed.household, survivor.household] {
        work.trail.open(household, service);
    }
    show::opened(work, vec![new])?.pop().ok_or_else(ApiError::not_found)
}
