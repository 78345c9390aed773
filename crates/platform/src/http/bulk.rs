//! Many objects in one call, each with a result of its own.
//!
//! The call is one transaction and each item a savepoint of it: an item that is refused leaves no trace
//! and stops nobody. What is wrong with the form of the body refuses the call as a whole, before anything
//! is recorded.

use actix_web::http::StatusCode;
use serde_json::Value;

use crate::work::Work;
use passerelle_base::error::{ApiError, problem};

pub use passerelle_base::error::Problem;

/// Items that a call takes at most.
pub const MAX_ITEMS: usize = 100;

/// What became of one item.
pub enum Outcome<T> {
    /// It was created.
    Created(T),
    /// It was refused, and why.
    Refused(Box<Problem>),
}

/// Declares the answer of a bulk creation: utoipa would inline a generic one.
#[macro_export]
macro_rules! bulk {
    ($(#[$meta:meta])* $name:ident, $item:ident of $created:ty) => {
        $(#[$meta])*
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// Items that were created.
            #[schema(minimum = 0, maximum = 100, example = 1)]
            pub created: usize,
            /// Items that were refused.
            #[schema(minimum = 0, maximum = 100, example = 0)]
            pub refused: usize,
            /// What became of each item, in their order.
            #[schema(max_items = 100)]
            pub data: Vec<$item>,
        }

        /// What became of one item of a bulk creation.
        #[derive(Debug, serde::Serialize, utoipa::ToSchema)]
        pub struct $item {
            /// HTTP status that the item would have had alone.
            #[schema(minimum = 200, maximum = 599, example = 201)]
            pub status: u16,
            /// The object, when it was created.
            #[serde(skip_serializing_if = "Option::is_none")]
            pub created: Option<$created>,
            /// Why it was refused, when it was.
            #[serde(skip_serializing_if = "Option::is_none")]
            #[schema(value_type = Option<Object>, additional_properties = true)]
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

/// The answer of a bulk creation.
pub trait Bulk {
    /// What an item becomes.
    type Created;

    /// The answer, from the outcome of each item.
    fn of(outcomes: Vec<Outcome<Self::Created>>) -> Self;
}

/// Creates each item in a savepoint of its own. `base` is the address under which clients know this API.
pub fn create_all<I, B: Bulk>(
    work: &mut Work<'_>,
    base: &str,
    items: Vec<I>,
    create: impl FnMut(&mut Work<'_>, I) -> Result<B::Created, ApiError>,
) -> Result<B, ApiError> {
    create_each(work, base, "items", items, create)
}

/// [`create_all`] of a body whose list has a name of its own.
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
            // A fault of the service is not the item's: nothing is kept, and the call can be sent again.
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
