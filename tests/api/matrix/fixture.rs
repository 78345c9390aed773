//! A service with one object of every kind, for the matrix.

use passerelle::auth::{Permission, Role};
use passerelle::db::Id;
use serde_json::{Value, json};

use super::actions::ActionFixture;
use super::courses::CourseFixture;
use super::figures::StatisticsFixture;
use super::network::ReferentFixture;
use super::treaties::ConventionFixture;
use crate::harness::{Caller, TestApp};

/// A service with one object of every kind, and its manager.
pub struct Fixture {
    pub service: Id,
    pub manager: Caller,
    pub organisation: String,
    /// An organisation that no other object refers to.
    pub free_organisation: String,
    pub position: String,
    /// A target of an indicator.
    pub target: String,
    pub household: String,
    pub child: String,
    pub contact: String,
    /// Two more children of one household, and the merge of two others.
    pub twins: [String; 2],
    pub merge: String,
    /// A received referral.
    pub referral: String,
    pub declined: String,
    /// An open case with a placement, an intervention and a step.
    pub case: String,
    pub closed: String,
    pub placement: String,
    /// A planned placement and an answered review of another one, in another open case.
    pub planned_placement: String,
    pub placement_review: String,
    /// A goal of this case with a review, the review, and a goal without one.
    pub goal: String,
    pub goal_review: String,
    pub fresh_goal: String,
    /// An appointment of today about the open case.
    pub appointment: String,
    pub cancelled_appointment: String,
    /// An absence of the manager.
    pub absence: String,
    /// A calendar of the manager's agenda, and the secret in its address.
    pub agenda_calendar: String,
    pub agenda_secret: String,
    pub intervention: String,
    pub step: String,
    /// The référent of the open case.
    pub member: String,
    /// What the open case has besides its records.
    pub courses: CourseFixture,
    /// The token of an invitation into the service.
    pub invitation: String,
    /// Another invitation into the service.
    pub open_invitation: String,
    /// A user of the service, with a password reset.
    pub colleague: String,
    pub reset: String,
    /// A client of the service.
    pub client: String,
    /// A session of the manager.
    pub session: String,
    /// A client of the service that waits for a second person.
    pub pending_client: String,
    /// A code of the manager's authenticator, which is not confirmed yet.
    pub otp: String,
    /// Kits and loans, if the contents include them.
    pub lending: Option<LendingFixture>,
    /// Collective actions, if the contents include them.
    pub actions: Option<ActionFixture>,
    /// Referents, if the contents include them.
    pub referents: Option<ReferentFixture>,
    /// Conventions, if the contents include them.
    pub conventions: Option<ConventionFixture>,
    /// Statistics, if the contents include them.
    pub statistics: Option<StatisticsFixture>,
}

/// What a fixture contains besides the basic objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Contents {
    Basic,
    Lending,
    Actions,
    Referents,
    Conventions,
    Statistics,
    Everything,
}

impl Contents {
    /// The contents that the operations of a tag need.
    pub fn of_tag(tag: &str) -> Self {
        match tag {
            "kits" | "reservations" => Self::Lending,
            "actions" => Self::Actions,
            "referents" => Self::Referents,
            "conventions" => Self::Conventions,
            "statistics" => Self::Statistics,
            _ => Self::Basic,
        }
    }

    /// Whether these contents include others.
    fn has(self, what: Self) -> bool {
        self == what || self == Self::Everything
    }
}

/// Kits and reservations in each state.
pub struct LendingFixture {
    pub kit: String,
    /// A kit without items or copies.
    pub free_kit: String,
    pub item: String,
    /// An item without defects.
    pub free_item: String,
    pub copy: String,
    pub withdrawn_copy: String,
    pub defect: String,
    pub requested: String,
    /// A confirmed reservation from today.
    pub confirmed: String,
    pub on_loan: String,
    pub calendar: String,
    /// The secret in the address of the calendar.
    pub token: String,
}

