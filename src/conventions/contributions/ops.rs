//! Use cases of contributions.

use chrono::{Datelike, NaiveDate};

use super::dto::{Contribution, ContributionFilter, ContributionPage, NewContribution};
use super::model::{Computation, ContributionBasis, due, months_due, split};
use super::population::{self, StatedPopulation};
use super::store::{self, ContributionRow};
use crate::auth::ServiceScope;
use crate::conventions::agreements;
use crate::conventions::agreements::model::{ConventionAction, ConventionStatus};
use crate::conventions::agreements::store::ConventionRow;
use crate::conventions::instalments::{self, dto::NewInstalment};
use crate::db::{Id, Lock};
use crate::error::{ApiError, Code, Fault, Text};
use crate::http::page::List;
use crate::trail::{DeletionReason, Resource};
use crate::work::Work;

/// Years before and after the one that is paid for in which an instalment may be due.
const DUE_YEARS: i32 = 2;

/// Takes the turn of a convention: what it costs and whether it is signed are decided one after the other.
pub(in crate::conventions) fn turn(work: &mut Work<'_>, convention: Id) -> Result<(), ApiError> {
    Ok(work.conn.lock_one(Lock::Convention, convention)?)
}

/// Computes what a collectivity owes for a year, with its instalments.
pub fn create(work: &mut Work<'_>, row: &ConventionRow, new: &NewContribution) -> Result<Contribution, ApiError> {
    turn(work, row.id)?;
    // As it is now that it is our transition.
    let scope = ServiceScope::one(row.service_id);
    let row = agreements::store::get(work.conn, &scope, row.id)?;
    if row.status == ConventionStatus::Declined {
        let actions = row.status.available_actions();
        return Err(ApiError::wrong_state(row.status.as_str(), actions.iter().map(ConventionAction::as_str)));
    }
    let computed = compute(&row, new)?;
    refuse_twin(work, &row, new.year)?;
    let frozen_on = if row.is_signed() { Some(agreements::ops::today(work, row.service_id)?) } else { None };
    let (first_month, last_month) = computed.computation.months;
    let month = |month: u32| i32::try_from(month).unwrap_or(1);
    let settled = computed.settled;
    let contribution = ContributionRow {
        id: Id::at(work.now),
        service_id: row.service_id,
        convention_id: row.id,
        year: new.year,
        basis: new.basis,
        population: settled.as_ref().map(|settled| settled.population),
        population_kind: new.population_kind,
        population_vintage: settled.as_ref().map(|settled| settled.vintage),
        population_source: settled.map(|settled| settled.source),
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
    store::insert(work.conn, &contribution)?;
    work.created(Resource::Contribution, row.service_id, contribution.id);
    instalments::ops::create(work, &contribution, &computed.instalments)?;
    get(work, &scope, contribution.id)
}

/// A contribution that keeps every rule, so far.
struct Computed {
    computation: Computation,
    settled: Option<StatedPopulation>,
    instalments: Vec<(NaiveDate, i64)>,
}

/// Computes, or says everything that is wrong at once.
fn compute(row: &ConventionRow, new: &NewContribution) -> Result<Computed, ApiError> {
    let mut faults = basis_faults(new);
    let months = months_due(new.year, row.starts_on, row.last_day());
    if months.is_none() {
        let message = Text::new(
            format!("La convention va du {} au {}.", row.starts_on, row.last_day()),
            format!("The convention goes from {} to {}.", row.starts_on, row.last_day()),
        );
        faults.push(Fault::new("/year", "outside_the_period", message));
    }
    let settled = match (new.basis, new.population_kind) {
        (ContributionBasis::PerInhabitant, Some(kind)) => match population::settle(&row.collectivity(), kind, new) {
            Ok(settled) => Some(settled),
            Err(wrong) => {
                faults.extend(wrong);
                None
            }
        },
        _ => None,
    };
    let per_inhabitant = settled.as_ref().map(|settled| settled.population).zip(new.rate_cents);
    let yearly_cents = match per_inhabitant {
        Some((population, rate)) => i64::from(population) * i64::from(rate),
        None => new.flat_cents.unwrap_or_default(),
    };
    let months = months.unwrap_or((1, 12));
    let amount = due(yearly_cents, months);
    let known = faults.is_empty();
    let instalments = dated(new, if known { Some(amount) } else { None }, &mut faults);
    ApiError::unless_none(faults)?;
    Ok(Computed { computation: Computation { per_inhabitant, yearly_cents, months }, settled, instalments })
}

/// What each basis needs, and what it does not take.
fn basis_faults(new: &NewContribution) -> Vec<Fault> {
    let per_inhabitant = new.basis == ContributionBasis::PerInhabitant;
    // Field, whether it is given, whether it is of a rate per inhabitant, whether that needs it.
    let fields = [
        ("/rate_cents", new.rate_cents.is_some(), true, true),
        ("/population_kind", new.population_kind.is_some(), true, true),
        ("/population", new.population.is_some(), true, false),
        ("/population_vintage", new.population_vintage.is_some(), true, false),
        ("/population_source", new.population_source.is_some(), true, false),
        ("/flat_cents", new.flat_cents.is_some(), false, true),
    ];
    let fault = |(pointer, given, of_a_rate, needed): (&'static str, bool, bool, bool)| {
        if of_a_rate == per_inhabitant {
            let message = Text::new("Requis pour cette base de calcul.", "Needed for this basis.");
            return (needed && !given).then(|| Fault::new(pointer, "required", message));
        }
        let message = Text::new("Sans objet pour cette base de calcul.", "Not for this basis.");
        given.then(|| Fault::new(pointer, "not_for_this_basis", message))
    };
    fields.into_iter().filter_map(fault).collect()
}

/// The instalments with what each is due, the first due first: the amounts given, which add up to what is due when that is
/// known, or equal parts of it.
fn dated(new: &NewContribution, amount: Option<i64>, faults: &mut Vec<Fault>) -> Vec<(NaiveDate, i64)> {
    let end = NaiveDate::from_ymd_opt(new.year, 12, 31).unwrap_or_default();
    let once = [NewInstalment { due_on: end, amount_cents: None }];
    let mut asked: Vec<&NewInstalment> = new.instalments.as_deref().unwrap_or(&once).iter().collect();
    for (at, one) in asked.iter().enumerate() {
        if (one.due_on.year() - new.year).abs() > DUE_YEARS {
            let message = Text::new(
                format!("Une échéance de {} est à {DUE_YEARS} ans au plus de cette année.", new.year),
                format!("An instalment of {} is due within {DUE_YEARS} years of it.", new.year),
            );
            faults.push(Fault::new(format!("/instalments/{at}/due_on"), "out_of_range", message));
        }
    }
    asked.sort_by_key(|one| one.due_on);
    let given: Vec<i64> = asked.iter().filter_map(|one| one.amount_cents).collect();
    let amounts = match (given.len(), amount) {
        (0, amount) => split(amount.unwrap_or_default(), asked.len()),
        (number, _) if number < asked.len() => {
            let message = Text::new(
                "Donner le montant de chaque échéance, ou d'aucune.",
                "Give the amount of every instalment, or of none.",
            );
            faults.push(Fault::new("/instalments", "some_amounts_missing", message));
            given
        }
        (_, Some(amount)) if given.iter().sum::<i64>() != amount => {
            let sum: i64 = given.iter().sum();
            let message = Text::new(
                format!("Les échéances font {sum} centimes, la contribution {amount}."),
                format!("The instalments make {sum} cents, the contribution is {amount}."),
            );
            faults.push(Fault::new("/instalments", "does_not_add_up", message));
            given
        }
        _ => given,
    };
    asked.iter().map(|one| one.due_on).zip(amounts).collect()
}

/// A convention has one contribution a year.
fn refuse_twin(work: &mut Work<'_>, row: &ConventionRow, year: i32) -> Result<(), ApiError> {
    let own = store::of_convention(work.conn, row.id)?;
    let Some(existing) = own.iter().find(|one| one.year == year) else { return Ok(()) };
    let message = Text::new(
        "La contribution de cette année est déjà calculée.",
        "The contribution of this year is computed already.",
    );
    Err(ApiError::faults(Code::Conflict, vec![Fault::new("/year", "already_computed", message.clone())])
        .detail(message.fr, message.en)
        .with("existing_id", existing.id.as_str()))
}

/// A period from which a contribution was computed does not change under it.
pub(in crate::conventions) fn refuse_computed(work: &mut Work<'_>, row: &ConventionRow) -> Result<(), ApiError> {
    turn(work, row.id)?;
    let own = store::of_convention(work.conn, row.id)?;
    let Some(existing) = own.first() else { return Ok(()) };
    Err(ApiError::new(Code::Conflict)
        .detail(
            "Une contribution est calculée sur cette convention : la supprimer d'abord.",
            "A contribution is computed from this convention: delete it first.",
        )
        .with("existing_id", existing.id.as_str()))
}

/// Freezes the contributions of a convention that was signed.
pub(in crate::conventions) fn freeze(work: &mut Work<'_>, row: &ConventionRow, on: NaiveDate) -> Result<(), ApiError> {
    turn(work, row.id)?;
    let own = store::of_convention(work.conn, row.id)?;
    store::freeze(work.conn, row.id, on, work.now)?;
    for one in own.iter().filter(|one| one.frozen_on.is_none()) {
        work.changed(Resource::Contribution, one.service_id, one.id);
    }
    Ok(())
}

/// The row of a contribution of the scope, to be acted upon.
pub fn find(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<ContributionRow, ApiError> {
    Ok(store::get(work.conn, scope, id)?)
}

/// One contribution of the scope.
pub fn get(work: &mut Work<'_>, scope: &ServiceScope, id: Id) -> Result<Contribution, ApiError> {
    let row = store::get(work.conn, scope, id)?;
    shown(work, vec![row])?.pop().ok_or_else(ApiError::not_found)
}

/// A page of the contributions of the scope.
pub fn list(
    work: &mut Work<'_>,
    scope: &ServiceScope,
    list: &List<ContributionFilter>,
) -> Result<ContributionPage, ApiError> {
    let scope = scope.within(list.filter.service_id);
    let (rows, page) = store::list(work.conn, &scope, &list.filter, &list.page)?;
    Ok(ContributionPage { data: shown(work, rows)?, page })
}

/// Rows with their instalments.
pub fn shown(work: &mut Work<'_>, rows: Vec<ContributionRow>) -> Result<Vec<Contribution>, ApiError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut instalments = instalments::ops::of_contributions(work, &ids)?;
    let one = |row: ContributionRow| {
        let own = instalments.remove(&row.id).unwrap_or_default();
        Contribution::new(row, own)
    };
    Ok(rows.into_iter().map(one).collect())
}

/// Deletes a contribution that is not frozen, to compute it again.
pub fn delete(work: &mut Work<'_>, row: &ContributionRow, reason: DeletionReason) -> Result<(), ApiError> {
    turn(work, row.convention_id)?;
    let now = store::get(work.conn, &ServiceScope::one(row.service_id), row.id)?;
    if now.frozen_on.is_some() {
        return Err(ApiError::new(Code::WrongState)
            .detail(
                "Cette contribution est figée par la signature : elle ne change plus.",
                "This contribution is frozen by the signature: it does not change any more.",
            )
            .with("state", "frozen"));
    }
    instalments::ops::delete_of(work, row, reason)?;
    if !store::delete(work.conn, row)? {
        return Err(ApiError::overtaken());
    }
    work.deleted(Resource::Contribution, row.service_id, row.id, reason);
    Ok(())
}
