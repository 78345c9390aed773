//! Recording an act: one row for each case, with its share, or one row for work about no case.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::checks::{
    about_fault, case_faults, common_faults, mode_of, names_child, next_action_fault, no_follow_up,
    professional_faults, with_child_fault,
};
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::common::{Around, require_entry, touch};
use crate::cases::interventions::dto::act::CaseNote;
use crate::cases::interventions::dto::{InterventionInput, Participants};
use crate::cases::interventions::show::{note_at, sorted};
use crate::cases::interventions::store::context::{self, Context};
use crate::cases::interventions::store::{self, InterventionRow};
use crate::cases::model::CaseAction;
use crate::cases::model::shares::shares;
use crate::cases::store::CaseRow;
use crate::data_keys::{self, unwrap_keys};
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::households;
use crate::households::absorbed::ops::naming_survivor;
use crate::households::model::Birth;
use crate::households::ops::ChildRow;
use crate::http::Field;
use crate::privacy::Secret;
use crate::services;
use crate::trail::Resource;
use crate::work::Work;

/// The code of the fault of a day that is the same for every case.
const IN_THE_FUTURE: &str = "in_the_future";

/// An act to be recorded: the work, and the cases that share it.
#[derive(Debug)]
pub struct Act<'a> {
    /// The service of the cases.
    pub service: Id,
    /// The cases, in the order of their shares.
    pub cases: &'a [CaseRow],
    /// The work. Its minutes and participants are those of the whole act.
    pub work: &'a InterventionInput,
    /// The notes of the cases. One case or none has the note of the work.
    pub notes: &'a [CaseNote],
    /// The cases that the request names as `case_ids`: a fault of one of them points at it. Those that were not found are faults
    /// already. None if the path of the request names the only case.
    pub named: Option<&'a [Id]>,
    /// Users who took part whatever their role is today: those of an appointment were checked when it was planned.
    pub checked: &'a [Id],
}

/// Records an act. `faults` are those that were found before. The rows are in the order of the cases.
///
/// Choice: it may be earlier than the opening of a case, back to the day on which its first referral arrived. The calls and
/// interviews of the intake are work on the case, and would otherwise appear in no count (ARS).
pub fn record_act(work: &mut Work<'_>, act: &Act<'_>, mut faults: Faults) -> Result<Vec<InterventionRow>, ApiError> {
    let scope = ServiceScope::one(act.service);
    let new = act.work;
    let settings = services::ops::settings(work, &scope, act.service)?;
    let today = settings.date_of(work.now);
    for case in act.cases {
        let allowed = require_entry(work, &scope, case, CaseAction::RecordIntervention);
        allowed.map_err(|error| if act.named.is_some() { error.with("case_id", case.id().as_str()) } else { error })?;
    }
    let cases: Vec<&CaseRow> = act.cases.iter().collect();
    let named = new.professional_ids.as_deref().unwrap_or_default();
    let mut context = context::context(work.conn, act.service, &cases, named)?;
    unwrap_keys(work, std::mem::take(&mut context.keys))?;
    let asked = act.named.map_or(act.cases.len(), <[Id]>::len);
    faults.add(about_fault(&new.kind, asked));
    if act.cases.is_empty() {
        faults.add(dates::not_in_the_future("/held_on", new.held_on, today));
    }
    if asked == 0 {
        faults.add(dates::not_before("/held_on", new.held_on, settings.opened_on, "before_opening"));
        faults.add(new.next_action_on.map(|_| no_follow_up()));
    }
    common_faults(work, act.service, new, &[], &mut faults)?;
    faults.add(professional_faults(named, &[act.checked, context.professionals.as_slice()].concat()));
    faults.add(note_faults(work, act)?);
    faults.add(birth_fault(work, act, &context)?);
    let mut found = Vec::new();
    for (at, case) in act.cases.iter().enumerate() {
        found.extend(of_case(act, at == 0, case, &context, today));
    }
    faults.add(found);
    faults.finish()?;
    write(work, &scope, act, &context)
}

