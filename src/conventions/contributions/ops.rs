//! Use cases of contributions.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};

use super::dto::{Contribution, ContributionFilter, ContributionInput, ContributionPage, ContributionWarning};
use super::model::{Computation, ContributionBasis, ROUNDING, due, euros, months_due, per_inhabitant, split};
use super::overlaps::{self, Overlaps};
use super::population::{self, ReferencePopulation};
use super::store::{self, ContributionRow};
use crate::auth::ServiceScope;
use crate::conventions::agreements;
use crate::conventions::agreements::model::{ConventionAction, ConventionStatus};
use crate::conventions::agreements::store::ConventionRow;
use crate::conventions::instalments::{self, dto::Instalment, dto::InstalmentInput};
use crate::dates;
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::naming::ops::named;
use crate::services;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// An instalment may be due within this number of years before or after the year of the contribution.
const DUE_YEARS: i32 = 2;

/// Takes the lock of a convention: it serialises its signature and the computation of its contributions.
pub(in crate::conventions) fn lock(work: &mut Work<'_>, convention: Id) -> Result<(), ApiError> {
    if work.known::<Locked>(convention).is_none() {
        work.conn.lock_one(Lock::Convention, convention)?;
        work.learn(convention, Locked);
    }
    Ok(())
}

/// This unit of work holds the lock of a convention.
#[derive(Clone, Copy)]
struct Locked;

/// Computes what a local authority owes for a year, with its instalments.
pub fn create(work: &mut Work<'_>, row: &ConventionRow, new: &ContributionInput) -> Result<Contribution, ApiError> {
    lock(work, row.id)?;
    // Read again under the lock: the convention may have changed since it was found.
    let scope = ServiceScope::one(row.service_id);
    let row = agreements::store::get(work.conn, &scope, row.id)?;
    if row.status == ConventionStatus::Declined {
        let actions = row.status.available_actions();
        return Err(ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str)));
    }
    let overlaps = overlaps::read(work, &[(row.service_id, row.id, new.year)])?;
    let computed = compute(&row, new, &overlaps)?;
    refuse_second_contribution(&overlaps, &row, new.year)?;
    let frozen_on = if row.is_signed() { Some(services::ops::today(work, row.service_id)?) } else { None };
    let (first_month, last_month) = computed.computation.months;
    let month = |month: u32| i32::try_from(month).unwrap_or(1);
    let population = computed.population;
    let contribution = ContributionRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        convention_id: row.id,
        year: new.year,
        basis: new.basis,
        population: population.as_ref().map(|one| one.population),
        population_kind: new.population_kind,
        population_vintage: population.as_ref().map(|one| one.vintage),
        population_source: population.map(|one| one.source),
        rate_cents: new.rate_cents,
        yearly_cents: computed.computation.yearly_cents,
        first_month: month(first_month),
        last_month: month(last_month),
        amount_cents: computed.computation.amount_cents(),
        frozen_on,
        version: 1,
        created_at: work.now,
        updated_at: work.now,
    };
    work.created(Resource::Contribution, row.service_id, contribution.id);
    let rows = instalments::ops::new_rows(work, &contribution, &computed.instalments);
    store::insert(work.conn, &contribution, &rows)?;
    let instalments = instalments::ops::show_new(work, &contribution, rows)?;
    let warnings = overlaps.warnings(&contribution);
    Ok(self::contribution(contribution, instalments, warnings))
}

/// A valid contribution.
struct Computed {
    computation: Computation,
    /// `None` for a flat sum.
    population: Option<ReferencePopulation>,
    /// Due date and amount in cents.
    instalments: Vec<(NaiveDate, i64)>,
}

/// Computes a contribution, or returns all its faults at once.
fn compute(row: &ConventionRow, new: &ContributionInput, overlaps: &Overlaps) -> Result<Computed, ApiError> {
    let mut faults = basis_faults(new);
    let months = months_due(new.year, row.starts_on, row.last_day());
    if months.is_none() {
        let message = Text::new(
            format!("La convention court du {} au {}.", dates::french(row.starts_on), dates::french(row.last_day())),
            format!("The convention runs from {} to {}.", row.starts_on, row.last_day()),
        );
        faults.push(Fault::new("/year", "outside_the_period", message));
    }
    let population = match (new.basis, new.population_kind) {
        (ContributionBasis::PerInhabitant, Some(kind)) => {
            let party = row.collectivity();
            let from = (new.year, months.map_or(1, |(first, _)| first));
            let (_, paying) = overlaps.paying_communes(row.service_id, &party, from, kind);
            match population::resolve(&party, kind, new, paying) {
                Ok(population) => Some(population),
                Err(wrong) => {
                    faults.extend(wrong);
                    None
                }
            }
        }
        _ => None,
    };
    let population_and_rate = population.as_ref().map(|one| one.population).zip(new.rate_cents);
    let yearly_cents = match population_and_rate {
        Some((population, rate)) => per_inhabitant(population, rate),
        None => new.flat_cents.unwrap_or_default(),
    };
    let months = months.unwrap_or((1, 12));
    let amount = due(yearly_cents, months);
    let valid = faults.is_empty();
    let instalments = instalments_of(new, if valid { Some(amount) } else { None }, &mut faults);
    ApiError::reject_if_any(faults)?;
    let computation = Computation { per_inhabitant: population_and_rate, yearly_cents, months };
    Ok(Computed { computation, population, instalments })
}

