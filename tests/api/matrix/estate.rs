//! A service with one of everything, for the matrix.

use passerelle::auth::Role;
use passerelle::db::Id;
use serde_json::{Value, json};

use crate::harness::{Caller, TestApp};

/// A service with one of everything, and its manager.
pub struct Estate {
    pub service: Id,
    pub manager: Caller,
    pub organisation: String,
    /// An organisation that nothing names.
    pub free_organisation: String,
    pub position: String,
    pub household: String,
    pub child: String,
    pub contact: String,
    /// Received.
    pub referral: String,
    pub declined: String,
    /// Open, with a placement.
    pub case: String,
    pub closed: String,
    pub placement: String,
    /// The token of an invitation into the service.
    pub invitation: String,
}

impl Estate {
    pub async fn new(app: &TestApp) -> Self {
        let service = app.service().await;
        let manager = app.user(service, Role::Manager).await;
        let organisation =
            |name: &str| json!({"service_id": service, "kind": "eaje", "name": name, "commune_code": "63032"});
        let named = manager.post("/v1/organisations", organisation("Les Lutins")).await.expect(201).id();
        let free_organisation = manager.post("/v1/organisations", organisation("Les Farfadets")).await.expect(201).id();
        let position = json!({"title": "Éducatrice", "fte_percent": 80, "starts_on": "2026-01-01", "counted": true});
        let position = manager.post(&format!("/v1/services/{service}/positions"), position).await.expect(201).id();
        let mut referrals: Vec<Value> = Vec::new();
        for name in ["Zoé", "Ana", "Léo", "Max"] {
            let made = manager.post("/v1/referrals", Self::referral(service, name)).await.expect(201);
            referrals.push(made["referral"].clone());
        }
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let id = |index: usize| text(&referrals[index]["id"]);
        let mut cases = Vec::new();
        for index in [1, 2] {
            let accepted = manager.post(&format!("/v1/referrals/{}/accept", id(index)), json!({})).await.expect(200);
            cases.push(text(&accepted["case_id"]));
        }
        let placement = json!({"organisation_id": named, "childcare_type": "creche", "starts_on": "2026-03-02"});
        let placement = manager.post(&format!("/v1/cases/{}/placements", cases[0]), placement).await.expect(201).id();
        let closure = json!({"outcome": "need_met"});
        manager.post(&format!("/v1/cases/{}/close", cases[1]), closure).await.expect(200);
        let refusal = json!({"reason": "school_time_not_covered"});
        manager.post(&format!("/v1/referrals/{}/decline", id(3)), refusal).await.expect(200);
        let invited = json!({"service_id": service, "role": "professional"});
        let invited = manager.post("/v1/invitations", invited).await.expect(201);
        let household = text(&referrals[0]["household_id"]);
        let shown = manager.get(&format!("/v1/households/{household}")).await.expect(200);
        Self {
            service,
            organisation: named,
            free_organisation,
            position,
            child: text(&referrals[0]["child_id"]),
            contact: text(&shown["contacts"][0]["id"]),
            household,
            referral: id(0),
            declined: id(3),
            case: cases[0].clone(),
            closed: cases[1].clone(),
            placement,
            invitation: text(&invited["token"]),
            manager,
        }
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

    /// The identifiers of everything in it.
    pub fn ids(&self) -> Vec<String> {
        let service = self.service.to_string();
        [
            &service,
            &self.organisation,
            &self.free_organisation,
            &self.position,
            &self.household,
            &self.child,
            &self.contact,
            &self.referral,
            &self.declined,
            &self.case,
            &self.closed,
            &self.placement,
        ]
        .map(Clone::clone)
        .to_vec()
    }
}
