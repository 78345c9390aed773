//! Adds several rows to every list, for the tests that read them.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::json;

use crate::cases::{accept, child, interview, nursery, refer};
use crate::harness::contract::Operation;
use crate::harness::lending_service::LendingService;
use crate::harness::network::open_network;
use crate::harness::{Caller, TestApp};
use crate::matrix::fixture::Fixture;

/// The objects whose lists are read.
pub struct Objects {
    pub service: Id,
    pub referral: String,
    case: String,
    intervention: String,
    step: String,
    member: String,
    note: String,
    recommendation: String,
    placement: String,
    goal: String,
    goal_review: String,
    procedure: String,
    suspension: String,
    situation: String,
    discussion: String,
    placement_review: String,
    begun: String,
    kit: String,
    copy: String,
    action: String,
    referent: String,
    convention: String,
    instalment: String,
}

impl Objects {
    /// The path of a list with its `?`, for more parameters. Reading adds rows to the journal, so its list is limited
    /// to events before the test.
    pub fn path(&self, list: &Operation) -> String {
        match list.said["operationId"].as_str() {
            Some("listIndicatorValues") => self.concrete(list) + "?period=month&split=commune&",
            Some("listAuditEvents") => format!("{}?to={}&", list.path, self.begun),
            _ => self.concrete(list) + "?",
        }
    }

    fn concrete(&self, list: &Operation) -> String {
        let (parent, id) = match list.path.split_once("/{id}") {
            None => return list.path.clone(),
            Some((parent, _)) => (
                parent,
                match parent {
                    "/v1/services" => self.service.as_str(),
                    "/v1/referrals" => &self.referral,
                    "/v1/cases" => &self.case,
                    "/v1/interventions" => &self.intervention,
                    "/v1/case-steps" => &self.step,
                    "/v1/case-members" => &self.member,
                    "/v1/case-notes" => &self.note,
                    "/v1/recommendations" => &self.recommendation,
                    "/v1/placements" => &self.placement,
                    "/v1/goals" => &self.goal,
                    "/v1/goal-reviews" => &self.goal_review,
                    "/v1/procedures" => &self.procedure,
                    "/v1/case-suspensions" => &self.suspension,
                    "/v1/complex-situations" => &self.situation,
                    "/v1/case-discussions" => &self.discussion,
                    "/v1/placement-reviews" => &self.placement_review,
                    "/v1/kits" => &self.kit,
                    "/v1/kit-copies" => &self.copy,
                    "/v1/actions" => &self.action,
                    "/v1/referents" => &self.referent,
                    "/v1/conventions" => &self.convention,
                    "/v1/instalments" => &self.instalment,
                    other => panic!("say which object of {other} has lists to read"),
                },
            ),
        };
        let path = list.path.replacen(&format!("{parent}/{{id}}"), &format!("{parent}/{id}"), 1);
        path.replace("{code}", "referrals_received")
    }
}

/// An answered review of a place that the child had before the case, corrected several times.
async fn asked(manager: &Caller, service: Id, case: &str) -> String {
    let organisation = nursery(manager, service, "Crèche d'avant").await;
    let place = json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": "2025-09-01"});
    let placement = manager.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201).id();
    let answer = json!({"months": 1, "answer": "still_there", "informed_by": "parent", "note": "=0"});
    let review = manager.post(&format!("/v1/placements/{placement}/reviews"), answer).await.expect(201).id();
    for note in ["=1+1", "-1", "+1"] {
        manager.patch(&format!("/v1/placement-reviews/{review}"), json!({"note": note})).await.expect(200);
    }
    review
}