/// The faults of one case. In a request that names several, they point at the case, except that of a day in the future, which is
/// the same for all.
fn of_case(act: &Act<'_>, is_first: bool, case: &CaseRow, context: &Context, today: NaiveDate) -> Vec<Fault> {
    let around =
        Around { first_received_on: context.received.get(&case.id()).copied(), birth: None, case: case.clone() };
    let agreements = context.agreements.get(&case.id()).map(Vec::as_slice).unwrap_or_default();
    let mut faults = case_faults(case, around.first_day(), agreements, act.work, today);
    faults.extend(next_action_fault(case, act.work.next_action_on));
    if let Some(named) = act.named {
        let rank = named.iter().position(|id| *id == case.id()).unwrap_or_default();
        faults.retain(|fault| is_first || fault.code != IN_THE_FUTURE);
        for fault in faults.iter_mut().filter(|fault| fault.code != IN_THE_FUTURE) {
            fault.pointer = format!("/case_ids/{rank}");
        }
    }
    faults
}

/// The fault of an act with a child before the birth of the child.
fn birth_fault(work: &mut Work<'_>, act: &Act<'_>, context: &Context) -> Result<Option<Fault>, ApiError> {
    if !names_child(&act.work.participants) || act.named.is_some_and(|named| named.len() != act.cases.len()) {
        return Ok(None);
    }
    let homes: Vec<Id> = context.children.iter().map(ChildRow::household).collect();
    let children = households::ops::children(&data_keys::data_keys(work, &homes)?, &context.children)?;
    let births = act.cases.iter().map(|case| Birth::of(&children.get(&case.child()?)?.identity()));
    Ok(with_child_fault("/held_on", act.work.held_on, &act.work.participants, births))
}

/// The faults of notes of cases that the act is not about.
fn note_faults(work: &mut Work<'_>, act: &Act<'_>) -> Result<Vec<Fault>, ApiError> {
    let scope = ServiceScope::one(act.service);
    let unknown =
        act.notes.iter().enumerate().filter(|(_, note)| !act.cases.iter().any(|case| case.id() == note.case_id));
    unknown
        .map(|(rank, note)| {
            let message =
                Text::new("L'intervention ne concerne pas ce suivi.", "The intervention is not about this case.");
            let fault = Fault::new(format!("/notes/{rank}/case_id"), "unknown_case", message);
            naming_survivor(work, &scope, note.case_id, fault)
        })
        .collect()
}

fn write(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    act: &Act<'_>,
    context: &Context,
) -> Result<Vec<InterventionRow>, ApiError> {
    let new = act.work;
    // In one order, so that two acts about the same cases wait for each other instead of failing.
    let by_id: BTreeMap<Id, &CaseRow> = act.cases.iter().map(|case| (case.id(), case)).collect();
    for case in by_id.values() {
        touch(work, scope, case, &follow_up(case, new, context))?;
    }
    let rows =
        if act.cases.is_empty() { vec![(unshared(work, act)?, sorted(&new.participants))] } else { shared(work, act)? };
    let caller = match work.call.principal {
        PrincipalId::User(user) => vec![user],
        PrincipalId::Client(_) | PrincipalId::Local => Vec::new(),
    };
    store::insert(work.conn, &rows, new.professional_ids.as_deref().unwrap_or(&caller), &new.resource_person_ids)?;
    for (row, _) in &rows {
        match row.case_id {
            Some(case) => work.created_in(case, Resource::Intervention, row.service_id, row.id),
            None => work.created(Resource::Intervention, row.service_id, row.id),
        }
    }
    Ok(rows.into_iter().map(|(row, _)| row).collect())
}

/// The follow-up that a new intervention plans. Work that is typed late does not replace what was planned after it.
fn follow_up(case: &CaseRow, new: &InterventionInput, context: &Context) -> Field<NaiveDate> {
    let Some(next) = new.next_action_on else { return Field::Keep };
    let latest = case.next_follow_up_on.and_then(|_| context.planned.get(&case.id()));
    if latest.is_some_and(|held_on| *held_on > new.held_on) { Field::Keep } else { Field::Set(next) }
}

