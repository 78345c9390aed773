//! Bulk creation: many objects in one call, each with a result of its own.
//!
//! The call is one transaction with a savepoint per item: a refused item has no effect and does not stop the others, be it
//! refused by its schema, by a rule or by the database. What is wrong around the items refuses the whole call, before anything
//! is written. A dry run reports the same, and writes nothing.

use actix_web::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;
use utoipa::openapi::schema::RefBuilder;
use utoipa::{IntoParams, ToSchema};

use validator::Validate;

use super::body::check_rules;
use super::rehearsal::rules_of;
use crate::work::Work;
use passerelle_base::error::{ApiError, Code, Fault, problem, quietly};

pub use super::rehearsal::Broken;
pub use passerelle_base::error::Problem;

/// Maximum number of items per call.
pub const MAX_ITEMS: usize = 100;

/// Whether to try only.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams, ToSchema)]
pub struct DryRun {
    /// `true`: the report says what would be recorded and what would be refused, and nothing is recorded.
    #[param(default = false, example = true)]
    pub dry_run: Option<bool>,
}

/// The body of a bulk call.
pub trait BulkInput {
    /// The type of its items.
    type Item: serde::de::DeserializeOwned;

    /// The name of the list of items in the body.
    const LIST: &'static str = "items";
}

/// The outcome of one item.
pub enum Outcome<T> {
    /// It was created.
    Created(T),
    /// It was refused, with the reason.
    Refused(Box<Problem>),
}

/// The schema of the problem of an item. The base document defines problems.
pub fn problem_schema() -> utoipa::openapi::Ref {
    RefBuilder::new()
        .ref_location_from_schema_name("Problem")
        .description(Some("The problem, if the item was refused."))
        .build()
}

/// Declares the concrete response type of a bulk creation: utoipa would inline a generic one.
#[macro_export]
macro_rules! bulk {
    ($(#[$meta:meta])* $name:ident, $item:ident of $created:ty) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// Whether it was a dry run: nothing was recorded.
            #[schema(example = false)]
            pub dry_run: bool,
            /// Number of items that were created.
            #[schema(minimum = 0, maximum = 100, example = 1)]
            pub created: usize,
            /// Number of items that were refused.
            #[schema(minimum = 0, maximum = 100, example = 0)]
            pub refused: usize,
            /// The outcome of each item, in the order of the request.
            #[schema(max_items = 100)]
            pub data: Vec<$item>,
        }

        /// Outcome of one item of a bulk creation.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $item {
            /// Rank of the item in the request, from 0.
            #[schema(minimum = 0, maximum = 99, example = 0)]
            pub index: usize,
            /// HTTP status that the item would have had in a call of its own.
            #[schema(minimum = 200, maximum = 599, example = 201)]
            pub status: u16,
            /// The object, if it was created. A dry run has none.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub created: Option<$created>,
            /// The problem, if the item was refused.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(schema_with = $crate::http::bulk::problem_schema, required = false)]
            pub problem: Option<Box<$crate::http::bulk::Problem>>,
        }

        impl $crate::http::bulk::Bulk for $name {
            type Created = $created;

            fn of(outcomes: Vec<$crate::http::bulk::Outcome<$created>>, dry_run: bool) -> Self {
                use $crate::http::bulk::Outcome;
                let item = |(index, outcome)| match outcome {
                    // What a dry run has made is gone: its identifiers lead nowhere.
                    Outcome::Created(created) => {
                        $item { index, status: 201, created: (!dry_run).then_some(created), problem: None }
                    }
                    Outcome::Refused(problem) => {
                        $item { index, status: problem.status, created: None, problem: Some(problem) }
                    }
                };
                let data: Vec<$item> = outcomes.into_iter().enumerate().map(item).collect();
                let created = data.iter().filter(|item| item.problem.is_none()).count();
                Self { dry_run, created, refused: data.len() - created, data }
            }
        }
    };
}

/// The response of a bulk creation.
pub trait Bulk {
    /// The type of the created objects.
    type Created;

    /// The response, from the outcome of each item.
    fn of(outcomes: Vec<Outcome<Self::Created>>, dry_run: bool) -> Self;
}

