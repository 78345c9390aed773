//! All faults of a body in one answer: those of its schema, of the rules of its type and those that need the database.
//!
//! A use case cannot run on a body that breaks its schema. So the faults are replaced by values of the schema (`filling`) and the
//! call is rehearsed with them: it runs like any other, and its transaction is rolled back whatever it finds. What it finds
//! is told with the faults of the schema, unless it may come from the values that were filled in: it is at a place that was
//! filled in, or is not found with other values too. An error that is not about rules (404, 409, 412…) is not told: the
//! faults come first.
//!
//! Only calls with a permission, whose only effect is one write, are rehearsed: never those on the caller's own account, which
//! count attempts.

use std::any::TypeId;
use std::collections::VecDeque;

use actix_web::{Error, FromRequest, Handler, HttpMessage, HttpRequest, HttpResponse, Responder, dev};
use serde_json::Value;

use super::contract::Contract;
use super::filling::{Taste, filled};
use crate::auth::ServiceScope;
use passerelle_base::error::{ApiError, Code, Fault, Faults};

/// An item of a bulk call that breaks its schema.
#[derive(Debug)]
pub struct Broken<T> {
    /// The faults of the schema.
    pub(super) of_schema: Vec<Fault>,
    /// The item, filled in: what to rehearse with.
    pub(super) items: Vec<T>,
    /// Where it was filled in.
    pub(super) touched: Vec<String>,
}

impl<T> Broken<T> {
    /// The refusal of the item. `rehearse` runs its use case, is rolled back and returns the error.
    pub(super) fn refusal(
        self,
        mut rehearse: impl FnMut(T) -> Result<ApiError, ApiError>,
    ) -> Result<ApiError, ApiError> {
        let Self { of_schema, items, touched } = self;
        let found = items.into_iter().map(|item| rehearse(item).map(|error| rules_of(&error).to_vec()));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        Ok(Doomed { found, ..Doomed::new(of_schema, touched) }.refusal())
    }
}

/// The broken rules that an error tells.
pub(super) fn rules_of(error: &ApiError) -> &[Fault] {
    if matches!(error.code, Code::RuleBroken | Code::InvalidBody) { &error.faults } else { &[] }
}

/// Left in the request by the extractor of a permission: the service to name if the body names none, which is that of a caller
/// with one service.
struct Permitted(Option<String>);

/// Left in the request by the extractor of a write: it runs in one transaction.
struct Writes;

/// A call that will be refused, left in the request.
struct Doomed {
    /// The faults of the schema.
    of_schema: Vec<Fault>,
    /// The bodies to rehearse with.
    bodies: VecDeque<Value>,
    /// Where they were filled in.
    touched: Vec<String>,
    /// Whether an object that was filled in is named by its identifier: what is unknown beside it may depend on it.
    filled_identifier: bool,
    /// The broken rules of the type of the body in use.
    of_type: Vec<Fault>,
    /// What each rehearsal has found.
    found: Vec<Vec<Fault>>,
}

/// Notes that the caller has the permission of the call.
pub(super) fn permitted(req: &HttpRequest, scope: &ServiceScope) {
    let only = match scope.ids() {
        [only] => Some(only.to_string()),
        _ => None,
    };
    req.extensions_mut().insert(Permitted(only));
}

/// Notes that the call is one write.
pub(super) fn writes(req: &HttpRequest) {
    req.extensions_mut().insert(Writes);
}

/// Whether the write must be rolled back.
pub(super) fn is_doomed(req: &HttpRequest) -> bool {
    req.extensions().contains::<Doomed>()
}

fn can_rehearse(req: &HttpRequest) -> bool {
    let extensions = req.extensions();
    extensions.contains::<Permitted>() && extensions.contains::<Writes>()
}

/// The body of the next rehearsal of a doomed call.
pub(super) fn next_body(req: &HttpRequest) -> Option<Value> {
    req.extensions_mut().get_mut::<Doomed>()?.bodies.pop_front()
}

/// Refuses a body that breaks its schema, or returns one to rehearse with.
pub(super) fn begin(
    req: &HttpRequest,
    contract: &Contract,
    request: TypeId,
    body: &Value,
    of_schema: Vec<Fault>,
) -> Result<Value, ApiError> {
    let refusal = |faults| ApiError::faults(Code::InvalidBody, faults);
    if !can_rehearse(req) {
        return Err(refusal(of_schema));
    }
    let service = req.extensions().get::<Permitted>().and_then(|permitted| permitted.0.clone());
    let fill = |taste| filled(contract, request, body, taste, service.as_deref());
    let Some(fillings) = Taste::ALL.into_iter().map(fill).collect::<Option<Vec<_>>>() else {
        return Err(refusal(of_schema));
    };
    let (mut bodies, mut touched) = (VecDeque::new(), Vec::new());
    for (body, places) in fillings {
        if !bodies.contains(&body) {
            bodies.push_back(body);
        }
        touched.extend(places);
    }
    let Some(first) = bodies.pop_front() else { return Err(refusal(of_schema)) };
    req.extensions_mut().insert(Doomed { bodies, ..Doomed::new(of_schema, touched) });
    Ok(first)
}

/// Refuses a body that breaks the rules of its type, or notes them: the rehearsal goes on.
pub(super) fn breaks_rules(req: &HttpRequest, error: ApiError) -> Result<(), ApiError> {
    if !can_rehearse(req) {
        return Err(error);
    }
    let mut extensions = req.extensions_mut();
    if let Some(doomed) = extensions.get_mut::<Doomed>() {
        doomed.of_type.clone_from(&error.faults);
        return Ok(());
    }
    extensions.insert(Doomed { of_type: error.faults.clone(), ..Doomed::new(Vec::new(), Vec::new()) });
    Ok(())
}

