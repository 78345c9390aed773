//! The use case of availability.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{AvailabilityDays, CopyAvailability, CopyDay, CopyDayState, KitAvailability};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::lending::copies::store::CopyRow;
use crate::lending::reservations::assess::{loan_days, of_service};
use crate::lending::reservations::dto::assessment::{LoanRule, LoanRuleName};
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::plan::Plan;
use crate::lending::reservations::store::{self, ReservationRow, days};
use crate::lending::settings::model::LoanRules;
use crate::lending::{catalogue, settings};
use crate::services;
use crate::work::Work;

/// The most days of one answer.
const LONGEST: i64 = 366;

/// When a kit of the scope can be lent.
pub fn availability(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    kit: Id,
    asked: &AvailabilityDays,
) -> Result<KitAvailability, ApiError> {
    let (from, to) = (asked.from, asked.to);
    if to < from || (to - from).num_days() >= LONGEST {
        let (code, fr, en) = if to < from {
            ("ends_before_start", "La fin précède le début.", "The end is before the start.")
        } else {
            ("too_long", "Au plus 366 jours à la fois.", "At most 366 days at a time.")
        };
        return Err(ApiError::faults(Code::InvalidParameters, vec![Fault::new("to", code, Text::new(fr, en))]));
    }
    let kit = catalogue::ops::find(work, scope, kit)?;
    let one = ServiceScope::one(kit.service_id);
    let today = services::store::settings(work.conn, &one, kit.service_id)?.date_of(work.now);
    let rules = settings::ops::rules(work, kit.service_id)?;
    let (usual, source) = loan_days(&kit, &rules);
    let plan = Plan::read(work, kit.id, &rules, today, from, None)?;
    let ids: Vec<Id> = plan.copies().iter().map(|copy| copy.id).collect();
    let kept = days::between(work.conn, &ids, from, to)?;
    let mut reservations: Vec<Id> = kept.values().copied().collect();
    reservations.sort_unstable();
    reservations.dedup();
    let calendar = Calendar {
        rules: &rules,
        today,
        loans: store::loans_of(work.conn, &ids)?,
        reservations: store::by_id(work.conn, &one, &reservations)?,
        kept,
    };
    let copies = plan.copies().iter().map(|copy| CopyAvailability {
        copy_id: copy.id,
        label: copy.label.clone(),
        home_site: copy.home_site.clone(),
        days: from
            .iter_days()
            .take_while(|day| *day <= to)
            .map(|day| CopyDay { day, state: calendar.state(copy, day) })
            .collect(),
    });
    let waiting = store::waiting(work.conn, &[kit.id])?.len();
    Ok(KitAvailability {
        kit_id: kit.id,
        from,
        to,
        next_free: plan.next_free(from, plan.horizon(), usual, None),
        waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
        copies: copies.collect(),
        rules: vec![
            LoanRule { rule: LoanRuleName::LoanDays, value: usual, source },
            of_service(LoanRuleName::LongestLoanDays, rules.longest_loan_days),
            of_service(LoanRuleName::BufferDays, rules.buffer_days),
            of_service(LoanRuleName::BookAheadDays, rules.book_ahead_days),
        ],
    })
}

/// What is known of the copies of a kit.
struct Calendar<'a> {
    rules: &'a LoanRules,
    today: NaiveDate,
    loans: HashMap<Id, ReservationRow>,
    reservations: HashMap<Id, ReservationRow>,
    kept: HashMap<(Id, NaiveDate), Id>,
}

impl Calendar<'_> {
    /// What a copy is on a day. What is true of it now goes before what was planned.
    fn state(&self, copy: &CopyRow, day: NaiveDate) -> CopyDayState {
        if copy.out_of_service_since.is_some_and(|since| day >= since) {
            return CopyDayState::OutOfService;
        }
        let late = self.loans.get(&copy.id).filter(|loan| loan.is_overdue(self.today));
        if late.is_some_and(|loan| day > loan.due_on && day < self.rules.ready_after(self.today)) {
            return if day <= self.today { CopyDayState::Overdue } else { CopyDayState::Buffer };
        }
        match self.kept.get(&(copy.id, day)).and_then(|id| self.reservations.get(id)) {
            Some(row) if row.handed_out_on.is_some() => {
                let last = row.returned_on.unwrap_or(row.due_on);
                if day <= last { CopyDayState::OnLoan } else { CopyDayState::Buffer }
            }
            Some(row) if day <= row.due_on && ReservationStatus::PROMISED.contains(&row.status) => {
                CopyDayState::Reserved
            }
            Some(_) => CopyDayState::Buffer,
            None if self.rules.is_open(day) => CopyDayState::Free,
            None => CopyDayState::Closed,
        }
    }
}
