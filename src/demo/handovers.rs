//! Plays the loans themselves: a copy is handed out, extended, and returned with a check of its contents.

use chrono::Duration;

use super::agenda::{Replacement, Step};
use super::backdating::at;
use super::borrowings::{Behaviour, Borrowing, PartDefect};
use super::codes::code;
use super::loans::LoanPlayback;
use super::states::PoleState;
use crate::db::Id;
use crate::error::ApiError;
use crate::lending::checks::dto::{ContentCheck, CountedItem};
use crate::lending::defects;
use crate::lending::defects::dto::KitDefectSettlement;
use crate::lending::defects::model::DefectSettlement;
use crate::lending::reservations::dto::actions::{
    HandOut, LoanExtension, LoanReturn, ReservationCancellation, ReservationMove,
};
use crate::lending::reservations::{Command, ops};
use crate::work::Work;

/// Days by which a loan is extended.
const EXTENSION: i32 = 14;

impl LoanPlayback {
    /// Hands out the copy. If it is not back, moves the reservation to another copy; if there is none, cancels it.
    pub(super) fn hand_out(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let hand_out = Command::HandOut(HandOut::default());
        let mut loan = self.act(work, state, rank, borrowing, hand_out.clone())?;
        if loan.is_none() {
            let moved = self.act(work, state, rank, borrowing, Command::Move(ReservationMove::default()))?;
            loan = if moved.is_some() { self.act(work, state, rank, borrowing, hand_out)? } else { None };
        }
        let Some(loan) = loan else {
            let reason = Some(code("copy_unavailable")?);
            let command = Command::Cancel(ReservationCancellation { reason });
            return self.act(work, state, rank, borrowing, command).map(drop);
        };
        let tally = &mut state.tally.loans;
        tally.handed_out(rank, borrowing.kit, loan.borrower.kind, (self.agenda.day, loan.due_on));
        if let Behaviour::Returns { extends: true, .. } = borrowing.behaviour {
            self.agenda.plan(self.rules.next_open(loan.due_on - Duration::days(3)), Step::Extend(rank));
        } else {
            self.plan_return(rank, borrowing, loan.due_on);
        }
        Ok(())
    }

    fn plan_return(&mut self, rank: usize, borrowing: &Borrowing, due_on: chrono::NaiveDate) {
        if let Behaviour::Returns { days_late, .. } = borrowing.behaviour {
            let day = self.rules.next_open(due_on + Duration::days(days_late)).max(self.in_days(1));
            self.agenda.plan(day, Step::TakeBack(rank));
        }
    }

    /// Extends the loan, if the rules allow it and no other borrower waits for the kit.
    pub(super) fn extend(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let Some(&(out_on, due_on)) = state.tally.loans.ongoing.get(&rank) else { return Ok(()) };
        let wanted = self.rules.due(due_on, EXTENSION);
        let extended = if (wanted - out_on).num_days() <= i64::from(self.rules.longest_loan_days) {
            let command = Command::Extend(LoanExtension { due_on: Some(wanted) });
            self.act(work, state, rank, borrowing, command)?
        } else {
            None
        };
        state.tally.loans.extended += i64::from(extended.is_some());
        let due_on = extended.map_or(due_on, |loan| loan.due_on);
        state.tally.loans.ongoing.insert(rank, (out_on, due_on));
        self.plan_return(rank, borrowing, due_on);
        Ok(())
    }

    pub(super) fn take_back(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let scope = state.scope.clone();
        let Some(copy) = ops::find(work, &scope, self.reservation(rank)?)?.copy_id else { return Ok(()) };
        let items = state.kits[borrowing.kit].items.clone();
        let defect = match borrowing.behaviour {
            Behaviour::Returns { defect, .. } => {
                defect.map(|defect| PartDefect { item: defect.item % items.len(), ..defect })
            }
            _ => None,
        };
        // An item of which no intact part is left cannot have another defect.
        let defect = defect.filter(|defect| {
            let (missing, damaged) = self.defect_counts.get(&(copy, defect.item)).copied().unwrap_or_default();
            missing + damaged < items[defect.item].1
        });
        if let Some(defect) = defect {
            let defect_counts = self.defect_counts.entry((copy, defect.item)).or_default();
            if defect.missing { defect_counts.0 += 1 } else { defect_counts.1 += 1 }
        }
        let check = self.check_contents(copy, &items)?;
        let command = Command::Return(LoanReturn { returned_on: None, check });
        if self.act(work, state, rank, borrowing, command)?.is_none() {
            return Ok(());
        }
        let tally = &mut state.tally.loans;
        tally.returned(rank, self.agenda.day);
        tally.defects += i64::from(defect.is_some());
        if let Some(PartDefect { item, missing, replaced_after: Some(days), .. }) = defect {
            for defect in std::mem::take(&mut self.found_defects) {
                self.agenda.plan(self.in_days(days), Step::Replace(Replacement { defect, copy, item, missing }));
            }
        }
        Ok(())
    }

    /// The content check of a copy.
    fn check_contents(&self, copy: Id, items: &[(Id, i32)]) -> Result<ContentCheck, ApiError> {
        let defect_counts = |rank: usize| self.defect_counts.get(&(copy, rank)).copied().unwrap_or_default();
        let all = (0..items.len()).map(defect_counts).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let condition = match all {
            (0, 0) => "good",
            (0, _) => "damaged",
            _ => "incomplete",
        };
        let counted = items.iter().enumerate().map(|(rank, (item_id, quantity))| {
            let (missing, damaged) = defect_counts(rank);
            CountedItem { item_id: *item_id, present: quantity - missing, damaged }
        });
        Ok(ContentCheck { condition: code(condition)?, items: counted.collect() })
    }

    /// Settles the defect: the part is present from the next check on.
    pub(super) fn replace(
        &mut self,
        work: &mut Work<'_>,
        state: &mut PoleState,
        replacement: Replacement,
    ) -> Result<(), ApiError> {
        let (day, minute) = self.agenda.instant();
        let scope = state.scope.clone();
        at(work, day, minute, self.call("POST /v1/kit-defects/{id}/settle"), |work| {
            let row = defects::ops::find(work, &scope, replacement.defect)?;
            let how = KitDefectSettlement { status: DefectSettlement::Replaced, settled_on: None };
            defects::ops::settle(work, &row, &how)
        })?;
        state.tally.loans.replaced += 1;
        let defect_counts = self.defect_counts.entry((replacement.copy, replacement.item)).or_default();
        if replacement.missing {
            defect_counts.0 -= 1;
        } else {
            defect_counts.1 -= 1;
        }
        Ok(())
    }
}
