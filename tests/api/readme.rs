//! The README says what the program takes: its table of settings is that of the command line.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory};
use passerelle::config::Cli;

#[test]
fn the_table_of_settings_is_complete() {
    let mut known = BTreeSet::new();
    collect(&Cli::command(), &mut known);
    let readme = include_str!("../../README.md");
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split('`').next());
    let told: BTreeSet<String> =
        rows.filter(|name| name.starts_with("PASSERELLE_") || *name == "DATABASE_URL").map(str::to_owned).collect();
    assert_eq!(told, known);
}

fn collect(command: &Command, found: &mut BTreeSet<String>) {
    let names = command.get_arguments().filter_map(clap::Arg::get_env).filter_map(|name| name.to_str());
    found.extend(names.map(str::to_owned));
    command.get_subcommands().for_each(|inner| collect(inner, found));
}
