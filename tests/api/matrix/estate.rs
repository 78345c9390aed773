//! A service with one of everything, for the matrix.

use passerelle::auth::{Permission, Role};
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
    /// Another invitation into the service.
    pub open_invitation: String,
    /// A user of the service, with a token to set a new password with.
    pub colleague: String,
    pub reset: String,
    /// A client of the service.
    pub client: String,
    /// A code of the manager's authenticator, which waits to be confirmed.
    pub otp: String,
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
        let open_invitation = manager.post("/v1/invitations", invited.clone()).await.expect(201).id();
        let invited = manager.post("/v1/invitations", invited).await.expect(201);
        let colleague = app.user(service, Role::Professional).await.bare_id().to_string();
        let reset = manager.act(&format!("/v1/users/{colleague}/password-reset")).await.expect(200);
        let client = app.client(service, &[Permission::ServicesRead]).await.bare_id().to_string();
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
            open_invitation,
            colleague,
            reset: text(&reset["token"]),
            client,
            otp: app.second_factor_of(manager.bare_id()).await.code(app.now()),
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
            &self.open_invitation,
            &self.colleague,
            &self.client,
        ]
        .map(Clone::clone)
        .to_vec()
    }
}
