//! HTTP conventions, implemented once: the form of requests and the behaviour of responses.
//!
//! - [`operations`], [`description`]: the signature of a handler becomes its route **and** its entry in the contract.
//! - [`contract`]: the finished OpenAPI document, which also validates bodies and parameters.
//! - [`body`], [`query`], [`path`]: extractors that report every fault at once. [`bulk`]: many objects in one call.
//!   `rehearsal`, `filling`: the faults that need the database are told with those of the schema.
//! - [`reply`], [`page`], [`listed`], [`feed`](mod@feed): typed responses, keyset pages, feeds. `presentation`, `export`,
//!   `spreadsheet`: sparse responses, CSV, XLSX.
//! - [`write`](mod@write), [`patch`], [`etag`]: writes that are safe to retry and never overwrite a concurrent change.
//! - [`file`](mod@file), [`printable`], [`rendering`], [`html_page`]: responses in other formats than JSON.
//! - [`immutable`], [`response_cache`], [`lookup_cache`]: responses that never change, and caches.
//! - `access`, [`authenticate`](fn@authenticate), [`address`], [`refusals`]: the caller, its rights and its address;
//!   refusals go to the journal.
//! - [`edge`], [`middleware`]: limits, rates, CORS, headers, metrics, problem documents; `error_page` for people.

mod access;
pub mod address;
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
mod error_page;
pub mod etag;
mod examples;
mod export;
mod faults;
pub mod feed;
pub mod file;
mod filling;
pub mod html_page;
mod idempotency;
pub mod immutable;
mod items;
mod json;
mod labels;
pub mod latest;
pub mod listed;
pub mod lookup_cache;
mod media_type;
pub mod middleware;
mod nullable;
pub mod operations;
pub mod page;
mod page_info;
pub mod patch;
pub mod path;
mod presentation;
pub mod printable;
mod problem_page;
pub mod query;
mod ranges;
mod reference_keywords;
pub mod refusals;
mod rehearsal;
pub mod rendering;
pub mod reply;
mod required_access;
pub mod response_cache;
mod schema;
pub mod spreadsheet;
mod stopping;
mod storable;
pub mod system;
mod texts;
mod welcome;
pub mod write;

pub use access::{Can, Public, SignedIn, call_of, network_not_allowed};
pub use authenticate::authenticate;
pub use body::{Body, Form};
pub use context::Context;
pub use deletion::Deletion;
pub use etag::Versioned;
pub use items::Items;
pub use operations::Operations;
pub use patch::{Field, Patch};
pub use path::Path;
pub use query::Query;
pub use reply::{Accepted, Created, Current, ImmutableOpenData, NoContent, OpenData, PrivatelyCached, Reply, Tagged};
pub use required_access::{Access, RequiredAccess};
pub use storable::Storable;
pub use write::{Conditional, ConditionalWithoutReplay, Once, Written};
