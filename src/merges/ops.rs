//! Merging two children, with a dry run.

use std::collections::BTreeSet;

use diesel::OptionalExtension;

use super::acts;
use super::dto::{ChildMerge, MergeInput};
use super::model::{self, HangingRow, Moved, Named, Side, naming};
use super::show::{kept_at, reason_at, to_merge};
use super::store::hanging::{self, Overlaps};
use super::store::moves::{self, Sides};
use super::store::{self, ChildRow, FamilyCase, MergeRow};
use crate::accounts::names;
use crate::auth::{Permission, ServiceScope};
use crate::cases;
use crate::cases::model::CaseStatus;
use crate::data_keys::{data_key, give_keys};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::households::absorbed::ops::{naming_survivor, pointing_on};
use crate::households::model::{ChildIdentity, IdentityMember};
use crate::households::ops::identity_at;
use crate::http::Can;
use crate::naming::ops::named;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// Who merges: a merge changes households and cases, so that it needs the permissions of both.
#[derive(Clone, Debug)]
pub struct Merger {
    households: ServiceScope,
}

impl Merger {
    /// What the caller of a request may merge, besides the permission that the operation requires.
    pub fn of<P>(can: &Can<P>) -> Self {
        Self { households: can.principal.scope_of(Permission::HouseholdsWrite) }
    }

    /// Who may merge the children of some services: the demonstration.
    pub fn in_services(households: ServiceScope) -> Self {
        Self { households }
    }

    /// Fails with a 403 unless the caller may change the households of a service.
    pub(super) fn require(&self, service: Id) -> Result<(), ApiError> {
        if self.households.contains(service) {
            return Ok(());
        }
        Err(ApiError::new(Code::Forbidden).with("required_permission", Permission::HouseholdsWrite.as_str()))
    }
}

