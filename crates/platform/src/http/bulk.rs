//! Bulk creation: many objects in one call, each with a result of its own.
//!
//! The call is one transaction with a savepoint per item: a refused item has no effect and does not stop the others. A
//! body that does not match its schema refuses the whole call, before anything is written.

use actix_web::http::StatusCode;
use serde_json::Value;
use utoipa::openapi::schema::RefBuilder;

use crate::work::Work;
use passerelle_base::error::{ApiError, problem};

pub use passerelle_base::error::Problem;

/// Maximum number of items per call.
pub const MAX_ITEMS: usize = 100;

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
            /// HTTP status that the item would have had in a call of its own.
            #[schema(minimum = 200, maximum = 599, example = 201)]
            pub status: u16,
            /// The object, if it was created.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub created: Option<$created>,
            /// The problem, if the item was refused.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(schema_with = $crate::http::bulk::problem_schema, required = false)]
            pub problem: Option<Box<$crate::http::bulk::Problem>>,
        }

        impl $crate::http::bulk::Bulk for $name {
            type Created = $created;

            fn of(outcomes: Vec<$crate::http::bulk::Outcome<$created>>) -> Self {
                use $crate::http::bulk::Outcome;
                let item = |outcome| match outcome {
                    Outcome::Created(created) => $item { status: 201, created: Some(created), problem: None },
                    Outcome::Refused(problem) => $item { status: problem.status, created: None, problem: Some(problem) },
                };
                let data: Vec<$item> = outcomes.into_iter().map(item).collect();
                let created = data.iter().filter(|item| item.created.is_some()).count();
                Self { created, refused: data.len() - created, data }
            }
        }
    };
}

/// The response of a bulk creation.
pub trait Bulk {
    /// The type of the created objects.
    type Created;

    /// The response, from the outcome of each item.
    fn of(outcomes: Vec<Outcome<Self::Created>>) -> Self;
}

/// Creates each item in a savepoint of its own. `base` is the URL under which clients know the API.
pub fn create_all<I, B: Bulk>(
    work: &mut Work<'_>,
    base: &str,
    items: Vec<I>,
    create: impl FnMut(&mut Work<'_>, I) -> Result<B::Created, ApiError>,
) -> Result<B, ApiError> {
    create_each(work, base, "items", items, create)
}

/// [`create_all`] for a body whose list is not called `items`.
pub fn create_each<I, B: Bulk>(
    work: &mut Work<'_>,
    base: &str,
    list: &str,
    items: Vec<I>,
    mut create: impl FnMut(&mut Work<'_>, I) -> Result<B::Created, ApiError>,
) -> Result<B, ApiError> {
    let mut outcomes = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        outcomes.push(match work.attempt(|work| create(work, item))? {
            Ok(created) => Outcome::Created(created),
            // An internal error is not the item's fault: the transaction is rolled back and the call can be retried.
            Err(error) if error.code.status() >= StatusCode::INTERNAL_SERVER_ERROR => return Err(error),
            Err(error) => {
                let mut problem = problem(&error, base, "", &work.call.request_id, work.call.lang);
                problem.instance = format!("/{list}/{index}");
                for fault in &mut problem.errors {
                    fault.pointer = format!("/{list}/{index}{}", fault.pointer);
                }
                problem.extra.insert("index".into(), Value::from(index));
                Outcome::Refused(Box::new(problem))
            }
        });
    }
    Ok(B::of(outcomes))
}