/// The fields that a basis requires and are missing, and those that it does not accept.
fn basis_faults(new: &ContributionInput) -> Vec<Fault> {
    let per_inhabitant = new.basis == ContributionBasis::PerInhabitant;
    // Field, whether it is given, whether it belongs to a rate per inhabitant, whether its basis requires it.
    let fields = [
        ("/rate_cents", new.rate_cents.is_some(), true, true),
        ("/population_kind", new.population_kind.is_some(), true, true),
        ("/population", new.population.is_some(), true, false),
        ("/population_vintage", new.population_vintage.is_some(), true, false),
        ("/population_source", new.population_source.is_some(), true, false),
        ("/flat_cents", new.flat_cents.is_some(), false, true),
    ];
    let fault = |(pointer, given, of_a_rate, required): (&'static str, bool, bool, bool)| {
        if of_a_rate == per_inhabitant {
            let message = Text::new("Ce champ est obligatoire pour cette base de calcul.", "Required for this basis.");
            return (required && !given).then(|| Fault::new(pointer, "required", message));
        }
        let message = Text::new("Ce champ est sans objet pour cette base de calcul.", "Not allowed for this basis.");
        given.then(|| Fault::new(pointer, "not_for_this_basis", message))
    };
    fields.into_iter().filter_map(fault).collect()
}

/// The due dates and amounts of the instalments, earliest first: equal parts of the amount due, or the amounts given.
/// Given amounts must add up to the amount due, if it is known.
fn instalments_of(new: &ContributionInput, amount: Option<i64>, faults: &mut Vec<Fault>) -> Vec<(NaiveDate, i64)> {
    let end = NaiveDate::from_ymd_opt(new.year, 12, 31).unwrap_or_default();
    let once = [InstalmentInput { due_on: end, amount_cents: None }];
    let mut requested: Vec<&InstalmentInput> = new.instalments.as_deref().unwrap_or(&once).iter().collect();
    for (at, one) in requested.iter().enumerate() {
        if (one.due_on.year() - new.year).abs() > DUE_YEARS {
            let message = Text::new(
                format!("L'échéance doit se situer au plus {DUE_YEARS} ans avant ou après {}.", new.year),
                format!("The due date must be within {DUE_YEARS} years of {}.", new.year),
            );
            faults.push(Fault::new(format!("/instalments/{at}/due_on"), "out_of_range", message));
        }
    }
    requested.sort_by_key(|one| one.due_on);
    let given: Vec<i64> = requested.iter().filter_map(|one| one.amount_cents).collect();
    let amounts = match (given.len(), amount) {
        (0, amount) => split(amount.unwrap_or_default(), requested.len()),
        (number, _) if number < requested.len() => {
            let message = Text::new(
                "Donner le montant de toutes les échéances, ou d'aucune.",
                "Give the amount of every instalment, or of none.",
            );
            faults.push(Fault::new("/instalments", "some_amounts_missing", message));
            given
        }
        (_, Some(amount)) if given.iter().sum::<i64>() != amount => {
            let sum: i64 = given.iter().sum();
            let message = Text::new(
                format!(
                    "La somme des échéances est de {} ; la contribution est de {}.",
                    euros(sum, true),
                    euros(amount, true)
                ),
                format!(
                    "The instalments add up to {}; the contribution is {}.",
                    euros(sum, false),
                    euros(amount, false)
                ),
            );
            faults.push(Fault::new("/instalments", "does_not_add_up", message));
            given
        }
        _ => given,
    };
    requested.iter().map(|one| one.due_on).zip(amounts).collect()
}