impl LendingFixture {
    async fn new(manager: &Caller, service: Id, household: &str, organisation: &str) -> Self {
        let kit = |title: &str| {
            json!({"service_id": service, "title_fr": title, "themes": ["senses"],
                   "audiences": ["family", "early_childhood_professional"]})
        };
        let free_kit = manager.post("/v1/kits", kit("Sommeil")).await.expect(201).id();
        let kit = manager.post("/v1/kits", kit("Sensorielle")).await.expect(201).id();
        let mut items = Vec::new();
        for label in ["Balle", "Livre"] {
            let item = json!({"category": "adapted_toy", "label_fr": label, "quantity": 2});
            items.push(manager.post(&format!("/v1/kits/{kit}/items"), item).await.expect(201).id());
        }
        let mut copies = Vec::new();
        for label in ["1", "2", "3", "4", "5"] {
            let copy = json!({"label": label, "condition": "good", "home_site": "Clermont-Ferrand"});
            copies.push(manager.post(&format!("/v1/kits/{kit}/copies"), copy).await.expect(201).id());
        }
        let why = json!({"reason": "En réparation"});
        manager.post(&format!("/v1/kit-copies/{}/withdraw", copies[4]), why).await.expect(200);
        let counted = Self::counted(&items[0], &items[1], 1);
        manager.post(&format!("/v1/kit-copies/{}/inspect", copies[0]), counted).await.expect(200);
        let defects = manager.get(&format!("/v1/kit-defects?copy_id={}", copies[0])).await.expect(200);
        let family = json!({"kind": "household", "household_id": household});
        let nursery = json!({"kind": "organisation", "organisation_id": organisation});
        let mut reservations = Vec::new();
        for borrower in [&family, &nursery, &family] {
            let new = json!({"service_id": service, "kit_id": kit, "borrower": borrower, "starts_on": "2026-03-02"});
            reservations.push(manager.post("/v1/reservations", new).await.expect(201).id());
        }
        for action in ["1/confirm", "2/confirm", "2/hand-out"] {
            let (rank, action) = action.split_once('/').unwrap();
            let path = format!("/v1/reservations/{}/{action}", reservations[rank.parse::<usize>().unwrap()]);
            let body = (action == "hand-out").then(|| json!({}));
            manager.call("POST", &path, body).await.expect(200);
        }
        let calendars = format!("/v1/services/{service}/kit-calendars");
        let calendar = manager.post(&calendars, json!({"name": "Agenda"})).await.expect(201);
        Self {
            kit,
            free_kit,
            defect: defects.rows()[0]["id"].as_str().unwrap().to_owned(),
            copy: copies[0].clone(),
            withdrawn_copy: copies[4].clone(),
            item: items[0].clone(),
            free_item: items[1].clone(),
            requested: reservations[0].clone(),
            confirmed: reservations[1].clone(),
            on_loan: reservations[2].clone(),
            token: calendar["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned(),
            calendar: calendar.id(),
        }
    }

    /// A check of both items, with this number of the first one present.
    fn counted(item: &str, other: &str, present: i32) -> Value {
        json!({"condition": "good", "items": [{"item_id": item, "present": present}, {"item_id": other, "present": 2}]})
    }

    /// A check of a complete copy.
    pub fn complete(&self) -> Value {
        Self::counted(&self.item, &self.free_item, 2)
    }

    /// The identifiers of all its objects.
    fn ids(&self) -> Vec<String> {
        [
            &self.kit,
            &self.free_kit,
            &self.item,
            &self.free_item,
            &self.copy,
            &self.withdrawn_copy,
            &self.defect,
            &self.requested,
            &self.confirmed,
            &self.on_loan,
            &self.calendar,
        ]
        .map(Clone::clone)
        .to_vec()
    }

    /// A reservation request.
    pub fn request(&self, service: Id, household: &str) -> Value {
        json!({"service_id": service, "kit_id": self.kit, "starts_on": "2026-05-04",
               "borrower": {"kind": "household", "household_id": household}})
    }
}

/// A planned placement, and an answered review of another placement.
async fn followed(manager: &Caller, case: &str, organisation: &str) -> (String, String) {
    let path = format!("/v1/cases/{case}/placements");
    let place = |day: &str| json!({"organisation_id": organisation, "childcare_type": "creche", "starts_on": day});
    let planned = manager.post(&path, place("2026-09-01")).await.expect(201).id();
    let left = manager.post(&path, place("2026-03-01")).await.expect(201).id();
    let answer = json!({"months": 1, "answer": "left", "informed_by": "parent", "ends_on": "2026-03-02"});
    let review = manager.post(&format!("/v1/placements/{left}/reviews"), answer).await.expect(201).id();
    (planned, review)
}

/// The records of a case, and the agenda of a manager.
struct Records {
    goal: String,
    goal_review: String,
    fresh_goal: String,
    appointment: String,
    cancelled_appointment: String,
    absence: String,
    agenda_calendar: String,
    agenda_secret: String,
    intervention: String,
    step: String,
    member: String,
}

impl Records {
    async fn new(manager: &Caller, service: Id, case: &str) -> Self {
        let under = |what: &str| format!("/v1/cases/{case}/{what}");
        let set = json!({"title": "Une matinée seul", "set_on": "2026-03-02"});
        let goal = manager.post(&under("goals"), set.clone()).await.expect(201).id();
        let review = json!({"reviewed_on": "2026-03-02", "attainment": 2});
        let goal_review = manager.post(&format!("/v1/goals/{goal}/reviews"), review).await.expect(201).id();
        let fresh_goal = manager.post(&under("goals"), set).await.expect(201).id();
        let planned = Fixture::appointment(service, case);
        let appointment = manager.post("/v1/appointments", planned.clone()).await.expect(201).id();
        let cancelled_appointment = manager.post("/v1/appointments", planned).await.expect(201).id();
        let why = json!({"cancelled_by": "family"});
        manager.post(&format!("/v1/appointments/{cancelled_appointment}/cancel"), why).await.expect(200);
        let away = json!({"service_id": service, "starts_on": "2026-05-04", "ends_on": "2026-05-04"});
        let absence = manager.post("/v1/absences", away).await.expect(201).id();
        let calendar = manager.post("/v1/me/agenda-calendars", json!({"name": "Téléphone"})).await.expect(201);
        let work = crate::cases::interview("2026-03-02");
        let intervention = manager.post(&under("interventions"), work).await.expect(201).id();
        let step = json!({"step": "childcare_search", "reached_on": "2026-03-02"});
        let step = manager.post(&under("steps"), step).await.expect(201).id();
        let team = manager.get(&under("team")).await.expect(200);
        let member = team.rows()[0]["id"].as_str().unwrap().to_owned();
        let agenda_secret = calendar["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        let agenda_calendar = calendar.id();
        Self {
            goal,
            goal_review,
            fresh_goal,
            appointment,
            cancelled_appointment,
            absence,
            agenda_calendar,
            agenda_secret,
            intervention,
            step,
            member,
        }
    }
}

impl Fixture {
    pub async fn new(app: &TestApp, contents: Contents) -> Self {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let organisation =
            |name: &str| json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63032"});
        let named = manager.post("/v1/organisations", organisation("Les Lutins")).await.expect(201).id();
        let free_organisation = manager.post("/v1/organisations", organisation("Les Farfadets")).await.expect(201).id();
        let (position, target) = Self::means(&manager, service).await;
        let referrals = referred(&manager, service).await;
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let id = |index: usize| text(&referrals[index]["id"]);
        let cases = accepted(&manager, &[id(1), id(2), id(4)]).await;
        let placement = json!({"organisation_id": named, "childcare_type": "creche", "starts_on": "2026-03-02"});
        let placement = manager.post(&format!("/v1/cases/{}/placements", cases[0]), placement).await.expect(201).id();
        let (planned_placement, placement_review) = followed(&manager, &cases[2], &named).await;
        let records = Records::new(&manager, service, &cases[0]).await;
        let courses = CourseFixture::new(&manager, service, &cases[0]).await;
        let closure = json!({"outcome": "need_met"});
        manager.post(&format!("/v1/cases/{}/close", cases[1]), closure).await.expect(200);
        let refusal = json!({"reason": "school_time_not_covered"});
        manager.post(&format!("/v1/referrals/{}/decline", id(3)), refusal).await.expect(200);
        let invited = json!({"service_id": service, "role": "professional"});
        let open_invitation = manager.post("/v1/invitations", invited.clone()).await.expect(201).id();
        let invited = manager.post("/v1/invitations", invited).await.expect(201);
        let colleague = app.user(service, Role::Professional).await.bare_id().to_string();
        let reset = manager.act(&format!("/v1/users/{colleague}/password-reset")).await.expect(200);
        let client = app.client(service, &[Permission::ServicesRead]).await.bare_id().to_string();
        let pending_client = Self::pending_client(app, service, &colleague).await;
        let household = text(&referrals[0]["household_id"]);
        let shown = manager.get(&format!("/v1/households/{household}")).await.expect(200);
        let (twins, merge) = Self::twins(&manager, service).await;
        let lending = if contents.has(Contents::Lending) {
            Some(LendingFixture::new(&manager, service, &household, &named).await)
        } else {
            None
        };
        let actions =
            if contents.has(Contents::Actions) { Some(ActionFixture::new(&manager, service).await) } else { None };
        let referents = if contents.has(Contents::Referents) {
            Some(ReferentFixture::new(&manager, service, &named).await)
        } else {
            None
        };
        let conventions = if contents.has(Contents::Conventions) {
            Some(ConventionFixture::new(&manager, service).await)
        } else {
            None
        };
        let statistics = if contents.has(Contents::Statistics) {
            Some(StatisticsFixture::new(app, &manager, service).await)
        } else {
            None
        };
        Self {
            service,
            organisation: named,
            free_organisation,
            position,
            target,
            child: text(&referrals[0]["child_id"]),
            contact: text(&shown["contacts"][0]["id"]),
            household,
            twins,
            merge,
            referral: id(0),
            declined: id(3),
            case: cases[0].clone(),
            closed: cases[1].clone(),
            placement,
            planned_placement,
            placement_review,
            goal: records.goal,
            goal_review: records.goal_review,
            fresh_goal: records.fresh_goal,
            appointment: records.appointment,
            cancelled_appointment: records.cancelled_appointment,
            absence: records.absence,
            agenda_calendar: records.agenda_calendar,
            agenda_secret: records.agenda_secret,
            intervention: records.intervention,
            step: records.step,
            member: records.member,
            courses,
            invitation: text(&invited["token"]),
            open_invitation,
            colleague,
            reset: text(&reset["token"]),
            client,
            pending_client,
            session: app.session_of(manager.bare_id()).await.id.to_string(),
            otp: app.second_factor_of(manager.bare_id()).await.code(app.now()),
            lending,
            actions,
            referents,
            conventions,
            statistics,
            manager,
        }
    }

