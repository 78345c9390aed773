//! The pages: the table of settings is that of the command line, every link leads somewhere, and each page has a size
//! that is read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use passerelle::config::Cli;

/// The longest ARCHITECTURE.md, in bytes.
const ARCHITECTURE_BYTES: usize = 15_000;

/// The longest README.md, in lines.
const README_LINES: usize = 150;

/// The longest glossary, in lines: one screen.
const GLOSSARY_LINES: usize = 60;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// README.md, ARCHITECTURE.md, CONTRIBUTING.md and every page of `docs/`, by path from the root.
fn pages() -> Vec<String> {
    let docs = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let docs = docs.map(|path| format!("docs/{}", path.file_name().unwrap().to_string_lossy()));
    let top = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(str::to_owned);
    let mut pages: Vec<String> = top.into_iter().chain(docs).collect();
    pages.sort();
    pages
}

/// The lines of a page outside its code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The relative links of a page: `[text](target)`, without those to other sites.
fn links(text: &str) -> Vec<String> {
    let targets = prose(text).flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains("://")).map(str::to_owned).collect()
}

/// The anchors of a page, as they are made from its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| -> String {
        let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

#[test]
fn the_table_of_settings_is_complete() {
    let mut known = BTreeSet::new();
    collect(&Cli::command(), &mut known);
    let operations = page("docs/operations.md");
    let rows = operations.lines().filter_map(|line| line.strip_prefix("| `")).filter_map(|row| row.split('`').next());
    let documented: BTreeSet<String> = rows
        .filter(|name| ["PASSERELLE_", "DATABASE_"].iter().any(|kind| name.starts_with(kind)))
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, known);
}

fn collect(command: &Command, found: &mut BTreeSet<String>) {
    let names = command.get_arguments().filter_map(clap::Arg::get_env).filter_map(|name| name.to_str());
    found.extend(names.map(str::to_owned));
    command.get_subcommands().for_each(|inner| collect(inner, found));
}

#[test]
fn the_table_of_background_jobs_is_complete() {
    let source = include_str!("../../src/jobs.rs");
    let calls = source.split("Job::").skip(1).filter_map(|call| {
        let arguments = call.strip_prefix("new(").or_else(|| call.strip_prefix("in_steps("))?;
        arguments.trim_start().strip_prefix('"')
    });
    let known: BTreeSet<&str> = calls.filter_map(|name| name.split('"').next()).collect();
    let operations = page("docs/operations.md");
    let section = operations.split("\n## ").find(|section| section.starts_with("Background jobs")).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let documented: BTreeSet<&str> = rows.filter(|name| *name != "job").collect();
    assert_eq!(documented, known);
}

#[test]
fn every_relative_link_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    let mut followed = 0;
    for name in pages() {
        let text = page(&name);
        for link in links(&text) {
            followed += 1;
            let (file, anchor) =
                link.split_once('#').map_or((link.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let folder = Path::new(&name).parent().unwrap_or_else(|| Path::new(""));
            let target = if file.is_empty() { PathBuf::from(&name) } else { folder.join(file) };
            let target = root().join(target);
            if !target.exists() {
                broken.push(format!("{name}: {link}: no such file"));
                continue;
            }
            if let Some(anchor) = anchor
                && !anchors(&std::fs::read_to_string(&target).unwrap_or_default()).contains(anchor)
            {
                broken.push(format!("{name}: {link}: no such heading"));
            }
        }
    }
    assert!(followed > 40, "the links were not found");
    assert!(broken.is_empty(), "links that lead nowhere:\n  {}", broken.join("\n  "));
}

/// A file or folder that a page names in backquotes, from the root: `src/jobs.rs`, `crates/platform/src/http/`, or the file
/// of `tests/api/sessions.rs::signing_out_revokes_tokens`.
#[test]
fn every_file_that_a_page_names_exists() {
    let mut missing = Vec::new();
    let mut named = 0;
    for name in pages() {
        let text = page(&name);
        let words: Vec<&str> = prose(&text).flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
        let roots = ["src/", "crates/", "tests/", "scripts/", "openapi/", "data/", "benches/", "migrations/", "docs/"];
        for word in words.into_iter().flat_map(str::split_whitespace) {
            if roots.iter().any(|root| word.starts_with(root)) && !word.contains(['*', '<', '{', '…']) {
                named += 1;
                let file = word.split("::").next().unwrap_or(word);
                if !root().join(file).exists() {
                    missing.push(format!("{name}: {word}"));
                }
            }
        }
    }
    assert!(named > 40, "the names of files were not found");
    assert!(missing.is_empty(), "pages name files that do not exist:\n  {}", missing.join("\n  "));
}

#[test]
fn the_pages_have_a_size_that_is_read() {
    let bytes = page("ARCHITECTURE.md").len();
    assert!(bytes <= ARCHITECTURE_BYTES, "ARCHITECTURE.md has {bytes} bytes: move details to docs/");
    for (name, most) in [("README.md", README_LINES), ("docs/glossary.md", GLOSSARY_LINES)] {
        let lines = page(name).lines().count();
        assert!(lines <= most, "{name} has {lines} lines, at most {most}");
    }
}