/// The row of a child in scope, which stays; 404 if there is none.
pub fn find_child(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ChildRow, ApiError> {
    let found = store::child(work.conn, scope, id).map_err(ApiError::from);
    pointing_on(work, scope, id, found)
}

/// A merge that is about to be done: what hangs on either child, and what is in the way.
struct Plan {
    service: Id,
    sides: Sides,
    rows: Vec<HangingRow>,
    overlaps: Overlaps,
    cases: Vec<FamilyCase>,
    /// The members of the identities that differ.
    differs: Vec<IdentityMember>,
}

/// Merges a child into another, or says what would move.
pub fn merge(
    work: &mut Work<'_>,
    merger: &Merger,
    survivor: &ChildRow,
    input: &MergeInput,
    dry_run: bool,
) -> Result<ChildMerge, ApiError> {
    let service = survivor.service_id;
    merger.require(service)?;
    let absorbed = other_child(work, survivor, input.absorbed_id)?;
    lock(work, service, &[survivor.household_id, absorbed.household_id], &[survivor.id, absorbed.id])?;
    let plan = plan(work, survivor, &absorbed)?;
    // Both families are read, whatever comes of it.
    for household in [absorbed.household_id, survivor.household_id] {
        work.trail.open(household, service);
    }
    if dry_run {
        // What the database refuses is refused now, and not by the merge that follows.
        let tried = work.rehearse(|work| write(work, survivor, &plan, input, true))?;
        return named(work, tried);
    }
    let done = write(work, survivor, &plan, input, false)?;
    named(work, done)
}

fn other_child(work: &mut Work<'_>, survivor: &ChildRow, id: Id) -> Result<ChildRow, ApiError> {
    if id == survivor.id {
        let message = Text::new(
            "C'est le même enfant : indiquer l'autre fiche.",
            "This is the same child: give the other record of it.",
        );
        return Err(ApiError::rule("/absorbed_id", "same_child", message));
    }
    let scope = ServiceScope::one(survivor.service_id);
    if let Some(other) = store::child(work.conn, &scope, id).optional()? {
        return Ok(other);
    }
    let message = Text::new(
        "Enfant introuvable dans ce service : le chercher avec `POST /v1/children/look-up`.",
        "No such child in this service: look it up with `POST /v1/children/look-up`.",
    );
    let unknown = Fault::new("/absorbed_id", "unknown_child", message);
    Err(ApiError::fault(naming_survivor(work, &scope, id, unknown)?))
}

/// Takes the locks of the households and the children of a merge, in one order.
pub(super) fn lock(work: &mut Work<'_>, service: Id, households: &[Id], children: &[Id]) -> Result<(), ApiError> {
    let households: BTreeSet<Id> = households.iter().copied().collect();
    let children: BTreeSet<Id> = children.iter().copied().collect();
    let mut locks: Vec<(Lock, Id)> = households.iter().map(|id| (Lock::Household, *id)).collect();
    locks.extend(children.iter().map(|id| (Lock::Child, *id)));
    locks.push((Lock::Teams, service));
    work.lock_all(&locks)?;
    let (households, children): (Vec<Id>, Vec<Id>) = (households.into_iter().collect(), children.into_iter().collect());
    let cases = store::families(work.conn, service, &households)?.1;
    let cases: Vec<Id> = cases.iter().map(|case| case.id).collect();
    Ok(moves::lock_rows(work.conn, &households, &children, &cases)?)
}

fn plan(work: &mut Work<'_>, survivor: &ChildRow, absorbed: &ChildRow) -> Result<Plan, ApiError> {
    let households = [survivor.household_id, absorbed.household_id];
    let (children, cases) = store::families(work.conn, survivor.service_id, &households)?;
    for read in [survivor, absorbed] {
        let as_read =
            |row: &ChildRow| (row.id, row.version, row.household_id) == (read.id, read.version, read.household_id);
        ApiError::require_first(children.iter().any(as_read))?;
    }
    let open = |child: Id| {
        cases.iter().find(|case| case.child_id == child && case.status == CaseStatus::Open).map(|case| case.id)
    };
    let both = open(absorbed.id).zip(open(survivor.id));
    let side = |row: &ChildRow, case| Side { child: row.id, household: row.household_id, case };
    let sides = Sides {
        absorbed: side(absorbed, both.map(|(from, _)| from)),
        survivor: side(survivor, both.map(|(_, into)| into)),
    };
    let rows = hanging_rows(work, &sides, &children, &cases)?;
    let mut in_the_way = hanging::waiting(work.conn, survivor.id, absorbed.id)?;
    if let Some((from, into)) = both {
        in_the_way.extend(hanging::obstacles(work.conn, into, from)?);
    }
    let mut in_the_way: Vec<serde_json::Value> = in_the_way
        .into_iter()
        .map(|row| {
            let ids: Vec<Id> = std::iter::once(row.id).chain(row.other_id).collect();
            obstacle(work, &row.code, row.resource, &ids)
        })
        .collect();
    let (stays, goes) = (identity(work, survivor)?, identity(work, absorbed)?);
    if stays.birth_date.is_none() && goes.birth_date.is_some() {
        in_the_way.push(obstacle(work, "birth_date_lost", Resource::Child, &[survivor.id, absorbed.id]));
    }
    refuse(in_the_way)?;
    let overlaps = match both {
        Some((from, into)) => hanging::overlaps(work.conn, into, from)?,
        None => Overlaps::default(),
    };
    let dropped_parts = overlaps.dropped_parts();
    let is_dropped =
        |row: &HangingRow| dropped_parts.contains(&row.id) || overlaps.acts.iter().any(|act| act.dropped == row.id);
    let rows = rows.into_iter().filter(|row| !is_dropped(row)).map(|row| {
        let dropped = row.table == "appointment_cases" && overlaps.appointments.contains(&row.id);
        HangingRow { case: row.case && !dropped, ..row }
    });
    let rows = rows.collect();
    Ok(Plan { service: survivor.service_id, sides, rows, overlaps, cases, differs: stays.differences(&goes) })
}

/// The identity of a child.
fn identity(work: &mut Work<'_>, child: &ChildRow) -> Result<ChildIdentity, ApiError> {
    Ok(data_key(work, child.household_id)?.open(identity_at("children", &child.id), &child.identity)?)
}

/// What hangs on the absorbed child and, besides, on the survivor.
fn hanging_rows(
    work: &mut Work<'_>,
    sides: &Sides,
    children: &[ChildRow],
    cases: &[FamilyCase],
) -> Result<Vec<HangingRow>, ApiError> {
    let Sides { absorbed, survivor } = *sides;
    let joins = sides.joins_households();
    let gone: Vec<Id> = std::iter::once(absorbed.child).chain(absorbed.case).collect();
    let of_absorbed = if joins {
        Named {
            children: children.iter().filter(|row| row.household_id == absorbed.household).map(|row| row.id).collect(),
            household: Some(absorbed.household),
            cases: cases.iter().filter(|case| case.household_id == absorbed.household).map(|case| case.id).collect(),
        }
    } else {
        Named { children: vec![absorbed.child], household: None, cases: absorbed.case.into_iter().collect() }
    };
    let mut rows = hanging::rows(work.conn, &of_absorbed, Some((absorbed, joins)), &gone)?;
    let of_survivor = Named {
        children: vec![survivor.child],
        household: joins.then_some(survivor.household),
        cases: survivor.case.into_iter().collect(),
    };
    let except: Vec<Id> = std::iter::once(survivor.child).chain(survivor.case).collect();
    let there = hanging::rows(work.conn, &of_survivor, None, &except)?;
    // An appointment may be about both.
    let known: BTreeSet<(String, Id)> = rows.iter().map(|row| (row.table.clone(), row.id)).collect();
    rows.extend(there.into_iter().filter(|row| !known.contains(&(row.table.clone(), row.id))));
    Ok(rows)
}

/// Fails with a 409 that lists everything that a person has to decide first.
fn refuse(listed: Vec<serde_json::Value>) -> Result<(), ApiError> {
    if listed.is_empty() {
        return Ok(());
    }
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Les deux fiches ne peuvent pas être réunies telles quelles : `obstacles` dit ce qui l'empêche et comment y remédier.",
            "The two records cannot become one as they are: `obstacles` says why, and the way out.",
        )
        .with("obstacles", listed))
}

