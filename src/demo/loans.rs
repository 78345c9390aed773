//! Plays the lending of a pôle, day after day: each step runs the use case that the API calls.
//!
//! The story says how borrowers behave. The next step depends on the response of the program, as it would for a
//! coordinator: if a copy is not back on the day, the reservation moves to another copy, or is cancelled if there is
//! none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};

use super::agenda::{Agenda, Step};
use super::backdating::at;
use super::borrowers;
use super::borrowings::{Behaviour, Borrowing};
use super::codes::code;
use super::states::PoleState;
use super::story::Pole;
use crate::auth::PrincipalId;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::lending::queue;
use crate::lending::reservations::dto::Reservation;
use crate::lending::reservations::dto::actions::{ReservationCancellation, ReservationRefusal};
use crate::lending::reservations::model::ReservationStatus as Status;
use crate::lending::reservations::{Command, book, ops};
use crate::lending::settings::model::LoanRules;
use crate::trail::{Call, ChangeKind, Resource};
use crate::work::Work;

/// The state of the lending of a pôle while it is played.
pub(super) struct LoanPlayback {
    pub(super) rules: LoanRules,
    by: PrincipalId,
    pub(super) agenda: Agenda,
    /// The reservation of each borrowing.
    reservations: BTreeMap<usize, Id>,
    /// The queue: kit and borrowing, for each borrowing that waits or to which a copy is proposed.
    queue: BTreeSet<(usize, usize)>,
    /// The numbers of missing and of damaged parts, by copy and rank of the item.
    pub(super) defect_counts: BTreeMap<(Id, usize), (i32, i32)>,
    /// The defects that the last return created.
    pub(super) found_defects: Vec<Id>,
}

impl LoanPlayback {
    /// The state on the first day, with every request planned.
    pub(super) fn new(pole: &Pole, today: NaiveDate, by: PrincipalId) -> Self {
        let mut agenda = Agenda::new(today);
        for (rank, borrowing) in pole.lending.borrowings.iter().enumerate() {
            agenda.plan(borrowing.requested_on, Step::Request(rank));
        }
        Self {
            rules: pole.lending.rules(),
            by,
            agenda,
            reservations: BTreeMap::new(),
            queue: BTreeSet::new(),
            defect_counts: BTreeMap::new(),
            found_defects: Vec::new(),
        }
    }

    /// Plays the next step. Returns false if there is none.
    pub(super) fn next(&mut self, work: &mut Work<'_>, pole: &Pole, state: &mut PoleState) -> Result<bool, ApiError> {
        let Some(step) = self.agenda.next() else { return Ok(false) };
        let of = |rank: usize| &pole.lending.borrowings[rank];
        match step {
            Step::Request(rank) => self.request(work, pole, state, rank)?,
            Step::Decide(rank) => self.decide(work, state, rank, of(rank))?,
            Step::Cancel(rank) => {
                let command = Command::Cancel(ReservationCancellation::default());
                self.act(work, state, rank, of(rank), command)?;
            }
            Step::NotCollected(rank) => drop(self.act(work, state, rank, of(rank), Command::NotCollected)?),
            Step::HandOut(rank) => self.hand_out(work, state, rank, of(rank))?,
            Step::Extend(rank) => self.extend(work, state, rank, of(rank))?,
            Step::TakeBack(rank) => self.take_back(work, state, rank, of(rank))?,
            Step::ServeQueue(kit) => self.serve_queue(work, state, kit)?,
            Step::Replace(replacement) => self.replace(work, state, replacement)?,
        }
        Ok(true)
    }

    pub(super) fn call(&self, operation: impl Into<String>) -> Call {
        Call { operation: operation.into(), ..self.by.into() }
    }

    /// The first open day at least this number of days after the current one.
    pub(super) fn in_days(&self, days: i64) -> NaiveDate {
        self.rules.next_open(self.agenda.day + Duration::days(days))
    }

    fn request(
        &mut self,
        work: &mut Work<'_>,
        pole: &Pole,
        state: &mut PoleState,
        rank: usize,
    ) -> Result<(), ApiError> {
        let borrowing = &pole.lending.borrowings[rank];
        let new = borrowers::new_reservation(pole, state, borrowing)?;
        let (day, minute) = self.agenda.instant();
        let scope = state.scope.clone();
        let call = self.call("POST /v1/reservations");
        let requested = at(work, day, minute, call, |work| book::create(work, &scope, &new))?;
        self.reservations.insert(rank, requested.id);
        state.tally.loans.set_state(rank, requested.status);
        match requested.status {
            Status::Requested if borrowing.behaviour != Behaviour::Unanswered => {
                self.agenda.plan(self.in_days(1).min(borrowing.starts_on), Step::Decide(rank));
            }
            Status::Waiting | Status::Proposed => {
                self.queue.insert((borrowing.kit, rank));
                if requested.status == Status::Proposed {
                    self.agenda.plan(self.in_days(1), Step::Decide(rank));
                }
                if let Some(last) = requested.waits_until {
                    self.agenda.plan(self.rules.next_open(last + Duration::days(1)), Step::ServeQueue(borrowing.kit));
                }
            }
            Status::Declined => state.tally.loans.refused(borrowing.kit),
            _ => {}
        }
        self.read_queue(work, state, borrowing.kit)
    }

