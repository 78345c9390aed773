//! What is to be done on which day, in the order in which it was planned.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::db::Id;

/// Something to do about a borrowing, named by its rank, or about a kit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Somebody asks for a kit.
    Ask(usize),
    /// The pôle answers a request, or the borrower a proposal.
    Answer(usize),
    /// The borrower gives up.
    GiveUp(usize),
    /// Nobody came for it.
    NotCollected(usize),
    /// The borrower comes for it.
    HandOut(usize),
    /// The borrower asks to keep it longer.
    Extend(usize),
    /// It comes back.
    TakeBack(usize),
    /// Who waits for a kit is looked after.
    Look(usize),
    /// A part is replaced.
    Replace(Part),
}

/// A part that was missing or damaged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) defect: Id,
    pub(super) copy: Id,
    /// Which item of the kit, by rank.
    pub(super) item: usize,
    pub(super) missing: bool,
}

/// The agenda, up to today: what would come later is not written down.
pub(super) struct Agenda {
    pub(super) today: NaiveDate,
    /// The day that is being played.
    pub(super) day: NaiveDate,
    minute: i64,
    planned: usize,
    steps: BTreeMap<(NaiveDate, usize), Step>,
}

impl Agenda {
    pub(super) fn new(today: NaiveDate) -> Self {
        Self { today, day: NaiveDate::MIN, minute: 0, planned: 0, steps: BTreeMap::new() }
    }

    /// Writes a step down, after those of the same day that are there already.
    pub(super) fn plan(&mut self, day: NaiveDate, step: Step) {
        if day <= self.today {
            self.planned += 1;
            self.steps.insert((day, self.planned), step);
        }
    }

    /// The next step, on its day.
    pub(super) fn next(&mut self) -> Option<Step> {
        let ((day, _), step) = self.steps.pop_first()?;
        if day != self.day {
            (self.day, self.minute) = (day, 0);
        }
        Some(step)
    }

    /// The next instant of the day, so that what happens on one is in order.
    pub(super) fn instant(&mut self) -> (NaiveDate, i64) {
        self.minute = (self.minute + 3).min(480);
        (self.day, self.minute)
    }
}
