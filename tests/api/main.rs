//! The integration tests. Each runs on both databases, and every response is checked against the contract.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test may panic, and its name is its documentation"
)]

#[macro_use]
#[allow(dead_code, reason = "not every test uses every helper")]
mod harness;

mod absences;
mod accounts;
mod action_registrations;
mod actions;
mod activity;
mod agenda;
mod annulments;
mod appointments;
mod architecture;
mod asvs;
mod audit;
mod audit_command;
mod audit_floods;
mod audit_forged;
mod authority;
mod budget;
mod bulk;
mod callers;
mod case_lists;
mod case_notes;
mod case_teams;
mod case_work;
mod cases;
mod changes;
mod child_merges;
mod child_merges_exact;
mod child_merges_since;
mod child_merges_undone;
mod clear_texts;
mod codes;
mod complex_situations;
mod concurrent;
mod contract_names;
mod contributions;
mod convention_statements;
mod conventions;
mod corrections;
mod coverage;
mod database;
mod demo;
mod docs;
mod edge;
mod exports;
mod flood;
mod form_page;
mod forms;
mod four_eyes;
mod full_disk;
mod goals;
mod hardening;
mod households;
mod indicators;
mod jobs;
mod killed;
mod kit_plan;
mod kit_race;
mod kits;
mod lasting;
mod lending_extras;
mod life_of_a_child;
mod list_plan;
mod lists;
mod loan_days;
mod look_up;
mod main_job;
mod matrix;
mod merged_teams;
mod metrics;
mod nomenclatures;
mod offered_actions;
mod one_wave;
mod openapi;
mod organisations;
mod out_of_memory;
mod outcome;
mod pages;
mod paging;
mod passwords;
mod people;
mod placement_reviews;
mod placements;
mod problems;
mod procedures;
mod proxies;
mod public_rules;
mod readme;
mod referent_network;
mod referents;
mod referrals;
mod request_texts;
mod reservations;
mod resource_people;
mod restore;
mod row_names;
mod screens;
mod second_factor;
mod services;
mod sessions;
mod shared_work;
mod smoke;
mod soak;
mod start_guards;
mod statements;
mod statistics_command;
mod statistics_corrections;
mod statistics_facts;
mod statistics_files;
mod statistics_latest;
mod statistics_open;
mod statistics_pulls;
mod statistics_records;
mod statistics_releases;
mod statistics_side_channels;
mod statistics_specs;
mod statistics_verify;
mod steps;
mod stopping;
mod stored_replies;
mod surveys;
mod suspensions;
mod team_days;
mod territories;
mod unchanged;
mod vouched_columns;
mod vouching;
mod walls;
mod week;
mod writes;
