//! The use cases of statements.

use std::collections::{BTreeMap, BTreeSet};

use super::dto::{
    Statement, StatementFilter, StatementInstalment, StatementPayment, StatementReference, StatementReferencePage,
    StatementService,
};
use super::store::{self, Parties};
use crate::actions;
use crate::actions::store::Deliveries;
use crate::auth::ServiceScope;
use crate::conventions::agreements::model::{days_of, years};
use crate::conventions::agreements::store::ConventionRow;
use crate::conventions::contributions::{self, dto::Contribution};
use crate::conventions::coverage;
use crate::conventions::coverage::store::Opened;
use crate::conventions::instalments::dto::Instalment;
use crate::conventions::instalments::model::InstalmentStanding;
use crate::dates::french;
use crate::db::Id;
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::nomenclatures::codes::ComplementaryService;
use crate::services;
use crate::work::Work;

/// For each complementary service, the quota of the convention and the actions held and planned. Pure.
pub(super) fn delivered(opened: &[Opened], deliveries: &Deliveries) -> Vec<StatementService> {
    let quotas: BTreeMap<&ComplementaryService, Option<i32>> =
        opened.iter().map(|(service, quota)| (service, *quota)).collect();
    let services: BTreeSet<&ComplementaryService> = quotas.keys().copied().chain(deliveries.keys()).collect();
    let line = |service: &ComplementaryService| {
        let done = deliveries.get(service).copied().unwrap_or_default();
        let yearly_quota = quotas.get(service).copied().flatten();
        StatementService {
            complementary_service: service.clone(),
            yearly_quota,
            delivered: done.held,
            planned: done.planned,
            remaining: yearly_quota.map(|quota| (i64::from(quota) - done.held).max(0)),
            minutes: done.minutes,
            professionals: done.professionals,
        }
    };
    services.into_iter().map(line).collect()
}

/// A page of the statements that the caller may see.
pub fn list(
    work: &mut Work<'_>,
    parties: &Parties,
    list: &List<StatementFilter>,
) -> Result<StatementReferencePage, ApiError> {
    let (rows, page) = store::list(work.conn, parties, &list.filter, &list.page)?;
    let reference = |(year, row): (i32, ConventionRow)| StatementReference {
        convention_id: row.id,
        service_id: row.service_id,
        collectivity: row.collectivity(),
        collectivity_name: row.collectivity_name(),
        year,
        starts_on: row.starts_on,
        last_day: row.last_day(),
        url: format!("/v1/conventions/{}/statement?year={year}", row.id),
    };
    Ok(StatementReferencePage { data: rows.into_iter().map(reference).collect(), page })
}

/// The statement of a convention for a year.
pub fn get(work: &mut Work<'_>, parties: &Parties, id: Id, year: i32) -> Result<Statement, ApiError> {
    let row = store::get(work.conn, parties, id)?;
    if !years(row.starts_on, row.last_day()).contains(&year) {
        let message = Text::new(
            format!("La convention court du {} au {}.", french(row.starts_on), french(row.last_day())),
            format!("The convention runs from {} to {}.", row.starts_on, row.last_day()),
        );
        let fault = Fault::new("year", "outside_the_period", message);
        return Err(ApiError::faults(Code::InvalidParameters, vec![fault]));
    }
    let scope = ServiceScope::one(row.service_id);
    let service = services::ops::settings(work, &scope, row.service_id)?;
    let today = service.date_of(work.now);
    let contribution = contribution_of(work, row.id, year)?;
    let payments = match &contribution {
        Some(contribution) => store::payments_for(work.conn, contribution.id)?,
        None => Vec::new(),
    };
    let (first, last) = days_of(year);
    let deliveries = actions::store::delivered(work.conn, &[row.id], first, last)?.remove(&row.id).unwrap_or_default();
    let opened = coverage::store::services_on(work.conn, &[row.id], last)?.remove(&row.id).unwrap_or_default();
    let sum = |of: fn(&Contribution) -> i64| contribution.as_ref().map(of);
    let overdue = |contribution: &Contribution| {
        let overdue = contribution.instalments.iter().filter(|one| one.standing == InstalmentStanding::Overdue);
        overdue.map(|one| one.remaining_cents).sum()
    };
    Ok(Statement {
        convention_id: row.id,
        service_id: row.service_id,
        service_name: service.name,
        reference: row.reference.clone(),
        collectivity: row.collectivity(),
        collectivity_name: row.collectivity_name(),
        year,
        starts_on: row.starts_on,
        last_day: row.last_day(),
        standing: row.status.standing(row.starts_on, row.last_day(), today),
        read_at: work.now,
        read_on: today,
        due_cents: sum(|one| one.amount_cents),
        waived_cents: sum(|one| one.waived_cents),
        received_cents: sum(|one| one.received_cents),
        remaining_cents: sum(|one| one.remaining_cents),
        overdue_cents: sum(overdue),
        formula_fr: contribution.as_ref().map(|one| one.formula_fr.clone()),
        formula_en: contribution.as_ref().map(|one| one.formula_en.clone()),
        instalments: contribution.map(instalments).unwrap_or_default(),
        payments: payments
            .into_iter()
            .map(|(received_on, amount_cents, reference)| StatementPayment { received_on, amount_cents, reference })
            .collect(),
        services: delivered(&opened, &deliveries),
    })
}

fn contribution_of(work: &mut Work<'_>, convention: Id, year: i32) -> Result<Option<Contribution>, ApiError> {
    let rows = contributions::store::of_convention(work.conn, convention)?;
    let of_year = rows.into_iter().filter(|row| row.year == year).collect();
    Ok(contributions::ops::with_instalments(work, of_year)?.pop())
}

fn instalments(contribution: Contribution) -> Vec<StatementInstalment> {
    let line = |one: Instalment| StatementInstalment {
        number: one.number,
        due_on: one.due_on,
        amount_cents: one.amount_cents,
        received_cents: one.received_cents,
        waived_cents: one.waived_cents,
        remaining_cents: one.remaining_cents,
        standing: one.standing,
    };
    contribution.instalments.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use crate::actions::store::Delivered;
    use crate::statements::ops::*;

    #[test]
    fn actions_held_are_counted_against_the_quota() {
        let opened = [("pedagogical_days".parse().unwrap(), Some(2)), ("childminder_awareness".parse().unwrap(), None)];
        let days = Delivered { held: 3, planned: 1, minutes: 540, professionals: 12 };
        let network = Delivered { held: 1, ..Delivered::default() };
        let deliveries = Deliveries::from([
            ("pedagogical_days".parse().unwrap(), days),
            ("referent_network_training".parse().unwrap(), network),
        ]);
        let lines = delivered(&opened, &deliveries);
        let shown: Vec<_> = lines
            .iter()
            .map(|line| (line.complementary_service.as_str(), line.delivered, line.planned, line.remaining))
            .collect();
        assert_eq!(
            shown,
            [
                ("childminder_awareness", 0, 0, None),
                ("pedagogical_days", 3, 1, Some(0)),
                ("referent_network_training", 1, 0, None),
            ]
        );
    }
}