    /// The pôle decides on a request, or the borrower on a proposed copy.
    fn decide(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        if borrowing.behaviour == Behaviour::GivesUp && self.queue.contains(&(borrowing.kit, rank)) {
            // The borrower does not reply: the proposal expires.
            self.agenda.plan(self.in_days(4), Step::ServeQueue(borrowing.kit));
            return Ok(());
        }
        if let Behaviour::Declined(reason) = borrowing.behaviour {
            let command = Command::Decline(ReservationRefusal { reason: code(reason)? });
            return self.act(work, state, rank, borrowing, command).map(drop);
        }
        let Some(agreed) = self.act(work, state, rank, borrowing, Command::Confirm)? else {
            return self.serve_queue(work, state, borrowing.kit);
        };
        self.queue.remove(&(borrowing.kit, rank));
        let begins = agreed.starts_on.max(self.agenda.day);
        match borrowing.behaviour {
            Behaviour::GivesUp => self.agenda.plan(self.in_days(2).min(begins), Step::Cancel(rank)),
            Behaviour::NeverCollects => {
                self.agenda.plan(self.rules.next_open(begins + Duration::days(3)), Step::NotCollected(rank));
            }
            _ => self.agenda.plan(begins, Step::HandOut(rank)),
        }
        Ok(())
    }

    /// Runs a command on a reservation. Returns none if the plan of the kit or the state of the reservation refuses it.
    pub(super) fn act(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        rank: usize,
        borrowing: &Borrowing,
        command: Command,
    ) -> Result<Option<Reservation>, ApiError> {
        let (id, scope) = (self.reservation(rank)?, state.scope.clone());
        let (day, minute) = self.agenda.instant();
        let call = self.call(format!("POST /v1/reservations/{{id}}/{}", command.action().as_str()));
        let outcome = work.attempt(|work| {
            at(work, day, minute, call, |work| {
                let row = ops::find(work, &scope, id)?;
                let reservation = crate::lending::reservations::act(work, &row, command)?;
                let changes = work.trail.changes().iter();
                let new = changes.filter(|one| one.resource == Resource::KitDefect && one.kind == ChangeKind::Created);
                Ok((reservation, new.map(|one| one.id).collect()))
            })
        })?;
        let reservation = match outcome {
            Ok((reservation, found)) => {
                self.found_defects = found;
                reservation
            }
            Err(error) if matches!(error.code, Code::KitTaken | Code::WrongState) => return Ok(None),
            Err(error) => return Err(error),
        };
        state.tally.loans.set_state(rank, reservation.status);
        self.read_queue(work, state, borrowing.kit)?;
        Ok(Some(reservation))
    }

    /// Serves the queue of a kit, as the background job does: proposals and waits expire, copies are proposed.
    fn serve_queue(&mut self, work: &mut Work<'_>, state: &mut PoleState, kit: usize) -> Result<(), ApiError> {
        let (day, minute) = self.agenda.instant();
        let (service, id) = (state.service, state.kits[kit].id);
        at(work, day, minute, self.call("local"), |work| queue::ops::propose_next(work, service, id))?;
        self.read_queue(work, state, kit)
    }

    /// Reads the new states of the borrowings in the queue of a kit. A borrower decides on a proposal on the next open
    /// day.
    fn read_queue(&mut self, work: &mut Work<'_>, state: &mut PoleState, kit: usize) -> Result<(), ApiError> {
        let scope = state.scope.clone();
        for (_, rank) in self.queue.range((kit, 0)..=(kit, usize::MAX)).copied().collect::<Vec<_>>() {
            let status = ops::find(work, &scope, self.reservation(rank)?)?.status;
            if state.tally.loans.set_state(rank, status) && status == Status::Proposed {
                self.agenda.plan(self.in_days(1), Step::Decide(rank));
            }
            if !matches!(status, Status::Waiting | Status::Proposed) {
                self.queue.remove(&(kit, rank));
            }
        }
        Ok(())
    }

    /// Serves every queue at the end of the story. From then on, the background job does it.
    pub(super) fn close(&mut self, work: &mut Work<'_>, state: &mut PoleState) -> Result<(), ApiError> {
        self.agenda.day = self.agenda.today;
        for kit in self.queue.iter().map(|(kit, _)| *kit).collect::<BTreeSet<_>>() {
            self.serve_queue(work, state, kit)?;
        }
        Ok(())
    }

    pub(super) fn reservation(&self, rank: usize) -> Result<Id, ApiError> {
        self.reservations.get(&rank).copied().ok_or_else(|| {
            log::error!("borrowing {rank} is played before it is requested");
            ApiError::new(Code::Internal)
        })
    }
}