/// The row of the whole act, without a case.
fn row(work: &Work<'_>, act: &Act<'_>, id: Id) -> Result<InterventionRow, ApiError> {
    let new = act.work;
    Ok(InterventionRow {
        id,
        service_id: act.service,
        case_id: None,
        act_id: id,
        position: 0,
        type_: new.kind.clone(),
        mode: new.mode.clone().map_or_else(|| mode_of(&new.kind), Ok)?,
        held_on: new.held_on,
        minutes: new.minutes,
        travel_minutes: new.travel_minutes,
        place: new.place.clone(),
        organisation_id: new.organisation_id,
        on_school_time: new.on_school_time,
        next_action_on: new.next_action_on,
        note: None,
        author: work.author(),
        created_at: work.now,
        version: 1,
        updated_at: work.now,
    })
}

/// The row of work about no case. Its note has a key of its own.
fn unshared(work: &mut Work<'_>, act: &Act<'_>) -> Result<InterventionRow, ApiError> {
    let id = Id::next(work.now);
    let mut row = row(work, act, id)?;
    if let Some(note) = &act.work.note {
        row.note = Some(data_keys::create_data_key(work, act.service, id)?.seal(note_at(&id), note)?);
    }
    Ok(row)
}

/// The rows of the cases, each with its share of the minutes and of the participants.
fn shared(work: &mut Work<'_>, act: &Act<'_>) -> Result<Vec<(InterventionRow, Vec<Participants>)>, ApiError> {
    let new = act.work;
    let number = act.cases.len();
    let (minutes, travel) = (shares(new.minutes, number), shares(new.travel_minutes, number));
    let people = shared_participants(&new.participants, number);
    let first = Id::next(work.now);
    let whole = row(work, act, first)?;
    let mut rows = Vec::with_capacity(number);
    for (rank, case) in act.cases.iter().enumerate() {
        let id = if rank == 0 { first } else { Id::next(work.now) };
        let own = act.notes.iter().find(|note| note.case_id == case.id()).map(|note| &note.note);
        let note: Option<&Secret<String>> = own.or(new.note.as_ref());
        let note = match note {
            Some(note) => Some(data_keys::data_key(work, case.key_owner())?.seal(note_at(&id), note)?),
            None => None,
        };
        let share = InterventionRow {
            id,
            case_id: Some(case.id()),
            position: i32::try_from(rank).unwrap_or(i32::MAX),
            minutes: minutes.get(rank).copied().unwrap_or_default(),
            travel_minutes: travel.get(rank).copied().unwrap_or_default(),
            note,
            ..whole.clone()
        };
        rows.push((share, people.get(rank).cloned().unwrap_or_default()));
    }
    Ok(rows)
}

/// The participants of each case: every kind is shared as the minutes are.
pub(in crate::cases::interventions) fn shared_participants(
    participants: &[Participants],
    cases: usize,
) -> Vec<Vec<Participants>> {
    let mut of_cases = vec![Vec::new(); cases];
    for one in sorted(participants) {
        for (of_case, number) in of_cases.iter_mut().zip(shares(one.number, cases)).filter(|(_, number)| *number > 0) {
            of_case.push(Participants { kind: one.kind.clone(), number });
        }
    }
    of_cases
}

#[cfg(test)]
mod tests {
    use crate::cases::interventions::ops::record::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_person_is_in_one_share(numbers in proptest::collection::vec(1i32..=500, 0..4), cases in 1usize..=20) {
            let kinds = ["parent", "child", "doctor", "judge"];
            let people: Vec<Participants> = kinds
                .iter()
                .zip(&numbers)
                .map(|(kind, number)| Participants { kind: kind.parse().unwrap(), number: *number })
                .collect();
            let shares = shared_participants(&people, cases);
            prop_assert_eq!(shares.len(), cases);
            prop_assert!(shares.iter().flatten().all(|one| one.number > 0));
            for one in &people {
                let sum: i32 = shares.iter().flatten().filter(|share| share.kind == one.kind).map(|share| share.number).sum();
                prop_assert_eq!(sum, one.number);
            }
        }
    }
}
