//! Actions on a reservation: check the transition, then change the plan and the row.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::assess::{loan_days, require_copy};
use super::dto::Reservation;
use super::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove, ReservationRefusal,
};
use super::dto::assessment::Obstacle;
use super::model::{ReservationAction, ReservationStatus};
use super::ops::{self, replace};
use super::plan::{self, Plan};
use super::store::days::{self, Around};
use super::store::{Related, ReservationRow};
use crate::data_keys::unwrap_keys;
use crate::dates::{self, french};
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Faults, Text};
use crate::lending::catalogue::store::KitRow;
use crate::lending::checks::model::Moment;
use crate::lending::checks::ops::Occasion;
use crate::lending::copies::store::CopyRow;
use crate::lending::occupancy::{Span, day_before};
use crate::lending::settings::model::{Today, days_after};
use crate::lending::{catalogue, checks, queue, settings};
use crate::nomenclatures::codes::ReservationReason;
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
    day: Today,
    /// What was read of the copy.
    around: Around,
}

/// Applies an action to a reservation. Fails with a 409 that names the state if the state does not allow the action,
/// and with a 409 that names the obstacles if the copy is taken.
pub fn act(work: &mut Work<'_>, row: &ReservationRow, command: Command) -> Result<Reservation, ApiError> {
    queue::ops::lock_kit(work, row.service_id, row.kit_id)?;
    let day = settings::ops::today(work, row.service_id)?;
    let (status, _) = row.state_at(work.now, &day);
    let to = status.after(command.action()).ok_or_else(|| {
        let actions = status.available_actions();
        ApiError::wrong_state(status.as_str(), actions.iter().map(ReservationAction::as_str))
    })?;
    let kit = catalogue::ops::require(work, row.service_id, row.kit_id, "")?;
    let from = match &command {
        Command::HandOut(how) => how.handed_out_on.unwrap_or(day.today),
        _ => days_after(row.blocked_until, 1),
    };
    let mut around = days::around(work.conn, row, from)?;
    unwrap_keys(work, std::mem::take(&mut around.keys))?;
    let mut transition = Transition { row, to, day, around };
    let new = match command {
        Command::Confirm => transition.confirm(work)?,
        Command::Decline(refusal) => transition.end(work, Some(refusal.reason))?,
        Command::Cancel(cancellation) => {
            transition.end(work, cancellation.reason.or_else(|| "borrower_gave_up".parse().ok()))?
        }
        Command::NotCollected => transition.not_collected(work)?,
        Command::Move(to) => transition.relocate(work, &to)?,
        Command::HandOut(how) => transition.hand_out(work, &how)?,
        Command::Extend(how) => transition.extend(work, &kit, &how)?,
        Command::Return(how) => transition.take_back(work, &how)?,
    };
    let Around { copy, loan, .. } = transition.around;
    let waiting = queue::ops::waiting(work, row.service_id, row.kit_id)?;
    let related = Related {
        waiting: waiting.into_iter().map(|one| (one.kit_id, one.id, one.waits_until)).collect(),
        kits: HashMap::from([(kit.id, (kit.title_fr, kit.loan_days))]),
        copies: copy.into_iter().map(|copy| (copy.id, copy)).collect(),
        loans: loan.into_iter().filter_map(|loan| loan.copy_id.map(|copy| (copy, loan))).collect(),
        ..Related::default()
    };
    ops::show_related(work, new, related)
}

