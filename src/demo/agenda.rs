//! The agenda of the lending: the steps of each day, in the order in which they were planned.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::db::Id;

/// A step about a borrowing, given by its rank, or about a kit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// The borrower requests a kit.
    Request(usize),
    /// The pôle decides on a request, or the borrower on a proposed copy.
    Decide(usize),
    /// The borrower cancels.
    Cancel(usize),
    /// The borrower has not collected the kit.
    NotCollected(usize),
    /// The pôle hands out the kit.
    HandOut(usize),
    /// The borrower asks for an extension.
    Extend(usize),
    /// The borrower returns the kit.
    TakeBack(usize),
    /// The queue of a kit is served: copies are proposed, proposals and waits expire.
    ServeQueue(usize),
    /// A part is replaced.
    Replace(Replacement),
}

/// The replacement of a missing or damaged part.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replacement {
    pub(super) defect: Id,
    pub(super) copy: Id,
    /// Rank of the item in the kit.
    pub(super) item: usize,
    pub(super) missing: bool,
}

/// The agenda up to today. Steps after today are not stored.
pub(super) struct Agenda {
    pub(super) today: NaiveDate,
    /// The day being played.
    pub(super) day: NaiveDate,
    minute: i64,
    planned: usize,
    steps: BTreeMap<(NaiveDate, usize), Step>,
}

impl Agenda {
    pub(super) fn new(today: NaiveDate) -> Self {
        Self { today, day: NaiveDate::MIN, minute: 0, planned: 0, steps: BTreeMap::new() }
    }

    /// Adds a step, after the steps already planned on the same day.
    pub(super) fn plan(&mut self, day: NaiveDate, step: Step) {
        if day <= self.today {
            self.planned += 1;
            self.steps.insert((day, self.planned), step);
        }
    }

    /// The next step. Its day becomes the current one.
    pub(super) fn next(&mut self) -> Option<Step> {
        let ((day, _), step) = self.steps.pop_first()?;
        if day != self.day {
            (self.day, self.minute) = (day, 0);
        }
        Some(step)
    }

    /// The next instant of the current day, so that the steps of a day keep their order.
    pub(super) fn instant(&mut self) -> (NaiveDate, i64) {
        self.minute = (self.minute + 3).min(480);
        (self.day, self.minute)
    }
}
