//! The operations on tokens.

use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dto::{AuthorizationServer, PublicKeys, RevocationRequest, Revoked, Token, TokenRequest, TokenType};
use super::ops::{self, Renewal};
use crate::accounts::attempts::{self, Attempt, device};
use crate::accounts::passwords;
use crate::auth::{Permission, PrincipalId, TOKEN_SECONDS};
use crate::db::{Id, SystemScope};
use crate::error::{ApiError, Code};
use crate::http::address::{client_address, subscriber};
use crate::http::middleware::LoggedPrincipal;
use crate::http::{self, Context, Public, call_of};
use crate::http::{Form, Reply};
use crate::networks::Networks;
use crate::privacy::{same_bytes, sha256};

/// The principal that signed in and, for a user, the session.
struct Granted {
    principal: PrincipalId,
    session: Option<ops::Session>,
    /// After a sign-in with a password.
    device_token: Option<String>,
}

/// Get an access token
///
/// The OAuth 2 token endpoint. A program sends `grant_type=client_credentials` with its `client_id` and `client_secret`
/// (or sends them as HTTP `Basic`). A user's front end sends `grant_type=password` with `username` and `password`, and
/// `otp` if the user has a second factor (without it, the problem is `second_factor_required`). The access token is
/// valid for ten minutes. A user also gets a refresh token, to send with `grant_type=refresh_token` before the access
/// token expires. After ten failed attempts on one account within fifteen minutes, the caller's address cannot sign in
/// to that account for the rest of the fifteen minutes.
#[utoipa::path(
    post,
    path = "/oauth/token",
    responses(
        (status = 401, description = "The client's credentials are wrong."),
        (status = 403, description = "The client may not call from this address.")
    )
)]
pub(super) async fn create_token(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    form: Form<TokenRequest>,
) -> Result<Reply<Token>, ApiError> {
    let form = form.0;
    let granted = match form.grant_type.as_str() {
        "client_credentials" => sign_in_client(&context, &request, form).await?,
        "password" => sign_in_user(&context, &request, form).await?,
        "refresh_token" => refresh(&context, &request, form).await?,
        _ => return Err(ApiError::new(Code::UnsupportedGrant)),
    };
    let Granted { principal, session, device_token } = granted;
    let session_id = session.as_ref().map(|session| session.id);
    let access_token = context.keys.sign(&principal.to_string(), session_id, context.now())?;
    let rights = context.active(principal).await?.ok_or_else(|| ApiError::new(Code::InvalidGrant))?;
    Ok(Reply(Token {
        access_token,
        token_type: TokenType::Bearer,
        expires_in: TOKEN_SECONDS,
        scope: rights.permissions().to_string(),
        refresh_token: session.map(|session| session.refresh_token),
        device_token,
    }))
}

async fn sign_in_client(context: &Context, request: &HttpRequest, form: TokenRequest) -> Result<Granted, ApiError> {
    let refused = || ApiError::new(Code::InvalidClient).header("WWW-Authenticate", "Basic realm=\"passerelle\"");
    let (id, secret) = match (form.client_id, form.client_secret) {
        (Some(id), Some(secret)) => (id, secret),
        _ => basic_credentials(request).ok_or_else(refused)?,
    };
    let address = client_address(request);
    let attempt = attempts::count(context, Attempt::of_client(&context.vault, subscriber(request))).await?;
    let id: Id = id.parse().map_err(|_| refused())?;
    let stored = context.read_reserved(SystemScope::Deployment, move |work| ops::client_credentials(work, id)).await?;
    let Some(stored) = stored else { return Err(refused()) };
    let principal = PrincipalId::Client(id);
    request.extensions_mut().insert(LoggedPrincipal(principal));
    let hash = sha256(secret.as_bytes());
    if !stored.hashes.iter().any(|stored| same_bytes(stored, &hash)) {
        return Err(refused());
    }
    if !Networks::allows(stored.networks.as_ref(), address) {
        return Err(http::network_not_allowed());
    }
    let call = call_of(request, principal, SystemScope::SignIn);
    context.write_reserved(call, move |work| ops::client_signed_in(work, id, &attempt)).await?;
    Ok(Granted { principal, session: None, device_token: None })
}

