//! Recording and reading interventions.

use chrono::NaiveDate;

use super::dto::{Intervention, InterventionFilter, InterventionInput, InterventionPage, Participants};
use super::store::{self, InterventionRow};
use crate::auth::ServiceScope;
use crate::cases::common::{Around, day_faults, reading_key, require_entry, touch};
use crate::cases::model::{CaseAction, Subject};
use crate::cases::store::{self as cases, CaseRow};
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults};
use crate::http::Field;
use crate::http::page::List;
use crate::nomenclatures;
use crate::nomenclatures::codes::{InterventionMode, InterventionType, OrganisationKind};
use crate::organisations;
use crate::privacy::{self, Place, Secret};
use crate::services::public::model::agreement;
use crate::services::public::model::school::{Around as Involved, Door};
use crate::trail::Resource;
use crate::work::Work;

/// Records an intervention.
///
/// Choice: it may be earlier than the opening, back to the day on which the first referral arrived. The calls and interviews
/// of the intake are work on the case, and would otherwise appear in no count (ARS).
pub fn record(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &InterventionInput,
) -> Result<Intervention, ApiError> {
    let today = require_entry(work, scope, case, CaseAction::RecordIntervention)?;
    let around = Around { first_received_on: cases::first_received_on(work.conn, scope, case.id)?, case: case.clone() };
    faults(work, &around, new, today)?.finish()?;
    let follow_up = follow_up(work, scope, case, new)?;
    touch(work, scope, case, &follow_up)?;
    let id = Id::at(work.now);
    let note = match &new.note {
        Some(note) => Some(data_keys::data_key(work, case.key_owner())?.seal(note_at(&id), note)?),
        None => None,
    };
    let row = InterventionRow {
        id,
        service_id: case.service_id,
        case_id: case.id,
        type_: new.kind.clone(),
        mode: new.mode.clone().map_or_else(|| mode_of(&new.kind), Ok)?,
        held_on: new.held_on,
        minutes: new.minutes,
        travel_minutes: new.travel_minutes,
        place: new.place.clone(),
        organisation_id: new.organisation_id,
        on_school_time: new.on_school_time,
        next_action_on: new.next_action_on,
        note,
        author: work.author(),
        created_at: work.now,
        version: 1,
        updated_at: work.now,
    };
    let participants = sorted(&new.participants);
    store::insert(work.conn, &row, &participants)?;
    work.created_in(case.id, Resource::Intervention, row.service_id, id);
    Ok(intervention(row, participants, new.note.clone()))
}

/// The follow-up that a new intervention plans. A closed case has none, and work that is typed late does not replace what was
/// planned after it.
fn follow_up(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &InterventionInput,
) -> Result<Field<NaiveDate>, ApiError> {
    let Some(next) = new.next_action_on.filter(|_| case.closed_on.is_none()) else { return Ok(Field::Keep) };
    let latest = match case.next_follow_up_on {
        Some(_) => store::latest_next_action(work.conn, scope, case.id, None)?,
        None => None,
    };
    Ok(if latest.is_some_and(|(held_on, _)| held_on > new.held_on) { Field::Keep } else { Field::Set(next) })
}

/// The faults of an intervention, those that need the database included.
pub(super) fn faults(
    work: &mut Work<'_>,
    around: &Around,
    new: &InterventionInput,
    today: NaiveDate,
) -> Result<Faults, ApiError> {
    let mut faults = Faults::default();
    let first = (around.first_day(), "before_request");
    faults.add(day_faults("/held_on", new.held_on, first, today, &around.case));
    faults.add(new.next_action_on.and_then(|day| dates::not_too_far_ahead("/next_action_on", day, today)));
    check_scope(work, &around.case, new, &mut faults)?;
    Ok(faults)
}

/// The mode of a type in the code list.
pub(super) fn mode_of(kind: &InterventionType) -> Result<InterventionMode, ApiError> {
    let mode = nomenclatures::mode_of(kind.as_str()).and_then(|mode| mode.parse().ok());
    mode.ok_or_else(|| ApiError::new(Code::Internal))
}

/// Participants in the order of their codes.
pub(super) fn sorted(participants: &[Participants]) -> Vec<Participants> {
    let mut participants = participants.to_vec();
    participants.sort_by(|one, other| one.kind.cmp(&other.kind));
    participants
}

pub(super) fn intervention(
    row: InterventionRow,
    participants: Vec<Participants>,
    note: Option<Secret<String>>,
) -> Intervention {
    Intervention {
        id: row.id,
        case_id: row.case_id,
        kind: row.type_,
        mode: row.mode,
        held_on: row.held_on,
        minutes: row.minutes,
        travel_minutes: row.travel_minutes,
        place: row.place,
        organisation_id: row.organisation_id,
        on_school_time: row.on_school_time,
        next_action_on: row.next_action_on,
        participants,
        note,
        author: row.author,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        counted_in: None,
    }
}

/// The faults of work around school that is no bridge, with a structure of this kind if it names one.
pub fn around_school(new: &InterventionInput, organisation: Option<&OrganisationKind>) -> Vec<Fault> {
    let people = new.participants.iter().enumerate();
    Involved::new(Door::Intervention(&new.kind))
        .time("/on_school_time", new.on_school_time)
        .place("/place", &new.place)
        .people(people.map(|(rank, one)| (format!("/participants/{rank}/kind"), &one.kind)))
        .organisations(organisation.map(|kind| ("/organisation_id".to_owned(), kind)))
        .faults()
}

/// Asks the rules of the public: a known organisation, nothing around school but a bridge, and the family's agreement
/// before a partner is contacted.
fn check_scope(
    work: &mut Work<'_>,
    case: &CaseRow,
    new: &InterventionInput,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let organisation = [("/organisation_id", new.organisation_id)];
    let found = organisations::ops::find_named(work, case.service_id, &organisation, faults)?;
    faults.add(around_school(new, found.values().next().map(|found| &found.kind)));
    if case.subject == Subject::Child && agreement::required_for(&new.kind).is_some() {
        let given = cases::agreements(work.conn, &ServiceScope::one(case.service_id), case.id)?;
        faults.add(agreement::work_fault(&new.kind, new.held_on, &given, "/type"));
    }
    Ok(())
}

/// A page of the interventions of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    list: &List<InterventionFilter>,
) -> Result<InterventionPage, ApiError> {
    let case = cases::get(work.conn, scope, case)?;
    let (rows, info) = store::list(work.conn, scope, case.id, &list.filter, &list.page)?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut participants = store::participants(work.conn, scope, &ids)?;
    let key = reading_key(work, &case)?;
    let mut data = Vec::with_capacity(rows.len());
    for row in rows {
        let note = privacy::open_unless_erased(key.as_ref(), note_at(&row.id), row.note.as_deref())?;
        let participants = participants.remove(&row.id).unwrap_or_default();
        data.push(intervention(row, participants, note));
    }
    Ok(InterventionPage { data, page: info })
}

pub(super) fn note_at(id: &Id) -> Place<'_> {
    Place { table: "interventions", column: "note", row: id.as_str() }
}
