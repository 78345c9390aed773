//! Plays the conventions of the first pôle: the twelve real ones of 2026 (`data/conventions-2026.json`). Their rate is
//! marked as an example, because the real one is not public.

use chrono::NaiveDate;

use super::backdating::at;
use super::codes::code;
use crate::auth::{PrincipalId, ServiceScope};
use crate::conventions::agreements::act::{Decision, decide};
use crate::conventions::agreements::dto::OpenedService;
use crate::conventions::agreements::dto::actions::{ConventionProposal, ConventionSignature};
use crate::conventions::agreements::dto::new::ConventionInput;
use crate::conventions::contributions::dto::{Contribution, ContributionInput};
use crate::conventions::contributions::model::{ContributionBasis, PopulationKind};
use crate::conventions::funding::dto::{FundingBasis, FundingInput};
use crate::conventions::instalments::dto::{CallForPayment, InstalmentInput, PaymentInput};
use crate::conventions::{agreements, contributions, funding, instalments};
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::work::Work;

/// The year of the conventions.
const YEAR: i32 = 2026;
/// Cents per inhabitant: an example, not the rate of any convention.
const EXAMPLE_RATE_CENTS: i32 = 35;
/// The ranks of the parties that have not paid the first and the second instalment.
const UNPAID: [&[usize]; 2] = [&[4], &[7, 10]];

/// What playing the conventions depends on.
pub(super) struct ConventionPlayback {
    pub(super) service: Id,
    pub(super) by: PrincipalId,
    pub(super) today: NaiveDate,
}

/// Plays the conventions until today, and returns their number.
pub(super) fn play(work: &mut Work<'_>, playback: &ConventionPlayback) -> Result<usize, ApiError> {
    if playback.today < day(2025, 12, 31)? {
        return Ok(0);
    }
    let file = include_str!("../../data/conventions-2026.json");
    let parsed: serde_json::Value = serde_json::from_str(file).map_err(|_| ApiError::new(Code::Internal))?;
    let parties = parsed["parties"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut due = 0;
    for (rank, party) in parties.iter().enumerate() {
        let (Some(kind), Some(party)) = (party["kind"].as_str(), party["official_code"].as_str()) else {
            return Err(ApiError::new(Code::Internal));
        };
        let contribution = playback.sign(work, rank, &format!("{kind}:{party}"))?;
        due += contribution.amount_cents;
        playback.collect(work, rank, &contribution)?;
    }
    playback.fund(work, due)?;
    Ok(parties.len())
}

impl ConventionPlayback {
    /// Creates a convention with its contribution, then proposes and signs it. Returns the contribution.
    fn sign(&self, work: &mut Work<'_>, rank: usize, collectivity: &str) -> Result<Contribution, ApiError> {
        let scope = ServiceScope::one(self.service);
        let opened = ["childminder_awareness", "pedagogical_days", "referent_network_training"];
        let opened =
            opened.map(|one| code(one).map(|one| OpenedService { complementary_service: one, yearly_quota: None }));
        let new = ConventionInput {
            service_id: self.service,
            collectivity: code(collectivity)?,
            reference: Some(format!("{YEAR}-{:02} (taux d'exemple : 0,{EXAMPLE_RATE_CENTS} €)", rank + 1)),
            starts_on: day(YEAR, 1, 1)?,
            ends_on: day(YEAR, 12, 31)?,
            services: opened.into_iter().collect::<Result<_, _>>()?,
            signatories: Vec::new(),
            documents: Vec::new(),
            renews_id: None,
        };
        let minute = minute(rank);
        let id =
            at(work, day(YEAR - 1, 11, 3)?, minute, self.by, |work| agreements::ops::create(work, &scope, &new))?.id;
        let rate = ContributionInput {
            year: YEAR,
            basis: ContributionBasis::PerInhabitant,
            population_kind: Some(PopulationKind::Municipal),
            population: None,
            population_vintage: None,
            population_source: None,
            rate_cents: Some(EXAMPLE_RATE_CENTS),
            flat_cents: None,
            instalments: Some(vec![
                InstalmentInput { due_on: day(YEAR, 3, 31)?, amount_cents: None },
                InstalmentInput { due_on: day(YEAR, 9, 30)?, amount_cents: None },
            ]),
        };
        let made = at(work, day(YEAR - 1, 11, 4)?, minute, self.by, |work| {
            let row = agreements::ops::find(work, &scope, id)?;
            contributions::ops::create(work, &row, &rate)
        })?;
        let decisions = [
            (day(YEAR - 1, 11, 12)?, Decision::Propose(ConventionProposal { proposed_on: None })),
            (day(YEAR - 1, 12, 18)?, Decision::Sign(ConventionSignature { signed_on: None })),
        ];
        for (on, decision) in decisions {
            at(work, on, minute, self.by, |work| {
                let row = agreements::ops::find(work, &scope, id)?;
                decide(work, &row, decision)
            })?;
        }
        Ok(made)
    }

    /// Calls the instalments and records most of the payments.
    fn collect(&self, work: &mut Work<'_>, rank: usize, contribution: &Contribution) -> Result<(), ApiError> {
        let scope = ServiceScope::one(self.service);
        let days = [(day(YEAR, 2, 2)?, day(YEAR, 3, 16)?), (day(YEAR, 8, 24)?, day(YEAR, 9, 21)?)];
        for ((instalment, (called, paid)), unpaid) in contribution.instalments.iter().zip(days).zip(UNPAID) {
            let id = instalment.id;
            if called > self.today {
                break;
            }
            at(work, called, minute(rank), self.by, |work| {
                let row = instalments::ops::find(work, &scope, id)?;
                instalments::ops::call(work, &row, &CallForPayment { called_on: None, reference: None })
            })?;
            if paid > self.today || unpaid.contains(&rank) {
                continue;
            }
            at(work, paid, minute(rank), self.by, |work| {
                let row = instalments::ops::find(work, &scope, id)?;
                let payment = PaymentInput { received_on: None, amount_cents: None, reference: None };
                instalments::ops::receive(work, &row, &payment)
            })?;
        }
        Ok(())
    }

    /// Records the funders of the sources. The sources give the Caf's share but no sum; the local authorities' sum is
    /// what they owe.
    fn fund(&self, work: &mut Work<'_>, due: i64) -> Result<(), ApiError> {
        let scope = ServiceScope::one(self.service);
        let lines = [
            ("caf", FundingBasis::Grant, Some(8000), None),
            ("local_authorities", FundingBasis::Convention, None, Some(due)),
        ];
        for (funder, basis, share_basis_points, planned_cents) in lines {
            let new = FundingInput {
                service_id: self.service,
                year: YEAR,
                funder: code(funder)?,
                basis,
                share_basis_points,
                planned_cents,
                received_cents: None,
            };
            at(work, day(YEAR - 1, 12, 19)?, 0, self.by, |work| funding::ops::create(work, &scope, &new))?;
        }
        Ok(())
    }
}

/// The minute of the day for each party, so that they follow one another.
fn minute(rank: usize) -> i64 {
    i64::try_from(rank).unwrap_or_default() * 20
}

fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, ApiError> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| ApiError::new(Code::Internal))
}
