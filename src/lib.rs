//! Passerelle: the API of the *pôles ressources handicap*.
//!
//! This list is the map. A slice is one subject of the domain (its `mod.rs` says the invariants). What slices share is in
//! crates of its own, which know no slice. ARCHITECTURE.md says why.

// Examples in the contract are JSON that a macro unfolds, field by field.
#![recursion_limit = "256"]

// Slices.
pub mod absences;
pub mod accounts;
pub mod actions;
pub mod activity;
pub mod agenda;
pub mod appointments;
pub mod audit;
pub mod cases;
pub mod changes;
pub mod conventions;
pub mod households;
pub mod indicators;
pub mod lending;
pub mod measures;
pub mod merges;
pub mod naming;
pub mod organisations;
pub mod reference;
pub mod referents;
pub mod referrals;
pub mod resource_people;
pub mod services;
pub mod statements;
pub mod statistics;

// Shared, in `crates/`: values, database, reference data, and what every slice stands on.
pub use passerelle_base::{clock, dates, dice, error, french, identifiers, lines, networks, startup, subscriber, text};
pub use passerelle_database as db;
pub use passerelle_platform::{
    auth, bulk, data_keys, deployment, figures, http, journal, notices, operations, outbox, page, privacy, recovery,
    replays, resource, restores, steps, trail, transactions, versioned, work, wrapped_keys,
};
pub use passerelle_reference::{nomenclatures, territories};

// The program.
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod jobs;
pub mod logs;
pub mod opening;
mod output;
pub mod server;
