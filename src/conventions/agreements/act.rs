//! Decisions about a convention: the allowed transition, the checks on dates, and what is frozen.

use chrono::{Datelike, NaiveDate};

use super::dto::Convention;
use super::dto::actions::{
    ConventionAmendment, ConventionEventAction as Event, ConventionProposal, ConventionRefusal, ConventionSignature,
    ConventionTermination, SuspensionEnd, SuspensionInput,
};
use super::model::{ConventionAction, ConventionStatus, years};
use super::ops::Decided;
use super::store::parts::{self, NewTerms, Parts};
use super::store::{self, Change, ConventionRow};
use super::{ops, rules};
use crate::conventions::contributions;
use crate::dates;
use crate::error::{ApiError, Fault, Text};
use crate::nomenclatures::codes::ConventionReason;
use crate::services;
use crate::work::Work;

/// A decision about a convention.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It is sent to the local authority.
    Propose(ConventionProposal),
    /// The parties signed it.
    Sign(ConventionSignature),
    /// It is refused or abandoned.
    Decline(ConventionRefusal),
    /// It is suspended.
    Suspend(SuspensionInput),
    /// Its suspension ends.
    Resume(SuspensionEnd),
    /// It is ended early.
    Terminate(ConventionTermination),
    /// Its terms change.
    Amend(ConventionAmendment),
}

impl Decision {
    fn action(&self) -> ConventionAction {
        match self {
            Self::Propose(_) => ConventionAction::Propose,
            Self::Sign(_) => ConventionAction::Sign,
            Self::Decline(_) => ConventionAction::Decline,
            Self::Suspend(_) => ConventionAction::Suspend,
            Self::Resume(_) => ConventionAction::Resume,
            Self::Terminate(_) => ConventionAction::Terminate,
            Self::Amend(_) => ConventionAction::Amend,
        }
    }
}

/// An allowed transition: the row as it was read, and the status after the decision.
struct Transition<'a> {
    row: &'a ConventionRow,
    to: ConventionStatus,
    today: NaiveDate,
}

/// Applies a decision to a convention. A decision that is not allowed in the current state is a 409 that names the
/// state.
pub fn decide(work: &mut Work<'_>, row: &ConventionRow, decision: Decision) -> Result<Convention, ApiError> {
    let to = row.status.after(decision.action()).ok_or_else(|| {
        let actions = row.status.available_actions();
        ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str))
    })?;
    let transition = Transition { row, to, today: services::ops::today(work, row.service_id)? };
    let new = match decision {
        Decision::Propose(proposal) => transition.propose(work, &proposal)?,
        Decision::Sign(signature) => transition.sign(work, &signature)?,
        Decision::Decline(refusal) => transition.decline(work, refusal)?,
        Decision::Suspend(suspension) => transition.suspend(work, suspension)?,
        Decision::Resume(end) => transition.resume(work, &end)?,
        Decision::Terminate(termination) => transition.terminate(work, termination)?,
        Decision::Amend(amendment) => transition.amend(work, &amendment)?,
    };
    ops::show(work, new)
}

