//! Use cases of funding.

use super::dto::{
    Funding, FundingBasis, FundingCheck, FundingFilter, FundingInput, FundingLine, FundingPage, FundingPatch,
    FundingPlan,
};
use super::store::{self, FundingRow};
use crate::auth::ServiceScope;
use crate::conventions::contributions::model::shares;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::nomenclatures::{self, lists};
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// 100%, in hundredths of a percent.
const WHOLE: i64 = 10_000;

/// Records what a funder gives in a year.
pub fn create(work: &mut Work<'_>, scope: &ServiceScope, new: &FundingInput) -> Result<Funding, ApiError> {
    services::ops::require(work, scope, new.service_id, "/service_id")?;
    // A concurrent request for the same funder is waited for, and then found.
    work.conn.lock_one(Lock::Funding, new.service_id)?;
    let own = store::of_year(work.conn, &ServiceScope::one(new.service_id), new.year)?;
    if let Some(existing) = own.iter().find(|one| one.funder == new.funder) {
        let message = Text::new(
            "Ce financeur a déjà une ligne pour cette année.",
            "This funder already has a line for this year.",
        );
        return Err(ApiError::faults(Code::Conflict, vec![Fault::new("/funder", "already_recorded", message.clone())])
            .detail(message.fr, message.en)
            .with("existing_id", existing.id.as_str()));
    }
    let row = FundingRow {
        id: Id::at(work.now),
        service_id: new.service_id,
        year: new.year,
        funder: new.funder.clone(),
        basis: new.basis,
        share_basis_points: new.share_basis_points,
        planned_cents: new.planned_cents,
        received_cents: new.received_cents,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    store::insert(work.conn, &row)?;
    work.created(Resource::Funding, row.service_id, row.id);
    Ok(row.into())
}

/// The row of a funding of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<FundingRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One funding of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Funding, ApiError> {
    Ok(store::get(work.conn, scope, id)?.into())
}

/// A page of the fundings of the scope.
pub fn list(work: &mut Work<'_>, scope: &ServiceScope, list: &List<FundingFilter>) -> Result<FundingPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(FundingPage { data: rows.into_iter().map(Into::into).collect(), page })
}

/// Corrects a funding.
pub fn correct(work: &mut Work<'_>, row: &FundingRow, patch: FundingPatch) -> Result<Funding, ApiError> {
    let mut new = row.clone();
    new.basis = patch.basis.unwrap_or(new.basis);
    new.share_basis_points = patch.share_basis_points.over(new.share_basis_points);
    new.planned_cents = patch.planned_cents.over(new.planned_cents);
    new.received_cents = patch.received_cents.over(new.received_cents);
    if new == *row {
        return Ok(new.into());
    }
    new.version = row.version + 1;
    new.updated_at = work.now;
    ApiError::require_first(store::update(work.conn, row, &new)?)?;
    work.changed(Resource::Funding, row.service_id, row.id);
    Ok(new.into())
}

/// Deletes a funding.
pub fn delete(work: &mut Work<'_>, row: &FundingRow, reason: DeletionReason) -> Result<(), ApiError> {
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::Funding, row.service_id, row.id, reason);
    Ok(())
}

/// The funding of a service of the scope in a year, with its inconsistencies.
pub fn plan(work: &mut Work<'_>, scope: &ServiceScope, service: Id, year: i32) -> Result<FundingPlan, ApiError> {
    services::ops::find(work, scope, service)?;
    let scope = ServiceScope::one(service);
    let mut rows = store::of_year(work.conn, &scope, year)?;
    let funders = nomenclatures::list(lists::FUNDER);
    let rank =
        |row: &FundingRow| funders.and_then(|list| list.codes().iter().position(|code| row.funder.is(&code.code)));
    rows.sort_by_key(|row| (rank(row).unwrap_or(usize::MAX), row.funder.clone()));
    let contributions = store::contributions_of(work.conn, &scope, year)?;
    Ok(funding_plan(service, year, rows, contributions))
}

