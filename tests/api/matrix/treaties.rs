//! The conventions of the matrix, and the recipes of their operations.

use passerelle::db::Id;
use serde_json::{Value, json};

use super::fixture::Fixture;
use super::recipes::{Recipe, act, create, delete, read, under};
use crate::harness::Caller;

/// Conventions in each state, with their contributions, instalments, payments and funding lines.
pub struct ConventionFixture {
    pub draft: String,
    pub proposed: String,
    /// An active convention with a frozen contribution.
    pub signed: String,
    pub suspended: String,
    /// A contribution that is not frozen.
    pub open_contribution: String,
    pub contribution: String,
    /// An instalment that is not called.
    pub instalment: String,
    /// A called instalment, partly paid.
    pub called: String,
    pub payment: String,
    pub funding: String,
    pub boundary_change: String,
}

impl ConventionFixture {
    pub async fn new(manager: &Caller, service: Id) -> Self {
        let draft = async |collectivity: &str| {
            manager.post("/v1/conventions", Self::convention(service, collectivity)).await.expect(201).id()
        };
        let decide = async |id: &str, action: &str, body: Value| {
            manager.post(&format!("/v1/conventions/{id}/{action}"), body).await.expect(200);
        };
        let owe = async |id: &str| {
            manager.post(&format!("/v1/conventions/{id}/contributions"), Self::contribution(2026)).await.expect(201)
        };
        let (open, proposed) = (draft("commune:63014").await, draft("commune:63019").await);
        let (signed, suspended) = (draft("commune:63032").await, draft("commune:63075").await);
        let (open_contribution, contribution) = (owe(&proposed).await.id(), owe(&signed).await);
        for id in [&proposed, &signed, &suspended] {
            decide(id, "propose", json!({})).await;
        }
        for id in [&signed, &suspended] {
            decide(id, "sign", json!({})).await;
        }
        decide(&suspended, "suspend", json!({"reason": "non_payment", "starts_on": "2026-03-01"})).await;
        let instalment = |at: usize| contribution["instalments"][at]["id"].as_str().unwrap().to_owned();
        let called = format!("/v1/instalments/{}", instalment(0));
        manager.post(&format!("{called}/call"), json!({})).await.expect(200);
        let payment = manager.post(&format!("{called}/payments"), json!({"amount_cents": 5})).await.expect(201).id();
        let funding = manager.post("/v1/fundings", Self::funding(service, "caf")).await.expect(201).id();
        let change = Self::boundary_change(service, "2027-01-01");
        let boundary_change = manager.post("/v1/boundary-changes", change).await.expect(201).id();
        Self {
            draft: open,
            proposed,
            signed,
            suspended,
            open_contribution,
            instalment: instalment(1),
            called: instalment(0),
            contribution: contribution.id(),
            payment,
            funding,
            boundary_change,
        }
    }

    fn convention(service: Id, collectivity: &str) -> Value {
        json!({
            "service_id": service, "collectivity": collectivity, "starts_on": "2026-01-01", "ends_on": "2026-12-31",
            "services": [{"complementary_service": "pedagogical_days", "yearly_quota": 2}]
        })
    }

    fn contribution(year: i32) -> Value {
        json!({
            "year": year, "basis": "flat", "flat_cents": 100_000,
            "instalments": [{"due_on": "2026-04-30"}, {"due_on": "2026-10-31"}]
        })
    }

    fn funding(service: Id, funder: &str) -> Value {
        json!({"service_id": service, "year": 2026, "funder": funder, "basis": "grant", "share_basis_points": 8000})
    }

    fn boundary_change(service: Id, on: &str) -> Value {
        let (from, to) = if on == "2027-01-01" { ("200070753", "246300701") } else { ("246300701", "200070753") };
        json!({
            "service_id": service, "commune_code": "63300", "effective_on": on, "from_epci": from, "to_epci": to,
            "source": "Arrêté préfectoral"
        })
    }

    /// The identifiers of all its objects.
    pub fn ids(&self) -> Vec<String> {
        [
            &self.draft,
            &self.proposed,
            &self.signed,
            &self.suspended,
            &self.open_contribution,
            &self.contribution,
            &self.instalment,
            &self.called,
            &self.payment,
            &self.funding,
            &self.boundary_change,
        ]
        .map(Clone::clone)
        .to_vec()
    }
}

/// The recipes of the operations on conventions.
pub fn recipe(operation: &str, e: &Fixture, t: &ConventionFixture) -> Option<Recipe> {
    let service = e.service.to_string();
    let asked = |id: &str, query: &str| read(Some(id)).with(|recipe| query.clone_into(&mut recipe.query));
    Some(match operation {
        "listConventions"
        | "listContributions"
        | "listInstalments"
        | "listStatements"
        | "listFundings"
        | "listBoundaryChanges" => read(None),
        "getCoverage" => read(None).with(|recipe| recipe.query = "?commune=63032&on=2026-06-01".into()),
        "createConvention" => create(ConventionFixture::convention(e.service, "epci:200070753")),
        "getConvention" | "listConventionHistory" => read(Some(&t.signed)),
        "updateConvention" => act(&t.draft, json!({"reference": "2026-03"})),
        "deleteConvention" => delete(&t.draft),
        "proposeConvention" => act(&t.draft, json!({})),
        "signConvention" => act(&t.proposed, json!({})),
        "declineConvention" => act(&t.proposed, json!({"reason": "budget"})),
        "suspendConvention" => act(&t.signed, json!({"reason": "non_payment"})),
        "resumeConvention" => act(&t.suspended, json!({})),
        "terminateConvention" => act(&t.signed, json!({"reason": "agreed_by_both", "last_day": "2026-06-30"})),
        "amendConvention" => act(
            &t.signed,
            json!({"effective_on": "2026-06-01", "signed_on": "2026-03-02", "summary": "Sans quota", "services": []}),
        ),
        "listExpiringConventions" | "listUnpaidInstalments" | "listUsedUpQuotas" | "listCoveredCommunes" => {
            read(Some(&service))
        }
        "getFundingPlan" | "getConventionFigures" => asked(&service, "?year=2026"),
        "getConventionStatement" => asked(&t.signed, "?year=2026"),
        "createContribution" => under(&t.draft, ConventionFixture::contribution(2026)),
        "getContribution" => read(Some(&t.contribution)),
        "deleteContribution" => delete(&t.open_contribution),
        "getInstalment" | "listPayments" => read(Some(&t.called)),
        "callInstalment" => act(&t.instalment, json!({})),
        "waiveInstalment" => act(&t.instalment, json!({"reason": "agreed_by_both"})),
        "createPayment" => under(&t.called, json!({})),
        "deletePayment" => delete(&t.payment),
        "createFunding" => create(ConventionFixture::funding(e.service, "msa")),
        "getFunding" => read(Some(&t.funding)),
        "updateFunding" => act(&t.funding, json!({"planned_cents": 5})),
        "deleteFunding" => delete(&t.funding),
        "createBoundaryChange" => create(ConventionFixture::boundary_change(e.service, "2028-01-01")),
        "getBoundaryChange" => read(Some(&t.boundary_change)),
        "deleteBoundaryChange" => delete(&t.boundary_change),
        _ => return None,
    })
}
