//! The first argument of every handler states who may call: `Can<P>`, `SignedIn` or `Public`.

use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::sync::Arc;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev, web};

use super::address::client_address;
use super::context::Context;
use super::middleware::{lang_of, request_id};
use super::query::refuse_undeclared;
use super::rehearsal;
use super::required_access::{Access, RequiredAccess};
use crate::auth::{Grant, Permission, Principal, PrincipalId, ServiceScope};
use crate::trail::Call;
use passerelle_base::error::{ApiError, Code};
use passerelle_base::values::Id;
use passerelle_database::DbScope;

/// The caller holds the permission `P` in the services of `scope`.
#[derive(Debug)]
pub struct Can<P> {
    /// The caller.
    pub principal: Arc<Principal>,
    /// The services in which the caller holds the permission.
    pub scope: ServiceScope,
    call: Call,
    grant: PhantomData<P>,
}

/// The caller has a valid token.
#[derive(Debug)]
pub struct SignedIn {
    /// The caller.
    pub principal: Arc<Principal>,
    /// The session of the token, if it has one.
    pub session: Option<Id>,
    call: Call,
}

/// Anyone may call: reference data, health, sign-in.
#[derive(Debug)]
pub struct Public;

impl<P> Can<P> {
    /// The caller and the request.
    pub fn call(&self) -> Call {
        self.call.clone()
    }
}

impl SignedIn {
    /// The user of the token. Refuses a client: it has neither password, second factor nor sessions.
    pub fn user(&self) -> Result<Id, ApiError> {
        match self.principal.id {
            PrincipalId::User(user) => Ok(user),
            _ => Err(ApiError::new(Code::Forbidden).detail(
                "Cette opération est réservée aux comptes de personnes.",
                "This operation is for user accounts, not for API clients.",
            )),
        }
    }

    /// The caller and the request.
    pub fn call(&self) -> Call {
        self.call.clone()
    }
}

impl<P: Grant> Access for Can<P> {
    const REQUIRED: RequiredAccess = RequiredAccess::Permission(P::PERMISSION);
}

impl Access for SignedIn {
    const REQUIRED: RequiredAccess = RequiredAccess::Token;
}

impl Access for Public {
    const REQUIRED: RequiredAccess = RequiredAccess::None;
}

/// Whose rows the request may see, left in it for the cursors of its list: the services of the caller's scope, or the
/// caller for a list of their own. Absent from public lists, which are the same for everybody.
pub(super) struct Reader(pub(super) String);

impl Reader {
    /// A reader of the rows of a scope. An administrator's list of every service and a partner's list of its own
    /// documents have scopes of their own.
    fn of(principal: &Principal, scope: &ServiceScope) -> Self {
        let mut services: Vec<String> = scope.ids().iter().map(ToString::to_string).collect();
        services.sort_unstable();
        let kind = if *scope == ServiceScope::All { "all" } else { "services" };
        let partner = principal.partner.as_ref().map(ToString::to_string).unwrap_or_default();
        Self(format!("{kind}:{}:{partner}", services.join(",")))
    }
}

/// The result of the `authenticate` middleware, left in the request; absent without a token.
#[derive(Clone, Debug)]
pub(super) enum Credentials {
    /// The token is valid and its principal is active.
    Valid(Arc<Principal>),
    /// The token is valid, but its client may not call from this network.
    NetworkNotAllowed(Arc<Principal>),
    /// The token is invalid.
    Invalid,
    /// The database did not answer, so the token could not be checked.
    Unchecked,
}

/// The session of a token, left in the request by the `authenticate` middleware.
#[derive(Clone, Copy, Debug)]
pub(super) struct TokenSession(pub(super) Id);

/// The request as the use cases know it: the route template, never a value of the path.
pub fn call_of(req: &HttpRequest, principal: PrincipalId, scope: impl Into<DbScope>) -> Call {
    let route = req.match_pattern().unwrap_or_default();
    Call {
        principal,
        operation: format!("{} {route}", req.method()),
        // Only a value that parses as an identifier: other path values may be personal data.
        target_id: req.match_info().iter().find_map(|(_, value)| value.parse().ok()),
        request_id: request_id(req),
        address: client_address(req),
        lang: lang_of(req),
        scope: scope.into(),
        permitted: None,
        rights: None,
    }
}

/// Whose rows a caller may see with a permission that they hold in these services.
fn rows_of(principal: &Principal, permission: Permission, scope: &ServiceScope) -> DbScope {
    match (scope, &principal.partner) {
        (ServiceScope::All, _) => DbScope::administration(&principal.services_with(permission)),
        (ServiceScope::Only(services), None) => DbScope::services(services),
        (ServiceScope::Only(services), Some(_)) => DbScope::partner(services),
    }
}

/// The error for a client that calls from a network outside its allowed ones.
pub fn network_not_allowed() -> ApiError {
    ApiError::new(Code::Forbidden).detail(
        "Ce client n'est pas autorisé à appeler depuis cette adresse.",
        "This client may not call from this address.",
    )
}

fn principal(req: &HttpRequest) -> Result<Arc<Principal>, ApiError> {
    let challenge = |challenge: &str| ApiError::new(Code::Unauthenticated).header("WWW-Authenticate", challenge);
    match req.extensions().get::<Credentials>() {
        Some(Credentials::Valid(principal)) => Ok(Arc::clone(principal)),
        Some(Credentials::NetworkNotAllowed(_)) => Err(network_not_allowed()),
        Some(Credentials::Invalid) => Err(challenge("Bearer error=\"invalid_token\"")
            .detail("Le jeton est expiré, altéré ou révoqué.", "The token is expired, altered or revoked.")),
        Some(Credentials::Unchecked) => Err(ApiError::new(Code::Unavailable).retry_after(1)),
        None => Err(challenge("Bearer")),
    }
}

/// Refuses an administrator or a manager without the second factor that the deployment requires. The operations on the
/// caller's own account take no permission, so that they can set one up.
fn require_enrolment(req: &HttpRequest, principal: &Principal) -> Result<(), ApiError> {
    let context = req.app_data::<web::Data<Context>>();
    if !context.is_some_and(|context| context.policy.must_enrol(principal)) {
        return Ok(());
    }
    Err(ApiError::new(Code::SecondFactorMissing)
        .with("next_calls", vec!["POST /v1/me/second-factor", "POST /v1/me/second-factor/confirm"]))
}

impl<P: Grant + 'static> FromRequest for Can<P> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(principal(req).and_then(|principal| {
            require_enrolment(req, &principal)?;
            let scope = principal.scope_of(P::PERMISSION);
            if scope.is_empty() {
                return Err(ApiError::new(Code::Forbidden)
                    .with("required_permission", P::PERMISSION.as_str())
                    .header("WWW-Authenticate", "Bearer error=\"insufficient_scope\""));
            }
            refuse_undeclared(req)?;
            rehearsal::permitted(req, &scope);
            req.extensions_mut().insert(Reader::of(&principal, &scope));
            let rows = rows_of(&principal, P::PERMISSION, &scope);
            let rights = Some(Arc::clone(&principal));
            let call = Call { permitted: Some(scope.clone()), rights, ..call_of(req, principal.id, rows) };
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
            req.extensions_mut().insert(Reader(principal.id.to_string()));
            let services: Vec<_> = principal.grants.iter().map(|(service, _)| *service).collect();
            let rights = Some(Arc::clone(&principal));
            let call = Call { rights, ..call_of(req, principal.id, DbScope::services(&services)) };
            let session = req.extensions().get::<TokenSession>().map(|session| session.0);
            Ok(Self { principal, session, call })
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