/// Builds the plan of a year from its lines and from the contributions due and received. Pure.
fn funding_plan(service_id: Id, year: i32, rows: Vec<FundingRow>, (due, received): (i64, i64)) -> FundingPlan {
    let sum_of_known = |sums: Vec<Option<i64>>| sums.into_iter().flatten().reduce(|one, other| one + other);
    let planned: Option<Vec<i64>> = rows.iter().map(|row| row.planned_cents).collect();
    let computed = planned.as_deref().and_then(shares);
    let agreed: Vec<Option<i64>> = rows.iter().map(|row| row.share_basis_points.map(i64::from)).collect();
    let agreed_shares_basis_points = sum_of_known(agreed.clone());
    let all_agreed = !agreed.is_empty() && agreed.iter().all(Option::is_some);
    let adds_up = all_agreed.then_some(agreed_shares_basis_points == Some(WHOLE));
    let mut checks = Vec::new();
    if adds_up == Some(false) || agreed_shares_basis_points.is_some_and(|sum| sum > WHOLE) {
        checks.push(FundingCheck::SharesDoNotAddUp);
    }
    // The computed shares are rounded: a difference of one hundredth of a percent is not an inconsistency.
    let near = |(agreed, computed): (&Option<i64>, &i64)| agreed.is_none_or(|agreed| (agreed - computed).abs() <= 1);
    if computed.as_ref().is_some_and(|computed| !agreed.iter().zip(computed).all(near)) {
        checks.push(FundingCheck::PlannedIsNotTheShare);
    }
    let by_convention = rows.iter().filter(|row| row.basis == FundingBasis::Convention);
    let from_conventions = sum_of_known(by_convention.map(|row| row.planned_cents).collect());
    if from_conventions.is_some_and(|planned| planned != due) {
        checks.push(FundingCheck::ContributionsDiffer);
    }
    let planned_cents = sum_of_known(rows.iter().map(|row| row.planned_cents).collect());
    let received_cents = sum_of_known(rows.iter().map(|row| row.received_cents).collect());
    let line = |(at, row): (usize, FundingRow)| FundingLine {
        funding_id: row.id,
        funder: row.funder,
        basis: row.basis,
        share_basis_points: row.share_basis_points,
        planned_cents: row.planned_cents,
        received_cents: row.received_cents,
        share_of_planned_basis_points: computed.as_ref().and_then(|shares| shares.get(at).copied()),
    };
    FundingPlan {
        service_id,
        year,
        lines: rows.into_iter().enumerate().map(line).collect(),
        planned_cents,
        received_cents,
        agreed_shares_basis_points,
        adds_up,
        contributions_cents: due,
        contributions_received_cents: received,
        checks,
    }
}

#[cfg(test)]
mod tests {
    use crate::conventions::funding::ops::*;

    fn row(funder: &str, basis: FundingBasis, share: Option<i32>, planned: Option<i64>) -> FundingRow {
        let now = chrono::DateTime::<chrono::Utc>::default().into();
        FundingRow {
            id: uuid::Uuid::nil().into(),
            service_id: uuid::Uuid::nil().into(),
            year: 2026,
            funder: funder.parse().unwrap(),
            basis,
            share_basis_points: share,
            planned_cents: planned,
            received_cents: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    fn plan(rows: Vec<FundingRow>, due: i64) -> FundingPlan {
        funding_plan(uuid::Uuid::nil().into(), 2026, rows, (due, 0))
    }

    #[test]
    fn a_consistent_plan_has_no_checks() {
        use FundingBasis::{Convention, Grant};
        let fits = plan(
            vec![
                row("caf", Grant, Some(8000), Some(800_000)),
                row("local_authorities", Convention, Some(2000), Some(200_000)),
            ],
            200_000,
        );
        assert_eq!((fits.adds_up, fits.planned_cents, fits.checks), (Some(true), Some(1_000_000), vec![]));
    }

    #[test]
    fn each_inconsistency_is_listed() {
        use FundingBasis::{Convention, Grant};
        use FundingCheck::{ContributionsDiffer, PlannedIsNotTheShare, SharesDoNotAddUp};
        let wrong = plan(
            vec![
                row("caf", Grant, Some(8000), Some(500_000)),
                row("local_authorities", Convention, Some(1000), Some(500_000)),
            ],
            400_000,
        );
        assert_eq!(wrong.adds_up, Some(false));
        assert_eq!(wrong.checks, [SharesDoNotAddUp, PlannedIsNotTheShare, ContributionsDiffer]);
    }

    #[test]
    fn unknown_is_not_zero() {
        let unknown = plan(
            vec![row("caf", FundingBasis::Grant, Some(8000), None), row("msa", FundingBasis::Grant, None, None)],
            0,
        );
        assert_eq!((unknown.adds_up, unknown.planned_cents, unknown.received_cents), (None, None, None));
        assert_eq!(unknown.agreed_shares_basis_points, Some(8000));
        assert!(unknown.lines.iter().all(|line| line.share_of_planned_basis_points.is_none()));
        assert_eq!(plan(vec![], 0).adds_up, None);
    }
}
