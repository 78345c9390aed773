//! Annulling a referral that was recorded or accepted by mistake: it counts nowhere any more.

use super::decide::{NewReferralEvent, date_of, replace, wrong_state};
use super::dto::Referral;
use super::dto::decisions::Annulment;
use super::model::{ReferralAction, ReferralStatus};
use super::note::Note;
use super::ops::{self, Viewer};
use super::store::ReferralRow;
use crate::auth::ServiceScope;
use crate::cases;
use crate::error::{ApiError, Fault, Faults, Text};
use crate::services;
use crate::work::Work;

/// Why a referral is annulled. Choice: the other reasons of the list say why a referral that counts was decided as it was.
const REASONS: [&str; 3] = ["entered_by_mistake", "duplicate", "already_followed"];

/// Annuls a referral. A case that it opened goes with it, if nothing hangs on it; a case with other referrals only loses this
/// one. Its `external_id` is free again.
pub fn annul(
    work: &mut Work<'_>,
    viewer: &Viewer,
    row: &ReferralRow,
    annulment: Annulment,
) -> Result<Referral, ApiError> {
    let action = ReferralAction::Annul;
    let to = row.state().after(action).ok_or_else(|| wrong_state(row))?;
    let scope = ServiceScope::one(row.service_id);
    let service = services::ops::settings(work, &scope, row.service_id)?;
    let mut faults = Faults::default();
    let decided_on = date_of(&service, work, row, annulment.decided_on, &mut faults);
    faults.add(annulment.reason.as_ref().filter(|reason| !REASONS.iter().any(|code| reason.is(code))).map(|_| {
        let codes = REASONS.map(|code| format!("`{code}`")).join(", ");
        let message = Text::new(
            format!("Une demande est annulée parce qu'elle n'aurait pas dû être saisie ou acceptée : {codes}."),
            format!("A referral is annulled because it should not have been recorded or accepted: {codes}."),
        );
        Fault::new("/reason", "not_a_reason_to_annul", message)
    }));
    faults.finish()?;
    let related = ops::related(work, viewer, std::slice::from_ref(row))?;
    let losing = match row.case_id {
        Some(case) => Some(cases::annul::ops::prepare(work, &scope, case, row.id)?),
        None => None,
    };
    let reason = annulment.reason.or_else(|| "entered_by_mistake".parse().ok());
    let new = ReferralRow {
        // The column has no word for it: see the migration `correct_entries`.
        status: ReferralStatus::Withdrawn,
        annulled_on: Some(decided_on),
        external_id: None,
        former_external_id: row.external_id.clone(),
        waiting_since: None,
        decided_on: Some(decided_on),
        reason: reason.clone(),
        redirected_to_id: None,
        case_id: None,
        ..row.clone()
    };
    let note = Note { comment: annulment.comment, overrides: Vec::new() };
    let event = NewReferralEvent { action: action.as_str(), to, reason, on: decided_on, note };
    let new = replace(work, row, new, event)?;
    if let Some(losing) = &losing {
        cases::annul::ops::finish(work, &scope, losing)?;
    }
    let mut annulled = ops::show_one(work, viewer, new, related)?;
    annulled.counted_in = Some(losing.map(|losing| losing.counted_in).unwrap_or_default());
    Ok(annulled)
}
