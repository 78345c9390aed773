//! Procedures in the matrix.

use serde_json::json;

use super::fixture::Fixture;
use super::recipes::{Recipe, act, delete, read, under};
use crate::harness::Caller;

/// What a case has besides its records.
pub struct CourseFixture {
    pub procedure: String,
}

impl CourseFixture {
    pub async fn new(manager: &Caller, case: &str) -> Self {
        let under = |what: &str| format!("/v1/cases/{case}/{what}");
        let procedure = json!({"kind": "mdph_file", "filed_on": "2026-03-02", "note": "Dossier complet ?"});
        Self { procedure: manager.post(&under("procedures"), procedure).await.expect(201).id() }
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        vec![self.procedure.clone()]
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
        _ => return None,
    })
}
