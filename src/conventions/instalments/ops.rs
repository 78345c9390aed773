//! Use cases of instalments and payments.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::dto::{
    CallForPayment, Instalment, InstalmentFilter, InstalmentPage, InstalmentWaiver, Payment, PaymentInput, PaymentPage,
    UnpaidFilter,
};
use super::model::InstalmentAction;
use super::store::{self, InstalmentRow, PaymentRow};
use crate::auth::ServiceScope;
use crate::conventions::contributions::model::euros;
use crate::conventions::contributions::store::ContributionRow;
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Fault, Text};
use crate::http::page::{List, PageRequest};
use crate::naming::ops::{learn_convention, named};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// The instalments of a new contribution from their due dates and amounts, earliest first. The caller inserts them.
pub(in crate::conventions) fn new_rows(
    work: &mut Work<'_>,
    contribution: &ContributionRow,
    parts: &[(NaiveDate, i64)],
) -> Vec<InstalmentRow> {
    let mut rows = Vec::with_capacity(parts.len());
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
        work.created(Resource::Instalment, row.service_id, row.id);
        rows.push(row);
    }
    rows
}

/// New instalments as the API returns them.
pub(in crate::conventions) fn show_new(
    work: &mut Work<'_>,
    contribution: &ContributionRow,
    rows: Vec<InstalmentRow>,
) -> Result<Vec<Instalment>, ApiError> {
    let today = services::ops::today(work, contribution.service_id)?;
    Ok(rows.into_iter().map(|row| instalment(row, contribution.frozen_on.is_some(), today)).collect())
}

/// Deletes the instalments of a contribution that is not frozen: none of them was called.
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

/// The instalments of several contributions, which are frozen or not, earliest due date first.
pub(in crate::conventions) fn of_contributions(
    work: &mut Work<'_>,
    contributions: &HashMap<Id, bool>,
) -> Result<HashMap<Id, Vec<Instalment>>, ApiError> {
    let mut ids: Vec<Id> = contributions.keys().copied().collect();
    ids.sort_unstable();
    let rows = store::of_contributions(work.conn, &ids)?;
    let mut found: HashMap<Id, Vec<Instalment>> = HashMap::new();
    for one in as_of_today(work, rows, contributions)? {
        found.entry(one.contribution_id).or_default().push(one);
    }
    Ok(found)
}

/// Instalments with their standing today and the actions allowed.
fn instalments(work: &mut Work<'_>, rows: Vec<InstalmentRow>) -> Result<Vec<Instalment>, ApiError> {
    let shown = unnamed(work, rows)?;
    named(work, shown)
}

/// [`instalments`] without the names of their conventions.
fn unnamed(work: &mut Work<'_>, rows: Vec<InstalmentRow>) -> Result<Vec<Instalment>, ApiError> {
    let contributions: Vec<Id> = rows.iter().map(|row| row.contribution_id).collect();
    let around = store::around(work.conn, &contributions)?;
    for one in &around {
        learn_convention(work, one.service_id, one.convention_id, &one.party());
    }
    let frozen = around.into_iter().map(|one| (one.id, one.frozen_on.is_some())).collect();
    as_of_today(work, rows, &frozen)
}

/// [`instalments`] of contributions that are known to be frozen or not.
fn as_of_today(
    work: &mut Work<'_>,
    rows: Vec<InstalmentRow>,
    frozen: &HashMap<Id, bool>,
) -> Result<Vec<Instalment>, ApiError> {
    let of: Vec<Id> = rows.iter().map(|row| row.service_id).collect();
    let days = services::ops::days(work, &of)?;
    let as_of_today = |row: InstalmentRow| {
        let today = days.get(&row.service_id).copied().unwrap_or_default();
        let frozen = frozen.get(&row.contribution_id).copied().unwrap_or_default();
        instalment(row, frozen, today)
    };
    Ok(rows.into_iter().map(as_of_today).collect())
}

/// An instalment as it is on a day. No action is allowed until its contribution is frozen.
fn instalment(row: InstalmentRow, frozen: bool, today: NaiveDate) -> Instalment {
    let account = row.account();
    Instalment {
        remaining_cents: account.remaining_cents(),
        standing: account.standing(today),
        available_actions: if frozen { account.available_actions() } else { Vec::new() },
        id: row.id,
        service_id: row.service_id,
        convention_id: row.convention_id,
        convention_name: None,
        contribution_id: row.contribution_id,
        number: row.number,
        due_on: row.due_on,
        amount_cents: row.amount_cents,
        received_cents: row.received_cents,
        waived_cents: row.waived_cents,
        called_on: row.called_on,
        call_reference: row.call_reference,
        waived_on: row.waived_on,
        waiver_reason: row.waiver_reason,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The row of an instalment of the scope, for an operation that changes it: locked, so that concurrent payments follow
/// each other and each sees what remains.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<InstalmentRow, ApiError> {
    work.conn.lock_one(Lock::Instalment, id)?;
    Ok(store::get(work.conn, scope, id)?)
}

/// One instalment of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Instalment, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    show(work, row)
}

fn show(work: &mut Work<'_>, row: InstalmentRow) -> Result<Instalment, ApiError> {
    instalments(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the instalments of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<InstalmentFilter>,
) -> Result<InstalmentPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(InstalmentPage { data: instalments(work, rows)?, page })
}

