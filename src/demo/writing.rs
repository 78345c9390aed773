//! What is written about the cases of the demonstration: a summary, a note for a named reader, recommendations; and the resource
//! people who are called upon.

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use super::course::working_day;
use super::states::PoleState;
use super::work;
use crate::auth::PrincipalId;
use crate::cases;
use crate::cases::notes::dto::CaseNoteInput;
use crate::cases::notes::model::CaseNoteKind;
use crate::cases::recommendations::dto::RecommendationInput;
use crate::cases::{notes, recommendations};
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::Secret;
use crate::resource_people::dto::ResourcePersonInput;
use crate::resource_people::ops as people;
use crate::trail::Call;
use crate::work::Work;

/// The resource people of a pôle: name, profession.
const PEOPLE: [(&str, &str); 3] = [
    ("Sacha Exemple", "occupational_therapist"),
    ("Lou Exemple", "speech_therapist"),
    ("Charlie Exemple", "psychologist"),
];

/// A recommendation: kind, text, to whom, adaptation, whether it is applied.
type Recommended = (&'static str, &'static str, &'static str, Option<&'static str>, Option<bool>);

const RECOMMENDED: [Recommended; 4] = [
    (
        "childcare_adaptation",
        "Aménager un coin calme, à l'écart du jeu.",
        "childcare_professional",
        Some("adapted_space"),
        Some(true),
    ),
    ("equipment", "Emprunter la mallette sensorielle avant les premières matinées.", "parent", None, Some(false)),
    ("team_support", "Prévoir un temps d'échange avec l'équipe après un mois.", "childcare_manager", None, None),
    ("partner_referral", "Demander un bilan orthophonique.", "parent", None, None),
];

/// Writes about the open cases of a pôle, by its coordinator. `reader` reads a restricted note.
pub(super) fn play(
    work: &mut Work<'_>,
    state: &mut PoleState,
    (opened_on, today): (NaiveDate, NaiveDate),
    of: &[Id],
    reader: Option<PrincipalId>,
) -> Result<(), ApiError> {
    let called = add_people(work, state, opened_on)?;
    let Some(first) = of.first().copied() else { return Ok(()) };
    call_upon(work, state, today, first, &called[..1])?;
    let readers = match reader {
        Some(PrincipalId::User(user)) => vec![user],
        _ => Vec::new(),
    };
    let summary = note(CaseNoteKind::Summary, "La famille et la crèche s'accordent sur deux matinées.", Vec::new());
    let restricted = note(CaseNoteKind::Restricted, "À reprendre ensemble avant la réunion de synthèse.", readers);
    for (minute, new) in [(200, summary), (201, restricted)] {
        let call = Call { operation: "POST /v1/cases/{id}/notes".to_owned(), ..state.coordinator.into() };
        at(work, today, minute, call, |work| {
            let case = cases::ops::find(work, &state.scope, first)?;
            notes::ops::create(work, &state.scope, &case, &new).map(drop)
        })?;
    }
    for (rank, (case, (kind, text, to, adaptation, applied))) in (0..).zip(of.iter().zip(RECOMMENDED)) {
        let new = RecommendationInput {
            kind: code(kind)?,
            text: Secret::new(text.to_owned()),
            addressed_to: code(to)?,
            adaptation: adaptation.map(code).transpose()?,
            intervention_id: None,
            made_on: Some(today),
            applied,
            checked_on: applied.map(|_| today),
        };
        let call = Call { operation: "POST /v1/cases/{id}/recommendations".to_owned(), ..state.coordinator.into() };
        at(work, today, 210 + rank, call, |work| {
            let case = cases::ops::find(work, &state.scope, *case)?;
            recommendations::ops::create(work, &state.scope, &case, &new).map(drop)
        })?;
    }
    Ok(())
}

fn note(kind: CaseNoteKind, text: &str, reader_ids: Vec<Id>) -> CaseNoteInput {
    CaseNoteInput { kind, intervention_id: None, text: Secret::new(text.to_owned()), reader_ids }
}

fn add_people(work: &mut Work<'_>, state: &PoleState, opened_on: NaiveDate) -> Result<Vec<Id>, ApiError> {
    let mut added = Vec::with_capacity(PEOPLE.len());
    for (rank, (name, profession)) in (0..).zip(PEOPLE) {
        let new = ResourcePersonInput {
            service_id: state.service,
            name: name.to_owned(),
            profession: code(profession)?,
            organisation_id: None,
            phone: None,
            email: None,
        };
        let call = Call { operation: "POST /v1/resource-people".to_owned(), ..state.coordinator.into() };
        let day = working_day(opened_on + Duration::days(7));
        added.push(at(work, day, rank, call, |work| people::create(work, &state.scope, &new))?.id);
    }
    Ok(added)
}

/// Calls upon resource people about a case, today.
fn call_upon(
    work: &mut Work<'_>,
    state: &mut PoleState,
    today: NaiveDate,
    case: Id,
    people: &[Id],
) -> Result<(), ApiError> {
    let mut act = work::act(state.service, "resource_person_request", today, (30, 0), "phone")?;
    act.case_ids = vec![case];
    act.resource_person_ids = people.to_vec();
    work::record(work, state, 190, "resource_person_request", &act)
}
