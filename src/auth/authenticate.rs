//! The middleware that turns a bearer token into a principal.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::access::Credentials;
use super::principal::{Principal, PrincipalId};
use crate::context::Context;
use crate::error::ApiError;
use crate::http::address::{Networks, client_address};
use crate::http::edge::rate;
use crate::http::middleware::LoggedPrincipal;
use crate::http::refusals;

/// How long rights stay cached: the longest time a revoked principal keeps a right.
const FRESH: Duration = Duration::from_secs(5);
/// More principals than a deployment has; past it the cache starts anew rather than grow.
const CAPACITY: usize = 10_000;

/// Principals read lately.
#[derive(Default)]
pub struct Principals {
    cache: Mutex<HashMap<PrincipalId, Read>>,
}

/// What was read, and when.
struct Read {
    at: Instant,
    principal: Option<Arc<Principal>>,
}

impl Principals {
    /// A principal read in the last five seconds; `Some(None)` when it was then inactive.
    #[allow(clippy::option_option, reason = "not read lately, read and inactive, read and active: three answers")]
    pub(crate) fn get(&self, id: PrincipalId) -> Option<Option<Arc<Principal>>> {
        let cache = self.cache.lock().ok()?;
        cache.get(&id).filter(|read| read.at.elapsed() < FRESH).map(|read| read.principal.clone())
    }

    /// Keeps what was just read.
    pub(crate) fn put(&self, id: PrincipalId, principal: Option<Arc<Principal>>) {
        if let Ok(mut cache) = self.cache.lock() {
            if cache.len() >= CAPACITY {
                cache.clear();
            }
            cache.insert(id, Read { at: Instant::now(), principal });
        }
    }

    /// Forgets a principal whose rights this instance has just changed.
    pub fn forget(&self, id: PrincipalId) {
        if let Ok(mut cache) = self.cache.lock() {
            cache.remove(&id);
        }
    }
}

/// Verifies the token, if there is one, before any handler reads the request.
pub async fn authenticate<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let token =
        req.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(bearer).map(str::to_owned);
    if let Some(token) = token
        && let Some(context) = req.app_data::<web::Data<Context>>().cloned()
    {
        let credentials = match principal_of(&context, &token).await {
            Ok(Some(principal)) => {
                let admitted = Networks::admit(principal.networks.as_ref(), client_address(req.request()));
                if admitted { Credentials::Valid(principal) } else { Credentials::Elsewhere(principal) }
            }
            Ok(None) => Credentials::Refused,
            Err(_) => Credentials::Unknown,
        };
        if let Credentials::Valid(principal) | Credentials::Elsewhere(principal) = &credentials {
            req.extensions_mut().insert(LoggedPrincipal(principal.id));
            if let Err(refused) = rate::of_principal(&req, principal.id) {
                return Ok(req.error_response(refused).map_into_right_body());
            }
        }
        req.extensions_mut().insert(credentials);
    }
    Ok(refusals::journaled(next.call(req).await?).await.map_into_left_body())
}

/// The token of a `Bearer` header; another scheme (the token endpoint's `Basic`) is not ours to read.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn principal_of(context: &Context, token: &str) -> Result<Option<Arc<Principal>>, ApiError> {
    let mut claims = context.keys.verify(token, context.now());
    if claims.is_none() && !context.keys.knows_key_of(token) {
        context.reload_keys().await?;
        claims = context.keys.verify(token, context.now());
    }
    let Some(claims) = claims else { return Ok(None) };
    let Ok(id) = claims.sub.parse::<PrincipalId>() else { return Ok(None) };
    if context.revocations.include(&claims, &context.db, context.now()).await? {
        return Ok(None);
    }
    context.active(id).await
}