/// An obstacle in a 409: its code, the kind of objects, the objects, the way out.
pub(super) fn obstacle(work: &Work<'_>, code: &str, resource: Resource, ids: &[Id]) -> serde_json::Value {
    let message = model::obstacles::obstacle(code).map(|text| text.in_lang(work.call.lang).to_owned());
    let ids: Vec<&str> = ids.iter().map(Id::as_str).collect();
    serde_json::json!({"code": code, "resource": resource, "ids": ids, "message": message})
}

fn new_row(work: &Work<'_>, plan: &Plan) -> MergeRow {
    let Sides { absorbed, survivor } = plan.sides;
    MergeRow {
        id: Id::next(work.now),
        service_id: plan.service,
        survivor_child_id: survivor.child,
        survivor_household_id: survivor.household,
        survivor_case_id: survivor.case,
        absorbed_child_id: absorbed.child,
        absorbed_household_id: plan.sides.joins_households().then_some(absorbed.household),
        absorbed_case_id: absorbed.case,
        moved: String::new(),
        kept: Vec::new(),
        reason: None,
        author: work.author(),
        created_at: work.now,
        undone_at: None,
        undone_by: None,
        version: 1,
    }
}

fn write(
    work: &mut Work<'_>,
    survivor: &ChildRow,
    plan: &Plan,
    input: &MergeInput,
    dry_run: bool,
) -> Result<ChildMerge, ApiError> {
    let service = survivor.service_id;
    let today = services::ops::today(work, service)?;
    let sides = plan.sides;
    let since = plan.cases.iter().filter(|case| case.child_id == sides.absorbed.child).map(|case| case.opened_on).min();
    let counted_in = match since {
        Some(since) => cases::join::ops::counted_in(work, service, sides.absorbed.child, since)?,
        None => Vec::new(),
    };
    let absorbed_rows: Vec<Id> =
        plan.rows.iter().filter(|row| row.digest.is_some() || row.moves()).map(|row| row.id).collect();
    let parts = if sides.joins_households() { hanging::parts(work.conn, &absorbed_rows)? } else { Vec::new() };
    let key = data_key(work, sides.survivor.household)?;
    let of_absorbed = data_key(work, sides.absorbed.household)?;
    let mut kept = moves::kept(work.conn, &sides, &plan.overlaps)?;
    kept.acts = acts::kept(work, &plan.overlaps.acts)?;
    let dates = match sides.cases() {
        Some((from, into)) => Some(cases::join::ops::join(work, service, into, from)?),
        None => None,
    };
    moves::merge(work.conn, &sides, &plan.overlaps, (work.now, today))?;
    acts::join(work, &mut kept.acts, (&of_absorbed, &key))?;
    let keys = if sides.joins_households() {
        give_keys(work, sides.absorbed.household, sides.survivor.household)?
    } else {
        Vec::new()
    };
    let moved = Moved {
        rows: plan.rows.clone(),
        parts: parts.into_iter().map(|part| (part.table_name, part.id)).collect(),
        members: plan.overlaps.teams.members.clone(),
        ends: plan.overlaps.ends.clone(),
        ended: plan.overlaps.teams.ended.clone(),
        ended_on: Some(today),
        appointments: plan.overlaps.appointments.clone(),
        keys,
        dates,
        identity: hanging::digest(&survivor.identity),
    };
    let mut row = new_row(work, plan);
    row.kept = key.seal(kept_at(&row.id), &kept)?;
    row.reason = key.seal_some(reason_at(&row.id), input.reason.as_ref())?;
    row.moved = serde_json::to_string(&moved).map_err(|_| ApiError::new(Code::Internal))?;
    store::insert(work.conn, &row)?;
    // The histories of all cases of the child say it.
    let own = plan.cases.iter().filter(|case| case.child_id == sides.survivor.child).map(|case| case.id);
    let own: Vec<Id> = own.collect();
    let told: Vec<Id> = own.iter().copied().chain(moved.of("cases", |row| row.child)).collect();
    cases::join::ops::tell_merge(work, service, row.id, &told)?;
    record(work, service, &sides, &moved);
    for case in own {
        work.changed(Resource::Case, service, case);
    }
    if let Some(case) = sides.survivor.case {
        for (gone, kept) in &plan.overlaps.teams.dropped {
            work.merged(Resource::CaseMember, service, *gone, *kept);
        }
        for ended in &moved.ended {
            work.changed_in(case, Resource::CaseMember, service, *ended);
        }
        let own_parts = moved.members.iter().filter(|id| !moved.of("case_members", |row| row.case).contains(id));
        for part in own_parts {
            work.changed_in(case, Resource::CaseMember, service, *part);
        }
        for act in &kept.acts {
            work.merged(Resource::Intervention, service, act.dropped, act.kept);
            acts::record_joined(work, service, act)?;
            acts::record_linked(work, service, case, act);
        }
    }
    work.created(Resource::ChildMerge, service, row.id);
    let names = names::ops::read(work, [row.author.as_str()])?;
    let mut merge = to_merge(work, row, &moved, input.reason.clone(), dry_run);
    merge.author_name = names.of(&merge.author);
    merge.counted_in = Some(counted_in);
    merge.differs = Some(plan.differs.clone());
    Ok(merge)
}

