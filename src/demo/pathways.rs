//! What open cases of the demonstration have besides their records: procedures.

use chrono::{Duration, NaiveDate};

use super::backdating::at;
use super::codes::code;
use crate::auth::{PrincipalId, ServiceScope};
use crate::cases::ops::Viewer;
use crate::cases::procedures;
use crate::cases::procedures::dto::ProcedureInput;
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
                procedures::ops::create(work, &self.viewer(), &found, new).map(drop)
            })?;
        }
        Ok(())
    }

    fn viewer(&self) -> Viewer {
        let scope = ServiceScope::one(self.service);
        Viewer { scope: scope.clone(), identities: scope.clone(), directory: scope }
    }

    fn days(&self, days: i64) -> Option<NaiveDate> {
        Some(self.today + Duration::days(days))
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
                filed_on: self.days(-560),
                complete_on: self.days(-520),
                decided_on: self.days(-400),
                notified_on: self.days(-390),
                outcome: Some(code("granted")?),
                expires_on: self.days(45),
                next_on: self.days(6),
                note: Some(Secret::new("Renouvellement à préparer avec la famille.".to_owned())),
                ..new("mdph_file")?
            },
            ProcedureInput { filed_on: self.days(-12), next_on: self.days(20), ..new("deferred_school_start")? },
            ProcedureInput { waiting_since: self.days(-210), next_on: self.days(3), ..new("esms_waiting_list")? },
            ProcedureInput { next_on: self.days(9), ..new("pai")? },
        ])
    }
}
