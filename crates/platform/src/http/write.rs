//! The safety of writes: a call that is sent twice has one effect, a decision on a stale reading has none.
//!
//! [`Once`] is an argument of what creates: it takes `Idempotency-Key`. [`Conditional`] is an argument of what
//! acts upon an object: it demands `If-Match` too. Both run the use case in one transaction, with the
//! checks in one order: the object is there (404), the reply that the call had before, the version (428,
//! 412), and then the use case's own refusals (409, 422). A retried action thus gets its reply, not a 412.

use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder, dev, web};
use serde::Serialize;
use serde_json::json;

use super::body::BodyTag;
use super::description::{Answer, Argument, Description};
use super::etag::{self, IfMatch, Versioned};
use super::faults::text;
use super::reply::{Accepted, Created, Current, LOOK_AGAIN_SECONDS, Located, NoContent, Reply};
use crate::http::Context;
use crate::privacy::MacKey;
use crate::replays::{self, IdempotencyKey, Keyed, StoredReply};
use crate::trail::Call;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code, Fault};

/// Header that names a call, so that it can be sent again safely.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// A call that creates something.
#[derive(Debug)]
pub struct Once(Safety);

/// A call that changes an object.
#[derive(Debug)]
pub struct Conditional(Safety);

/// A call that changes an object and shows a secret: it demands `If-Match`, and its answer is not kept.
#[derive(Debug)]
pub struct ConditionalUnstored(IfMatch);

#[derive(Debug)]
struct Safety {
    key: Option<IdempotencyKey>,
    if_match: IfMatch,
    request: HttpRequest,
}

/// An answer of type `R`, as first given or as given before.
#[derive(Debug)]
pub struct Written<R> {
    kept: StoredReply,
    replayed: bool,
    answer: PhantomData<R>,
}

/// An answer that can be kept.
pub trait Storable {
    /// The answer as it goes over the wire.
    fn stored(&self, key: &MacKey) -> Result<StoredReply, ApiError>;
}

impl Once {
    /// Runs the use case, once for each key.
    pub async fn run<R, F>(self, context: &Context, call: Call, f: F) -> Result<Written<R>, ApiError>
    where
        R: Storable + Send + 'static,
        F: FnOnce(&mut Work<'_>) -> Result<R, ApiError> + Send + 'static,
    {
        self.under(context, call, |_| Ok(()), |work, ()| f(work)).await
    }

    /// Runs the use case on something that must be visible: `find` answers 404 before anything else is
    /// looked at.
    pub async fn under<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<Written<R>, ApiError>
    where
        R: Storable + Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let safe = self.0.fix(&call)?;
        context.write(call, move |work| safe.perform(work, find, |_, _| Ok(()), f)).await
    }
}

impl Conditional {
    /// Runs the use case on the object that `find` reads, which must have the version that the caller
    /// knows. The use case gets the very row that was checked.
    pub async fn run<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<Written<R>, ApiError>
    where
        P: Versioned,
        R: Storable + Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let safe = self.0.fix(&call)?;
        let check = |if_match: &IfMatch, found: &P| if_match.check(found.version());
        context.write(call, move |work| safe.perform(work, find, check, f)).await
    }
}

impl ConditionalUnstored {
    /// Runs the use case on the object that `find` reads, which must have the version that the caller knows.
    pub async fn run<P, R, G, F>(self, context: &Context, call: Call, find: G, f: F) -> Result<R, ApiError>
    where
        P: Versioned,
        R: Send + 'static,
        G: FnOnce(&mut Work<'_>) -> Result<P, ApiError> + Send + 'static,
        F: FnOnce(&mut Work<'_>, P) -> Result<R, ApiError> + Send + 'static,
    {
        let perform = move |work: &mut Work<'_>| {
            let found = find(work)?;
            self.0.check(found.version())?;
            f(work, found)
        };
        context.write(call, perform).await
    }
}

/// What the transaction needs of the request.
struct Fixed {
    keyed: Option<Keyed>,
    if_match: IfMatch,
    mac: MacKey,
}

impl Safety {
    /// Once every argument is read: the body has been seen, and the call has a fingerprint.
    fn fix(self, call: &Call) -> Result<Fixed, ApiError> {
        let req = &self.request;
        let mac = req.app_data::<web::Data<MacKey>>().ok_or_else(|| ApiError::new(Code::Internal))?.get_ref().clone();
        let keyed = self.key.map(|key| {
            let body = req.extensions().get::<BodyTag>().map_or_else(Vec::new, |tag| tag.0.clone());
            let address = req.uri().to_string();
            let request = [req.method().as_str().as_bytes(), address.as_bytes(), &body];
            Keyed::new(&mac, &call.principal.to_string(), &key, &request)
        });
        Ok(Fixed { keyed, if_match: self.if_match, mac })
    }
}

impl Fixed {
    fn perform<P, R: Storable>(
        self,
        work: &mut Work<'_>,
        find: impl FnOnce(&mut Work<'_>) -> Result<P, ApiError>,
        check: impl FnOnce(&IfMatch, &P) -> Result<(), ApiError>,
        f: impl FnOnce(&mut Work<'_>, P) -> Result<R, ApiError>,
    ) -> Result<Written<R>, ApiError> {
        let found = find(work)?;
        if let Some(keyed) = &self.keyed
            && let Some(kept) = replays::find(work, keyed)?
        {
            return Ok(Written { kept, replayed: true, answer: PhantomData });
        }
        check(&self.if_match, &found)?;
        let kept = f(work, found)?.stored(&self.mac)?;
        if let Some(keyed) = &self.keyed {
            replays::keep(work, keyed, &kept)?;
        }
        Ok(Written { kept, replayed: false, answer: PhantomData })
    }
}

fn safety(req: &HttpRequest) -> Result<Safety, ApiError> {
    let mut given = req.headers().get_all(IDEMPOTENCY_KEY);
    let key = match (given.next(), given.next()) {
        (None, _) => None,
        (Some(value), None) => value.to_str().ok().and_then(IdempotencyKey::parse).map(Some).ok_or_else(malformed)?,
        (Some(_), Some(_)) => return Err(malformed()),
    };
    Ok(Safety { key, if_match: IfMatch::read(req.headers())?, request: req.clone() })
}

fn malformed() -> ApiError {
    let message = text("De 1 à 255 caractères ASCII visibles, une fois.", "1 to 255 visible ASCII characters, once.");
    ApiError::faults(Code::InvalidParameters, vec![Fault::new("Idempotency-Key", "idempotency_key", message)])
}

impl FromRequest for Once {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(safety(req).map(Self))
    }
}

impl FromRequest for Conditional {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(safety(req).map(Self))
    }
}

impl FromRequest for ConditionalUnstored {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(IfMatch::read(req.headers()).map(Self))
    }
}