/// Adds several rows to every list. Returns a caller who may read them all.
#[expect(clippy::too_many_lines, reason = "one call per list")]
pub async fn furnished(app: &TestApp) -> (Caller, Objects) {
    let shelf = lending(app).await;
    let service = shelf.service;
    let manager = app.user(service, Role::Manager).await;
    for name in ["Agenda", "=2+2"] {
        let calendar = json!({"name": name});
        manager.post(&format!("/v1/services/{service}/kit-calendars"), calendar).await.expect(201);
    }
    for name in ["Abricot", "=1+1", "Bulle; =2"] {
        nursery(&manager, service, name).await;
        app.advance(chrono::Duration::seconds(1));
        app.client(service, &[Permission::ServicesRead]).await;
        app.user(service, Role::Professional).await;
        let invited = json!({"service_id": service, "role": "professional"});
        manager.post("/v1/invitations", invited).await.expect(201);
        let target = json!({
            "indicator": "kit_loans", "year": 2020 + i32::try_from(name.len()).unwrap(), "value": 60, "note": name
        });
        manager.post(&format!("/v1/services/{service}/indicator-targets"), target).await.expect(201);
        let position = json!({"title": name, "fte_percent": 50, "starts_on": "2026-01-05", "counted": true});
        manager
            .post(&format!("/v1/services/{service}/positions", service = service.as_str()), position)
            .await
            .expect(201);
    }
    for _ in 0..3 {
        app.session_of(manager.bare_id()).await;
    }
    let referral = refer(&manager, service, "2026-02-02", child("Exemple")).await;
    let case = accept(&manager, &referral, "2026-02-02").await;
    let (mut intervention, mut step, mut placement) = (String::new(), String::new(), String::new());
    let mut goal = String::new();
    for (at, day) in ["2026-02-10", "2026-02-20", "2026-02-20"].into_iter().enumerate() {
        app.advance(chrono::Duration::seconds(1));
        let waiting = refer(&manager, service, day, child(&format!("Attente {at}"))).await;
        manager.post(&format!("/v1/referrals/{waiting}/waiting-list"), json!({"decided_on": day})).await.expect(200);
        let accepted = refer(&manager, service, day, child(&format!("Suivi {at}"))).await;
        accept(&manager, &accepted, day).await;
        let set = json!({"title": "=Une matinée seul", "set_on": day});
        goal = manager.post(&format!("/v1/cases/{case}/goals"), set).await.expect(201).id();
        let reached = json!({"step": "childcare_search", "reached_on": day, "note": "+1"});
        step = manager.post(&format!("/v1/cases/{case}/steps"), reached).await.expect(201).id();
        let work = manager.post(&format!("/v1/cases/{case}/interventions"), interview(day)).await.expect(201);
        intervention = work.id();
        let organisation = nursery(&manager, service, &format!("Crèche {at}")).await;
        let place = json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": day});
        placement = manager.post(&format!("/v1/cases/{case}/placements"), place).await.expect(201).id();
    }
    for note in ["=1+1", "-1", "+1"] {
        manager.patch(&format!("/v1/interventions/{intervention}"), json!({"note": note})).await.expect(200);
        manager.patch(&format!("/v1/case-steps/{step}"), json!({"note": note.repeat(2)})).await.expect(200);
    }
    for day in ["2026-08-28", "2026-09-01", "2026-08-27"] {
        manager.patch(&format!("/v1/placements/{placement}"), json!({"ends_on": day})).await.expect(200);
    }
    let goal_review = reviewed(&manager, &goal).await;
    let procedure = procedures(app, &manager, &case).await;
    let suspension = suspensions(app, &manager, &case).await;
    let (situation, discussion) = complex_situations(app, &manager, &case).await;
    let placement_review = asked(&manager, service, &case).await;
    appointments(app, &manager, service, &case).await;
    let member = absences(app, &manager, service, &case).await;
    let (note, recommendation) = written(app, &manager, &case).await;
    called_upon(app, &manager, service).await;
    merges(app, &manager, service).await;
    for _ in 0..2 {
        let person = app.user(service, Role::Professional).await.bare_id();
        manager.post(&format!("/v1/cases/{case}/team"), json!({"user_id": person})).await.expect(201);
    }
    let action = gathering(app, &manager, service).await;
    let referent = network(app, &manager, service).await;
    let (convention, instalment) = treaties(app, &manager, service).await;
    figures(app, &manager, service).await;
    let begun = app.context().now().to_string();
    let copy = shelf.copies[0].clone();
    (
        manager,
        Objects {
            service,
            referral,
            case,
            intervention,
            step,
            member,
            note,
            recommendation,
            placement,
            goal,
            goal_review,
            procedure,
            suspension,
            situation,
            discussion,
            placement_review,
            begun,
            kit: shelf.kit,
            copy,
            action,
            referent,
            convention,
            instalment,
        },
    )
}