/// How a bulk call runs.
#[derive(Clone, Debug)]
pub struct Run {
    /// The URL under which clients know the API.
    pub base: String,
    /// Whether everything is taken back.
    pub dry_run: bool,
}

impl Run {
    /// From the parameters of a call.
    pub fn new(base: &str, asked: DryRun) -> Self {
        Self { base: base.to_owned(), dry_run: asked.dry_run.unwrap_or(false) }
    }
}

/// Creates each item in a savepoint of its own. Those that are refused already keep their place in the report.
pub fn create_all<B: BulkInput, R: Bulk>(
    work: &mut Work<'_>,
    run: &Run,
    items: Vec<Result<B::Item, Broken<B::Item>>>,
    create: impl FnMut(&mut Work<'_>, B::Item) -> Result<R::Created, ApiError>,
) -> Result<R, ApiError> {
    if !run.dry_run {
        return Ok(R::of(create_each::<B, R>(work, run, items, create)?, false));
    }
    let outcomes = work.rehearse(|work| create_each::<B, R>(work, run, items, create))?;
    Ok(R::of(outcomes, true))
}

fn create_each<B: BulkInput, R: Bulk>(
    work: &mut Work<'_>,
    run: &Run,
    items: Vec<Result<B::Item, Broken<B::Item>>>,
    mut create: impl FnMut(&mut Work<'_>, B::Item) -> Result<R::Created, ApiError>,
) -> Result<Vec<Outcome<R::Created>>, ApiError> {
    let mut outcomes = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let outcome = match item {
            Ok(item) => work.attempt(|work| create(work, item))?,
            Err(broken) => Err(broken.refusal(|item| rehearsed(work, |work| create(work, item)))?),
        };
        outcomes.push(match outcome {
            Ok(created) => Outcome::Created(created),
            // An internal error is not the item's fault: the transaction is rolled back and the call can be retried.
            Err(error) if error.code.status() >= StatusCode::INTERNAL_SERVER_ERROR => return Err(error),
            Err(error) => Outcome::Refused(Box::new(told::<B>(work, run, index, &error))),
        });
    }
    Ok(outcomes)
}

/// The error of a use case that is rolled back in any case.
fn rehearsed<T>(
    work: &mut Work<'_>,
    f: impl FnOnce(&mut Work<'_>) -> Result<T, ApiError>,
) -> Result<ApiError, ApiError> {
    let attempt = |work: &mut Work<'_>| quietly(|| f(work)).and_then(|_| Err::<(), _>(ApiError::new(Code::Conflict)));
    Ok(work.attempt(attempt)?.err().unwrap_or_else(|| ApiError::new(Code::Conflict)))
}

/// Checks the rules of an item and creates it. If it breaks some, they are told with those that the use case finds.
pub fn create_checked<I: Validate, T>(
    work: &mut Work<'_>,
    item: I,
    create: impl FnOnce(&mut Work<'_>, I) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let Err(error) = check_rules(&item) else { return create(work, item) };
    let found = rehearsed(work, |work| create(work, item))?;
    let mut faults = error.faults.clone();
    let is_known = |faults: &[Fault], fault: &Fault| {
        faults.iter().any(|known| known.pointer == fault.pointer && known.code == fault.code)
    };
    for fault in rules_of(&found) {
        if !is_known(&faults, fault) {
            faults.push(fault.clone());
        }
    }
    Err(ApiError::broken(faults))
}

/// The problem of an item, with pointers into the body of the call. One that is not about a field of the item points at the
/// item.
fn told<B: BulkInput>(work: &Work<'_>, run: &Run, index: usize, error: &ApiError) -> Problem {
    let at = format!("/{}/{index}", B::LIST);
    let mut problem = problem(error, &run.base, "", &work.call.request_id, work.call.lang);
    problem.instance.clone_from(&at);
    for fault in &mut problem.errors {
        fault.pointer = format!("{at}{}", fault.pointer);
    }
    problem.name_item(&at);
    problem.extra.insert("index".into(), Value::from(index));
    problem
}
