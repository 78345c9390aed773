//! Acting upon a reservation: the table of transitions, the plan, the hand-over of the copy.

use chrono::NaiveDate;

use super::assess::{closed, day_faults, length_fault, loan_days, require_copy};
use super::dto::Reservation;
use super::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove, ReservationRefusal,
};
use super::model::{ReservationAction, ReservationStatus};
use super::ops::{self, replace};
use super::plan::{self, Plan};
use super::store::{self, ReservationRow, days};
use crate::auth::ServiceScope;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Code, Text};
use crate::lending::checks::model::Moment;
use crate::lending::checks::ops::Occasion;
use crate::lending::queue;
use crate::lending::settings::model::{LoanRules, Span, later};
use crate::lending::{catalogue, checks, copies, settings};
use crate::nomenclatures::codes::ReservationReason;
use crate::services;
use crate::work::Work;

/// What is to be done with a reservation.
#[derive(Clone, Debug)]
pub enum Command {
    /// Agree to it, or accept what the queue proposed.
    Confirm,
    /// Refuse it.
    Decline(ReservationRefusal),
    /// It is not wanted any more.
    Cancel(ReservationCancellation),
    /// Give it another copy, other days, or both.
    Move(ReservationMove),
    /// Give the copy to the borrower.
    HandOut(HandOut),
    /// Let the borrower keep it longer.
    Extend(LoanExtension),
    /// Take the copy back.
    Return(LoanReturn),
    /// Nobody came for it.
    NotCollected,
}

impl Command {
    /// The action that it is.
    pub fn action(&self) -> ReservationAction {
        match self {
            Self::Confirm => ReservationAction::Confirm,
            Self::Decline(_) => ReservationAction::Decline,
            Self::Cancel(_) => ReservationAction::Cancel,
            Self::Move(_) => ReservationAction::Move,
            Self::HandOut(_) => ReservationAction::HandOut,
            Self::Extend(_) => ReservationAction::Extend,
            Self::Return(_) => ReservationAction::Return,
            Self::NotCollected => ReservationAction::NotCollected,
        }
    }
}

/// A reservation that is being acted upon: its turn is taken, and the action applies.
struct Transition<'a> {
    row: &'a ReservationRow,
    to: ReservationStatus,
    rules: LoanRules,
    today: NaiveDate,
}

/// Acts upon a reservation. Out of turn it is a 409 that names the state; a copy that is kept for another is a 409 that names
/// what keeps it.
pub fn act(work: &mut Work<'_>, row: &ReservationRow, command: Command) -> Result<Reservation, ApiError> {
    let status = row.status_at(work.now);
    let to = status.after(command.action()).ok_or_else(|| {
        let actions = status.available_actions();
        ApiError::wrong_state(status.as_str(), actions.iter().map(ReservationAction::as_str))
    })?;
    queue::ops::turn(work, row.service_id, row.kit_id)?;
    let scope = ServiceScope::one(row.service_id);
    let today = services::store::settings(work.conn, &scope, row.service_id)?.date_of(work.now);
    let rules = settings::ops::rules(work, row.service_id)?;
    let transition = Transition { row, to, rules, today };
    match command {
        Command::Confirm => transition.confirm(work)?,
        Command::Decline(refusal) => transition.end(work, Some(refusal.reason))?,
        Command::Cancel(cancellation) => {
            transition.end(work, cancellation.reason.or_else(|| "borrower_gave_up".parse().ok()))?;
        }
        Command::NotCollected => transition.not_collected(work)?,
        Command::Move(to) => transition.relocate(work, &to)?,
        Command::HandOut(how) => transition.hand_out(work, &how)?,
        Command::Extend(how) => transition.extend(work, &how)?,
        Command::Return(how) => transition.take_back(work, &how)?,
    }
    ops::get(work, &scope, row.id)
}

