//! The manners of the contract, built once: what a request must look like and what an answer does.
//!
//! - [`operations`], [`description`]: a handler's signature becomes its route **and** its entry in the
//!   contract.
//! - [`contract`]: the finished document, which also validates bodies and parameters.
//! - [`bulk`]: many objects in one call, each with its result.
//! - [`body`], [`query`], [`path`]: extractors that report every fault at once.
//! - [`reply`], [`page`]: typed answers, keyset pages; `presentation`, `spreadsheet`: sparse, as CSV, as XLSX.
//! - [`write`](mod@write), [`patch`], [`etag`]: writes that are safe to send twice and never overwrite unseen.
//! - [`address`]: whose address a request comes from.
//! - [`file`](mod@file), [`printed`], [`drawn`]: answers of another format than JSON. [`frozen`]: bytes that never change;
//!   [`kept`]: those asked for lately, in memory.
//! - [`feed`](mod@feed): a list that never ends. [`refusals`]: what was refused goes to the journal.
//! - [`edge`], [`middleware`]: limits, rates, origins, headers, counters, problem documents.

mod access;
pub mod address;
pub mod answer_cache;
mod authenticate;
pub mod body;
mod bounds;
pub mod bulk;
mod context;
pub mod contract;
mod cursor;
pub mod deletion;
pub mod description;
mod document;
pub mod edge;
pub mod etag;
mod examples;
mod faults;
pub mod feed;
pub mod file;
pub mod immutable;
mod json;
pub mod lookup_cache;
pub mod middleware;
pub mod operations;
pub mod page;
pub mod patch;
pub mod path;
mod presentation;
pub mod printable;
mod problem_page;
pub mod query;
pub mod refusals;
pub mod rendered;
pub mod reply;
mod schema;
pub mod spreadsheet;
pub mod system;
pub mod write;

pub use access::{Access, Can, Demand, Public, SignedIn, call_of, elsewhere};
pub use authenticate::authenticate;
pub use body::{Body, Form};
pub use context::Context;
pub use deletion::Deletion;
pub use etag::Versioned;
pub use operations::Operations;
pub use patch::{Field, Patch};
pub use path::Path;
pub use query::Query;
pub use reply::{Accepted, Created, Current, NoContent, OpenData, OpenForEver, Reply, Shareable, Tagged};
pub use write::{Conditional, ConditionalUnstored, Once, Written};