/// Records in the feed and the journal what a merge changes.
fn record(work: &mut Work<'_>, service: Id, sides: &Sides, moved: &Moved) {
    let Sides { absorbed, survivor } = *sides;
    work.merged(Resource::Child, service, absorbed.child, survivor.child);
    if sides.joins_households() {
        work.merged(Resource::Household, service, absorbed.household, survivor.household);
    }
    if let Some((from, into)) = sides.cases() {
        work.merged(Resource::Case, service, from, into);
    }
    work.changed(Resource::Child, service, survivor.child);
    work.changed(Resource::Household, service, survivor.household);
    record_moves(work, service, sides.survivor.case, moved);
}

/// Records in the feed the objects that name others since, except those that exist for some people only. A record of a case
/// names the case.
pub(super) fn record_moves(work: &mut Work<'_>, service: Id, case: Option<Id>, moved: &Moved) {
    let rows: Vec<(Resource, &HangingRow)> = moved
        .rows
        .iter()
        .filter(|row| !row.hidden)
        .filter(|row| row.moves() || (row.table == "appointment_cases" && moved.appointments.contains(&row.id)))
        .filter_map(|row| naming(&row.table).map(|of| (of.resource, row)))
        .collect();
    for (resource, row) in rows {
        match case.filter(|_| row.case && naming(&row.table).is_some_and(|of| !of.household && of.is_versioned())) {
            Some(case) => work.changed_in(case, resource, service, row.id),
            None => work.changed(resource, service, row.id),
        }
    }
}