/// A convention has at most one contribution per year.
fn refuse_second_contribution(overlaps: &Overlaps, row: &ConventionRow, year: i32) -> Result<(), ApiError> {
    let Some(existing) = overlaps.computed(row.id, year) else { return Ok(()) };
    let message = Text::new(
        "La contribution de cette année est déjà calculée.",
        "The contribution of this year is already computed.",
    );
    Err(ApiError::faults(Code::Conflict, vec![Fault::new("/year", "already_computed", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.as_str()))
}

/// Refuses to change or delete a convention from which a contribution was computed.
pub(in crate::conventions) fn refuse_computed(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    lock(work, row.id)?;
    let own = store::of_convention(work.conn, row.id)?;
    let Some(existing) = own.first() else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Une contribution a été calculée à partir de cette convention : la supprimer d'abord.",
            "A contribution was computed from this convention: delete it first.",
        )
        .with("existing_id", existing.id.as_str()))
}

/// Freezes the contributions of a convention that has just been signed.
pub(in crate::conventions) fn freeze(work: &mut Work<'_>, row: &ConventionRow, on: NaiveDate) -> Result<(), ApiError> {
    lock(work, row.id)?;
    for id in store::freeze(work.conn, row.id, on, work.now)? {
        work.changed(Resource::Contribution, row.service_id, id);
    }
    Ok(())
}

/// The row of a contribution of the scope, for an operation that changes it.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ContributionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One contribution of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Contribution, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    with_instalments(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the contributions of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ContributionFilter>,
) -> Result<ContributionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(ContributionPage { data: with_instalments(work, rows)?, page })
}

/// Contributions with their instalments.
pub fn with_instalments(work: &mut Work<'_>, rows: Vec<ContributionRow>) -> Result<Vec<Contribution>, ApiError> {
    let frozen: HashMap<Id, bool> = rows.iter().map(|row| (row.id, row.frozen_on.is_some())).collect();
    let of: Vec<(Id, Id, i32)> = rows.iter().map(|row| (row.service_id, row.convention_id, row.year)).collect();
    let overlaps = overlaps::read(work, &of)?;
    let mut instalments = instalments::ops::of_contributions(work, &frozen)?;
    let with_instalments = |row: ContributionRow| {
        let own = instalments.remove(&row.id).unwrap_or_default();
        let warnings = overlaps.warnings(&row);
        contribution(row, own, warnings)
    };
    let shown: Vec<Contribution> = rows.into_iter().map(with_instalments).collect();
    named(work, shown)
}

/// A contribution with its formula and its totals.
fn contribution(
    row: ContributionRow,
    instalments: Vec<Instalment>,
    warnings: Vec<ContributionWarning>,
) -> Contribution {
    let month = |month: i32| u32::try_from(month).unwrap_or(1);
    let computation = Computation {
        per_inhabitant: row.population.zip(row.rate_cents),
        yearly_cents: row.yearly_cents,
        months: (month(row.first_month), month(row.last_month)),
    };
    let sum = |of: fn(&Instalment) -> i64| instalments.iter().map(of).sum();
    Contribution {
        id: row.id,
        service_id: row.service_id,
        convention_id: row.convention_id,
        convention_name: None,
        year: row.year,
        basis: row.basis,
        population: row.population,
        population_kind: row.population_kind,
        population_vintage: row.population_vintage,
        population_source: row.population_source,
        rate_cents: row.rate_cents,
        yearly_cents: row.yearly_cents,
        first_month: row.first_month,
        last_month: row.last_month,
        months_due: i32::try_from(computation.months_due()).unwrap_or(12),
        amount_cents: row.amount_cents,
        formula_fr: computation.formula(true),
        formula_en: computation.formula(false),
        rounding: ROUNDING,
        frozen_on: row.frozen_on,
        received_cents: sum(|one| one.received_cents),
        waived_cents: sum(|one| one.waived_cents),
        remaining_cents: sum(|one| one.remaining_cents),
        instalments,
        warnings,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// Deletes a contribution that is not frozen, so that it can be computed again.
pub fn delete(work: &mut Work<'_>, row: &ContributionRow, reason: DeletionReason) -> Result<(), ApiError> {
    lock(work, row.convention_id)?;
    let current = store::get(work.conn, &ServiceScope::one(row.service_id), row.id)?;
    if current.frozen_on.is_some() {
        return Err(ApiError::new(Code::WrongState)
            .detail(
                "Cette contribution est figée par la signature : elle ne peut plus être supprimée.",
                "This contribution is frozen by the signature: it can no longer be deleted.",
            )
            .with("state", "frozen"));
    }
    instalments::ops::delete_of(work, row, reason)?;
    ApiError::require_first(store::delete(work.conn, row)?)?;
    work.deleted(Resource::Contribution, row.service_id, row.id, reason);
    Ok(())
}
