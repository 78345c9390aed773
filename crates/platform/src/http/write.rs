//! Safe writes: a retried call has one effect, and a decision based on a stale read has none.
//!
//! [`Once`] is the argument of operations that create an object; it reads `Idempotency-Key`. [`Conditional`] is the
//! argument of operations that change one; it also requires `If-Match`. Both run the use case in one transaction and
//! check in one order: the object exists (404), the stored response of an earlier identical call, the version (428,
//! 412), then the rules of the use case (409, 422). So a retried action gets its stored response and not a 412.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder, dev, web};
use serde_json::json;

use super::access::Can;
use super::description::{Argument, DescribedResponse, Description};
use super::etag::{self, IfMatch, Versioned};
use super::idempotency;
use super::rehearsal;
use super::reply::POLL_AFTER_SECONDS;
use super::storable::Storable;
use crate::auth::ServiceScope;
use crate::http::Context;
use crate::privacy::MacKey;
use crate::replays::{self, IdempotencyKey, IdempotentCall, StoredReply};
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code, quietly};
use passerelle_base::values::Id;

/// A write that needs no version, such as a creation. Its response is stored under `Idempotency-Key`.
#[derive(Debug)]
pub struct Once(WriteHeaders);

/// A write on the version of an object that the caller read: it requires `If-Match`. Its response is stored under
/// `Idempotency-Key`.
#[derive(Debug)]
pub struct Conditional(WriteHeaders);

/// A write on the version of an object that the caller read, whose response reveals a secret and is not stored: it
/// requires `If-Match` and takes no `Idempotency-Key`.
#[derive(Debug)]
pub struct ConditionalWithoutReplay(IfMatch, HttpRequest);

/// The headers of a write, with the request that they came with.
#[derive(Debug)]
struct WriteHeaders {
    idempotency_key: Option<IdempotencyKey>,
    if_match: IfMatch,
    request: HttpRequest,
}

/// A response of type `R`: a new one, or the stored one of an earlier identical call.
#[derive(Debug)]
pub struct Written<R> {
    stored: StoredReply,
    replayed: bool,
    response: PhantomData<R>,
}

/// How a slice reads one of its objects: by its identifier, among those of the caller's scope.
pub type Find<P> = fn(&mut Work<'_>, &ServiceScope, Id) -> Result<P, ApiError>;

impl Once {
    /// Runs the use case, once per key.
    pub async fn run<R, F>(self, context: &Context, call: Call, f: F) -> Result<Written<R>, ApiError>
    where
        R: Storable + Send + 'static,
        F: FnOnce(&mut Work<'_>) -> Result<R, ApiError> + Send + 'static,
    {
        self.under(context, call, |_| Ok(()), |work, ()| f(work)).await
    }

    /// Runs the use case under an object that the caller must be allowed to see: `find` fails with 404 before anything
    /// else is checked.
    pub async fn under<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<Written<R>, ApiError>
    where
        R: Storable + Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let write = self.0.into_write(&call)?;
        context.write(call, move |work| write.run(work, find, |_, _| Ok(()), f)).await
    }

    /// [`Self::under`] an object of the caller's scope.
    pub async fn under_object<C, P, R, F>(
        self,
        context: &Context,
        can: Can<C>,
        id: Id,
        find: Find<P>,
        f: F,
    ) -> Result<Written<R>, ApiError>
    where
        P: 'static,
        R: Storable + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let (call, scope) = (can.call(), can.scope);
        self.under(context, call, move |work| find(work, &scope, id), f).await
    }
}

impl Conditional {
    /// Runs the use case on the object that `find` reads, if it has the version in `If-Match`. The use case gets the
    /// row that was checked.
    pub async fn run<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<Written<R>, ApiError>
    where
        P: Versioned,
        R: Storable + Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let write = self.0.into_write(&call)?;
        let check = |if_match: &IfMatch, found: &P| if_match.check(found.version());
        context.write(call, move |work| write.run(work, find, check, f)).await
    }

    /// [`Self::run`] on an object of the caller's scope.
    pub async fn on<C, P, R, F>(
        self,
        context: &Context,
        can: Can<C>,
        id: Id,
        find: Find<P>,
        f: F,
    ) -> Result<Written<R>, ApiError>
    where
        P: Versioned + 'static,
        R: Storable + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let (call, scope) = (can.call(), can.scope);
        self.run(context, call, move |work| find(work, &scope, id), f).await
    }
}

impl ConditionalWithoutReplay {
    /// Runs the use case on the object that `find` reads, if it has the version in `If-Match`.
    pub async fn run<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<R, ApiError>
    where
        P: Versioned,
        R: Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let Self(if_match, request) = self;
        let is_doomed = rehearsal::is_doomed(&request);
        let perform = move |work: &mut Work<'_>| {
            let found = find(work)?;
            if_match.check(found.version())?;
            if is_doomed { rehearse(|| f(work, found)) } else { f(work, found) }
        };
        context.write(call, perform).await
    }

    /// [`Self::run`] on an object of the caller's scope.
    pub async fn on<C, P, R, F>(
        self,
        context: &Context,
        can: Can<C>,
        id: Id,
        find: Find<P>,
        f: F,
    ) -> Result<R, ApiError>
    where
        P: Versioned + 'static,
        R: Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let (call, scope) = (can.call(), can.scope);
        self.run(context, call, move |work| find(work, &scope, id), f).await
    }
}

