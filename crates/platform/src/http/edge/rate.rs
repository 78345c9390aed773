//! Rate limits of requests: per subscriber before anything is checked, per principal once it is known.

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, web};

use super::Edge;
use super::limiter::{BucketState, BucketStates, Exceeded, Limit};
use crate::auth::PrincipalId;
use crate::http::address::subscriber;
use passerelle_base::error::{ApiError, Code};

/// Counts a request against the limit of its subscriber. Health checks and metrics have a limit of their own: monitoring
/// must get a response when every other request is refused, and still must not be a way to flood the database.
pub(in crate::http) fn of_address(edge: &Edge, req: &ServiceRequest) -> Result<(), ApiError> {
    let limiters = &edge.limiters;
    let (limit, limiter) =
        if is_monitoring(req.path()) { (Limit::Health, &limiters.health) } else { (Limit::Address, &limiters.address) };
    let Some(limiter) = limiter else { return Ok(()) };
    let Some(subscriber) = subscriber(req.request()) else { return Ok(()) };
    record(edge, req, limit, limiter.check(&subscriber))
}

/// Counts a request against the limit of its principal.
pub fn of_principal(req: &ServiceRequest, principal: PrincipalId) -> Result<(), ApiError> {
    let Some(edge) = req.app_data::<web::Data<Edge>>() else { return Ok(()) };
    let Some(limiter) = &edge.limiters.principal else { return Ok(()) };
    if is_monitoring(req.path()) {
        return Ok(());
    }
    record(edge, req, Limit::Principal, limiter.check(&principal))
}

fn is_monitoring(path: &str) -> bool {
    path.starts_with("/health/") || path == "/metrics"
}

/// Leaves the state of the bucket in the request for the `RateLimit` header; an exceeded limit is a 429.
fn record(
    edge: &Edge,
    req: &ServiceRequest,
    limit: Limit,
    checked: Result<BucketState, Exceeded>,
) -> Result<(), ApiError> {
    let (state, outcome) = match checked {
        Ok(state) => (state, Ok(())),
        Err(exceeded) => {
            edge.metrics.limited(limit.name());
            let seconds = exceeded.retry_after_seconds();
            let error = ApiError::new(Code::TooManyRequests)
                .detail(
                    format!("Trop de requêtes : réessayer dans {seconds} s."),
                    format!("Too many requests: try again in {seconds} s."),
                )
                .with("limit", limit.name())
                .retry_after(u32::try_from(seconds).unwrap_or(u32::MAX));
            (exceeded.state(), Err(error))
        }
    };
    let mut extensions = req.extensions_mut();
    let mut states = extensions.get::<BucketStates>().copied().unwrap_or_default();
    states.set(limit, state);
    extensions.insert(states);
    outcome
}