impl Transition<'_> {
    /// The row with its new status; each decision sets the other columns that it changes.
    fn with_new_status(&self) -> ConventionRow {
        ConventionRow { status: self.to, ..self.row.clone() }
    }

    /// Writes the decision: its event in the history is an action, a day and a reason.
    fn write(
        &self,
        work: &mut Work<'_>,
        new: ConventionRow,
        change: Change,
        (action, on, reason): (Event, NaiveDate, Option<ConventionReason>),
    ) -> Result<ConventionRow, ApiError> {
        ops::decide(work, self.row, new, change, Decided { action, on, reason })
    }

    /// The parts of the convention that have their own tables.
    fn parts(&self, work: &mut Work<'_>) -> Result<Parts, ApiError> {
        Ok(parts::of(work.conn, &[self.row.id])?.remove(&self.row.id).unwrap_or_default())
    }

    /// The faults of the date of a decision: it must not be in the future, nor before `first`.
    fn date_faults(
        &self,
        pointer: &'static str,
        day: NaiveDate,
        first: Option<NaiveDate>,
        rule: &'static str,
    ) -> Vec<Fault> {
        let early = first.and_then(|first| dates::not_before(pointer, day, first, rule));
        dates::not_in_the_future(pointer, day, self.today).into_iter().chain(early).collect()
    }

    fn propose(&self, work: &mut Work<'_>, proposal: &ConventionProposal) -> Result<ConventionRow, ApiError> {
        let on = proposal.proposed_on.unwrap_or(self.today);
        ApiError::reject_if_any(self.date_faults("/proposed_on", on, None, ""))?;
        let new = ConventionRow { proposed_on: Some(on), ..self.with_new_status() };
        self.write(work, new, Change::Nothing, (Event::Proposed, on, None))
    }

    /// Freezes the terms and the contributions.
    fn sign(&self, work: &mut Work<'_>, signature: &ConventionSignature) -> Result<ConventionRow, ApiError> {
        let on = signature.signed_on.unwrap_or(self.today);
        ApiError::reject_if_any(self.date_faults("/signed_on", on, self.row.proposed_on, "signed_before_proposal"))?;
        // Before any write: a correction of the period also takes the lock first and writes rows afterwards.
        contributions::ops::lock(work, self.row.id)?;
        let new = ConventionRow { signed_on: Some(on), ..self.with_new_status() };
        let new = self.write(work, new, Change::SignTerms(on), (Event::Signed, on, None))?;
        contributions::ops::freeze(work, &new, on)?;
        Ok(new)
    }

    /// Releases its years for another convention.
    fn decline(&self, work: &mut Work<'_>, refusal: ConventionRefusal) -> Result<ConventionRow, ApiError> {
        let on = refusal.declined_on.unwrap_or(self.today);
        ApiError::reject_if_any(self.date_faults(
            "/declined_on",
            on,
            self.row.proposed_on,
            "declined_before_proposal",
        ))?;
        let mut new = self.with_new_status();
        // An abandoned draft was never proposed: the date of the decision stands for that of the proposal.
        new.proposed_on = new.proposed_on.or(Some(on));
        (new.declined_on, new.reason) = (Some(on), Some(refusal.reason.clone()));
        self.write(work, new, Change::ReleaseYears(None), (Event::Declined, on, Some(refusal.reason)))
    }

    fn suspend(&self, work: &mut Work<'_>, suspension: SuspensionInput) -> Result<ConventionRow, ApiError> {
        let on = suspension.starts_on.unwrap_or(self.today);
        let mut faults = self.date_faults("/starts_on", on, Some(self.row.starts_on), "before_the_convention");
        faults.extend(self.after_the_end("/starts_on", on));
        let previous = self.parts(work)?.suspensions.last().and_then(|suspension| suspension.ends_on);
        if let Some(last) = previous.filter(|last| on <= *last) {
            let message = Text::new(
                format!("La suspension précédente court jusqu'au {}.", dates::french(last)),
                format!("The previous suspension lasts until {last}."),
            );
            faults.push(Fault::new("/starts_on", "suspended_already", message));
        }
        ApiError::reject_if_any(faults)?;
        let new = ConventionRow { reason: Some(suspension.reason.clone()), ..self.with_new_status() };
        self.write(work, new, Change::BeginSuspension(on), (Event::Suspended, on, Some(suspension.reason)))
    }

    fn resume(&self, work: &mut Work<'_>, end: &SuspensionEnd) -> Result<ConventionRow, ApiError> {
        let on = end.resumes_on.unwrap_or(self.today);
        let started_on = self.parts(work)?.suspensions.last().map(|suspension| suspension.starts_on);
        ApiError::reject_if_any(self.date_faults("/resumes_on", on, started_on, "before_the_suspension"))?;
        let new = ConventionRow { reason: None, ..self.with_new_status() };
        // Resumed on the first day of its suspension, the convention was never suspended: there is no last day.
        let last = on.pred_opt().filter(|last| started_on.is_some_and(|started_on| *last >= started_on));
        self.write(work, new, Change::EndSuspension(last), (Event::Resumed, on, None))
    }

    /// Releases the years after the last day for another convention.
    fn terminate(&self, work: &mut Work<'_>, termination: ConventionTermination) -> Result<ConventionRow, ApiError> {
        let last_day = termination.last_day;
        let mut faults: Vec<Fault> =
            dates::not_before("/last_day", last_day, self.row.starts_on, "before_the_convention").into_iter().collect();
        faults.extend(self.after_the_end("/last_day", last_day));
        ApiError::reject_if_any(faults)?;
        let mut new = self.with_new_status();
        (new.terminated_on, new.reason) = (Some(last_day), Some(termination.reason.clone()));
        let released = Change::ReleaseYears(Some(last_day.year()));
        self.write(work, new, released, (Event::Terminated, last_day, Some(termination.reason)))
    }

    /// Adds terms; earlier terms stay as they were signed.
    fn amend(&self, work: &mut Work<'_>, amendment: &ConventionAmendment) -> Result<ConventionRow, ApiError> {
        let parts = self.parts(work)?;
        let current = parts.terms.last();
        let ends_on = amendment.ends_on.unwrap_or(self.row.ends_on);
        let mut faults =
            self.date_faults("/signed_on", amendment.signed_on, self.row.signed_on, "signed_before_the_convention");
        let first = current.map_or(self.row.starts_on, |terms| terms.effective_on);
        faults.extend(dates::not_before("/effective_on", amendment.effective_on, first, "before_the_terms"));
        if amendment.effective_on > ends_on {
            let message = Text::new(
                "L'avenant prendrait effet après la fin de la convention.",
                "The amendment would take effect after the convention ends.",
            );
            faults.push(Fault::new("/effective_on", "after_the_end", message));
        }
        faults.extend(rules::period(self.row.starts_on, ends_on, self.today));
        let opened = amendment.services.as_deref();
        faults.extend(opened.map(|opened| rules::services(ops::codes(opened))).unwrap_or_default());
        if ends_on == self.row.ends_on && opened.is_none() {
            let message = Text::new(
                "Un avenant doit modifier la date de fin ou les prestations.",
                "An amendment must change the end date or the services.",
            );
            faults.push(Fault::new("/services", "changes_nothing", message));
        }
        ApiError::reject_if_any(faults)?;
        let mut new = self.with_new_status();
        (new.ends_on, new.terms_number) = (ends_on, self.row.terms_number + 1);
        let same_years = new.ends_on.year() == self.row.ends_on.year();
        if !same_years {
            ops::refuse_taken_years(work, &new)?;
        }
        let change = if same_years { Change::Nothing } else { Change::ReleaseYears(None) };
        let new = self.write(work, new, change, (Event::Amended, amendment.effective_on, None))?;
        if !same_years {
            store::years::take(work.conn, &new, years(new.starts_on, new.ends_on))?;
        }
        let unchanged = current.map(|terms| terms.services.as_slice()).unwrap_or_default();
        let terms = NewTerms {
            number: new.terms_number,
            effective_on: amendment.effective_on,
            ends_on,
            signed_on: Some(amendment.signed_on),
            summary: Some(&amendment.summary),
            services: opened.unwrap_or(unchanged),
        };
        parts::insert_terms(work.conn, new.id, &terms, work.now)?;
        Ok(new)
    }

    fn after_the_end(&self, pointer: &'static str, day: NaiveDate) -> Option<Fault> {
        let last = self.row.last_day();
        (day > last).then(|| {
            let message = Text::new(
                format!("La convention se termine le {}.", dates::french(last)),
                format!("The convention ends on {last}."),
            );
            Fault::new(pointer, "after_the_end", message)
        })
    }
}