    /// A client that waits for a second person.
    async fn pending_client(app: &TestApp, service: Id, colleague: &str) -> String {
        let client = app.client(service, &[Permission::ServicesRead]).await.bare_id().to_string();
        app.vouched(&format!("UPDATE clients SET requested_by = 'user:{colleague}' WHERE id = '{client}'")).await;
        client
    }

    /// A position, and the target of an indicator.
    async fn means(manager: &Caller, service: Id) -> (String, String) {
        let position = json!({"title": "Éducatrice", "fte_percent": 80, "starts_on": "2026-01-01", "counted": true});
        let position = manager.post(&format!("/v1/services/{service}/positions"), position).await.expect(201).id();
        let target = json!({"indicator": "children_accompanied", "year": 2026, "value": 39});
        let target = manager.post(&format!("/v1/services/{service}/indicator-targets"), target).await.expect(201).id();
        (position, target)
    }

    /// Two children of one household, and the merge of two others.
    async fn twins(manager: &Caller, service: Id) -> ([String; 2], String) {
        let named = |name: &str| json!({"given_name": name, "family_name": "Jumeau", "birth_date": "2022-11-12"});
        let family = json!({
            "service_id": service, "commune_code": "63032", "children": (["Noa", "Noah", "Lola", "Lolla"].map(named))
        });
        let family = manager.post("/v1/households", family).await.expect(201);
        let child = |rank: usize| family["children"][rank]["id"].as_str().unwrap().to_owned();
        let path = format!("/v1/children/{}/merge", child(2));
        let merge = manager.post(&path, json!({"absorbed_id": child(3)})).await.expect(200).id();
        ([child(0), child(1)], merge)
    }