/// Reviews a goal, and corrects both.
async fn reviewed(manager: &Caller, goal: &str) -> String {
    let reviewed = json!({"reviewed_on": "2026-02-28", "attainment": 1});
    let review = manager.post(&format!("/v1/goals/{goal}/reviews"), reviewed).await.expect(201).id();
    for comment in ["=1+1", "-1", "+1"] {
        manager.patch(&format!("/v1/goal-reviews/{review}"), json!({"comment": comment})).await.expect(200);
        manager.patch(&format!("/v1/goals/{goal}"), json!({"title": comment.repeat(2)})).await.expect(200);
    }
    review
}

/// Adds conventions that are about to expire, with contributions, funding lines and boundary changes. Returns a
/// convention that was amended and suspended, and an instalment of another one with payments.
async fn treaties(app: &TestApp, manager: &Caller, service: Id) -> (String, String) {
    let mut instalments = Vec::new();
    let mut conventions = Vec::new();
    for (at, (collectivity, commune, epci, funder)) in [
        ("epci:200070753", "63300", "200070753", "caf"),
        ("commune:63032", "63032", "246300701", "msa"),
        ("commune:63014", "63014", "246300701", "cpam"),
    ]
    .into_iter()
    .enumerate()
    {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({
            "service_id": service, "collectivity": collectivity, "reference": "=7+7", "starts_on": "2026-01-01",
            "ends_on": format!("2026-05-{:02}", 10 + at),
            "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 1}]
        });
        let id = manager.post("/v1/conventions", new).await.expect(201).id();
        let flat =
            json!({"year": 2026, "basis": "flat", "flat_cents": 100_000, "instalments": [{"due_on": "2026-02-01"}]});
        let owed = manager.post(&format!("/v1/conventions/{id}/contributions"), flat).await.expect(201);
        instalments.push(owed["instalments"][0]["id"].as_str().unwrap().to_owned());
        for action in ["propose", "sign"] {
            manager.post(&format!("/v1/conventions/{id}/{action}"), json!({})).await.expect(200);
        }
        let day = json!({
            "service_id": service, "kind": "pedagogical_day", "title": "Journée", "held_on": "2026-04-14",
            "duration_minutes": 360, "place": "municipal_premises", "organiser_role": "pole_coordinator",
            "commune_code": commune
        });
        manager.post("/v1/actions", day).await.expect(201);
        let line = json!({
            "service_id": service, "year": 2026, "funder": funder, "basis": "grant", "planned_cents": 5
        });
        manager.post("/v1/fundings", line).await.expect(201);
        let change = json!({
            "service_id": service, "commune_code": commune, "effective_on": "2027-01-01",
            "from_epci": epci, "source": "=8+8"
        });
        manager.post("/v1/boundary-changes", change).await.expect(201);
        conventions.push(id);
    }
    let called = format!("/v1/instalments/{}", instalments[1]);
    manager.post(&format!("{called}/call"), json!({})).await.expect(200);
    for amount in [1, 2, 3] {
        let paid = json!({"amount_cents": amount, "reference": "=9+9"});
        manager.post(&format!("{called}/payments"), paid).await.expect(201);
    }
    manager.post(&format!("/v1/conventions/{}/suspend", conventions[0]), json!({"reason": "budget"})).await.expect(200);
    (conventions.swap_remove(0), instalments.swap_remove(1))
}

