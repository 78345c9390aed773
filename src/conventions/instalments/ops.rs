//! Use cases of instalments and payments.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::NaiveDate;

use super::dto::{
    Instalment, InstalmentCall, InstalmentFilter, InstalmentPage, InstalmentWaiver, NewPayment, Payment, PaymentPage,
    UnpaidFilter,
};
use super::model::InstalmentAction;
use super::store::{self, InstalmentRow, PaymentRow};
use crate::auth::ServiceScope;
use crate::conventions::agreements;
use crate::conventions::contributions::store::ContributionRow;
use crate::dates;
use crate::db::Id;
use crate::error::{ApiError, Fault, Text};
use crate::http::page::{List, PageRequest};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Writes the instalments of a new contribution: when each is due, and how much, the first due first.
pub(in crate::conventions) fn create(
    work: &mut Work<'_>,
    contribution: &ContributionRow,
    parts: &[(NaiveDate, i64)],
) -> Result<(), ApiError> {
    for (number, (due_on, amount_cents)) in (1_i32..).zip(parts) {
        let row = InstalmentRow {
            id: Id::at(work.now),
            service_id: contribution.service_id,
            convention_id: contribution.convention_id,
            contribution_id: contribution.id,
            number,
            due_on: *due_on,
            amount_cents: *amount_cents,
            received_cents: 0,
            waived_cents: 0,
            called_on: None,
            call_reference: None,
            waived_on: None,
            waiver_reason: None,
            version: 1,
            created_at: work.now,
            updated_at: work.now,
        };
        store::insert(work.conn, &row)?;
        work.created(Resource::Instalment, row.service_id, row.id);
    }
    Ok(())
}

/// Deletes the instalments of a contribution that is not frozen: nobody was called for any.
pub(in crate::conventions) fn delete_of(
    work: &mut Work<'_>,
    contribution: &ContributionRow,
    reason: DeletionReason,
) -> Result<(), ApiError> {
    for row in store::of_contributions(work.conn, &[contribution.id])? {
        work.deleted(Resource::Instalment, row.service_id, row.id, reason);
    }
    Ok(store::delete_of(work.conn, contribution.id)?)
}

/// The instalments of several contributions, the first due first.
pub(in crate::conventions) fn of_contributions(
    work: &mut Work<'_>,
    contributions: &[Id],
) -> Result<HashMap<Id, Vec<Instalment>>, ApiError> {
    let rows = store::of_contributions(work.conn, contributions)?;
    let mut found: HashMap<Id, Vec<Instalment>> = HashMap::new();
    for one in shown(work, rows)? {
        found.entry(one.contribution_id).or_default().push(one);
    }
    Ok(found)
}

/// Rows with what the day and their contribution make of them.
fn shown(work: &mut Work<'_>, rows: Vec<InstalmentRow>) -> Result<Vec<Instalment>, ApiError> {
    let contributions: Vec<Id> = rows.iter().map(|row| row.contribution_id).collect();
    let frozen = store::frozen(work.conn, &contributions)?;
    let mut days: HashMap<Id, NaiveDate> = HashMap::new();
    for row in &rows {
        if let Entry::Vacant(unknown) = days.entry(row.service_id) {
            unknown.insert(agreements::ops::today(work, row.service_id)?);
        }
    }
    let one = |row: InstalmentRow| {
        let today = days.get(&row.service_id).copied().unwrap_or_default();
        let frozen = frozen.get(&row.contribution_id).copied().unwrap_or_default();
        Instalment::new(row, frozen, today)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// The row of an instalment of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<InstalmentRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One instalment of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Instalment, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    shown(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the instalments of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<InstalmentFilter>,
) -> Result<InstalmentPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(InstalmentPage { data: shown(work, rows)?, page })
}

/// A page of the instalments of a service of the scope that are late.
pub fn unpaid(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<UnpaidFilter>,
) -> Result<InstalmentPage, ApiError> {
    let today = services::store::settings(work.conn, scope, service)?.date_of(work.now);
    let filter = InstalmentFilter {
        unpaid: Some(true),
        due_to: today.pred_opt(),
        updated_since: list.filter.updated_since,
        sort: list.filter.sort,
        ..InstalmentFilter::default()
    };
    let scope = scope.within(Some(service));
    let (rows, page) = store::list(work.conn, &scope, &filter, &list.page)?;
    Ok(InstalmentPage { data: shown(work, rows)?, page })
}

/// Refuses what does not apply now: 409 with the state.
fn require(work: &mut Work<'_>, row: &InstalmentRow, action: InstalmentAction) -> Result<NaiveDate, ApiError> {
    let shown = get(work, &ServiceScope::one(row.service_id), row.id)?;
    if !shown.available_actions.contains(&action) {
        let actions = shown.available_actions.iter().map(InstalmentAction::as_str);
        return Err(ApiError::wrong_state(shown.standing.as_str(), actions));
    }
    agreements::ops::today(work, row.service_id)
}