    /// A referral of a child.
    pub fn referral(service: Id, name: &str) -> Value {
        json!({
            "service_id": service, "subject": "child", "origin": "pmi", "channel": "phone", "commune_code": "63300",
            "child": {
                "identity": {"given_name": name, "family_name": "Exemple", "birth_date": "2023-04-05"},
                "contacts": [{"relation": "parent", "name": "Camille Exemple", "phone": "06 39 98 00 00"}]
            },
            "needs": ["find_childcare"],
            "family_agreements": [{"purpose": "partner_contact", "given_by": "parent", "given_on": "2026-03-02"}]
        })
    }

    /// An appointment of today about a case.
    pub fn appointment(service: Id, case: &str) -> Value {
        json!({
            "service_id": service, "type": "family_interview", "planned_on": "2026-03-02", "starts_at": "09:30",
            "minutes": 60, "place": "family_home", "case_ids": [case], "participants": [{"kind": "parent", "number": 1}],
            "title": "Premier entretien", "note": "Sonner deux fois."
        })
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        let service = self.service.to_string();
        [
            &service,
            &self.organisation,
            &self.free_organisation,
            &self.position,
            &self.target,
            &self.household,
            &self.child,
            &self.contact,
            &self.twins[0],
            &self.twins[1],
            &self.merge,
            &self.referral,
            &self.declined,
            &self.case,
            &self.closed,
            &self.placement,
            &self.planned_placement,
            &self.placement_review,
            &self.goal,
            &self.goal_review,
            &self.appointment,
            &self.cancelled_appointment,
            &self.intervention,
            &self.step,
            &self.member,
            &self.open_invitation,
            &self.colleague,
            &self.client,
            &self.pending_client,
        ]
        .map(Clone::clone)
        .into_iter()
        .chain(self.courses.ids())
        .chain(self.lending.iter().flat_map(LendingFixture::ids))
        .chain(self.actions.iter().flat_map(ActionFixture::ids))
        .chain(self.referents.iter().flat_map(ReferentFixture::ids))
        .chain(self.conventions.iter().flat_map(ConventionFixture::ids))
        .chain(
            self.statistics
                .iter()
                .flat_map(|one| [one.fact.clone(), one.unconfirmed.clone(), one.draft.clone(), one.release.clone()]),
        )
        .collect()
    }
}

/// Referrals of five children.
async fn referred(manager: &Caller, service: Id) -> Vec<Value> {
    let mut referrals = Vec::new();
    for name in ["Zoé", "Ana", "Léo", "Max", "Noé"] {
        let made = manager.post("/v1/referrals", Fixture::referral(service, name)).await.expect(201);
        referrals.push(made["referral"].clone());
    }
    referrals
}

/// The cases that referrals open once accepted.
async fn accepted(manager: &Caller, referrals: &[String]) -> Vec<String> {
    let mut cases = Vec::new();
    for referral in referrals {
        let accepted = manager.post(&format!("/v1/referrals/{referral}/accept"), json!({})).await.expect(200);
        cases.push(accepted["case_id"].as_str().unwrap().to_owned());
    }
    cases
}
