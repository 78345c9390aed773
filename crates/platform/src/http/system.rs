//! The API about itself: its description, its contract, its health, its metrics, its error codes.

use std::str::FromStr;

use actix_web::{HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::address::{client_address, is_forwarded_without_trust};
use super::contract::Contract;
use super::description::{DescribedResponse, Description};
use super::edge::Edge;
use super::immutable::Revalidated;
use super::problem_page::ProblemPage;
use super::welcome::{ServiceDescription, Welcome};
use super::{Operations, Path, Reply};
use crate::http::Context;
use crate::http::Public;
use passerelle_base::error::{ApiError, Code, ErrorPage};

/// Adds the system's operations.
pub fn routes(ops: &mut Operations) {
    ops.tag("system", "What this API is, whether it is healthy, and what its errors mean.");
    crate::operations!(ops, handlers::{
        describe_service, get_contract, get_contract_section, check_liveness, check_readiness, read_metrics, explain_problem
    });
}

/// Result of a health check.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub struct Health {
    /// Always `ok`: a failed check returns a problem document.
    pub status: &'static str,
}

/// The file name of a section of the contract: a tag, then `.json`.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, min_length = 6, max_length = 60, pattern = "^[a-z-]+[.]json$", example = "cases.json")]
pub struct ContractSection(String);

impl FromStr for ContractSection {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        name.strip_suffix(".json").map(|tag| Self(tag.to_owned())).ok_or(())
    }
}

/// The metrics of this process, in the format of Prometheus.
#[derive(Debug)]
pub struct Exposition(String);

impl Responder for Exposition {
    type Body = actix_web::body::BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(self.0)
    }
}

impl DescribedResponse for Exposition {
    fn describe(description: &mut Description<'_>) {
        let example = "# TYPE passerelle_http_requests_in_flight gauge\npasserelle_http_requests_in_flight 1\n";
        description.operation["responses"]["200"] = json!({
            "description": "The metrics, in the Prometheus text format 0.0.4.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": example}},
        });
        description.operation["responses"]["404"] = json!({"description": "This address may not read the metrics."});
    }
}

mod handlers {
    use super::{
        ApiError, Code, Context, Contract, ContractSection, Edge, ErrorPage, Exposition, Health, HttpRequest, Path,
        ProblemPage, Public, Reply, Revalidated, ServiceDescription, Welcome, client_address,
        is_forwarded_without_trust, web,
    };

    /// Describe this API
    ///
    /// Returns its name and version, the URLs of its contract and documentation, its database engine and the time. A browser
    /// (`Accept: text/html`) gets a page in French with the same and the first calls.
    #[utoipa::path(get, path = "/")]
    pub(super) async fn describe_service(_: Public, context: web::Data<Context>) -> Result<Welcome, ApiError> {
        Ok(Welcome(ServiceDescription {
            name: "Passerelle",
            version: env!("CARGO_PKG_VERSION"),
            contract_url: format!("{}/openapi.json", context.public_url),
            docs_url: format!("{}/docs/", context.public_url),
            database: context.db.engine(),
            time: context.now(),
        }))
    }

    /// Get the contract
    ///
    /// Returns this OpenAPI document. Clients can be generated from it: its changes are backward compatible.
    #[utoipa::path(get, path = "/openapi.json")]
    pub(super) async fn get_contract(_: Public, contract: web::Data<Contract>) -> Result<Revalidated, ApiError> {
        contract.served().map(Revalidated)
    }

    /// Get a section of the contract
    ///
    /// Returns an OpenAPI document with the operations of one tag, and the schemas that they refer to. `tags` of the whole
    /// document lists the tags.
    #[utoipa::path(get, path = "/openapi/{section}", params(
        ("section" = String, Path, description = "A tag, then `.json`: `cases.json`.")
    ))]
    pub(super) async fn get_contract_section(
        _: Public,
        contract: web::Data<Contract>,
        section: Path<ContractSection>,
    ) -> Result<Revalidated, ApiError> {
        contract.served_section(&section.0.0).map(Revalidated)
    }

    /// Check liveness
    ///
    /// Responds without using the database. Restart the process if this fails.
    #[utoipa::path(get, path = "/health/live")]
    pub(super) async fn check_liveness(_: Public) -> Result<Reply<Health>, ApiError> {
        Ok(Reply(Health { status: "ok" }))
    }

    /// Check readiness
    ///
    /// Checks that the database answers within a second, that its disk is not full, and that PostgreSQL separates the
    /// services for the role of this instance: not for a superuser, for example. An overloaded instance is ready; one that is
    /// about to stop is not. Send no traffic while this fails.
    #[utoipa::path(get, path = "/health/ready")]
    pub(super) async fn check_readiness(_: Public, context: web::Data<Context>) -> Result<Reply<Health>, ApiError> {
        if context.stopping.has_begun() {
            return Err(ApiError::new(Code::Unavailable)
                .detail("Cette instance va s'arrêter.", "This instance is about to stop.")
                .retry_after(5));
        }
        context.db.check_ready().await.map_err(|error| error.retry_after(5))?;
        Ok(Reply(Health { status: "ok" }))
    }

    /// Read the metrics
    ///
    /// Returns the metrics of this instance for Prometheus: requests per route, method and status, durations, database
    /// permits, requests over a rate limit. Only the networks in `PASSERELLE_METRICS_FROM` may read them. Default: this
    /// machine.
    #[utoipa::path(get, path = "/metrics")]
    pub(super) async fn read_metrics(
        _: Public,
        req: HttpRequest,
        edge: web::Data<Edge>,
        context: web::Data<Context>,
    ) -> Result<Exposition, ApiError> {
        let allowed = client_address(&req).is_some_and(|address| edge.options.metrics_from.contains(address));
        if !allowed || is_forwarded_without_trust(&req) {
            return Err(ApiError::not_found());
        }
        Ok(Exposition(edge.metrics.text(context.db.load())))
    }

    /// Explain an error code
    ///
    /// Returns the page of a code, with its meaning and what to do: the page behind the `type` of a problem document, and one for
    /// each code of its `errors`. JSON, or HTML for a person.
    #[utoipa::path(get, path = "/problems/{code}", params(
        ("code" = String, Path, description = "Stable code of a problem, or of one of its `errors`.")
    ))]
    pub(super) async fn explain_problem(_: Public, code: Path<String>) -> Result<ProblemPage, ApiError> {
        ErrorPage::find(&code.0).map(ProblemPage).ok_or_else(ApiError::not_found)
    }
}
