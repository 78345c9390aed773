//! Recording and reading interventions.

use super::dto::{Intervention, InterventionInput, InterventionPage, Participants};
use super::store::{self, InterventionRow};
use crate::auth::ServiceScope;
use crate::cases::common::{reading_key, require_action, touch};
use crate::cases::model::CaseAction;
use crate::cases::model::Subject;
use crate::cases::store::{self as cases, CaseRow};
use crate::data_keys;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Faults};
use crate::http::page::PageRequest;
use crate::nomenclatures;
use crate::organisations;
use crate::privacy::{self, Place, Secret};
use crate::services::public::model::agreement;
use crate::services::public::model::school::{Around, Door};
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
    let today = require_action(work, scope, case, CaseAction::RecordIntervention)?;
    let mut faults = Faults::default();
    let received = cases::first_received_on(work.conn, scope, case.id)?;
    let first = received.map_or(case.opened_on, |received| received.min(case.opened_on));
    faults.add(dates::not_in_the_future("/held_on", new.held_on, today));
    faults.add(dates::not_before("/held_on", new.held_on, first, "before_request"));
    check_scope(work, scope, case, new, &mut faults)?;
    faults.finish()?;
    let mode = new.mode.clone().or_else(|| nomenclatures::mode_of(new.kind.as_str())?.parse().ok());
    touch(work, scope, case, new.next_action_on)?;
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
        mode: mode.ok_or_else(|| ApiError::new(Code::Internal))?,
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
    };
    let mut participants = new.participants.clone();
    participants.sort_by(|one, other| one.kind.cmp(&other.kind));
    store::insert(work.conn, &row, &participants)?;
    work.created(Resource::Intervention, row.service_id, id);
    Ok(intervention(row, participants, new.note.clone()))
}

fn intervention(row: InterventionRow, participants: Vec<Participants>, note: Option<Secret<String>>) -> Intervention {
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
        created_at: row.created_at,
    }
}

/// Asks the rules of the public: a known organisation, nothing around school but a bridge, and the family's agreement
/// before a partner is contacted.
pub(in crate::cases) fn check_scope(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: &CaseRow,
    new: &InterventionInput,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    let organisation = [("/organisation_id", new.organisation_id)];
    let found = organisations::ops::find_named(work, case.service_id, &organisation, faults)?;
    let kinds = found.values().map(|found| ("/organisation_id".to_owned(), &found.kind));
    let people = new.participants.iter().enumerate();
    let around = Around::new(Door::Intervention(&new.kind))
        .time("/on_school_time", new.on_school_time)
        .place("/place", &new.place)
        .people(people.map(|(rank, one)| (format!("/participants/{rank}/kind"), &one.kind)))
        .organisations(kinds);
    faults.add(around.faults());
    if case.subject == Subject::Child && agreement::required_for(&new.kind).is_some() {
        let given = cases::agreements(work.conn, scope, case.id)?;
        faults.add(agreement::work_fault(&new.kind, new.held_on, &given, "/type"));
    }
    Ok(())
}

/// A page of the interventions of a case.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    case: Id,
    page: &PageRequest,
) -> Result<InterventionPage, ApiError> {
    let case = cases::get(work.conn, scope, case)?;
    let (rows, info) = store::list(work.conn, scope, case.id, page)?;
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

fn note_at(id: &Id) -> Place<'_> {
    Place { table: "interventions", column: "note", row: id.as_str() }
}
