//! Deciding about a convention: the table of transitions, the dates, what is frozen.

use chrono::{Datelike, NaiveDate};

use super::dto::Convention;
use super::dto::actions::{
    ConventionAmendment, ConventionEventAction as Event, ConventionProposal, ConventionRefusal, ConventionSignature,
    ConventionTermination, NewSuspension, SuspensionEnd,
};
use super::model::{ConventionAction, ConventionStatus, years};
use super::store::parts::{self, NewTerms};
use super::store::{self, ConventionRow};
use super::{ops, rules};
use crate::auth::ServiceScope;
use crate::conventions::contributions;
use crate::dates;
use crate::error::{ApiError, Fault, Text};
use crate::work::Work;

/// What is decided.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It is sent to the collectivity.
    Propose(ConventionProposal),
    /// The parties signed it.
    Sign(ConventionSignature),
    /// It is refused or given up.
    Decline(ConventionRefusal),
    /// It is suspended.
    Suspend(NewSuspension),
    /// Its suspension ends.
    Resume(SuspensionEnd),
    /// It ends before its end.
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

/// A convention that is being decided about: the action applies.
struct Transition<'a> {
    row: &'a ConventionRow,
    to: ConventionStatus,
    today: NaiveDate,
}

/// Decides about a convention. Out of turn it is a 409 that names the state.
pub fn decide(work: &mut Work<'_>, row: &ConventionRow, decision: Decision) -> Result<Convention, ApiError> {
    let to = row.status.after(decision.action()).ok_or_else(|| {
        let actions = row.status.available_actions();
        ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str))
    })?;
    let transition = Transition { row, to, today: ops::today(work, row.service_id)? };
    match decision {
        Decision::Propose(how) => transition.propose(work, &how)?,
        Decision::Sign(how) => transition.sign(work, &how)?,
        Decision::Decline(how) => transition.decline(work, how)?,
        Decision::Suspend(how) => transition.suspend(work, how)?,
        Decision::Resume(how) => transition.resume(work, &how)?,
        Decision::Terminate(how) => transition.terminate(work, how)?,
        Decision::Amend(how) => transition.amend(work, &how)?,
    }
    ops::get(work, &ServiceScope::one(row.service_id), row.id)
}

