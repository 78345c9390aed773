//! A copy changes hands: it is given, kept longer, taken back with its contents counted.

use chrono::Duration;

use super::agenda::{Part, Step};
use super::lending::{Borrowing, Manner, Mishap};
use super::loans::Desk;
use super::play::{Stage, at};
use super::setting::code;
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

impl Desk {
    /// Gives the copy, or another when it is not back; without one, the reservation ends.
    pub(super) fn hand_out(
        &mut self,
        work: &mut Work<'_>,
        stage: &mut Stage,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let given = Command::HandOut(HandOut::default());
        let mut loan = self.act(work, stage, rank, borrowing, given.clone())?;
        if loan.is_none() {
            let moved = self.act(work, stage, rank, borrowing, Command::Move(ReservationMove::default()))?;
            loan = if moved.is_some() { self.act(work, stage, rank, borrowing, given)? } else { None };
        }
        let Some(loan) = loan else {
            let reason = Some(code("copy_unavailable")?);
            let deed = Command::Cancel(ReservationCancellation { reason });
            return self.act(work, stage, rank, borrowing, deed).map(drop);
        };
        let lent = &mut stage.tally.lent;
        lent.handed_out(rank, borrowing.kit, loan.borrower.kind, (self.agenda.day, loan.due_on));
        if let Manner::Brings { longer: true, .. } = borrowing.manner {
            self.agenda.plan(self.rules.next_open(loan.due_on - Duration::days(3)), Step::Extend(rank));
        } else {
            self.comes_back(rank, borrowing, loan.due_on);
        }
        Ok(())
    }

    fn comes_back(&mut self, rank: usize, borrowing: &Borrowing, due_on: chrono::NaiveDate) {
        if let Manner::Brings { late, .. } = borrowing.manner {
            let day = self.rules.next_open(due_on + Duration::days(late)).max(self.in_days(1));
            self.agenda.plan(day, Step::TakeBack(rank));
        }
    }

    /// The borrower keeps it longer, if the rules allow it and nobody waits; brings it back as agreed otherwise.
    pub(super) fn extend(
        &mut self,
        work: &mut Work<'_>,
        stage: &mut Stage,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let Some(&(out_on, due_on)) = stage.tally.lent.out.get(&rank) else { return Ok(()) };
        let wanted = self.rules.due(due_on, EXTENSION);
        let extended = if (wanted - out_on).num_days() <= i64::from(self.rules.longest_loan_days) {
            let deed = Command::Extend(LoanExtension { due_on: Some(wanted) });
            self.act(work, stage, rank, borrowing, deed)?
        } else {
            None
        };
        stage.tally.lent.extended += i64::from(extended.is_some());
        let due_on = extended.map_or(due_on, |loan| loan.due_on);
        stage.tally.lent.out.insert(rank, (out_on, due_on));
        self.comes_back(rank, borrowing, due_on);
        Ok(())
    }

    pub(super) fn take_back(
        &mut self,
        work: &mut Work<'_>,
        stage: &mut Stage,
        rank: usize,
        borrowing: &Borrowing,
    ) -> Result<(), ApiError> {
        let scope = stage.scope.clone();
        let Some(copy) = ops::find(work, &scope, self.reservation(rank)?)?.copy_id else { return Ok(()) };
        let items = stage.kits[borrowing.kit].items.clone();
        let mishap = match borrowing.manner {
            Manner::Brings { mishap, .. } => mishap.map(|mishap| Mishap { item: mishap.item % items.len(), ..mishap }),
            _ => None,
        };
        // Of a thing of which nothing whole is left, nothing more is lost.
        let mishap = mishap.filter(|mishap| {
            let (missing, damaged) = self.lacking.get(&(copy, mishap.item)).copied().unwrap_or_default();
            missing + damaged < items[mishap.item].1
        });
        if let Some(mishap) = mishap {
            let lacking = self.lacking.entry((copy, mishap.item)).or_default();
            if mishap.missing { lacking.0 += 1 } else { lacking.1 += 1 }
        }
        let check = self.count(copy, &items)?;
        let deed = Command::Return(LoanReturn { returned_on: None, check });
        if self.act(work, stage, rank, borrowing, deed)?.is_none() {
            return Ok(());
        }
        let lent = &mut stage.tally.lent;
        lent.came_back(rank, self.agenda.day);
        lent.defects += i64::from(mishap.is_some());
        if let Some(Mishap { item, missing, replaced_after: Some(days), .. }) = mishap {
            for defect in std::mem::take(&mut self.found) {
                self.agenda.plan(self.in_days(days), Step::Replace(Part { defect, copy, item, missing }));
            }
        }
        Ok(())
    }

    /// The contents of a copy as they are counted.
    fn count(&self, copy: Id, items: &[(Id, i32)]) -> Result<ContentCheck, ApiError> {
        let lacking = |rank: usize| self.lacking.get(&(copy, rank)).copied().unwrap_or_default();
        let all = (0..items.len()).map(lacking).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        let condition = match all {
            (0, 0) => "good",
            (0, _) => "damaged",
            _ => "incomplete",
        };
        let counted = items.iter().enumerate().map(|(rank, (item_id, quantity))| {
            let (missing, damaged) = lacking(rank);
            CountedItem { item_id: *item_id, present: quantity - missing, damaged }
        });
        Ok(ContentCheck { condition: code(condition)?, items: counted.collect() })
    }

    /// The part is there again, at the next count too.
    pub(super) fn replace(&mut self, work: &mut Work<'_>, stage: &mut Stage, part: Part) -> Result<(), ApiError> {
        let (day, minute) = self.agenda.instant();
        let scope = stage.scope.clone();
        at(work, day, minute, self.call("POST /v1/kit-defects/{id}/settle"), |work| {
            let row = defects::ops::find(work, &scope, part.defect)?;
            let how = KitDefectSettlement { status: DefectSettlement::Replaced, settled_on: None };
            defects::ops::settle(work, &row, &how)
        })?;
        stage.tally.lent.replaced += 1;
        let lacking = self.lacking.entry((part.copy, part.item)).or_default();
        if part.missing {
            lacking.0 -= 1;
        } else {
            lacking.1 -= 1;
        }
        Ok(())
    }
}