/// Adds releases of two years, a draft build, and facts published elsewhere.
async fn figures(app: &TestApp, manager: &Caller, service: Id) {
    for year in [2022, 2023, 2024] {
        app.advance(chrono::Duration::seconds(1));
        let builds = format!("/v1/services/{service}/statistics-builds");
        let build = manager.post(&builds, json!({"year": year, "quarter": 4})).await.expect(202).id();
        app.make_releases();
        if year != 2024 {
            manager.act(&format!("/v1/statistics-builds/{build}/publish")).await.expect(200);
        }
    }
    for day in ["2026-01-12", "2026-01-12", "2026-01-19"] {
        app.advance(chrono::Duration::seconds(1));
        let fact = json!({
            "population": "children", "year": 2025, "period": "2025-S1", "source": "=9+9", "reference": "=9+9",
            "published_on": day
        });
        manager.post(&format!("/v1/services/{service}/statistics-facts"), fact).await.expect(201);
    }
}

/// Adds referents with attendances, and questionnaires. Returns the referent with the most attendances.
async fn network(app: &TestApp, manager: &Caller, service: Id) -> String {
    let organisation = nursery(manager, service, "=4+4").await;
    let mut referents = Vec::new();
    for day in ["2026-01-12", "2026-01-12", "2026-01-19"] {
        app.advance(chrono::Duration::seconds(1));
        let identity = json!({"name": "=5+5", "role": "@1"});
        let referent =
            json!({"service_id": service, "organisation_id": organisation, "identity": identity, "appointed_on": day});
        referents.push(manager.post("/v1/referents", referent).await.expect(201).id());
        let survey = json!({
            "service_id": service, "moment": "end_of_follow_up", "title_fr": "=6+6", "opens_on": day,
            "closes_on": "2026-12-31", "questions": [{"text_fr": "L'accueil"}]
        });
        manager.post("/v1/surveys", survey).await.expect(201);
    }
    open_network(manager, service, "epci:246300701", ("2026-01-01", "2026-12-31")).await;
    for (kind, day) in [("own_training", "2026-02-02"), ("themed_day", "2026-02-02"), ("themed_day", "2026-02-03")] {
        let path = format!("/v1/referents/{}/attendances", referents[0]);
        manager.post(&path, json!({"kind": kind, "held_on": day})).await.expect(201);
    }
    referents.swap_remove(0)
}

/// Adds overdue loans, loans that are due soon, a queue, and content checks with defects.
async fn lending(app: &TestApp) -> LendingService {
    app.clock.set("2026-01-26T08:15:00Z".parse().unwrap());
    let shelf = LendingService::new(app, 4).await;
    shelf.add_kit("=3+3").await;
    for present in [2, 1, 0] {
        app.advance(chrono::Duration::seconds(1));
        let path = format!("/v1/kit-copies/{}/inspect", shelf.copies[0]);
        shelf.staff.post(&path, shelf.counted([present, 1])).await.expect(200);
    }
    for day in ["2026-01-26", "2026-01-28", "2026-02-10", "2026-02-12"] {
        app.clock.set(format!("{day}T08:15:00Z").parse().unwrap());
        shelf.lent(day).await;
    }
    // Every copy is out. A wait ends with its last day, so these begin today.
    app.clock.set(crate::harness::START.parse().unwrap());
    for _ in 0..2 {
        app.advance(chrono::Duration::seconds(1));
        shelf.wait_for("2026-03-02").await;
    }
    shelf
}