impl Transition<'_> {
    /// The row as the decision leaves it, so far.
    fn after(&self) -> ConventionRow {
        ConventionRow { status: self.to, ..self.row.clone() }
    }

    /// The faults of the day of a decision: it has come, and what it follows came before.
    fn day(&self, pointer: &'static str, day: NaiveDate, first: Option<NaiveDate>, rule: &'static str) -> Vec<Fault> {
        let early = first.and_then(|first| dates::not_before(pointer, day, first, rule));
        dates::not_in_the_future(pointer, day, self.today).into_iter().chain(early).collect()
    }

    fn propose(&self, work: &mut Work<'_>, how: &ConventionProposal) -> Result<(), ApiError> {
        let on = how.proposed_on.unwrap_or(self.today);
        ApiError::unless_none(self.day("/proposed_on", on, None, ""))?;
        let new = ops::replace(work, self.row, ConventionRow { proposed_on: Some(on), ..self.after() })?;
        ops::record(work, &new, Event::Proposed, on, None)
    }

    /// Freezes the terms, and what they cost.
    fn sign(&self, work: &mut Work<'_>, how: &ConventionSignature) -> Result<(), ApiError> {
        let on = how.signed_on.unwrap_or(self.today);
        ApiError::unless_none(self.day("/signed_on", on, self.row.proposed_on, "signed_before_proposal"))?;
        // Before any row: whoever corrects the period takes the turn first, and the rows then.
        contributions::ops::turn(work, self.row.id)?;
        let new = ops::replace(work, self.row, ConventionRow { signed_on: Some(on), ..self.after() })?;
        parts::sign_terms(work.conn, new.id, on)?;
        contributions::ops::freeze(work, &new, on)?;
        ops::record(work, &new, Event::Signed, on, None)
    }

    /// The years are free for another convention.
    fn decline(&self, work: &mut Work<'_>, how: ConventionRefusal) -> Result<(), ApiError> {
        let on = how.declined_on.unwrap_or(self.today);
        ApiError::unless_none(self.day("/declined_on", on, self.row.proposed_on, "declined_before_proposal"))?;
        let mut new = self.after();
        // A draft that is given up was never proposed: the day is that of the decision.
        new.proposed_on = new.proposed_on.or(Some(on));
        (new.declined_on, new.reason) = (Some(on), Some(how.reason.clone()));
        let new = ops::replace(work, self.row, new)?;
        store::years::give_back(work.conn, new.id, None)?;
        ops::record(work, &new, Event::Declined, on, Some(how.reason))
    }

    fn suspend(&self, work: &mut Work<'_>, how: NewSuspension) -> Result<(), ApiError> {
        let on = how.starts_on.unwrap_or(self.today);
        let mut faults = self.day("/starts_on", on, Some(self.row.starts_on), "before_the_convention");
        faults.extend(self.after_the_end("/starts_on", on));
        let own = parts::of(work.conn, &[self.row.id])?.remove(&self.row.id).unwrap_or_default();
        if let Some(last) = own.suspensions.last().and_then(|suspension| suspension.ends_on)
            && on <= last
        {
            let message = Text::new(
                format!("La suspension précédente dure jusqu'au {last}."),
                format!("The suspension before lasts until {last}."),
            );
            faults.push(Fault::new("/starts_on", "suspended_already", message));
        }
        ApiError::unless_none(faults)?;
        let new = ops::replace(work, self.row, ConventionRow { reason: Some(how.reason.clone()), ..self.after() })?;
        parts::begin_suspension(work.conn, new.id, on)?;
        ops::record(work, &new, Event::Suspended, on, Some(how.reason))
    }

    fn resume(&self, work: &mut Work<'_>, how: &SuspensionEnd) -> Result<(), ApiError> {
        let on = how.resumes_on.unwrap_or(self.today);
        let own = parts::of(work.conn, &[self.row.id])?.remove(&self.row.id).unwrap_or_default();
        let began = own.suspensions.last().map(|suspension| suspension.starts_on);
        ApiError::unless_none(self.day("/resumes_on", on, began, "before_the_suspension"))?;
        let new = ops::replace(work, self.row, ConventionRow { reason: None, ..self.after() })?;
        let last = on.pred_opt().filter(|last| began.is_some_and(|began| *last >= began));
        parts::end_suspension(work.conn, new.id, last)?;
        ops::record(work, &new, Event::Resumed, on, None)
    }

    /// The years after the last day are free for another convention.
    fn terminate(&self, work: &mut Work<'_>, how: ConventionTermination) -> Result<(), ApiError> {
        let mut faults: Vec<Fault> =
            dates::not_before("/last_day", how.last_day, self.row.starts_on, "before_the_convention")
                .into_iter()
                .collect();
        faults.extend(self.after_the_end("/last_day", how.last_day));
        ApiError::unless_none(faults)?;
        let mut new = self.after();
        (new.terminated_on, new.reason) = (Some(how.last_day), Some(how.reason.clone()));
        let new = ops::replace(work, self.row, new)?;
        store::years::give_back(work.conn, new.id, Some(how.last_day.year()))?;
        ops::record(work, &new, Event::Terminated, how.last_day, Some(how.reason))
    }

    /// Adds terms: those before stay as they were signed.
    fn amend(&self, work: &mut Work<'_>, how: &ConventionAmendment) -> Result<(), ApiError> {
        let own = parts::of(work.conn, &[self.row.id])?.remove(&self.row.id).unwrap_or_default();
        let before = own.terms.last();
        let ends_on = how.ends_on.unwrap_or(self.row.ends_on);
        let mut faults = self.day("/signed_on", how.signed_on, self.row.signed_on, "signed_before_the_convention");
        let first = before.map_or(self.row.starts_on, |terms| terms.effective_on);
        faults.extend(dates::not_before("/effective_on", how.effective_on, first, "before_the_terms"));
        if how.effective_on > ends_on {
            let message =
                Text::new("L'avenant prendrait effet après la fin.", "The amendment would begin after the end.");
            faults.push(Fault::new("/effective_on", "after_the_end", message));
        }
        faults.extend(rules::period(self.row.starts_on, ends_on, self.today));
        faults.extend(how.services.as_deref().map(|opened| rules::services(ops::codes(opened))).unwrap_or_default());
        if ends_on == self.row.ends_on && how.services.is_none() {
            let message = Text::new(
                "Un avenant change la fin ou les prestations.",
                "An amendment changes the end or the services.",
            );
            faults.push(Fault::new("/services", "changes_nothing", message));
        }
        ApiError::unless_none(faults)?;
        let mut new = self.after();
        (new.ends_on, new.terms_number) = (ends_on, self.row.terms_number + 1);
        ops::refuse_taken_years(work, &new)?;
        let new = ops::replace(work, self.row, new)?;
        store::years::give_back(work.conn, new.id, None)?;
        store::years::take(work.conn, &new, years(new.starts_on, new.ends_on))?;
        let kept = before.map(|terms| terms.services.clone()).unwrap_or_default();
        let terms = NewTerms {
            number: new.terms_number,
            effective_on: how.effective_on,
            ends_on,
            signed_on: Some(how.signed_on),
            summary: Some(&how.summary),
            services: how.services.as_deref().unwrap_or(&kept),
        };
        parts::insert_terms(work.conn, new.id, &terms, work.now)?;
        ops::record(work, &new, Event::Amended, how.effective_on, None)
    }

    fn after_the_end(&self, pointer: &'static str, day: NaiveDate) -> Option<Fault> {
        let last = self.row.last_day();
        (day > last).then(|| {
            let message =
                Text::new(format!("La convention se termine le {last}."), format!("The convention ends on {last}."));
            Fault::new(pointer, "after_the_end", message)
        })
    }
}