impl Transition<'_> {
    /// The row as the action leaves it, so far.
    fn after(&self) -> ReservationRow {
        let mut new = self.row.clone();
        (new.status, new.decided_on) = (self.to, Some(self.today));
        new
    }

    /// The copy that is kept: the states that act upon one have one.
    fn copy_id(&self) -> Result<Id, ApiError> {
        self.row.copy_id.ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn confirm(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        let mut new = self.after();
        new.proposal_expires_at = None;
        replace(work, self.row, new).map(drop)
    }

    /// Ends without a loan: the days go back, and to whoever waits.
    fn end(&self, work: &mut Work<'_>, reason: Option<ReservationReason>) -> Result<(), ApiError> {
        let mut new = self.after();
        (new.reason, new.proposal_expires_at) = (reason, None);
        days::give_back(work.conn, self.row.id)?;
        replace(work, self.row, new)?;
        queue::ops::serve(work, self.row.service_id, self.row.kit_id)
    }

    fn not_collected(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        if self.today < self.row.starts_on {
            let starts_on = self.row.starts_on;
            let message = Text::new(
                format!("Le prêt commence le {starts_on} : il peut encore être retiré."),
                format!("The loan begins on {starts_on}: it can still be collected."),
            );
            return Err(ApiError::rule("", "not_begun", message));
        }
        self.end(work, None)
    }

    fn relocate(&self, work: &mut Work<'_>, to: &ReservationMove) -> Result<(), ApiError> {
        let row = self.row;
        let same_days = to.starts_on.is_none() && to.due_on.is_none();
        let starts_on = to.starts_on.unwrap_or(row.starts_on);
        let length = i32::try_from((row.due_on - row.starts_on).num_days()).unwrap_or(i32::MAX);
        let due_on = match (to.due_on, same_days) {
            (Some(due_on), _) => due_on,
            (None, true) => row.due_on,
            (None, false) => self.rules.due(starts_on, length),
        };
        let plan = Plan::read(work, row.kit_id, &self.rules, self.today, starts_on, Some(row.id))?;
        let mut faults = Vec::new();
        if !same_days {
            faults.extend(day_faults(&self.rules, self.today, starts_on, to.due_on, ""));
        }
        if let Some(copy) = to.copy_id {
            super::borrower::gathered(require_copy(&plan, copy), &mut faults)?;
        }
        ApiError::unless_none(faults)?;
        let span = self.rules.span(starts_on, due_on);
        // With neither a copy nor days, it is another copy that is wanted.
        let except = row.copy_id.filter(|_| same_days && to.copy_id.is_none());
        let Some(copy) = plan.pick(span, to.copy_id, except) else {
            let obstacles = plan.obstacles(work, span, to.copy_id, Some(row.id))?;
            let next = plan.next_free(starts_on, plan.horizon(), length, to.copy_id);
            return Err(plan::taken(&obstacles, &next));
        };
        let mut new = self.after();
        new.copy_id = Some(copy);
        new.keep(span);
        new.buffer_days = self.rules.buffer_days;
        days::give_back(work.conn, row.id)?;
        days::keep(work.conn, copy, row.id, span.days())?;
        replace(work, row, new)?;
        queue::ops::serve(work, row.service_id, row.kit_id)
    }

    fn hand_out(&self, work: &mut Work<'_>, how: &HandOut) -> Result<(), ApiError> {
        let (row, copy_id) = (self.row, self.copy_id()?);
        let on = how.handed_out_on.unwrap_or(self.today);
        let late = (on > row.due_on).then(|| {
            let due_on = row.due_on;
            let message = Text::new(
                format!("Le prêt devait finir le {due_on} : le déplacer d'abord."),
                format!("The loan was to end on {due_on}: move it first."),
            );
            crate::error::Fault::new("/handed_out_on", "after_due", message)
        });
        // Before the day that was agreed, it makes the loan longer.
        let early = on < row.starts_on;
        let long = early.then(|| length_fault(&self.rules, on, row.due_on, "/handed_out_on")).flatten();
        let future = dates::not_in_the_future("/handed_out_on", on, self.today);
        ApiError::unless_none(future.into_iter().chain(late).chain(long))?;
        let copy = copies::store::get(work.conn, &ServiceScope::one(row.service_id), copy_id)?;
        if !copy.is_lendable() {
            let message = Text::new(
                "Cet exemplaire est hors service : déplacer la réservation sur un autre.",
                "This copy is out of service: move the reservation to another.",
            );
            return Err(ApiError::rule("", "out_of_service", message));
        }
        // The plan may say that the copy is back; whoever still has it is what counts. The index decides races.
        if let Some(loan) = store::loans_of(work.conn, &[copy_id])?.remove(&copy_id) {
            return Err(still_out(&loan));
        }
        let mut new = self.after();
        new.handed_out_on = Some(on);
        if early {
            self.take_days(work, copy_id, Span { starts_on: on, due_on: on, blocked_until: before(row.starts_on) })?;
            new.starts_on = on;
        }
        replace(work, row, new)?;
        if let Some(check) = &how.check {
            let occasion = Occasion { moment: Moment::HandOut, reservation: Some(row.id), on, at: "/check" };
            checks::ops::perform(work, &copy, occasion, check)?;
        }
        Ok(())
    }

    /// Keeps more days of the copy, or says what is in the way.
    fn take_days(&self, work: &mut Work<'_>, copy: Id, more: Span) -> Result<(), ApiError> {
        let kept = days::obstacles(work.conn, &[copy], more.starts_on, more.blocked_until, Some(self.row.id))?;
        if !kept.is_empty() {
            return Err(plan::taken(&plan::promised(kept), &[]));
        }
        Ok(days::keep(work.conn, copy, self.row.id, more.days())?)
    }

    fn extend(&self, work: &mut Work<'_>, how: &LoanExtension) -> Result<(), ApiError> {
        let row = self.row;
        let kit = catalogue::ops::find(work, &ServiceScope::one(row.service_id), row.kit_id)?;
        let (usual, _) = loan_days(&kit, &self.rules);
        let due_on = how.due_on.unwrap_or_else(|| self.rules.due(row.due_on, usual));
        let begun = row.handed_out_on.unwrap_or(row.starts_on);
        let backwards = dates::not_before("/due_on", due_on, later(row.due_on, 1), "before_due");
        let past = dates::not_before("/due_on", due_on, self.today, "in_the_past");
        let faults = backwards
            .or(past)
            .or_else(|| length_fault(&self.rules, begun, due_on, "/due_on"))
            .or_else(|| closed(&self.rules, due_on, "/due_on"));
        ApiError::unless_none(faults)?;
        let waiting = store::waiting(work.conn, &[row.kit_id])?.len();
        if waiting > 0 {
            return Err(ApiError::new(Code::KitTaken)
                .detail(
                    format!("Un prêt n'est prolongé que si personne n'attend la mallette : {waiting} en attente."),
                    format!("A loan is extended if nobody waits for the kit: {waiting} waiting."),
                )
                .with("waiting", waiting)
                .with("obstacles", serde_json::json!([]))
                .with("next_free", serde_json::json!([])));
        }
        let mut new = self.after();
        let span =
            Span { starts_on: row.starts_on, due_on, blocked_until: self.rules.buffered(due_on, row.buffer_days) };
        if span.blocked_until > row.blocked_until {
            let more = Span { starts_on: later(row.blocked_until, 1), ..span };
            self.take_days(work, self.copy_id()?, more)?;
        }
        new.keep(Span { blocked_until: span.blocked_until.max(row.blocked_until), ..span });
        new.extensions += 1;
        replace(work, row, new).map(drop)
    }

    fn take_back(&self, work: &mut Work<'_>, how: &LoanReturn) -> Result<(), ApiError> {
        let (row, copy_id) = (self.row, self.copy_id()?);
        let on = how.returned_on.unwrap_or(self.today);
        let handed_out = row.handed_out_on.unwrap_or(row.starts_on);
        let faults = [
            dates::not_in_the_future("/returned_on", on, self.today),
            dates::not_before("/returned_on", on, handed_out, "before_hand_out"),
        ];
        ApiError::unless_none(faults.into_iter().flatten())?;
        let mut new = self.after();
        new.returned_on = Some(on);
        new.blocked_until = self.settle_buffer(work, copy_id, on)?;
        replace(work, row, new)?;
        let copy = copies::store::get(work.conn, &ServiceScope::one(row.service_id), copy_id)?;
        let occasion = Occasion { moment: Moment::Return, reservation: Some(row.id), on, at: "/check" };
        checks::ops::perform(work, &copy, occasion, &how.check)?;
        queue::ops::serve(work, row.service_id, row.kit_id)
    }

    /// The buffer begins when the copy is back: days that an early return leaves are given back, and a late one takes those
    /// that nobody has yet. Returns the last day that stays kept.
    fn settle_buffer(&self, work: &mut Work<'_>, copy: Id, on: NaiveDate) -> Result<NaiveDate, ApiError> {
        let row = self.row;
        let ready = self.rules.buffered(on, row.buffer_days).max(row.starts_on);
        if ready <= row.blocked_until {
            days::give_back_after(work.conn, row.id, ready)?;
            return Ok(ready);
        }
        let first = later(row.blocked_until, 1);
        let taken = days::taken(work.conn, &[copy], first, Some(row.id))?;
        let next = taken.get(&copy).and_then(|days| days.first().copied());
        let last = next.map_or(ready, |next| before(next).min(ready));
        if last > row.blocked_until {
            let more = Span { starts_on: first, due_on: last, blocked_until: last };
            days::keep(work.conn, copy, row.id, more.days())?;
        }
        Ok(last.max(row.blocked_until))
    }
}

/// The day before.
fn before(day: NaiveDate) -> NaiveDate {
    day.pred_opt().unwrap_or(day)
}

/// Somebody still has the copy.
fn still_out(loan: &ReservationRow) -> ApiError {
    let due_on = loan.due_on;
    ApiError::new(Code::KitTaken)
        .detail(
            format!("Cet exemplaire n'est pas revenu : il était attendu le {due_on}. Le reprendre, ou déplacer la réservation."),
            format!("This copy has not come back: it was due on {due_on}. Take it back, or move the reservation."),
        )
        .with("loan_id", loan.id.as_str())
        .with("obstacles", serde_json::json!([]))
        .with("next_free", serde_json::json!([]))
}