/// Adds appointments and calendars of the agenda.
/// Suspends a case several times, and corrects a suspension. The case is not suspended at the end.
async fn suspensions(app: &TestApp, manager: &Caller, case: &str) -> String {
    for (starts, resumed) in [("2026-02-03", "2026-02-04"), ("2026-02-05", "2026-02-06"), ("2026-02-07", "2026-02-08")]
    {
        app.advance(chrono::Duration::seconds(1));
        let pause = json!({"reason": "family_request", "starts_on": starts});
        manager.post(&format!("/v1/cases/{case}/suspend"), pause).await.expect(200);
        manager.post(&format!("/v1/cases/{case}/resume"), json!({"resumed_on": resumed})).await.expect(200);
    }
    let periods = manager.get(&format!("/v1/cases/{case}/suspensions")).await.expect(200);
    let last = periods.rows()[0]["id"].as_str().unwrap().to_owned();
    for reason in ["other", "family_away", "family_request"] {
        manager.patch(&format!("/v1/case-suspensions/{last}"), json!({"reason": reason})).await.expect(200);
    }
    last
}

/// Flags complex situations, and corrects one and its discussion.
async fn complex_situations(app: &TestApp, manager: &Caller, case: &str) -> (String, String) {
    let mut situation = String::new();
    for (day, until) in [("2026-02-03", "2026-02-04"), ("2026-02-05", "2026-02-06"), ("2026-02-07", "2026-02-28")] {
        app.advance(chrono::Duration::seconds(1));
        let flagged = json!({"grounds": ["several_partners"], "flagged_on": day});
        situation = manager.post(&format!("/v1/cases/{case}/complex-situations"), flagged).await.expect(201).id();
        let path = format!("/v1/complex-situations/{situation}");
        manager.patch(&path, json!({"ended_on": until})).await.expect(200);
    }
    let path = format!("/v1/complex-situations/{situation}");
    for day in ["2026-02-27", "2026-02-26", "2026-02-25"] {
        manager.patch(&path, json!({"ended_on": day})).await.expect(200);
    }
    let decided = json!({"held_on": "2026-02-10", "decision": "=1"});
    let discussion = manager.post(&format!("{path}/discussions"), decided).await.expect(201).id();
    for decision in ["=2", "+2", "-2"] {
        manager.patch(&format!("/v1/case-discussions/{discussion}"), json!({"decision": decision})).await.expect(200);
    }
    (situation, discussion)
}

/// Adds procedures, of which one was corrected.
async fn procedures(app: &TestApp, manager: &Caller, case: &str) -> String {
    let mut last = String::new();
    for (kind, on, note) in
        [("pai", "2026-03-02", "=1"), ("aeeh", "2026-03-20", "+1"), ("mdph_file", "2026-03-10", "-1")]
    {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({"kind": kind, "next_on": on, "expires_on": on, "note": note});
        last = manager.post(&format!("/v1/cases/{case}/procedures"), new).await.expect(201).id();
    }
    for note in ["=2", "+2", "-2"] {
        manager.patch(&format!("/v1/procedures/{last}"), json!({"note": note})).await.expect(200);
    }
    last
}

async fn appointments(app: &TestApp, manager: &Caller, service: Id, case: &str) {
    for (day, time) in [("2026-03-03", "09:30"), ("2026-03-03", "10:00"), ("2026-02-26", "14:00")] {
        app.advance(chrono::Duration::seconds(1));
        let mut new = Fixture::appointment(service, case);
        (new["planned_on"], new["starts_at"], new["title"]) = (day.into(), time.into(), "=6+6".into());
        manager.post("/v1/appointments", new).await.expect(201);
        manager.post("/v1/me/agenda-calendars", json!({"name": "=7+7"})).await.expect(201);
    }
}