/// What the transaction needs of the request.
struct Write {
    call: Option<IdempotentCall>,
    if_match: IfMatch,
    mac: MacKey,
    /// Whether it is a rehearsal, which is rolled back and has no stored response.
    is_doomed: bool,
}

impl WriteHeaders {
    fn read(req: &HttpRequest) -> Result<Self, ApiError> {
        let idempotency_key = idempotency::key_of(req.headers())?;
        rehearsal::writes(req);
        Ok(Self { idempotency_key, if_match: IfMatch::read(req.headers())?, request: req.clone() })
    }

    /// To be called once every argument is read: only then has the request the digest of its body.
    fn into_write(self, call: &Call) -> Result<Write, ApiError> {
        let req = &self.request;
        let mac = req.app_data::<web::Data<MacKey>>().ok_or_else(|| ApiError::new(Code::Internal))?.get_ref().clone();
        let call = self.idempotency_key.map(|key| idempotency::call_under(&key, req, call.principal, &mac));
        Ok(Write { call, if_match: self.if_match, mac, is_doomed: rehearsal::is_doomed(req) })
    }
}

impl Write {
    fn run<P, R: Storable>(
        self,
        work: &mut Work<'_>,
        find: impl FnOnce(&mut Work<'_>) -> Result<P, ApiError>,
        check: impl FnOnce(&IfMatch, &P) -> Result<(), ApiError>,
        f: impl FnOnce(&mut Work<'_>, P) -> Result<R, ApiError>,
    ) -> Result<Written<R>, ApiError> {
        let found = find(work)?;
        if self.is_doomed {
            work.take_first_lock()?;
            check(&self.if_match, &found)?;
            return rehearse(|| f(work, found));
        }
        if let Some(call) = &self.call
            && let Some(stored) = replays::find_reply(work, call)?
        {
            return Ok(Written { stored, replayed: true, response: PhantomData });
        }
        work.take_first_lock()?;
        check(&self.if_match, &found)?;
        let stored = f(work, found)?.to_stored(&self.mac)?;
        if let Some(call) = &self.call {
            replays::store_reply(work, call, &stored)?;
        }
        Ok(Written { stored, replayed: false, response: PhantomData })
    }
}

/// Runs a use case of a doomed call: it fails in any case, so that its transaction is rolled back. What the database refuses
/// then is expected.
fn rehearse<R, W>(f: impl FnOnce() -> Result<R, ApiError>) -> Result<W, ApiError> {
    quietly(f).and_then(|_| Err(ApiError::new(Code::InvalidBody)))
}

impl FromRequest for Once {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(WriteHeaders::read(req).map(Self))
    }
}

impl FromRequest for Conditional {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(WriteHeaders::read(req).map(Self))
    }
}

impl FromRequest for ConditionalWithoutReplay {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        rehearsal::writes(req);
        ready(IfMatch::read(req.headers()).map(|if_match| Self(if_match, req.clone())))
    }
}

impl<R> Responder for Written<R> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.stored.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(location) = &self.stored.location {
            response.insert_header((LOCATION, location.as_str()));
        }
        if let Some(etag) = &self.stored.etag {
            response.insert_header((ETAG, etag.as_str()));
        }
        if status == StatusCode::ACCEPTED {
            response.insert_header((RETRY_AFTER, POLL_AFTER_SECONDS));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.stored.body.is_empty() {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, "application/json")).body(self.stored.body)
    }
}

impl<R: DescribedResponse> DescribedResponse for Written<R> {
    fn describe(description: &mut Description<'_>) {
        R::describe(description);
        description.replayed();
    }
}

impl Argument for Once {
    fn describe(description: &mut Description<'_>) {
        description.idempotency_key();
    }
}

impl Argument for Conditional {
    fn describe(description: &mut Description<'_>) {
        // A deletion that is retried finds no object: it needs no key.
        if !description.is_delete() {
            description.idempotency_key();
        }
        require_version(description);
    }
}

impl Argument for ConditionalWithoutReplay {
    fn describe(description: &mut Description<'_>) {
        require_version(description);
    }
}

fn require_version(description: &mut Description<'_>) {
    let parameter = json!({
        "name": "If-Match", "in": "header", "required": true,
        "description": "`ETag` of the object as last read. Its version in double quotes (`\"3\"`) is accepted too, and `*` matches any version.",
        "schema": {"type": "string", "minLength": 1, "maxLength": etag::MAX_LENGTH}, "example": "\"1\"",
    });
    description.header_parameter(parameter);
    description.problem("428", "`If-Match` is missing: read the object, then send its `ETag`.");
    description.problem("412", "The object has another version: read it again, then decide.");
    description.problem("409", "A concurrent request changed the object: read it again, then decide.");
}