/// A page of the instalments of a service of the scope that were due before today and have an amount remaining.
pub fn unpaid(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    service: Id,
    list: &List<UnpaidFilter>,
) -> Result<InstalmentPage, ApiError> {
    let today = services::ops::settings(work, scope, service)?.date_of(work.now);
    let filter = InstalmentFilter {
        unpaid: Some(true),
        due_to: today.pred_opt(),
        updated_since: list.filter.updated_since,
        sort: list.filter.sort,
        ..InstalmentFilter::default()
    };
    let scope = scope.within(Some(service));
    let (rows, page) = store::list(work.conn, &scope, &filter, &list.page)?;
    Ok(InstalmentPage { data: instalments(work, rows)?, page })
}

/// Refuses an action that is not allowed now, with a 409 that names the state. Returns today's date where the service
/// is.
fn require(work: &mut Work<'_>, row: &InstalmentRow, action: InstalmentAction) -> Result<NaiveDate, ApiError> {
    let current = unnamed(work, vec![row.clone()])?.pop().ok_or_else(ApiError::not_found)?;
    if !current.available_actions.contains(&action) {
        let actions = current.available_actions.iter().map(InstalmentAction::as_str);
        return Err(ApiError::wrong_state(current.standing.as_str(), actions));
    }
    services::ops::today(work, row.service_id)
}

/// Writes the next version of an instalment.
fn replace(work: &mut Work<'_>, row: &InstalmentRow, mut new: InstalmentRow) -> Result<InstalmentRow, ApiError> {
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::Instalment, row.service_id, row.id);
    Ok(new)
}

/// Calls an instalment.
pub fn call(work: &mut Work<'_>, row: &InstalmentRow, call: &CallForPayment) -> Result<Instalment, ApiError> {
    let today = require(work, row, InstalmentAction::Call)?;
    let on = call.called_on.unwrap_or(today);
    ApiError::reject_if_any(dates::not_in_the_future("/called_on", on, today))?;
    let new = InstalmentRow { called_on: Some(on), call_reference: call.reference.clone(), ..row.clone() };
    let new = replace(work, row, new)?;
    show(work, new)
}

/// Waives the remaining amount of an instalment.
pub fn waive(work: &mut Work<'_>, row: &InstalmentRow, waiver: &InstalmentWaiver) -> Result<Instalment, ApiError> {
    let today = require(work, row, InstalmentAction::Waive)?;
    let on = waiver.waived_on.unwrap_or(today);
    ApiError::reject_if_any(dates::not_in_the_future("/waived_on", on, today))?;
    let new = InstalmentRow {
        waived_cents: row.account().remaining_cents(),
        waived_on: Some(on),
        waiver_reason: Some(waiver.reason.clone()),
        ..row.clone()
    };
    let new = replace(work, row, new)?;
    show(work, new)
}

/// Records a payment of all or part of the remaining amount.
pub fn receive(work: &mut Work<'_>, row: &InstalmentRow, new: &PaymentInput) -> Result<Payment, ApiError> {
    let today = require(work, row, InstalmentAction::Receive)?;
    let remaining = row.account().remaining_cents();
    let amount_cents = new.amount_cents.unwrap_or(remaining);
    let received_on = new.received_on.unwrap_or(today);
    let mut faults: Vec<Fault> = dates::not_in_the_future("/received_on", received_on, today).into_iter().collect();
    let early = row
        .called_on
        .and_then(|called_on| dates::not_before("/received_on", received_on, called_on, "before_the_call"));
    faults.extend(early);
    if amount_cents > remaining {
        let message = Text::new(
            format!("Le paiement dépasse le montant restant dû : {}.", euros(remaining, true)),
            format!("The payment exceeds the remaining amount: {}.", euros(remaining, false)),
        );
        faults.push(Fault::new("/amount_cents", "more_than_due", message));
    }
    ApiError::reject_if_any(faults)?;
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
    let received_cents = row.received_cents + amount_cents;
    replace(work, row, InstalmentRow { received_cents, ..row.clone() })?;
    store::insert_payment(work.conn, &payment)?;
    named(work, payment.into())
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
    let data: Vec<Payment> = rows.into_iter().map(Into::into).collect();
    Ok(PaymentPage { data: named(work, data)?, page: info })
}

/// A payment of the scope with its instalment, whose version guards the deletion.
pub fn find_payment(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<PaidInstalment, ApiError> {
    let instalment = store::payment(work.conn, scope, id)?.instalment_id;
    let row = find(work, scope, instalment)?;
    // Read again under the lock: another request may have deleted it.
    Ok(PaidInstalment { payment: store::payment(work.conn, scope, id)?, row })
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

/// Deletes a payment recorded by mistake.
pub fn delete_payment(work: &mut Work<'_>, paid: &PaidInstalment) -> Result<(), ApiError> {
    let received_cents = paid.row.received_cents - paid.payment.amount_cents;
    replace(work, &paid.row, InstalmentRow { received_cents, ..paid.row.clone() })?;
    ApiError::require_first(store::delete_payment(work.conn, paid.payment.id)?)?;
    Ok(())
}
