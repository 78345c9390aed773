//! Passerelle: the API of the *pôles ressources handicap*.
//!
//! This list is the map. A slice is one subject of the domain (its `mod.rs` says the invariants);
//! everything else is shared by the slices and knows none of them. ARCHITECTURE.md says why.

// Examples in the contract are JSON that a macro unfolds, field by field.
#![recursion_limit = "256"]

// Slices.
pub mod accounts;
pub mod actions;
pub mod activity;
pub mod audit;
pub mod cases;
pub mod changes;
pub mod conventions;
pub mod households;
pub mod kits;
pub mod organisations;
pub mod referents;
pub mod referrals;
pub mod reservations;
pub mod services;
pub mod statistics;

// Reference data, embedded.
pub mod nomenclatures;
pub mod territories;

// Shared.
pub mod auth;
pub mod clock;
pub mod context;
pub mod dates;
pub mod db;
pub mod deployment;
pub mod dice;
pub mod error;
pub mod http;
pub mod identifiers;
pub mod journal;
pub mod outbox;
pub mod privacy;
pub mod replays;
pub mod startup;
pub mod text;
pub mod trail;

// The program.
pub mod app;
pub mod cli;
pub mod config;
pub mod demo;
pub mod jobs;
pub mod logs;
