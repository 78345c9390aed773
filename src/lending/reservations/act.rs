//! Actions on a reservation: check the transition, then change the plan and the row.

use chrono::NaiveDate;

use super::assess::{loan_days, require_copy};
use super::borrower::gathered;
use super::dto::Reservation;
use super::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove, ReservationRefusal,
};
use super::model::{ReservationAction, ReservationStatus};
use super::ops::{self, replace};
use super::plan::{self, Plan};
use super::store::{self, ReservationRow, days};
use crate::auth::ServiceScope;
use crate::dates::{self, french};
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::lending::checks::model::Moment;
use crate::lending::checks::ops::Occasion;
use crate::lending::occupancy::{Span, day_before};
use crate::lending::queue;
use crate::lending::settings::model::{LoanRules, days_after};
use crate::lending::{catalogue, checks, copies, settings};
use crate::nomenclatures::codes::ReservationReason;
use crate::services;
use crate::work::Work;

/// An action on a reservation, with its parameters.
#[derive(Clone, Debug)]
pub enum Command {
    /// Confirm it, or accept a proposal of the queue.
    Confirm,
    /// Refuse it.
    Decline(ReservationRefusal),
    /// Cancel it: the borrower no longer wants it.
    Cancel(ReservationCancellation),
    /// Assign another copy, other days, or both.
    Move(ReservationMove),
    /// Hand the copy out to the borrower.
    HandOut(HandOut),
    /// Extend the loan.
    Extend(LoanExtension),
    /// Take the copy back.
    Return(LoanReturn),
    /// Record that the borrower did not collect the copy.
    NotCollected,
}

impl Command {
    /// The action.
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

/// An action that is allowed in the state of the reservation. The kit is locked.
struct Transition<'a> {
    row: &'a ReservationRow,
    to: ReservationStatus,
    rules: LoanRules,
    today: NaiveDate,
}

