//! The platform that all slices share. It depends on no slice.
//!
//! In layers, each using only those above it in this list:
//!
//! - [`privacy`]: keys, sealed values, blind tokens. [`auth`]: principals, permissions, keys of access tokens.
//! - [`notices`]: what people must learn. [`trail`]: what a unit of work changed and whose data it opened. [`work`]: the unit of work itself. [`steps`]: the
//!   size of a step of a background job.
//! - [`restores`]: the restores of a backup that were confirmed.
//! - [`data_keys`], [`outbox`], [`journal`], [`replays`]: records written along with a unit of work. [`record`]: writes them.
//! - [`transactions`]: runs a unit of work and records it. [`deployment`]: the master key that a database belongs to.
//!   [`recovery`]: a database that is older than the heads of its journal.
//! - [`http`]: requests, responses, the contract. [`figures`]: periods and definitions of figures.

// The `json!` macro recurses once per field of an example in the contract.
#![recursion_limit = "256"]

pub mod auth;
pub mod data_keys;
pub mod deployment;
pub mod figures;
pub mod http;
pub mod journal;
pub mod notices;
pub mod outbox;
pub mod privacy;
pub mod record;
pub mod recovery;
pub mod replays;
pub mod restores;
pub mod steps;
pub mod trail;
pub mod transactions;
pub mod work;
