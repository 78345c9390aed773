//! What open cases of the demonstration have besides their records: procedures, a suspension, a complex situation.

use std::collections::BTreeSet;

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::complexity;
use crate::cases::complexity::dto::{CaseDiscussionInput, ComplexSituationInput};
use crate::cases::dto::CasePrioritySetting;
use crate::cases::model::CasePriority;
use crate::cases::ops::Viewer;
use crate::cases::procedures;
use crate::cases::procedures::dto::ProcedureInput;
use crate::cases::suspensions;
use crate::cases::suspensions::dto::CaseSuspend;
use crate::db::Id;
use crate::error::ApiError;
use crate::privacy::Secret;
use crate::trail::Call;
use crate::work::Work;

/// The open cases of a pôle, of which the first ones get a pathway.
pub(super) struct Pathways<'a> {
    pub(super) service: Id,
    pub(super) by: PrincipalId,
    pub(super) today: NaiveDate,
    pub(super) cases: &'a [Id],
}

impl Pathways<'_> {
    /// Plays them: they are recorded today.
    pub(super) fn play(&self, work: &mut Work<'_>) -> Result<(), ApiError> {
        let scope = ServiceScope::one(self.service);
        let mut children = Vec::new();
        for id in self.cases {
            if crate::cases::ops::find(work, &scope, *id)?.household().is_some() {
                children.push(*id);
            }
        }
        for (minute, (case, new)) in (100..).zip(children.iter().zip(self.procedures()?)) {
            let call = Call { operation: "POST /v1/cases/{id}/procedures".to_owned(), ..self.by.into() };
            at(work, self.today, minute, call, |work| {
                let found = procedures::ops::find_case(work, &scope, *case)?;
                match found.born_on() {
                    // Nothing is filed for a child who is not born.
                    Some(born_on) if born_on > self.today => Ok(()),
                    born_on => procedures::ops::create(work, &self.viewer(), &found, since(new, born_on)).map(drop),
                }
            })?;
        }
        if let Some(case) = children.get(5) {
            self.complex(work, *case)?;
        }
        let Some(case) = children.get(4) else { return Ok(()) };
        let call = Call { operation: "POST /v1/cases/{id}/suspend".to_owned(), ..self.by.into() };
        at(work, self.today, 120, call, |work| {
            let found = suspensions::ops::find_case(work, &scope, *case)?;
            let pause = CaseSuspend { reason: code("family_away")?, starts_on: None, resumes_on: Some(self.days(5)) };
            suspensions::ops::suspend(work, &self.viewer(), &found, &pause).map(drop)
        })
    }

    /// A complex situation that was discussed twice, of a case that comes first.
    fn complex(&self, work: &mut Work<'_>, case: Id) -> Result<(), ApiError> {
        let scope = ServiceScope::one(self.service);
        let call = |operation: &str| Call { operation: operation.to_owned(), ..self.by.into() };
        let opened_on = crate::cases::ops::find(work, &scope, case)?.opened_on();
        let day = |ago: i64| (self.today - Duration::days(ago)).max(opened_on);
        let situation = at(work, self.today, 130, call("POST /v1/cases/{id}/complex-situations"), |work| {
            let found = complexity::ops::find_case(work, &scope, case)?;
            let grounds = BTreeSet::from([code("several_partners")?, code("no_childcare_solution")?]);
            let flagged = ComplexSituationInput { grounds, flagged_on: Some(day(40)) };
            Ok(complexity::ops::create(work, &scope, &found, flagged)?.id)
        })?;
        let decisions = [
            (day(25), "Proposer un accueil à mi-temps, avec une visite de la PMI chaque mois."),
            (day(4), "La place est confirmée ; point commun avec le CAMSP dans six semaines."),
        ];
        for (held_on, decision) in decisions.into_iter().skip(usize::from(day(25) == day(4))) {
            at(work, self.today, 135, call("POST /v1/complex-situations/{id}/discussions"), |work| {
                let found = complexity::correct::find(work, &scope, situation)?;
                let new = CaseDiscussionInput { held_on, decision: Secret::new(decision.to_owned()) };
                complexity::discussions::create(work, &scope, &found, &new).map(drop)
            })?;
        }
        at(work, self.today, 140, call("POST /v1/cases/{id}/priority"), |work| {
            let row = crate::cases::ops::find(work, &scope, case)?;
            let asked = CasePrioritySetting { priority: CasePriority::High };
            crate::cases::ops::set_priority(work, &self.viewer(), &row, &asked).map(drop)
        })
    }

    fn viewer(&self) -> Viewer {
        let scope = ServiceScope::one(self.service);
        Viewer { scope: scope.clone(), identities: scope.clone(), directory: scope }
    }

    fn days(&self, days: i64) -> NaiveDate {
        self.today + Duration::days(days)
    }

    /// A file at the MDPH whose rights expire soon, a deferred school start, a place that is waited for, a PAI in preparation.
    fn procedures(&self) -> Result<Vec<ProcedureInput>, ApiError> {
        let new = |kind: &str| {
            Ok::<_, ApiError>(ProcedureInput {
                kind: code(kind)?,
                organisation_id: None,
                waiting_since: None,
                filed_on: None,
                complete_on: None,
                decided_on: None,
                notified_on: None,
                expires_on: None,
                outcome: None,
                next_on: None,
                note: None,
            })
        };
        Ok(vec![
            ProcedureInput {
                filed_on: Some(self.days(-560)),
                complete_on: Some(self.days(-520)),
                decided_on: Some(self.days(-400)),
                notified_on: Some(self.days(-390)),
                outcome: Some(code("granted")?),
                expires_on: Some(self.days(45)),
                next_on: Some(self.days(6)),
                note: Some(Secret::new("Renouvellement à préparer avec la famille.".to_owned())),
                ..new("mdph_file")?
            },
            ProcedureInput {
                filed_on: Some(self.days(-12)),
                next_on: Some(self.days(20)),
                ..new("deferred_school_start")?
            },
            ProcedureInput {
                waiting_since: Some(self.days(-210)),
                next_on: Some(self.days(3)),
                ..new("esms_waiting_list")?
            },
            ProcedureInput { next_on: Some(self.days(9)), ..new("pai")? },
        ])
    }
}

/// A procedure of which nothing is before the birth of the child.
fn since(new: ProcedureInput, born_on: Option<NaiveDate>) -> ProcedureInput {
    let not_before = |day: Option<NaiveDate>| day.map(|day| born_on.map_or(day, |born_on| day.max(born_on)));
    ProcedureInput {
        waiting_since: not_before(new.waiting_since),
        filed_on: not_before(new.filed_on),
        complete_on: not_before(new.complete_on),
        decided_on: not_before(new.decided_on),
        notified_on: not_before(new.notified_on),
        ..new
    }
}
