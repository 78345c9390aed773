//! Writes refusals to the journal before the response is sent.

use actix_web::dev::ServiceResponse;
use actix_web::{HttpMessage, HttpResponse, web};

use super::access::{Credentials, call_of};
use super::middleware::LoggedPrincipal;
use crate::auth::PrincipalId;
use crate::http::Context;
use crate::journal::Refusal;
use passerelle_base::error::{ApiError, Code};
use passerelle_database::SystemScope;

/// Journals the refusals that concern security: an invalid token, a missing permission, an object that the principal
/// may not see or that does not exist, a failed sign-in. A refusal that cannot be journaled becomes a 503.
pub async fn journaled<B>(response: ServiceResponse<B>) -> ServiceResponse<B> {
    let Some(refusal) = refusal(&response) else { return response };
    let Some(context) = response.request().app_data::<web::Data<Context>>().cloned() else { return response };
    let Err(error) = context.journal.append_refusal(refusal, context.now()).await else { return response };
    let (request, refused) = response.into_parts();
    let (_, body) = refused.into_parts();
    ServiceResponse::new(request, HttpResponse::from_error(error).set_body(body))
}

fn refusal<B>(response: &ServiceResponse<B>) -> Option<Refusal> {
    let code = response.response().error()?.as_error::<ApiError>()?.code;
    let request = response.request();
    let extensions = request.extensions();
    let credentials = extensions.get::<Credentials>();
    let principal = match credentials {
        Some(Credentials::Valid(principal)) => Some(principal),
        _ => None,
    };
    let is_journaled = match code {
        Code::Forbidden
        | Code::SecondFactorMissing
        | Code::InvalidGrant
        | Code::InvalidClient
        | Code::TooManyAttempts => true,
        // A call without a token is not an attempt to get access.
        Code::Unauthenticated => credentials.is_some(),
        Code::NotFound => principal.is_some(),
        _ => false,
    };
    if !is_journaled {
        return None;
    }
    // The token endpoint leaves here the principal that tried to sign in.
    let known = extensions.get::<LoggedPrincipal>().map(|principal| principal.0);
    let services = principal.map(|principal| principal.grants.iter().map(|(service, _)| *service).collect());
    drop(extensions);
    Some(Refusal {
        call: call_of(request, known.unwrap_or(PrincipalId::Local), SystemScope::Deployment),
        known: known.is_some(),
        services: services.unwrap_or_default(),
        code,
    })
}