/// Declares absences, and corrects the part of a member of a team several times.
async fn absences(app: &TestApp, manager: &Caller, service: Id, case: &str) -> String {
    for day in ["2026-03-04", "2026-03-05", "2026-03-06"] {
        app.advance(chrono::Duration::seconds(1));
        let away = json!({"service_id": service, "starts_on": day, "ends_on": day});
        manager.post("/v1/absences", away).await.expect(201);
    }
    let person = app.user(service, Role::Professional).await.bare_id();
    let joined = json!({"user_id": person, "starts_on": "2026-02-10"});
    let member = manager.post(&format!("/v1/cases/{case}/team"), joined).await.expect(201).id();
    for day in ["2026-02-11", "2026-02-12", "2026-02-13"] {
        manager.patch(&format!("/v1/case-members/{member}"), json!({"starts_on": day})).await.expect(200);
    }
    member
}

/// Writes notes and recommendations, and corrects one of each several times.
async fn written(app: &TestApp, manager: &Caller, case: &str) -> (String, String) {
    let (mut note, mut recommendation) = (String::new(), String::new());
    for (text, day) in [("=1", "2026-02-10"), ("+1", "2026-02-11"), ("-1", "2026-02-12")] {
        app.advance(chrono::Duration::seconds(1));
        let summary = json!({"kind": "summary", "text": text});
        note = manager.post(&format!("/v1/cases/{case}/notes"), summary).await.expect(201).id();
        let recommended = json!({"kind": "other", "text": text, "addressed_to": "parent", "made_on": day});
        let path = format!("/v1/cases/{case}/recommendations");
        recommendation = manager.post(&path, recommended).await.expect(201).id();
    }
    for text in ["=2", "+2", "-2"] {
        manager.patch(&format!("/v1/case-notes/{note}"), json!({"text": text})).await.expect(200);
        manager.patch(&format!("/v1/recommendations/{recommendation}"), json!({"text": text})).await.expect(200);
    }
    (note, recommendation)
}

/// Adds resource people.
async fn called_upon(app: &TestApp, manager: &Caller, service: Id) {
    let organisation = nursery(manager, service, "=5+5").await;
    for (name, profession) in [("=1+1", "psychologist"), ("@1", "speech_therapist"), ("Dominique", "other")] {
        app.advance(chrono::Duration::seconds(1));
        let person = json!({
            "service_id": service, "name": name, "profession": profession, "organisation_id": organisation
        });
        manager.post("/v1/resource-people", person).await.expect(201);
    }
}

/// Adds merges of children.
async fn merges(app: &TestApp, manager: &Caller, service: Id) {
    let named = |name: &str| json!({"given_name": name, "family_name": "Jumeau", "birth_date": "2022-11-12"});
    let family =
        json!({"service_id": service, "commune_code": "63032", "children": (["Noa", "Noah", "Noé", "Noë"].map(named))});
    let family = manager.post("/v1/households", family).await.expect(201);
    let path = format!("/v1/children/{}/merge", family["children"][0]["id"].as_str().unwrap());
    for rank in 1..4 {
        app.advance(chrono::Duration::seconds(1));
        let absorbed = json!({"absorbed_id": family["children"][rank]["id"], "reason": "=8+8"});
        manager.post(&path, absorbed).await.expect(200);
    }
}

/// Adds collective actions, one of which has registrations in several states.
async fn gathering(app: &TestApp, manager: &Caller, service: Id) -> String {
    let mut action = String::new();
    for (title, held_on) in [("Café parents", "2026-02-19"), ("=4+4", "2026-03-19"), ("Café parents", "2026-03-19")] {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({
            "service_id": service, "kind": "parent_cafe", "title": title, "held_on": held_on, "duration_minutes": 90,
            "place": "municipal_premises", "commune_code": "63300", "organiser_role": "pole_coordinator", "places": 5
        });
        action = manager.post("/v1/actions", new).await.expect(201).id();
    }
    for seats in [3, 2, 4] {
        app.advance(chrono::Duration::seconds(1));
        let new = json!({"participant_type": "parent", "seats": seats});
        manager.post(&format!("/v1/actions/{action}/registrations"), new).await.expect(201);
    }
    action
}
