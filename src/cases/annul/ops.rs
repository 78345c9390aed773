//! What becomes of a case when a referral that led to it is annulled.

use chrono::NaiveDate;

use crate::auth::ServiceScope;
use crate::cases::correct::{published, values};
use crate::cases::corrections::difference::between;
use crate::cases::corrections::dto::CountedIn;
use crate::cases::corrections::ops::{self as corrections, Corrected};
use crate::cases::history::ops::{self as history, ANNUL, CORRECT};
use crate::cases::ops::next;
use crate::cases::store::{self, CaseRow, Dependants};
use crate::data_keys;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::Field;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// A case that loses a referral: checked before the referral changes, and written after.
#[derive(Debug)]
pub struct Losing {
    case: CaseRow,
    /// Whether other referrals keep it.
    stays: bool,
    /// Its opening, if it follows the first of the other referrals, and the members of the team who follow it.
    moved: Option<(NaiveDate, Vec<Id>)>,
    /// The published releases that counted its child.
    pub counted_in: Vec<CountedIn>,
}

/// Fails with a 409 that names what hangs on the case, unless it can lose the referral. Other referrals keep it, with its
/// records; otherwise it goes with the referral, and nothing may hang on it.
pub fn prepare(work: &mut Work<'_>, scope: &ServiceScope, case: Id, referral: Id) -> Result<Losing, ApiError> {
    let hanging = store::dependants(work.conn, scope, case, referral)?;
    data_keys::unwrap_keys(work, hanging.keys.clone())?;
    let case = hanging.case.clone().ok_or_else(ApiError::not_found)?;
    let first = hanging.referrals.iter().min().copied();
    let stays = first.is_some();
    let first = first.unwrap_or(case.opened_on);
    let records = if stays && case.opened_on < first { Some(store::records(work.conn, &case)?) } else { None };
    let first_day =
        [hanging.first_held_on, records.as_ref().and_then(|records| records.first)].into_iter().flatten().min();
    let too_early = first_day.is_some_and(|day| day < first);
    let named = if stays { Vec::new() } else { named(&hanging) };
    if !named.is_empty() {
        let list = |at: fn(&(&'static str, &'static str, &'static str, i64)) -> String| {
            named.iter().map(at).collect::<Vec<_>>().join(", ")
        };
        // How many notes there are would tell how many of them are restricted.
        let (fr, en) = (
            list(|one| match one.0 {
                NOTE => format!("{} (les notes réservées, par qui les a écrites)", one.1),
                _ => format!("{} ({})", one.1, one.3),
            }),
            list(|one| match one.0 {
                NOTE => format!("{} (restricted ones, by who wrote them)", one.2),
                _ => format!("{} ({})", one.2, one.3),
            }),
        );
        let hangs_on: Vec<serde_json::Value> = named
            .iter()
            .map(|one| match one.0 {
                NOTE => serde_json::json!({"kind": one.0}),
                _ => serde_json::json!({"kind": one.0, "number": one.3}),
            })
            .collect();
        let (fr, en) = if case.is_open() {
            (
                format!(
                    "Le suivi ouvert par cette demande a déjà des saisies : {fr}. Les supprimer d'abord, ou clore le suivi."
                ),
                format!("The case that this referral opened has records: {en}. Remove them first, or close the case."),
            )
        } else {
            // Reopening takes the step of the closure back.
            (
                format!(
                    "Le suivi ouvert par cette demande est clos et a des saisies : {fr}. Le rouvrir, puis les supprimer."
                ),
                format!(
                    "The case that this referral opened is closed and has records: {en}. Reopen it, then remove them."
                ),
            )
        };
        return Err(ApiError::new(Code::Conflict)
            .detail(fr, en)
            .with("case_id", case.id.as_str())
            .with("hangs_on", hangs_on));
    }
    if stays && too_early {
        return Err(ApiError::new(Code::Conflict)
            .detail(
                "Une saisie du suivi précède ses autres demandes : corriger d'abord sa date.",
                "A record of the case is earlier than its other referrals: correct its date first.",
            )
            .with("case_id", case.id.as_str()));
    }
    let today = crate::services::ops::today(work, case.service_id)?;
    let counted_in = published(work, &case, &case, today)?;
    let moved = records.map(|records| (first, records.team));
    Ok(Losing { case, stays, moved, counted_in })
}

/// Moves the opening of a case to the arrival of the first referral that it is left with.
fn reopened_on(work: &mut Work<'_>, case: &CaseRow, opened_on: NaiveDate, team: &[Id]) -> Result<(), ApiError> {
    let today = crate::services::ops::today(work, case.service_id)?;
    let new = next(work, case, CaseRow { opened_on, ..case.clone() });
    let of =
        Corrected { kind: Resource::Case, id: case.id, case, version: new.version, entered_by: "", removed_for: None };
    let correction = corrections::row(work, of, &between(&values(case), Some(&values(&new))))?;
    let event = history::event(work, &new, CORRECT, today);
    ApiError::require_first(store::correct(work.conn, case, &new, &event, &correction, None, team)?)?;
    for member in team {
        work.changed_in(case.id, Resource::CaseMember, case.service_id, *member);
    }
    Ok(())
}

const NOTE: &str = "case_note";

/// What hangs on a case: the kind, its French and English names, the number.
fn named(hanging: &Dependants) -> Vec<(&'static str, &'static str, &'static str, i64)> {
    let kinds = [
        ("intervention", "interventions", "interventions", hanging.interventions),
        ("placement", "accueils", "placements", hanging.placements),
        ("case_step", "étapes", "steps", hanging.steps),
        ("reservation", "réservations de mallettes", "reservations of kits", hanging.reservations),
        ("goal", "objectifs", "goals", hanging.goals),
        ("complex_situation", "situations complexes", "complex situations", hanging.complex_situations),
        ("procedure", "démarches", "procedures", hanging.procedures),
        (NOTE, "notes", "notes", hanging.notes),
        ("recommendation", "préconisations", "recommendations", hanging.recommendations),
        ("appointment", "rendez-vous", "appointments", hanging.appointments),
    ];
    kinds.into_iter().filter(|(.., number)| *number > 0).collect()
}

/// Takes the referral from the case, or removes the case with it. The caller has changed the referral.
pub fn finish(work: &mut Work<'_>, scope: &ServiceScope, losing: &Losing) -> Result<(), ApiError> {
    let case = &losing.case;
    if let Some((opened_on, team)) = &losing.moved {
        return reopened_on(work, case, *opened_on, team);
    }
    if losing.stays {
        return crate::cases::common::touch(work, scope, case, &Field::Keep);
    }
    let today = crate::services::ops::today(work, case.service_id)?;
    let gone = next(work, case, case.clone());
    let event = history::event(work, &gone, ANNUL, today);
    let of = Corrected {
        kind: Resource::Case,
        id: case.id,
        case,
        version: gone.version,
        entered_by: "",
        removed_for: Some(DeletionReason::EnteredByMistake),
    };
    let correction = corrections::row(work, of, &between(&values(case), None))?;
    let removed = store::remove(work.conn, case, &event, &correction).map_err(|error| {
        ApiError::still_referenced(
            error,
            "D'autres objets se rattachent à ce suivi : les supprimer d'abord.",
            "Other objects refer to this case: remove them first.",
        )
    })?;
    ApiError::require_first(removed)?;
    work.deleted(Resource::Case, case.service_id, case.id, DeletionReason::EnteredByMistake);
    Ok(())
}