/// Applies an action to a reservation. Fails with a 409 that names the state if the state does not allow the action,
/// and with a 409 that names the obstacles if the copy is taken.
pub fn act(work: &mut Work<'_>, row: &ReservationRow, command: Command) -> Result<Reservation, ApiError> {
    let status = row.status_at(work.now);
    let to = status.after(command.action()).ok_or_else(|| {
        let actions = status.available_actions();
        ApiError::wrong_state(status.as_str(), actions.iter().map(ReservationAction::as_str))
    })?;
    queue::ops::lock_kit(work, row.service_id, row.kit_id)?;
    let scope = ServiceScope::one(row.service_id);
    let today = services::ops::settings(work, &scope, row.service_id)?.date_of(work.now);
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
    /// The row with the new state, before the changes that are specific to the action.
    fn new_row(&self) -> ReservationRow {
        let mut new = self.row.clone();
        (new.status, new.decided_on) = (self.to, Some(self.today));
        new
    }

    /// The copy. Reservations in the states that need one always have one.
    fn copy_id(&self) -> Result<Id, ApiError> {
        self.row.copy_id.ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn confirm(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        let mut new = self.new_row();
        new.proposal_expires_at = None;
        replace(work, self.row, new).map(drop)
    }

    /// Ends a reservation without a loan: releases its days, and proposes them to the queue.
    fn end(&self, work: &mut Work<'_>, reason: Option<ReservationReason>) -> Result<(), ApiError> {
        let mut new = self.new_row();
        (new.reason, new.proposal_expires_at) = (reason, None);
        days::release(work.conn, self.row.id)?;
        replace(work, self.row, new)?;
        queue::ops::propose_next(work, self.row.service_id, self.row.kit_id)
    }

    fn not_collected(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        if self.today < self.row.starts_on {
            let starts_on = self.row.starts_on;
            let message = Text::new(
                format!("Le prêt commence le {} : la mallette peut encore être retirée.", french(starts_on)),
                format!("The loan starts on {starts_on}: the kit can still be collected."),
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
            faults.extend(self.rules.day_faults(self.today, starts_on, to.due_on, ""));
        }
        if let Some(copy) = to.copy_id {
            gathered(require_copy(&plan, copy), &mut faults)?;
        }
        ApiError::reject_if_any(faults)?;
        let span = self.rules.span(starts_on, due_on);
        // A request without a copy and without days means another copy for the same days.
        let except = row.copy_id.filter(|_| same_days && to.copy_id.is_none());
        let Some(copy) = plan.pick(span, to.copy_id, except) else {
            let obstacles = plan.obstacles(work, span, to.copy_id, Some(row.id))?;
            let next = plan.next_free(starts_on, plan.last_start(), length, to.copy_id);
            return Err(plan::taken(&obstacles, &next));
        };
        let mut new = self.new_row();
        new.copy_id = Some(copy);
        new.set_span(span);
        new.buffer_days = self.rules.buffer_days;
        days::release(work.conn, row.id)?;
        days::take(work.conn, copy, row.id, span.days())?;
        replace(work, row, new)?;
        queue::ops::propose_next(work, row.service_id, row.kit_id)
    }

    fn hand_out(&self, work: &mut Work<'_>, how: &HandOut) -> Result<(), ApiError> {
        let (row, copy_id) = (self.row, self.copy_id()?);
        let on = how.handed_out_on.unwrap_or(self.today);
        let after_due = (on > row.due_on).then(|| {
            let due_on = row.due_on;
            let message = Text::new(
                format!("Le prêt devait se terminer le {} : le déplacer d'abord.", french(due_on)),
                format!("The loan was to end on {due_on}: move it first."),
            );
            Fault::new("/handed_out_on", "after_due", message)
        });
        // An early hand-out makes the loan longer.
        let early = on < row.starts_on;
        let too_long = early.then(|| self.rules.length_fault(on, row.due_on, "/handed_out_on")).flatten();
        let future = dates::not_in_the_future("/handed_out_on", on, self.today);
        ApiError::reject_if_any(future.into_iter().chain(after_due).chain(too_long))?;
        let copy = copies::store::get(work.conn, &ServiceScope::one(row.service_id), copy_id)?;
        if !copy.is_lendable() {
            let message = Text::new(
                "Cet exemplaire est hors service : affecter un autre exemplaire à la réservation.",
                "This copy is out of service: move the reservation to another copy.",
            );
            return Err(ApiError::rule("", "out_of_service", message));
        }
        // An overdue loan still has the copy, even if the plan says otherwise. The unique index decides between concurrent
        // hand-outs.
        if let Some(loan) = store::loans_of(work.conn, &[copy_id])?.remove(&copy_id) {
            return Err(still_out(&loan));
        }
        let mut new = self.new_row();
        new.handed_out_on = Some(on);
        if early {
            self.take_days(
                work,
                copy_id,
                Span { starts_on: on, due_on: on, blocked_until: day_before(row.starts_on) },
            )?;
            new.starts_on = on;
        }
        replace(work, row, new)?;
        if let Some(check) = &how.check {
            let occasion = Occasion { moment: Moment::HandOut, reservation: Some(row.id), on, at: "/check" };
            checks::ops::perform(work, &copy, occasion, check)?;
        }
        Ok(())
    }

    /// Takes more days of the copy. Fails with a 409 that names the obstacles if another reservation has one of them.
    fn take_days(&self, work: &mut Work<'_>, copy: Id, more: Span) -> Result<(), ApiError> {
        let taken = days::obstacles(work.conn, &[copy], more.starts_on, more.blocked_until, Some(self.row.id))?;
        if !taken.is_empty() {
            return Err(plan::taken(&plan::obstacles(taken), &[]));
        }
        Ok(days::take(work.conn, copy, self.row.id, more.days())?)
    }

    fn extend(&self, work: &mut Work<'_>, how: &LoanExtension) -> Result<(), ApiError> {
        let row = self.row;
        let kit = catalogue::ops::find(work, &ServiceScope::one(row.service_id), row.kit_id)?;
        let (usual, _) = loan_days(&kit, &self.rules);
        let due_on = how.due_on.unwrap_or_else(|| self.rules.due(row.due_on, usual));
        let started_on = row.handed_out_on.unwrap_or(row.starts_on);
        let not_later = dates::not_before("/due_on", due_on, days_after(row.due_on, 1), "before_due");
        let past = dates::not_before("/due_on", due_on, self.today, "in_the_past");
        let fault = not_later
            .or(past)
            .or_else(|| self.rules.length_fault(started_on, due_on, "/due_on"))
            .or_else(|| self.rules.closed_fault(due_on, "/due_on"));
        ApiError::reject_if_any(fault)?;
        let waiting = store::waiting(work.conn, &[row.kit_id])?.len();
        if waiting > 0 {
            let (fr, en) = match waiting {
                1 => ("une demande est en attente".to_owned(), "one reservation is waiting".to_owned()),
                _ => (format!("{waiting} demandes sont en attente"), format!("{waiting} reservations are waiting")),
            };
            return Err(ApiError::new(Code::KitTaken)
                .detail(
                    format!("Ce prêt ne peut pas être prolongé : {fr} pour cette mallette."),
                    format!("This loan cannot be extended: {en} for this kit."),
                )
                .with("waiting", waiting)
                .with("obstacles", serde_json::json!([]))
                .with("next_free", serde_json::json!([])));
        }
        let mut new = self.new_row();
        let span =
            Span { starts_on: row.starts_on, due_on, blocked_until: self.rules.end_of_buffer(due_on, row.buffer_days) };
        if span.blocked_until > row.blocked_until {
            let more = Span { starts_on: days_after(row.blocked_until, 1), ..span };
            self.take_days(work, self.copy_id()?, more)?;
        }
        new.set_span(Span { blocked_until: span.blocked_until.max(row.blocked_until), ..span });
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
        ApiError::reject_if_any(faults.into_iter().flatten())?;
        let mut new = self.new_row();
        new.returned_on = Some(on);
        new.blocked_until = self.start_buffer(work, copy_id, on)?;
        replace(work, row, new)?;
        let copy = copies::store::get(work.conn, &ServiceScope::one(row.service_id), copy_id)?;
        let occasion = Occasion { moment: Moment::Return, reservation: Some(row.id), on, at: "/check" };
        checks::ops::perform(work, &copy, occasion, &how.check)?;
        queue::ops::propose_next(work, row.service_id, row.kit_id)
    }

    /// Starts the buffer on the day of the return: releases or takes days accordingly. Returns the last day that the
    /// reservation takes.
    fn start_buffer(&self, work: &mut Work<'_>, copy: Id, on: NaiveDate) -> Result<NaiveDate, ApiError> {
        let row = self.row;
        let first = days_after(row.blocked_until, 1);
        let taken = days::taken(work.conn, &[copy], first, Some(row.id))?;
        let next = taken.get(&copy).and_then(|days| days.first().copied());
        let last = self.rules.blocked_after_return(row.span(), row.buffer_days, on, next);
        if last > row.blocked_until {
            let more = Span { starts_on: first, due_on: last, blocked_until: last };
            days::take(work.conn, copy, row.id, more.days())?;
        } else {
            days::release_after(work.conn, row.id, last)?;
        }
        Ok(last)
    }
}

/// The 409 when the previous loan of the copy is not back.
fn still_out(loan: &ReservationRow) -> ApiError {
    let due_on = loan.due_on;
    ApiError::new(Code::KitTaken)
        .detail(
            format!(
                "Cet exemplaire n'est pas revenu : son retour était prévu le {}. Enregistrer son retour, ou déplacer la réservation.",
                french(due_on)
            ),
            format!("This copy is not back: it was due on {due_on}. Take it back, or move the reservation."),
        )
        .with("loan_id", loan.id.as_str())
        .with("obstacles", serde_json::json!([]))
        .with("next_free", serde_json::json!([]))
}
