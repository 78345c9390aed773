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

pub mod address;
pub mod body;
mod bounds;
pub mod bulk;
pub mod contract;
mod cursor;
pub mod deletion;
pub mod description;
mod document;
pub mod drawn;
pub mod edge;
pub mod etag;
mod examples;
mod faults;
pub mod feed;
pub mod file;
pub mod frozen;
mod json;
pub mod kept;
pub mod middleware;
pub mod operations;
pub mod page;
pub mod patch;
pub mod path;
mod presentation;
pub mod printed;
mod problem_page;
pub mod query;
pub mod refusals;
pub mod reply;
mod schema;
pub mod settled;
pub mod spreadsheet;
pub mod system;
pub mod write;

pub use body::{Body, Form};
pub use deletion::Deletion;
pub use etag::Versioned;
pub use operations::Operations;
pub use patch::{Field, Patch};
pub use path::Path;
pub use query::Query;
pub use reply::{Accepted, Created, Current, NoContent, OpenData, OpenForEver, Reply, Shareable, Tagged};
pub use write::{Change, Once, Unkept, Written};