/// Calls a handler that writes; again with each filling if the call is doomed.
pub(super) async fn call<F, Args>(
    handler: F,
    req: HttpRequest,
    mut payload: dev::Payload,
) -> Result<HttpResponse, Error>
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest,
{
    loop {
        let outcome = match Args::from_request(&req, &mut payload).await {
            Ok(args) => Ok(handler.call(args).await.respond_to(&req).map_into_boxed_body()),
            Err(error) => Err(error.into()),
        };
        if !is_doomed(&req) {
            return outcome;
        }
        if let Some(refusal) = rehearsed(&req, &outcome) {
            return Err(refusal.into());
        }
    }
}

/// Notes what a rehearsal has found. After the last one, the refusal of the call.
fn rehearsed(req: &HttpRequest, outcome: &Result<HttpResponse, Error>) -> Option<ApiError> {
    let error = match outcome {
        Ok(response) => response.error().and_then(|error| error.as_error::<ApiError>()),
        Err(error) => error.as_error::<ApiError>(),
    };
    let mut extensions = req.extensions_mut();
    let doomed = extensions.get_mut::<Doomed>()?;
    let mut found = std::mem::take(&mut doomed.of_type);
    for fault in error.into_iter().flat_map(rules_of) {
        if found.iter().all(|known| !is_same(known, fault)) {
            found.push(fault.clone());
        }
    }
    doomed.found.push(found);
    if !doomed.bodies.is_empty() {
        return None;
    }
    let doomed = extensions.remove::<Doomed>()?;
    Some(doomed.refusal())
}

fn is_same(one: &Fault, other: &Fault) -> bool {
    one.pointer == other.pointer && one.code == other.code
}

impl Doomed {
    fn new(of_schema: Vec<Fault>, touched: Vec<String>) -> Self {
        let names_object = |place: &String| place.ends_with("_id") && !place.ends_with("/service_id");
        let filled_identifier = touched.iter().any(names_object);
        let (bodies, of_type, found) = (VecDeque::new(), Vec::new(), Vec::new());
        Self { of_schema, bodies, touched, filled_identifier, of_type, found }
    }

    /// The refusal, with the faults of the schema and those of the rehearsals that do not depend on what was filled in.
    fn refusal(self) -> ApiError {
        let mut certain: Vec<Fault> = Vec::new();
        for fault in self.found.iter().flatten() {
            let always = self.found.iter().all(|found| found.iter().any(|one| is_same(one, fault)));
            // An object is unknown whatever the other fields say, except another object to which it belongs.
            let is_unknown = fault.code.starts_with("unknown_") && !self.filled_identifier;
            let known = certain.iter().any(|one| is_same(one, fault));
            if (always || is_unknown) && !known && !self.depends(&fault.pointer) {
                certain.push(fault.clone());
            }
        }
        if self.of_schema.is_empty() {
            let mut faults = Faults::default();
            faults.add(certain);
            return faults.finish().err().unwrap_or_else(|| ApiError::new(Code::RuleBroken));
        }
        let mut faults = self.of_schema;
        faults.extend(certain);
        ApiError::faults(Code::InvalidBody, faults)
    }

    /// Whether a place was filled in, or is inside or around one that was.
    fn depends(&self, pointer: &str) -> bool {
        let inside = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.touched.iter().any(|place| inside(pointer, place) || (!pointer.is_empty() && inside(place, pointer)))
    }
}

#[cfg(test)]
mod tests {
    use passerelle_base::error::Text;

    use crate::http::rehearsal::*;

    fn fault(pointer: &str, code: &'static str) -> Fault {
        Fault::new(pointer, code, Text::new("", ""))
    }

    fn told(doomed: Doomed) -> (Code, Vec<String>) {
        let refusal = doomed.refusal();
        (refusal.code, refusal.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect())
    }

    fn doomed(places: &[&str], found: Vec<Vec<Fault>>) -> Doomed {
        let of_schema = places.iter().map(|place| fault(place, "type")).collect();
        Doomed { found, ..Doomed::new(of_schema, places.iter().map(|place| (*place).to_owned()).collect()) }
    }

    #[test]
    fn what_depends_on_a_value_that_was_filled_in_is_not_told() {
        let always =
            [fault("/ends_on", "after_closing"), fault("", "not_a_child_case"), fault("/starts_on", "in_the_past")];
        let once = fault("/organisation_id", "unknown_organisation");
        let sometimes = fault("/kind", "not_offered_there");
        let found = vec![always.to_vec(), [always.to_vec(), vec![once, sometimes]].concat()];
        let (code, faults) = told(doomed(&["/starts_on"], found.clone()));
        assert_eq!(code, Code::InvalidBody);
        assert_eq!(
            faults,
            ["/starts_on type", "/ends_on after_closing", " not_a_child_case", "/organisation_id unknown_organisation"]
        );
        // The organisation may be unknown because of the case.
        let (_, faults) = told(doomed(&["/case_id"], found));
        assert!(!faults.iter().any(|fault| fault.starts_with("/organisation_id")), "{faults:?}");
    }

    #[test]
    fn rules_alone_are_not_a_malformed_body() {
        let (code, faults) =
            told(doomed(&[], vec![vec![fault("/child", "one_child"), fault("/day", "in_the_future")]]));
        assert_eq!((code, faults.len()), (Code::RuleBroken, 2));
    }
}
