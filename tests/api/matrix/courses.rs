//! Procedures, suspensions and complex situations in the matrix.

use passerelle::db::Id;
use serde_json::{Value, json};

use super::fixture::Fixture;
use super::recipes::{Recipe, act, create, delete, read, under};
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
    /// A summary, a note for the manager alone, and a recommendation.
    pub note: String,
    pub restricted: String,
    pub recommendation: String,
    /// A resource person who was called upon for a piece of work, and one who was not.
    pub person: String,
    pub free_person: String,
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
        let summary = json!({"kind": "summary", "text": "Deux matinées."});
        let note = manager.post(&under("notes"), summary).await.expect(201).id();
        let alone = json!({"kind": "restricted", "text": "À reprendre."});
        let restricted = manager.post(&under("notes"), alone).await.expect(201).id();
        let recommended = json!({"kind": "childcare_adaptation", "text": "Un coin calme.", "addressed_to": "parent"});
        let recommendation = manager.post(&under("recommendations"), recommended).await.expect(201).id();
        let person = manager.post("/v1/resource-people", person_of(service)).await.expect(201).id();
        let free_person = manager.post("/v1/resource-people", person_of(service)).await.expect(201).id();
        let called = json!({
            "service_id": service, "type": "preparation", "held_on": "2026-03-02", "minutes": 30, "place": "video",
            "resource_person_ids": [person]
        });
        manager.post("/v1/interventions", called).await.expect(201);
        Self {
            procedure,
            suspended,
            suspension,
            situation,
            discussion,
            former_situation,
            note,
            restricted,
            recommendation,
            person,
            free_person,
        }
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        [
            &self.procedure,
            &self.suspended,
            &self.suspension,
            &self.situation,
            &self.discussion,
            &self.former_situation,
            &self.note,
            &self.restricted,
            &self.recommendation,
            &self.person,
            &self.free_person,
        ]
        .map(Clone::clone)
        .to_vec()
    }
}

/// A resource person to be added.
fn person_of(service: Id) -> Value {
    json!({"service_id": service, "name": "Dominique Exemple", "profession": "speech_therapist"})
}

/// A valid call of an operation.
#[expect(clippy::match_same_arms, reason = "by subject")]
pub fn recipe(operation: &str, e: &Fixture) -> Option<Recipe> {
    let courses = &e.courses;
    Some(match operation {
        "listProcedures" => read(None),
        "listCaseNotes" | "listRecommendations" => read(Some(&e.case)),
        "createCaseNote" => {
            under(&e.case, json!({"kind": "restricted", "text": "À reprendre.", "reader_ids": [e.colleague]}))
        }
        "getCaseNote" | "listCaseNoteHistory" => read(Some(&courses.note)),
        "updateCaseNote" => act(&courses.note, json!({"text": "Trois matinées."})),
        "deleteCaseNote" => delete(&courses.note),
        "createRecommendation" => under(
            &e.case,
            json!({
                "kind": "other", "text": "Une pause.", "addressed_to": "parent", "intervention_id": e.intervention
            }),
        ),
        "getRecommendation" | "listRecommendationHistory" => read(Some(&courses.recommendation)),
        "updateRecommendation" => act(&courses.recommendation, json!({"applied": true, "checked_on": "2026-03-02"})),
        "deleteRecommendation" => delete(&courses.recommendation),
        "listResourcePeople" => read(None),
        "createResourcePerson" => create(person_of(e.service)),
        "getResourcePerson" => read(Some(&courses.person)),
        "updateResourcePerson" => act(&courses.person, json!({"organisation_id": e.organisation})),
        "deleteResourcePerson" => delete(&courses.free_person),
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