async fn sign_in_user(context: &Context, request: &HttpRequest, form: TokenRequest) -> Result<Granted, ApiError> {
    let refused = || ApiError::new(Code::InvalidGrant);
    let (Some(email), Some(given)) = (form.username, form.password) else { return Err(refused()) };
    let email = ops::normal_email(&email);
    let (vault, now) = (&context.vault, context.now());
    let attempt = Attempt::new(vault, &email, subscriber(request));
    let attempt = attempt.from_device(vault, &email, form.device_token.as_deref(), now);
    let attempt = attempts::count(context, attempt).await?;
    let account = email.clone();
    let known = context.read_reserved(SystemScope::Deployment, move |work| ops::user_password(work, &account)).await?;
    let id = known.as_ref().map(|(id, _)| *id);
    if let Some(id) = id {
        request.extensions_mut().insert(LoggedPrincipal(PrincipalId::User(id)));
    }
    let matches = passwords::verify(context, subscriber(request), known, given).await?;
    let id = id.filter(|_| matches).ok_or_else(refused)?;
    let principal = PrincipalId::User(id);
    let otp = form.otp;
    let attempt = if otp.is_some() { attempts::count_code(context, attempt).await? } else { attempt };
    let (call, counted) = (call_of(request, principal, SystemScope::SignIn), attempt.clone());
    let signed_in = context.write_reserved(call, move |work| ops::sign_in(work, id, otp.as_deref(), &counted)).await;
    if signed_in.as_ref().is_err_and(|error| error.code == Code::SecondFactorRequired) {
        // The password was right: a front end that asks for the code next must not use up the limits.
        context.write_reserved(SystemScope::SignIn, move |work| attempts::uncount(work, &attempt)).await?;
    }
    let device_token = Some(device::issue(vault, &email, now));
    Ok(Granted { principal, session: Some(signed_in?), device_token })
}

async fn refresh(context: &Context, request: &HttpRequest, form: TokenRequest) -> Result<Granted, ApiError> {
    let refused = || ApiError::new(Code::InvalidGrant);
    let token = form.refresh_token.ok_or_else(refused)?;
    let call = call_of(request, PrincipalId::Local, SystemScope::SignIn);
    match context.write_reserved(call, move |work| ops::renew(work, &token)).await? {
        Renewal::Continued { user, session } => {
            request.extensions_mut().insert(LoggedPrincipal(PrincipalId::User(user)));
            Ok(Granted { principal: PrincipalId::User(user), session: Some(session), device_token: None })
        }
        Renewal::Reused { user } => {
            request.extensions_mut().insert(LoggedPrincipal(PrincipalId::User(user)));
            context.revocations.forget();
            Err(refused().detail(
                "Ce jeton de renouvellement a déjà été utilisé : la session est terminée. Se connecter à nouveau.",
                "This refresh token was already used: the session has ended. Sign in again.",
            ))
        }
        Renewal::Unknown => Err(refused()),
    }
}

/// `Basic` credentials (RFC 7617). RFC 6749 requires both parts to be form-encoded first.
fn basic_credentials(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Revoke a token
///
/// Signs out (RFC 7009). Revoking a refresh token ends its session and all the tokens of the session. Revoking an
/// access token ends only that token. The response is the same if the token was not valid. Other instances of the
/// program may accept a revoked access token for at most five more seconds.
#[utoipa::path(post, path = "/oauth/revoke")]
pub(super) async fn revoke_token(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    form: Form<RevocationRequest>,
) -> Result<Reply<Revoked>, ApiError> {
    let token = form.0.token;
    let claims = context.keys.verify(&token, context.now());
    let call = call_of(&request, PrincipalId::Local, SystemScope::SignIn);
    context.write_reserved(call, move |work| ops::revoke(work, &token, claims.as_deref())).await?;
    context.revocations.forget();
    Ok(Reply(Revoked {}))
}

/// List the public keys of access tokens
///
/// Returns the keys that verify access tokens offline (RFC 7517). Keys rotate: read the list again when a token names a
/// `kid` that is not in it.
#[utoipa::path(get, path = "/.well-known/jwks.json")]
pub(super) async fn list_public_keys(_: Public, context: Data<Context>) -> Result<Reply<PublicKeys>, ApiError> {
    // Another instance may sign with a key that this one has not read yet. If the database fails, the known keys still
    // hold.
    if let Err(error) = context.reload_keys().await {
        log::warn!("cannot reload the signing keys: {error}");
    }
    Ok(Reply(PublicKeys { keys: context.keys.public_keys() }))
}

/// Describe the authorization server
///
/// Returns the metadata that OAuth 2 libraries read to configure themselves (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server")]
pub(super) async fn describe_authorization_server(
    _: Public,
    context: Data<Context>,
) -> Result<Reply<AuthorizationServer>, ApiError> {
    let url = &context.public_url;
    Ok(Reply(AuthorizationServer {
        issuer: url.clone(),
        token_endpoint: format!("{url}/oauth/token"),
        revocation_endpoint: format!("{url}/oauth/revoke"),
        jwks_uri: format!("{url}/.well-known/jwks.json"),
        grant_types_supported: vec!["client_credentials", "password", "refresh_token"],
        token_endpoint_auth_methods_supported: vec!["client_secret_basic", "client_secret_post"],
        revocation_endpoint_auth_methods_supported: vec!["none"],
        scopes_supported: Permission::ALL.to_vec(),
    }))
}
