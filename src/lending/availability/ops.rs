//! The use case of availability.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{AvailabilityDays, CopyAvailability, CopyDay, CopyDayState, KitAvailability};
use crate::auth::ServiceScope;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::lending::copies::store::CopyRow;
use crate::lending::past::Past;
use crate::lending::reservations::assess::{applied_rules, loan_days};
use crate::lending::reservations::model::ReservationStatus;
use crate::lending::reservations::plan::Plan;
use crate::lending::reservations::store::{ReservationRow, days};
use crate::lending::settings::model::Today;
use crate::lending::{catalogue, queue, settings};
use crate::work::Work;

/// Maximum number of days per response.
const MAX_DAYS: i64 = 366;

/// The availability of a kit in scope. Past days are for who reads the reservations: they count the loans.
pub fn availability(
    work: &mut Work<'_>,
    (scope, past): (&ServiceScope, &Past),
    kit: Id,
    requested: &AvailabilityDays,
) -> Result<KitAvailability, ApiError> {
    let (from, to) = (requested.from, requested.to);
    if (to - from).num_days() >= MAX_DAYS {
        let message = Text::new("La période dépasse 366 jours.", "The period is longer than 366 days.");
        return Err(ApiError::faults(Code::InvalidParameters, vec![Fault::new("to", "too_long", message)]));
    }
    let kit = catalogue::ops::find(work, scope, kit)?;
    queue::ops::read_kit(work, kit.service_id, kit.id)?;
    let day = settings::ops::today(work, kit.service_id)?;
    past.require(kit.service_id, "from", from, day.today)?;
    let (usual, source) = loan_days(&kit, &day.rules);
    let plan = Plan::read(work, kit.id, &day, from, None)?;
    let (taken, reservations) = days::between(work.conn, kit.id, from, to)?;
    let calendar = Calendar { day: &day, loans: plan.loans(), reservations, taken };
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
    let waiting = queue::ops::waiting(work, kit.service_id, kit.id)?.len();
    Ok(KitAvailability {
        kit_id: kit.id,
        from,
        to,
        next_free: plan.next_free(from, plan.last_start(), usual, None),
        waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
        copies: copies.collect(),
        rules: applied_rules(&day.rules, usual, source),
    })
}

/// The reservations and loans of the copies of a kit.
struct Calendar<'a> {
    day: &'a Today,
    loans: &'a HashMap<Id, ReservationRow>,
    reservations: HashMap<Id, ReservationRow>,
    /// The reservation that takes a copy on a day.
    taken: HashMap<(Id, NaiveDate), Id>,
}

impl Calendar<'_> {
    /// The state of a copy on a day. An actual state (out of service, overdue) takes precedence over a planned one.
    fn state(&self, copy: &CopyRow, day: NaiveDate) -> CopyDayState {
        if copy.out_of_service_since.is_some_and(|since| day >= since) {
            return CopyDayState::OutOfService;
        }
        let overdue = self.loans.get(&copy.id).filter(|loan| loan.is_overdue(self.day.today));
        if overdue.is_some_and(|loan| day > loan.due_on && day <= self.day.overdue_until()) {
            return if day <= self.day.today { CopyDayState::Overdue } else { CopyDayState::Buffer };
        }
        match self.taken.get(&(copy.id, day)).and_then(|id| self.reservations.get(id)) {
            Some(row) if row.handed_out_on.is_some() => {
                let last = row.returned_on.unwrap_or(row.due_on);
                if day <= last { CopyDayState::OnLoan } else { CopyDayState::Buffer }
            }
            Some(row) if day <= row.due_on && ReservationStatus::RESERVED.contains(&row.status) => {
                CopyDayState::Reserved
            }
            Some(_) => CopyDayState::Buffer,
            None if self.day.rules.is_open(day) => CopyDayState::Free,
            None => CopyDayState::Closed,
        }
    }
}