/// Writes another version of an instalment.
fn replace(work: &mut Work<'_>, row: &InstalmentRow, mut new: InstalmentRow) -> Result<(), ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    if !store::update(work.conn, row, &new)? {
        return Err(ApiError::overtaken());
    }
    work.changed(Resource::Instalment, row.service_id, row.id);
    Ok(())
}

/// Calls for an instalment.
pub fn call(work: &mut Work<'_>, row: &InstalmentRow, how: &InstalmentCall) -> Result<Instalment, ApiError> {
    let today = require(work, row, InstalmentAction::Call)?;
    let on = how.called_on.unwrap_or(today);
    ApiError::unless_none(dates::not_in_the_future("/called_on", on, today))?;
    let new = InstalmentRow { called_on: Some(on), call_reference: how.reference.clone(), ..row.clone() };
    replace(work, row, new)?;
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Gives up what remains of an instalment.
pub fn waive(work: &mut Work<'_>, row: &InstalmentRow, how: &InstalmentWaiver) -> Result<Instalment, ApiError> {
    let today = require(work, row, InstalmentAction::Waive)?;
    let on = how.waived_on.unwrap_or(today);
    ApiError::unless_none(dates::not_in_the_future("/waived_on", on, today))?;
    let new = InstalmentRow {
        waived_cents: row.account().remaining_cents(),
        waived_on: Some(on),
        waiver_reason: Some(how.reason.clone()),
        ..row.clone()
    };
    replace(work, row, new)?;
    get(work, &ServiceScope::one(row.service_id), row.id)
}

/// Records a payment: of all that remains, or of a part of it.
pub fn receive(work: &mut Work<'_>, row: &InstalmentRow, new: &NewPayment) -> Result<Payment, ApiError> {
    let today = require(work, row, InstalmentAction::Receive)?;
    let remaining = row.account().remaining_cents();
    let amount_cents = new.amount_cents.unwrap_or(remaining);
    let received_on = new.received_on.unwrap_or(today);
    let mut faults: Vec<Fault> = dates::not_in_the_future("/received_on", received_on, today).into_iter().collect();
    let called =
        row.called_on.and_then(|called| dates::not_before("/received_on", received_on, called, "before_the_call"));
    faults.extend(called);
    if amount_cents > remaining {
        let message = Text::new(
            format!("Il reste {remaining} centimes à recevoir."),
            format!("{remaining} cents remain to be received."),
        );
        faults.push(Fault::new("/amount_cents", "more_than_due", message));
    }
    ApiError::unless_none(faults)?;
    let payment = PaymentRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        convention_id: row.convention_id,
        instalment_id: row.id,
        received_on,
        amount_cents,
        reference: new.reference.clone(),
        author: work.author(),
        created_at: work.now,
    };
    // The instalment's version decides between two payments that race.
    let received_cents = row.received_cents + amount_cents;
    replace(work, row, InstalmentRow { received_cents, ..row.clone() })?;
    store::insert_payment(work.conn, &payment)?;
    Ok(payment.into())
}

/// A page of the payments of an instalment of the scope.
pub fn payments(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    instalment: Id,
    page: &PageRequest,
) -> Result<PaymentPage, ApiError> {
    store::get(work.conn, scope, instalment)?;
    let (rows, info) = store::payments(work.conn, scope, instalment, page)?;
    Ok(PaymentPage { data: rows.into_iter().map(Into::into).collect(), page: info })
}

/// A payment of the scope with its instalment, whose version guards it.
pub fn find_payment(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PaidInstalment, ApiError> {
    let payment = store::payment(work.conn, scope, id)?;
    let row = store::get(work.conn, scope, payment.instalment_id)?;
    Ok(PaidInstalment { payment, row })
}

/// An instalment and one of its payments.
#[derive(Clone, Debug)]
pub struct PaidInstalment {
    payment: PaymentRow,
    row: InstalmentRow,
}

impl crate::http::Versioned for PaidInstalment {
    fn version(&self) -> i32 {
        self.row.version
    }
}

/// Takes a payment back that was recorded by mistake.
pub fn delete_payment(work: &mut Work<'_>, paid: &PaidInstalment) -> Result<(), ApiError> {
    let received_cents = paid.row.received_cents - paid.payment.amount_cents;
    replace(work, &paid.row, InstalmentRow { received_cents, ..paid.row.clone() })?;
    if !store::delete_payment(work.conn, paid.payment.id)? {
        return Err(ApiError::overtaken());
    }
    Ok(())
}
