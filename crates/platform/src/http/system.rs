//! The API about itself: what it is, whether it is alive, what it promises.

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::address::{client_address, is_forwarded_by_a_stranger};
use super::contract::Contract;
use super::description::{Answer, Description};
use super::edge::Edge;
use super::problem_page::ProblemPage;
use super::{Operations, Path, Reply};
use crate::http::Context;
use crate::http::Public;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::UtcTs;

/// Adds the system's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("system", "What this API is, whether it is well, and what its errors mean.");
    crate::operations!(ops, handlers::{describe_service, get_contract, check_liveness, check_readiness, read_metrics, explain_problem});
}

/// What the API says of itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "Passerelle", "version": "0.1.0", "contract_url": "https://api.example/openapi.json",
    "docs_url": "https://api.example/docs/", "database": "postgresql", "time": "2026-03-02T08:15:00.000000Z"
}))]
pub struct ServiceDescription {
    /// Name of the product.
    pub name: &'static str,
    /// Version of the program.
    pub version: &'static str,
    /// Where the OpenAPI document is.
    pub contract_url: String,
    /// Where a person reads and tries it.
    pub docs_url: String,
    /// Engine behind: `sqlite` or `postgresql`.
    pub database: &'static str,
    /// The service's clock.
    pub time: UtcTs,
}

/// The answer of a health check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// `ok`; anything else is an error document.
    pub status: &'static str,
}

/// The OpenAPI document itself.
#[derive(Debug)]
pub struct Document(Value);

impl Responder for Document {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header((CACHE_CONTROL, HeaderValue::from_static("no-cache"))).json(self.0)
    }
}

impl Answer for Document {
    fn describe(description: &mut Description<'_>) {
        description.any_object("200", "The OpenAPI 3.1 document.");
        description.header("200", "Cache-Control", "`no-cache`: to be asked for again.");
    }
}

/// The counters of this process, as Prometheus reads them.
#[derive(Debug)]
pub struct Exposition(String);

impl Responder for Exposition {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(self.0)
    }
}

impl Answer for Exposition {
    fn describe(description: &mut Description<'_>) {
        let example = "# TYPE passerelle_http_requests_in_flight gauge\npasserelle_http_requests_in_flight 1\n";
        description.operation["responses"]["200"] = json!({
            "description": "The counters, in the text format 0.0.4 of Prometheus.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": example}},
        });
        description.operation["responses"]["404"] = json!({"description": "Not for this address."});
    }
}

mod handlers {
    use super::{
        ApiError, Code, Context, Contract, Document, Edge, Exposition, Health, HttpRequest, Path, ProblemPage, Public,
        Reply, ServiceDescription, client_address, is_forwarded_by_a_stranger, web,
    };

    /// What this API is
    ///
    /// Name, version, where the contract is, which database is behind, and the service's clock.
    #[utoipa::path(get, path = "/")]
    pub(super) async fn describe_service(
        _: Public,
        context: web::Data<Context>,
    ) -> Result<Reply<ServiceDescription>, ApiError> {
        Ok(Reply(ServiceDescription {
            name: "Passerelle",
            version: env!("CARGO_PKG_VERSION"),
            contract_url: format!("{}/openapi.json", context.public_url),
            docs_url: format!("{}/docs/", context.public_url),
            database: context.db.engine(),
            time: context.now(),
        }))
    }

    /// The contract
    ///
    /// This document. Generate clients from it; it changes only in ways that keep them working.
    #[utoipa::path(get, path = "/openapi.json")]
    pub(super) async fn get_contract(_: Public, contract: web::Data<Contract>) -> Result<Document, ApiError> {
        Ok(Document(contract.document().clone()))
    }

    /// Whether the process runs
    ///
    /// Answers without touching the database: restart the process when this fails.
    #[utoipa::path(get, path = "/health/live")]
    pub(super) async fn check_liveness(_: Public) -> Result<Reply<Health>, ApiError> {
        Ok(Reply(Health { status: "ok" }))
    }

    /// Whether the process can serve
    ///
    /// Asks the database for one row: send no traffic while this fails.
    #[utoipa::path(get, path = "/health/ready")]
    pub(super) async fn check_readiness(_: Public, context: web::Data<Context>) -> Result<Reply<Health>, ApiError> {
        let ping = context.db.read(passerelle_database::AnyConn::ping).await;
        ping.map_err(|_| ApiError::new(Code::Unavailable).retry_after(5))?;
        Ok(Reply(Health { status: "ok" }))
    }

    /// What is counted
    ///
    /// Counters of this instance for Prometheus: requests by route, method and status, durations, the database's
    /// turns, refusals. Only the addresses of `PASSERELLE_METRICS_FROM` may read it: this machine, unless configured.
    #[utoipa::path(get, path = "/metrics")]
    pub(super) async fn read_metrics(
        _: Public,
        req: HttpRequest,
        edge: web::Data<Edge>,
        context: web::Data<Context>,
    ) -> Result<Exposition, ApiError> {
        let may = client_address(&req).is_some_and(|address| edge.options.metrics_from.contain(address));
        if !may || is_forwarded_by_a_stranger(&req) {
            return Err(ApiError::not_found());
        }
        Ok(Exposition(edge.metrics.text(context.db.load())))
    }

    /// What an error code means
    ///
    /// The page behind the `type` of every problem document: JSON, or HTML for a person.
    #[utoipa::path(get, path = "/problems/{code}", params(("code" = String, Path, description = "Stable code of a problem.")))]
    pub(super) async fn explain_problem(_: Public, code: Path<String>) -> Result<ProblemPage, ApiError> {
        let code = Code::ALL.iter().find(|known| known.as_str() == code.0).ok_or_else(ApiError::not_found)?;
        Ok(ProblemPage(*code))
    }
}
