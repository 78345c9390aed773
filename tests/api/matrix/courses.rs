//! Procedures, suspensions and complex situations in the matrix.

use passerelle::db::Id;
use serde_json::json;

use super::fixture::Fixture;
use super::recipes::{Recipe, act, delete, read, under};
use crate::harness::Caller;

/// What a case has besides its records.
pub struct CourseFixture {
    pub procedure: String,
    /// A suspended case, and its suspension.
    pub suspended: String,
    pub suspension: String,
    /// A complex situation with a discussion, of the suspended case.
    pub situation: String,
    pub discussion: String,
    /// One without, which has ended.
    pub former_situation: String,
}

impl CourseFixture {
    pub async fn new(manager: &Caller, service: Id, case: &str) -> Self {
        let under = |what: &str| format!("/v1/cases/{case}/{what}");
        let procedure = json!({"kind": "mdph_file", "filed_on": "2026-03-02", "note": "Dossier complet ?"});
        let procedure = manager.post(&under("procedures"), procedure).await.expect(201).id();
        let made = manager.post("/v1/referrals", Fixture::referral(service, "Eve")).await.expect(201);
        let referral = made["referral"]["id"].as_str().unwrap().to_owned();
        let accepted = manager.post(&format!("/v1/referrals/{referral}/accept"), json!({})).await.expect(200);
        let suspended = accepted["case_id"].as_str().unwrap().to_owned();
        let pause = json!({"reason": "family_request", "resumes_on": "2026-03-04"});
        manager.post(&format!("/v1/cases/{suspended}/suspend"), pause).await.expect(200);
        let periods = manager.get(&format!("/v1/cases/{suspended}/suspensions")).await.expect(200);
        let suspension = periods.rows()[0]["id"].as_str().unwrap().to_owned();
        let situations = format!("/v1/cases/{suspended}/complex-situations");
        let flagged = json!({"grounds": ["several_partners"]});
        let former_situation = manager.post(&situations, flagged.clone()).await.expect(201).id();
        let ended = json!({"ended_on": "2026-03-02"});
        manager.patch(&format!("/v1/complex-situations/{former_situation}"), ended).await.expect(200);
        let situation = manager.post(&situations, flagged).await.expect(201).id();
        let decided = json!({"held_on": "2026-03-02", "decision": "Accueil à temps partiel."});
        let discussions = format!("/v1/complex-situations/{situation}/discussions");
        let discussion = manager.post(&discussions, decided).await.expect(201).id();
        Self { procedure, suspended, suspension, situation, discussion, former_situation }
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        let Self { procedure, suspended, suspension, situation, discussion, former_situation } = self;
        [procedure, suspended, suspension, situation, discussion, former_situation].map(Clone::clone).to_vec()
    }
}

/// A valid call of an operation.
pub fn recipe(operation: &str, e: &Fixture) -> Option<Recipe> {
    let courses = &e.courses;
    Some(match operation {
        "listProcedures" => read(None),
        "listCaseProcedures" => read(Some(&e.case)),
        "createProcedure" => {
            under(&e.case, json!({"kind": "pai", "organisation_id": e.organisation, "note": "Un PAI."}))
        }
        "getProcedure" | "listProcedureHistory" => read(Some(&courses.procedure)),
        "updateProcedure" => {
            act(&courses.procedure, json!({"complete_on": "2026-03-02", "organisation_id": e.organisation}))
        }
        "deleteProcedure" => delete(&courses.procedure),
        "setCasePriority" => act(&e.case, json!({"priority": "high"})),
        "flagComplexSituation" => under(&e.case, json!({"grounds": ["cross_sector", "no_childcare_solution"]})),
        "getComplexSituation" | "listComplexSituationHistory" => read(Some(&courses.situation)),
        "updateComplexSituation" => act(&courses.situation, json!({"grounds": ["several_partners", "cross_sector"]})),
        "deleteComplexSituation" => delete(&courses.former_situation),
        "createCaseDiscussion" => {
            under(&courses.former_situation, json!({"held_on": "2026-03-02", "decision": "Accueil à temps plein."}))
        }
        "getCaseDiscussion" | "listCaseDiscussionHistory" => read(Some(&courses.discussion)),
        "updateCaseDiscussion" => act(&courses.discussion, json!({"decision": "Accueil à temps plein."})),
        "deleteCaseDiscussion" => delete(&courses.discussion),
        "suspendCase" => act(&e.case, json!({"reason": "family_request", "resumes_on": "2026-06-01"})),
        "resumeCase" => act(&courses.suspended, json!({})),
        "listComplexSituations" | "listCaseSuspensions" => read(Some(&courses.suspended)),
        "getCaseSuspension" | "listCaseSuspensionHistory" => read(Some(&courses.suspension)),
        "updateCaseSuspension" => act(&courses.suspension, json!({"reason": "family_away"})),
        "deleteCaseSuspension" => delete(&courses.suspension),
        _ => return None,
    })
}
