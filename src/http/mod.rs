//! The manners of the contract, built once: what a request must look like and what an answer does.
//!
//! - [`operations`], [`description`]: a handler's signature becomes its route **and** its entry in the
//!   contract.
//! - [`contract`]: the finished document, which also validates bodies and parameters.
//! - [`body`], [`query`], [`path`]: extractors that report every fault at once.
//! - [`reply`], [`page`]: typed answers, keyset pages.
//! - [`address`]: whose address a request comes from.
//! - [`edge`], [`middleware`]: limits, rates, origins, headers, counters, problem documents.

pub mod address;
pub mod body;
pub mod contract;
pub mod description;
mod document;
pub mod edge;
mod examples;
mod faults;
mod json;
pub mod middleware;
pub mod operations;
pub mod page;
pub mod path;
mod problem_page;
pub mod query;
pub mod reply;
mod schema;
pub mod system;

pub use body::{Body, Form};
pub use operations::Operations;
pub use path::Path;
pub use query::Query;
pub use reply::{Created, NoContent, OpenData, Reply};
