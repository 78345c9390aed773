//! A network of referents with a questionnaire, for the matrix.

use passerelle::db::Id;
use serde_json::{Value, json};

use super::fixture::Fixture;
use super::recipes::{Recipe, act, create, delete, read, under};
use crate::harness::Caller;
use crate::harness::network::open_network;

/// Referents and a questionnaire.
pub struct ReferentFixture {
    /// A certified referent.
    pub referent: String,
    /// A referent without attendances or signatures.
    pub new_referent: String,
    pub left: String,
    pub attendance: String,
    pub survey: String,
    /// A token of the questionnaire.
    pub token: String,
}

impl ReferentFixture {
    pub async fn new(manager: &Caller, service: Id, organisation: &str) -> Self {
        let mut referents = Vec::new();
        for _ in 0..3 {
            let referent = Self::referent(service, organisation);
            referents.push(manager.post("/v1/referents", referent).await.expect(201).id());
        }
        // Of an EPCI: the conventions of the matrix are those of communes.
        open_network(manager, service, "epci:246300701", ("2026-01-01", "2026-12-31")).await;
        let attendances = format!("/v1/referents/{}/attendances", referents[0]);
        let day = json!({"kind": "external_training", "held_on": "2026-02-02"});
        let attendance = manager.post(&attendances, day).await.expect(201).id();
        let departure = json!({"left_on": "2026-03-01", "reason": "retired"});
        manager.post(&format!("/v1/referents/{}/leave", referents[2]), departure).await.expect(200);
        let survey = manager.post("/v1/surveys", Self::survey(service)).await.expect(201).id();
        let issued = manager.post(&format!("/v1/surveys/{survey}/tokens"), json!({"count": 1})).await.expect(200);
        Self {
            referent: referents[0].clone(),
            new_referent: referents[1].clone(),
            left: referents[2].clone(),
            attendance,
            survey,
            token: issued["tokens"][0].as_str().unwrap().to_owned(),
        }
    }

    fn referent(service: Id, organisation: &str) -> Value {
        json!({
            "service_id": service, "organisation_id": organisation, "appointed_on": "2026-01-12",
            "identity": {"name": "Dominique Exemple"}
        })
    }

    fn survey(service: Id) -> Value {
        json!({
            "service_id": service, "moment": "end_of_referent_training", "title_fr": "Fin de la formation",
            "opens_on": "2026-03-02", "closes_on": "2026-03-31", "questions": [{"text_fr": "Le contenu"}]
        })
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        [&self.referent, &self.new_referent, &self.left, &self.attendance, &self.survey].map(Clone::clone).to_vec()
    }
}

/// The recipes of the operations on referents.
pub fn recipe(operation: &str, e: &Fixture, n: &ReferentFixture) -> Option<Recipe> {
    let service = e.service.to_string();
    let asked = |id: &str, query: &str| read(Some(id)).with(|recipe| query.clone_into(&mut recipe.query));
    Some(match operation {
        "listReferents" | "listSurveys" => read(None),
        "createReferent" => create(ReferentFixture::referent(e.service, &e.organisation)),
        "getReferent" | "listReferentAttendances" => read(Some(&n.referent)),
        "updateReferent" => act(&n.referent, json!({"identity": {"phone": "06 39 98 00 01"}})),
        "deleteReferent" => delete(&n.new_referent),
        "signReferentCharter" => {
            act(&n.referent, json!({"charter_version": "2026", "signed_by_service_on": "2026-03-02"}))
        }
        "leaveReferentNetwork" => act(&n.referent, json!({"left_on": "2026-03-02", "reason": "left_structure"})),
        "returnToReferentNetwork" => read(Some(&n.left)),
        "createReferentAttendance" => under(&n.referent, json!({"kind": "own_training", "held_on": "2026-02-03"})),
        "createReferentAttendances" => {
            act(&service, json!({"kind": "themed_day", "held_on": "2026-02-03", "referent_ids": [n.referent]}))
        }
        "deleteReferentAttendance" => delete(&n.attendance),
        "listReferentReminders" | "getReferentCoverage" => read(Some(&service)),
        "getReferentFigures" => asked(&service, "?from=2026-01-01&to=2026-12-31"),
        "createSurvey" => create(ReferentFixture::survey(e.service)),
        "getSurvey" | "getSurveyResults" => read(Some(&n.survey)),
        "updateSurvey" => act(&n.survey, json!({"title_en": "End of the training"})),
        "deleteSurvey" => delete(&n.survey),
        "issueSurveyTokens" => act(&n.survey, json!({"count": 2})),
        "readSurveyQuestions" => read(None).with(|recipe| recipe.body = Some(json!({"token": n.token}))),
        "answerSurvey" => read(None).with(|recipe| {
            recipe.body = Some(json!({"token": n.token, "ratings": [{"position": 1, "rating": "satisfied"}]}));
            recipe.status = 204;
        }),
        _ => return None,
    })
}
