//! Plays what is borrowed: the coordinator's desk, day after day, each step through the use case that the API calls.
//!
//! The story says how borrowers behave; what comes next follows from what the program answered. A copy that is not back on
//! the day is looked for elsewhere, and the reservation ends if there is none: as a coordinator would.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Duration, NaiveDate};

use super::agenda::{Agenda, Step};
use super::borrowers;
use super::lending::{Borrowing, Manner};
use super::play::{Stage, at};
use super::setting::code;
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

/// The desk of a pôle.
pub(super) struct Desk {
    pub(super) rules: LoanRules,
    by: PrincipalId,
    pub(super) agenda: Agenda,
    /// The reservation of each borrowing.
    reservations: BTreeMap<usize, Id>,
    /// The borrowings that wait, or to which a copy is proposed, by kit.
    queue: BTreeSet<(usize, usize)>,
    /// What is missing and what is damaged of each copy, by the rank of the item.
    pub(super) lacking: BTreeMap<(Id, usize), (i32, i32)>,
    /// The defects that the last deed found.
    pub(super) found: Vec<Id>,
}

impl Desk {
    /// The desk on the first day: everything that will be asked for is still to come.
    pub(super) fn new(pole: &Pole, today: NaiveDate, by: PrincipalId) -> Self {
        let mut agenda = Agenda::new(today);
        for (rank, borrowing) in pole.lending.borrowings.iter().enumerate() {
            agenda.plan(borrowing.asked_on, Step::Ask(rank));
        }
        Self {
            rules: pole.lending.rules(),
            by,
            agenda,
            reservations: BTreeMap::new(),
            queue: BTreeSet::new(),
            lacking: BTreeMap::new(),
            found: Vec::new(),
        }
    }

    /// Plays the next step; false when nothing is left to do.
    pub(super) fn next(&mut self, work: &mut Work<'_>, pole: &Pole, stage: &mut Stage) -> Result<bool, ApiError> {
        let Some(step) = self.agenda.next() else { return Ok(false) };
        let of = |rank: usize| &pole.lending.borrowings[rank];
        match step {
            Step::Ask(rank) => self.ask(work, pole, stage, rank)?,
            Step::Answer(rank) => self.answer(work, stage, rank, of(rank))?,
            Step::GiveUp(rank) => {
                let deed = Command::Cancel(ReservationCancellation::default());
                self.act(work, stage, rank, of(rank), deed)?;
            }
            Step::NotCollected(rank) => drop(self.act(work, stage, rank, of(rank), Command::NotCollected)?),
            Step::HandOut(rank) => self.hand_out(work, stage, rank, of(rank))?,
            Step::Extend(rank) => self.extend(work, stage, rank, of(rank))?,
            Step::TakeBack(rank) => self.take_back(work, stage, rank, of(rank))?,
            Step::Look(kit) => self.look(work, stage, kit)?,
            Step::Replace(part) => self.replace(work, stage, part)?,
        }
        Ok(true)
    }

    pub(super) fn call(&self, operation: impl Into<String>) -> Call {
        Call { operation: operation.into(), ..self.by.into() }
    }

    /// An open day so many days after this one.
    pub(super) fn in_days(&self, days: i64) -> NaiveDate {
        self.rules.next_open(self.agenda.day + Duration::days(days))
    }

    fn ask(&mut self, work: &mut Work<'_>, pole: &Pole, stage: &mut Stage, rank: usize) -> Result<(), ApiError> {
        let borrowing = &pole.lending.borrowings[rank];
        let new = borrowers::request(pole, stage, borrowing)?;
        let (day, minute) = self.agenda.instant();
        let scope = stage.scope.clone();
        let call = self.call("POST /v1/reservations");
        let asked = at(work, day, minute, call, |work| book::create(work, &scope, &new))?;
        self.reservations.insert(rank, asked.id);
        stage.tally.lent.note(rank, asked.status);
        match asked.status {
            Status::Requested if borrowing.manner != Manner::Unanswered => {
                self.agenda.plan(self.in_days(1).min(borrowing.starts_on), Step::Answer(rank));
            }
            Status::Waiting | Status::Proposed => {
                self.queue.insert((borrowing.kit, rank));
                if asked.status == Status::Proposed {
                    self.agenda.plan(self.in_days(1), Step::Answer(rank));
                }
                if let Some(last) = asked.waits_until {
                    self.agenda.plan(self.rules.next_open(last + Duration::days(1)), Step::Look(borrowing.kit));
                }
            }
            Status::Declined => stage.tally.lent.refused(borrowing.kit),
            _ => {}
        }
        self.follow_queue(work, stage, borrowing.kit)
    }

