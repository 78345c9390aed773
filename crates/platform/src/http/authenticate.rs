//! The middleware that turns a bearer token into a principal.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::AUTHORIZATION;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::access::{Credentials, TokenSession};
use super::address::client_address;
use super::context::Context;
use super::edge::rate;
use super::middleware::LoggedPrincipal;
use super::refusals;
use crate::auth::{Principal, PrincipalId};
use passerelle_base::error::ApiError;
use passerelle_base::networks::Networks;
use passerelle_base::values::Id;

/// Verifies the token, if there is one, before the handler reads the request.
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
            Ok(Some((principal, session))) => {
                if let Some(session) = session {
                    req.extensions_mut().insert(TokenSession(session));
                }
                let admitted = Networks::allows(principal.networks.as_ref(), client_address(req.request()));
                if admitted { Credentials::Valid(principal) } else { Credentials::NetworkNotAllowed(principal) }
            }
            Ok(None) => Credentials::Invalid,
            Err(_) => Credentials::Unchecked,
        };
        if let Credentials::Valid(principal) | Credentials::NetworkNotAllowed(principal) = &credentials {
            req.extensions_mut().insert(LoggedPrincipal(principal.id));
            if let Err(error) = rate::of_principal(&req, principal.id) {
                return Ok(req.error_response(error).map_into_right_body());
            }
        }
        req.extensions_mut().insert(credentials);
    }
    Ok(refusals::journaled(next.call(req).await?).await.map_into_left_body())
}

/// The token of a `Bearer` header; `None` for another scheme, such as the `Basic` of the token endpoint.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The principal of a token, and its session.
async fn principal_of(context: &Context, token: &str) -> Result<Option<(Arc<Principal>, Option<Id>)>, ApiError> {
    let mut claims = context.keys.verify(token, context.now());
    if claims.is_none() && !context.keys.knows_key_of(token) {
        context.reload_keys().await?;
        claims = context.keys.verify(token, context.now());
    }
    let Some(claims) = claims else { return Ok(None) };
    let Ok(id) = claims.sub.parse::<PrincipalId>() else { return Ok(None) };
    if context.revocations.include(&claims, &context.db, &context.vault, context.now()).await? {
        return Ok(None);
    }
    let session = claims.sid.as_deref().and_then(|session| session.parse().ok());
    Ok(context.active(id).await?.map(|principal| (principal, session)))
}