fn body_of<T: Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| {
        log::error!("an answer could not be written as JSON: {:?}", error.classify());
        ApiError::new(Code::Internal)
    })
}

impl<T: Serialize + Located> Storable for Created<T> {
    fn stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        let body = body_of(&self.0)?;
        let etag = self.0.version().map(|version| etag::tag(key, Some(version), body.as_bytes()));
        Ok(StoredReply { status: 201, location: Some(self.0.location()), etag, body })
    }
}

impl<T: Serialize + Located> Storable for Accepted<T> {
    fn stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        let body = body_of(&self.0)?;
        let etag = self.0.version().map(|version| etag::tag(key, Some(version), body.as_bytes()));
        Ok(StoredReply { status: 202, location: Some(self.0.location()), etag, body })
    }
}

impl<T: Serialize + Versioned> Storable for Current<T> {
    fn stored(&self, key: &MacKey) -> Result<StoredReply, ApiError> {
        let body = body_of(&self.0)?;
        let etag = Some(etag::tag(key, Some(self.0.version()), body.as_bytes()));
        Ok(StoredReply { status: 200, location: None, etag, body })
    }
}

impl<T: Serialize> Storable for Reply<T> {
    fn stored(&self, _: &MacKey) -> Result<StoredReply, ApiError> {
        Ok(StoredReply { status: 200, location: None, etag: None, body: body_of(&self.0)? })
    }
}

impl Storable for NoContent {
    fn stored(&self, _: &MacKey) -> Result<StoredReply, ApiError> {
        Ok(StoredReply { status: 204, location: None, etag: None, body: String::new() })
    }
}

impl<R> Responder for Written<R> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.kept.status).unwrap_or(StatusCode::OK);
        let mut response = HttpResponse::build(status);
        response.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(location) = &self.kept.location {
            response.insert_header((LOCATION, location.as_str()));
        }
        if let Some(etag) = &self.kept.etag {
            response.insert_header((ETAG, etag.as_str()));
        }
        if status == StatusCode::ACCEPTED {
            response.insert_header((RETRY_AFTER, LOOK_AGAIN_SECONDS));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        if self.kept.body.is_empty() {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, "application/json")).body(self.kept.body)
    }
}

impl<R: Answer> Answer for Written<R> {
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
        // A deletion that is sent twice finds nothing the second time: it needs no key.
        if !description.deletes() {
            description.idempotency_key();
        }
        demand_version(description);
    }
}

impl Argument for ConditionalUnstored {
    fn describe(description: &mut Description<'_>) {
        demand_version(description);
    }
}

fn demand_version(description: &mut Description<'_>) {
    let parameter = json!({
        "name": "If-Match", "in": "header", "required": true,
        "description": "`ETag` of the object as it was last read; its version in quotes (`\"3\"`) does as well, and `*` is any version.",
        "schema": {"type": "string", "minLength": 1, "maxLength": etag::LONGEST}, "example": "\"1\"",
    });
    description.header_parameter(parameter);
    description.problem("428", "`If-Match` is missing: read the object, then send its `ETag`.");
    description.problem("412", "The object has another version: read it again, then decide.");
    description.problem("409", "Somebody else has changed the object at the same time: read it again, then decide.");
}