    /// The pôle answers a request, or the borrower a proposal.
    fn answer(
        &mut self,
        work: &mut Work<'_>,
        stage: &mut Stage,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        if borrowing.manner == Manner::GivesUp && self.queue.contains(&(borrowing.kit, rank)) {
            // Nobody answers: the proposal expires.
            self.agenda.plan(self.in_days(4), Step::Look(borrowing.kit));
            return Ok(());
        }
        if let Manner::Declined(reason) = borrowing.manner {
            let deed = Command::Decline(ReservationRefusal { reason: code(reason)? });
            return self.act(work, stage, rank, borrowing, deed).map(drop);
        }
        let Some(agreed) = self.act(work, stage, rank, borrowing, Command::Confirm)? else {
            return self.look(work, stage, borrowing.kit);
        };
        self.queue.remove(&(borrowing.kit, rank));
        let begins = agreed.starts_on.max(self.agenda.day);
        match borrowing.manner {
            Manner::GivesUp => self.agenda.plan(self.in_days(2).min(begins), Step::GiveUp(rank)),
            Manner::NeverComes => {
                self.agenda.plan(self.rules.next_open(begins + Duration::days(3)), Step::NotCollected(rank));
            }
            _ => self.agenda.plan(begins, Step::HandOut(rank)),
        }
        Ok(())
    }

    /// Acts upon a reservation. None when the plan or its state refuses it, which is for whoever asks to decide upon.
    pub(super) fn act(
        &mut self,
        work: &mut Work<'_>,
        stage: &mut Stage,
        rank: usize,
        borrowing: &Borrowing,
        command: Command,
    ) -> Result<Option<Reservation>, ApiError> {
        let (id, scope) = (self.reservation(rank)?, stage.scope.clone());
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
                self.found = found;
                reservation
            }
            Err(error) if matches!(error.code, Code::KitTaken | Code::WrongState) => return Ok(None),
            Err(error) => return Err(error),
        };
        stage.tally.lent.note(rank, reservation.status);
        self.follow_queue(work, stage, borrowing.kit)?;
        Ok(Some(reservation))
    }

    /// Looks whether somebody has waited too long or not answered.
    fn look(&mut self, work: &mut Work<'_>, stage: &mut Stage, kit: usize) -> Result<(), ApiError> {
        let (day, minute) = self.agenda.instant();
        let (service, id) = (stage.service, stage.kits[kit].id);
        at(work, day, minute, self.call("local"), |work| queue::ops::serve(work, service, id))?;
        self.follow_queue(work, stage, kit)
    }

    /// What the program has made of those who wait for a kit: they answer what is proposed on the next open day.
    fn follow_queue(&mut self, work: &mut Work<'_>, stage: &mut Stage, kit: usize) -> Result<(), ApiError> {
        let scope = stage.scope.clone();
        for (_, rank) in self.queue.range((kit, 0)..=(kit, usize::MAX)).copied().collect::<Vec<_>>() {
            let status = ops::find(work, &scope, self.reservation(rank)?)?.status;
            if stage.tally.lent.note(rank, status) && status == Status::Proposed {
                self.agenda.plan(self.in_days(1), Step::Answer(rank));
            }
            if !matches!(status, Status::Waiting | Status::Proposed) {
                self.queue.remove(&(kit, rank));
            }
        }
        Ok(())
    }

    /// At the end, everybody who still waits is looked after, as the program does from then on.
    pub(super) fn close(&mut self, work: &mut Work<'_>, stage: &mut Stage) -> Result<(), ApiError> {
        self.agenda.day = self.agenda.today;
        for kit in self.queue.iter().map(|(kit, _)| *kit).collect::<BTreeSet<_>>() {
            self.look(work, stage, kit)?;
        }
        Ok(())
    }

    pub(super) fn reservation(&self, rank: usize) -> Result<Id, ApiError> {
        self.reservations.get(&rank).copied().ok_or_else(|| {
            log::error!("borrowing {rank} is acted upon before it is asked for");
            ApiError::new(Code::Internal)
        })
    }
}
