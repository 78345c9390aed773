//! The operations of accounts.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dto::{
    AuthorizationServer, ClientFilter, ClientPage, CreatedClient, Invitation, InvitationAnswer, Me, NewClient,
    NewInvitation, PublicKeys, ServicePermissions, Token, TokenRequest, TokenType, User,
};
use super::ops;
use crate::auth::grants::AccountsWrite;
use crate::auth::{Can, Permission, PrincipalId, Public, SignedIn, TOKEN_SECONDS, password};
use crate::context::Context;
use crate::db::Id;
use crate::error::{ApiError, Code};
use crate::http::page::{List, Listed};
use crate::http::{Body, Created, Form, Reply};
use crate::privacy::{same_bytes, sha256};

/// Get an access token
///
/// The OAuth 2 token endpoint. A program sends `grant_type=client_credentials` with its `client_id` and
/// `client_secret` (or as `Basic`); a user's front end sends `grant_type=password` with `username` and
/// `password`. The token is valid for ten minutes.
#[utoipa::path(post, path = "/oauth/token", responses((status = 401, description = "The client's credentials are wrong.")))]
pub(super) async fn create_token(
    _: Public,
    context: Data<Context>,
    request: HttpRequest,
    form: Form<TokenRequest>,
) -> Result<Reply<Token>, ApiError> {
    let form = form.0;
    let principal = match form.grant_type.as_str() {
        "client_credentials" => client(&context, &request, form).await?,
        "password" => user(&context, form).await?,
        _ => return Err(ApiError::new(Code::UnsupportedGrant)),
    };
    let access_token = context.keys.sign(&principal.to_string(), context.now())?;
    let held = context.active(principal).await?.ok_or_else(|| ApiError::new(Code::InvalidGrant))?;
    Ok(Reply(Token {
        access_token,
        token_type: TokenType::Bearer,
        expires_in: TOKEN_SECONDS,
        scope: held.permissions().to_string(),
    }))
}

async fn client(context: &Context, request: &HttpRequest, form: TokenRequest) -> Result<PrincipalId, ApiError> {
    let refused = || ApiError::new(Code::InvalidClient).header("WWW-Authenticate", "Basic realm=\"passerelle\"");
    let (id, secret) = match (form.client_id, form.client_secret) {
        (Some(id), Some(secret)) => (id, secret),
        _ => basic(request).ok_or_else(refused)?,
    };
    let id: Id = id.parse().map_err(|_| refused())?;
    let stored = context.read(PrincipalId::Client(id), move |work| ops::client_secret(work, id)).await?;
    let matches = stored.is_some_and(|stored| same_bytes(&stored, &sha256(secret.as_bytes())));
    if matches { Ok(PrincipalId::Client(id)) } else { Err(refused()) }
}

async fn user(context: &Context, form: TokenRequest) -> Result<PrincipalId, ApiError> {
    let refused = || ApiError::new(Code::InvalidGrant);
    let (Some(email), Some(given)) = (form.username, form.password) else { return Err(refused()) };
    let known = context.read(PrincipalId::Local, move |work| ops::user_password(work, &email)).await?;
    let (id, stored) = known.map_or((None, None), |(id, stored)| (Some(id), Some(stored)));
    let matches = password::verify(given, stored).await?;
    id.filter(|_| matches).map(PrincipalId::User).ok_or_else(refused)
}

/// `Basic` credentials (RFC 7617); RFC 6749 asks for both parts to be form-encoded first.
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// List the public keys of access tokens
///
/// For whoever verifies tokens without calling back (RFC 7517). Keys rotate: read again when a token
/// names a `kid` that is not here.
#[utoipa::path(get, path = "/.well-known/jwks.json")]
pub(super) async fn list_public_keys(_: Public, context: Data<Context>) -> Result<Reply<PublicKeys>, ApiError> {
    Ok(Reply(PublicKeys { keys: context.keys.public_keys() }))
}

/// Describe the authorization server
///
/// What an OAuth 2 library reads to configure itself (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server")]
pub(super) async fn describe_authorization_server(
    _: Public,
    context: Data<Context>,
) -> Result<Reply<AuthorizationServer>, ApiError> {
    let url = &context.public_url;
    Ok(Reply(AuthorizationServer {
        issuer: url.clone(),
        token_endpoint: format!("{url}/oauth/token"),
        jwks_uri: format!("{url}/.well-known/jwks.json"),
        grant_types_supported: vec!["client_credentials", "password"],
        token_endpoint_auth_methods_supported: vec!["client_secret_basic", "client_secret_post"],
        scopes_supported: Permission::ALL.to_vec(),
    }))
}

/// Who am I
///
/// The principal of the token and its permissions in each service, as they are now.
#[utoipa::path(get, path = "/v1/me")]
pub(super) async fn get_me(signed_in: SignedIn) -> Result<Reply<Me>, ApiError> {
    let principal = signed_in.principal;
    let service = |(service_id, permissions): &(Id, crate::auth::Permissions)| ServicePermissions {
        service_id: *service_id,
        permissions: permissions.iter().collect(),
    };
    Ok(Reply(Me {
        id: principal.id.to_string(),
        administrator: principal.everywhere.contains(Permission::AccountsWrite),
        services: principal.grants.iter().map(service).collect(),
    }))
}

/// Invite a user
///
/// Returns a one-time token to hand over, valid for seven days. A manager invites into their own
/// service; only an administrator invites an administrator.
#[utoipa::path(post, path = "/v1/invitations")]
pub(super) async fn create_invitation(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    body: Body<NewInvitation>,
) -> Result<Created<Invitation>, ApiError> {
    context.write(can.call(), move |work| ops::invite(work, &can.scope, &body.0)).await.map(Created)
}

/// Accept an invitation
///
/// Creates the account of an invited person. The invitation is used up.
#[utoipa::path(
    post,
    path = "/v1/invitations/accept",
    responses((status = 409, description = "An account already has this e-mail address."))
)]
pub(super) async fn accept_invitation(
    _: Public,
    context: Data<Context>,
    body: Body<InvitationAnswer>,
) -> Result<Created<User>, ApiError> {
    let hash = password::hash(body.0.password.clone()).await?;
    context.write(PrincipalId::Local, move |work| ops::accept(work, &body.0, &hash)).await.map(Created)
}

/// Create an API client
///
/// For a program or an institution. The secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/v1/clients")]
pub(super) async fn create_client(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    body: Body<NewClient>,
) -> Result<Created<CreatedClient>, ApiError> {
    context.write(can.call(), move |work| ops::create_client(work, &can.scope, &body.0)).await.map(Created)
}

/// List the API clients
///
/// The clients that hold a permission in the services of the token, oldest first.
#[utoipa::path(get, path = "/v1/clients")]
pub(super) async fn list_clients(
    can: Can<AccountsWrite>,
    context: Data<Context>,
    list: List<ClientFilter>,
) -> Result<Listed<ClientPage>, ApiError> {
    context.read(can.call(), move |work| ops::clients(work, &can.scope, &list)).await.map(Listed)
}