impl Transition<'_> {
    /// The row with the new state, before the changes that are specific to the action.
    fn new_row(&self) -> ReservationRow {
        let mut new = self.row.clone();
        (new.status, new.decided_on) = (self.to, Some(self.day.today));
        new
    }

    /// The copy. Reservations in the states that need one always have one.
    fn copy(&self) -> Result<&CopyRow, ApiError> {
        self.around.copy.as_ref().ok_or_else(|| ApiError::new(Code::Internal))
    }

    fn confirm(&self, work: &mut Work<'_>) -> Result<ReservationRow, ApiError> {
        let mut new = self.new_row();
        new.proposal_expires_at = None;
        replace(work, self.row, new)
    }

    /// Ends a reservation without a loan: releases its days, and proposes them to the queue.
    fn end(&self, work: &mut Work<'_>, reason: Option<ReservationReason>) -> Result<ReservationRow, ApiError> {
        let mut new = self.new_row();
        (new.reason, new.proposal_expires_at) = (reason, None);
        let new = replace(work, self.row, new)?;
        queue::ops::update_queue(work, &new);
        queue::ops::propose_next(work, self.row.service_id, self.row.kit_id)?;
        Ok(new)
    }

    fn not_collected(&self, work: &mut Work<'_>) -> Result<ReservationRow, ApiError> {
        if self.day.today < self.row.starts_on {
            let starts_on = self.row.starts_on;
            let message = Text::new(
                format!("Le prêt commence le {} : la mallette peut encore être retirée.", french(starts_on)),
                format!("The loan starts on {starts_on}: the kit can still be collected."),
            );
            return Err(ApiError::rule("", "not_begun", message));
        }
        self.end(work, None)
    }

    fn relocate(&mut self, work: &mut Work<'_>, to: &ReservationMove) -> Result<ReservationRow, ApiError> {
        let (row, Today { rules, today, .. }) = (self.row, &self.day);
        let same_days = to.starts_on.is_none() && to.due_on.is_none();
        let starts_on = to.starts_on.unwrap_or(row.starts_on);
        // A loan that ends later because the service is closed gets its length back.
        let length = match to.due_on {
            Some(due_on) => i32::try_from((due_on - starts_on).num_days()).unwrap_or(i32::MAX),
            None => row.asked_days(),
        };
        let due_on = match (to.due_on, same_days) {
            (Some(due_on), _) => due_on,
            (None, true) => row.due_on,
            (None, false) => rules.due(starts_on, length),
        };
        let plan = Plan::read(work, row.kit_id, &self.day, starts_on, Some(row.id))?;
        let mut faults = Faults::default();
        if !same_days {
            faults.add(rules.day_faults(*today, starts_on, due_on));
        }
        if let Some(copy) = to.copy_id {
            faults.take(require_copy(&plan, copy))?;
        }
        faults.finish()?;
        let span = rules.span(starts_on, due_on);
        // A request without a copy and without days means another copy for the same days.
        let except = row.copy_id.filter(|_| same_days && to.copy_id.is_none());
        let Some(copy) = plan.pick(span, to.copy_id, except) else {
            let obstacles = plan.obstacles(work, span, to.copy_id, Some(row.id))?;
            let next = plan.next_free(starts_on, plan.last_start(), length, to.copy_id);
            return Err(plan::taken(&obstacles, &next));
        };
        let mut new = self.new_row();
        new.copy_id = Some(copy);
        new.asked_days = Some(length);
        new.set_span(span);
        new.buffer_days = rules.buffer_days;
        self.around.copy = plan.copies().iter().find(|row| row.id == copy).cloned();
        self.around.loan = plan.loans().get(&copy).cloned();
        let new = replace(work, row, new)?;
        queue::ops::propose_next(work, row.service_id, row.kit_id)?;
        Ok(new)
    }

    fn hand_out(&self, work: &mut Work<'_>, how: &HandOut) -> Result<ReservationRow, ApiError> {
        let (row, copy, today) = (self.row, self.copy()?, self.day.today);
        let on = how.handed_out_on.unwrap_or(today);
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
        let too_long = early.then(|| self.day.rules.length_fault(on, row.due_on, "/handed_out_on")).flatten();
        let future = dates::not_in_the_future("/handed_out_on", on, today);
        ApiError::reject_if_any(future.into_iter().chain(after_due).chain(too_long))?;
        if !copy.is_lendable() {
            let message = Text::new(
                "Cet exemplaire est hors service : affecter un autre exemplaire à la réservation.",
                "This copy is out of service: move the reservation to another copy.",
            );
            return Err(ApiError::rule("", "out_of_service", message));
        }
        // An overdue loan still has the copy, even if the plan says otherwise. The unique index decides between concurrent
        // hand-outs.
        if let Some(loan) = &self.around.loan {
            return Err(still_out(loan));
        }
        let mut new = self.new_row();
        new.handed_out_on = Some(on);
        if early {
            self.refuse_taken(copy.id, on, day_before(row.starts_on))?;
            new.starts_on = on;
        }
        let new = replace(work, row, new)?;
        if let Some(check) = &how.check {
            let occasion = Occasion { moment: Moment::HandOut, reservation: Some(row.id), on, at: "/check" };
            checks::ops::perform(work, copy, occasion, check)?;
        }
        Ok(new)
    }

    /// Fails with a 409 that names the obstacles if another reservation takes one of these days of the copy.
    fn refuse_taken(&self, copy: Id, first: NaiveDate, last: NaiveDate) -> Result<(), ApiError> {
        let mut obstacles: Vec<Obstacle> = Vec::new();
        if first > last {
            return Ok(());
        }
        for (day, reservation) in self.around.taken.range(first..=last) {
            match obstacles.iter_mut().find(|obstacle| obstacle.reservation_id == *reservation) {
                Some(obstacle) => obstacle.to = *day,
                None => obstacles.push(Obstacle {
                    copy_id: copy,
                    reservation_id: *reservation,
                    from: *day,
                    to: *day,
                    overdue: false,
                }),
            }
        }
        if obstacles.is_empty() { Ok(()) } else { Err(plan::taken(&obstacles, &[])) }
    }

    fn extend(&self, work: &mut Work<'_>, kit: &KitRow, how: &LoanExtension) -> Result<ReservationRow, ApiError> {
        let (row, Today { rules, today, .. }) = (self.row, &self.day);
        let (usual, _) = loan_days(kit, rules);
        let due_on = how.due_on.unwrap_or_else(|| rules.due(row.due_on, usual));
        let started_on = row.handed_out_on.unwrap_or(row.starts_on);
        let not_later = dates::not_before("/due_on", due_on, days_after(row.due_on, 1), "before_due");
        let past = dates::not_before("/due_on", due_on, *today, "in_the_past");
        let fault = not_later
            .or(past)
            .or_else(|| rules.length_fault(started_on, due_on, "/due_on"))
            .or_else(|| rules.closed_fault(due_on, "/due_on"));
        ApiError::reject_if_any(fault)?;
        let waiting = queue::ops::waiting(work, row.service_id, row.kit_id)?.len();
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
        let blocked_until = rules.end_of_buffer(due_on, row.buffer_days).max(row.blocked_until);
        self.refuse_taken(self.copy()?.id, days_after(row.blocked_until, 1), blocked_until)?;
        new.set_span(Span { starts_on: row.starts_on, due_on, blocked_until });
        new.asked_days = i32::try_from((due_on - row.starts_on).num_days()).ok();
        new.extensions += 1;
        replace(work, row, new)
    }

    fn take_back(&self, work: &mut Work<'_>, how: &LoanReturn) -> Result<ReservationRow, ApiError> {
        let (row, Today { rules, today, .. }) = (self.row, &self.day);
        let on = how.returned_on.unwrap_or(*today);
        let handed_out = row.handed_out_on.unwrap_or(row.starts_on);
        let faults = [
            dates::not_in_the_future("/returned_on", on, *today),
            dates::not_before("/returned_on", on, handed_out, "before_hand_out"),
        ];
        ApiError::reject_if_any(faults.into_iter().flatten())?;
        let mut new = self.new_row();
        new.returned_on = Some(on);
        // The buffer starts on the day of the return. It takes no day of another reservation.
        let next = self.around.taken.keys().next().copied();
        new.blocked_until = rules.blocked_after_return(row.span(), row.buffer_days, on, next);
        let new = replace(work, row, new)?;
        let occasion = Occasion { moment: Moment::Return, reservation: Some(row.id), on, at: "/check" };
        checks::ops::perform(work, self.copy()?, occasion, &how.check)?;
        queue::ops::propose_next(work, row.service_id, row.kit_id)?;
        Ok(new)
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
