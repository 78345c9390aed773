//! Rate limits of requests: per address before anything is checked, per principal once it is known.

use std::net::{IpAddr, Ipv6Addr};

use actix_web::dev::ServiceRequest;
use actix_web::{HttpMessage, web};

use super::Edge;
use super::limiter::{BucketState, BucketStates, Exceeded, Limit};
use crate::auth::PrincipalId;
use crate::http::address::client_address;
use passerelle_base::error::{ApiError, Code};

/// Counts a request against the limit of its address. Health checks and metrics are exempt.
pub(in crate::http) fn of_address(edge: &Edge, req: &ServiceRequest) -> Result<(), ApiError> {
    let Some(limiter) = &edge.limiters.address else { return Ok(()) };
    if is_exempt(req.path()) {
        return Ok(());
    }
    let Some(address) = client_address(req.request()) else { return Ok(()) };
    record(edge, req, Limit::Address, limiter.check(&subscriber(address)))
}

/// Counts a request against the limit of its principal.
pub fn of_principal(req: &ServiceRequest, principal: PrincipalId) -> Result<(), ApiError> {
    let Some(edge) = req.app_data::<web::Data<Edge>>() else { return Ok(()) };
    let Some(limiter) = &edge.limiters.principal else { return Ok(()) };
    if is_exempt(req.path()) {
        return Ok(());
    }
    record(edge, req, Limit::Principal, limiter.check(&principal))
}

/// Monitoring must get a response when every other request is refused.
fn is_exempt(path: &str) -> bool {
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

/// An IPv6 subscriber has a network of 2^64 addresses and is counted as one caller.
fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::http::edge::rate::*;

    #[test]
    fn an_ipv6_subscriber_is_one_caller() {
        let one: IpAddr = "2001:db8:1:2:3::4".parse().unwrap();
        assert_eq!(subscriber(one).to_string(), "2001:db8:1:2::");
        assert_eq!(subscriber("192.0.2.7".parse().unwrap()).to_string(), "192.0.2.7");
    }
}
