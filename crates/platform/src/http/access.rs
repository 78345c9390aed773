//! Who may call, as the first argument of every handler: `Can<P>`, `SignedIn` or `Public`.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};

use super::address::client_address;
use super::middleware::{lang_of, request_id};
use super::query::refuse_undeclared;
use crate::auth::{Grant, Permission, Principal, PrincipalId, ServiceScope};
use crate::trail::Call;
use passerelle_base::error::{ApiError, Code};

/// What an operation demands of its caller.
pub trait Access {
    /// The demand, for the contract.
    const DEMAND: Demand;
}

/// The kinds of demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Anyone.
    Nothing,
    /// Any valid token.
    Token,
    /// A token with this permission in at least one service.
    Permission(Permission),
}

/// The caller holds `P`, in the services of `scope`.
#[derive(Debug)]
pub struct Can<P> {
    /// Who calls.
    pub principal: Arc<Principal>,
    /// Where they hold the permission.
    pub scope: ServiceScope,
    call: Call,
    grant: PhantomData<P>,
}

/// The caller has a valid token.
#[derive(Debug)]
pub struct SignedIn {
    /// Who calls.
    pub principal: Arc<Principal>,
    call: Call,
}

/// Anyone may call: reference data, health, sign-in.
#[derive(Debug)]
pub struct Public;

impl<P> Can<P> {
    /// Who calls, by which request.
    pub fn call(&self) -> Call {
        self.call.clone()
    }
}

impl SignedIn {
    /// Who calls, by which request.
    pub fn call(&self) -> Call {
        self.call.clone()
    }
}

impl<P: Grant> Access for Can<P> {
    const DEMAND: Demand = Demand::Permission(P::PERMISSION);
}

impl Access for SignedIn {
    const DEMAND: Demand = Demand::Token;
}

impl Access for Public {
    const DEMAND: Demand = Demand::Nothing;
}

/// What the `authenticate` middleware found in the request.
#[derive(Clone, Debug)]
pub(super) enum Credentials {
    /// A token that verifies, and whose principal is active.
    Valid(Arc<Principal>),
    /// A token that verifies, of a client that may not call from where it calls.
    Elsewhere(Arc<Principal>),
    /// A token that does not.
    Refused,
    /// The database could not tell: neither in nor out.
    Unknown,
}

/// The request as the use cases know it: the route template, never a value of the path.
pub fn call_of(req: &HttpRequest, principal: PrincipalId) -> Call {
    let route = req.match_pattern().unwrap_or_default();
    Call {
        principal,
        operation: format!("{} {route}", req.method()),
        // Only what has the form of an identifier: a path may hold anything.
        target_id: req.match_info().iter().find_map(|(_, value)| value.parse().ok()),
        request_id: request_id(req),
        address: client_address(req),
        lang: lang_of(req),
    }
}

/// The refusal of a client that calls from an address which is not one of its own.
pub fn elsewhere() -> ApiError {
    ApiError::new(Code::Forbidden).detail(
        "Ce client n'appelle pas d'une de ses adresses autorisées.",
        "This client does not call from one of the addresses that it may call from.",
    )
}

fn principal(req: &HttpRequest) -> Result<Arc<Principal>, ApiError> {
    let challenge = |challenge: &str| ApiError::new(Code::Unauthenticated).header("WWW-Authenticate", challenge);
    match req.extensions().get::<Credentials>() {
        Some(Credentials::Valid(principal)) => Ok(Arc::clone(principal)),
        Some(Credentials::Elsewhere(_)) => Err(elsewhere()),
        Some(Credentials::Refused) => Err(challenge("Bearer error=\"invalid_token\"")
            .detail("Le jeton est expiré, altéré ou révoqué.", "The token is expired, altered or revoked.")),
        Some(Credentials::Unknown) => Err(ApiError::new(Code::Unavailable).retry_after(1)),
        None => Err(challenge("Bearer")),
    }
}

impl<P: Grant + 'static> FromRequest for Can<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(principal(req).and_then(|principal| {
            let scope = principal.scope_of(P::PERMISSION);
            if scope.is_empty() {
                return Err(ApiError::new(Code::Forbidden)
                    .with("required_permission", P::PERMISSION.as_str())
                    .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
            }
            refuse_undeclared(req)?;
            let call = call_of(req, principal.id);
            Ok(Self { principal, scope, call, grant: PhantomData })
        }))
    }
}

impl FromRequest for SignedIn {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(principal(req).and_then(|principal| {
            refuse_undeclared(req)?;
            let call = call_of(req, principal.id);
            Ok(Self { principal, call })
        }))
    }
}

impl FromRequest for Public {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(refuse_undeclared(req).map(|()| Self))
    }
}
