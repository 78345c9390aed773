//! The rules of the layout. Each returns the places that break it.

use std::collections::BTreeMap;

use super::graph::{Found, cycles};
use super::source::{Source, Workspace, top_module};
use super::tokens::{end_of_item, program_tokens, starts_with, text_at};

/// What other slices may use of a slice.
const OPEN: &[&str] = &["store", "ops", "model", "dto"];

/// What is not SQL of diesel: types of columns, errors, "there is no row".
const NOT_SQL: &[&str] =
    &["OptionalExtension", "backend", "deserialize", "expression", "result", "serialize", "sql_types"];

/// Input and output.
const NOT_PURE: &[&str] = &[
    "passerelle_base::error::ApiError",
    "passerelle_database::AnyConn",
    "passerelle_database::Db",
    "passerelle_platform::work",
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "tokio",
];

/// What stops the program where an error should be returned.
const STOPS: &[&[&str]] = &[
    &[".", "unwrap", "("],
    &[".", "expect", "("],
    &["panic", "!"],
    &["todo", "!"],
    &["unimplemented", "!"],
    &["unreachable", "!"],
];

/// Cycles of the top-level modules of each package.
pub fn module_cycles(workspace: &Workspace) -> Vec<String> {
    let of_package = |edges| cycles(edges, |file| top_module(file).to_owned());
    workspace.packages.iter().flat_map(|package| of_package(&package.edges)).collect()
}

/// Cycles of the files of each package.
pub fn file_cycles(workspace: &Workspace) -> Vec<String> {
    workspace.packages.iter().flat_map(|package| cycles(&package.edges, str::to_owned)).collect()
}

pub fn sql_outside_stores(workspace: &Workspace) -> Vec<String> {
    let allowed = |source: &Source| match source.root.as_str() {
        "crates/database/src" => true,
        "crates/platform/src" => {
            ["data_keys.rs", "deployment.rs"].contains(&source.path.as_str()) || source.path.ends_with("/store.rs")
        }
        _ => workspace.is_slice(source) && source.role() == "store",
    };
    let is_sql = |path: &str| {
        let of_diesel = path.strip_prefix("diesel::").is_some_and(|name| !NOT_SQL.contains(&first(name)));
        of_diesel || is_within(path, "passerelle_database::schema")
    };
    places(workspace.sources.iter().filter(|source| !allowed(source)), |path| is_sql(path))
}

pub fn web_outside_the_edge(workspace: &Workspace) -> Vec<String> {
    let of_slices = workspace.of_slices().filter(|source| !["handlers", "dto", "mod"].contains(&source.role()));
    let platform = workspace.sources.iter().filter(|source| source.root == "crates/platform/src");
    let platform = platform.filter(|source| source.module() != "http");
    let mut broken = places(of_slices, |path| ["actix_web", "utoipa"].contains(&first(path)));
    broken.extend(places(platform, |path| first(path) == "actix_web"));
    broken
}

pub fn dtos_that_name_a_store(workspace: &Workspace) -> Vec<String> {
    let dtos = workspace.of_slices().filter(|source| source.role() == "dto");
    places(dtos, |path| goes_through(path, &["store", "ops", "handlers"]))
}

pub fn impure_models(workspace: &Workspace) -> Vec<String> {
    let models = workspace.of_slices().filter(|source| ["model", "rules"].contains(&source.role()));
    places(models, |path| {
        // Derives name diesel's traits; nothing else of it.
        let derived = ["expression", "deserialize", "sql_types"];
        path.strip_prefix("diesel::").is_some_and(|name| !derived.contains(&first(name)))
            || NOT_PURE.iter().any(|not_pure| is_within(path, not_pure))
            || goes_through(path, &["store", "ops", "dto", "handlers"])
    })
}

pub fn reaches_into_other_slices(workspace: &Workspace) -> Vec<String> {
    let modules = &workspace.program().modules.modules;
    // A part of a slice is a folder, and is used as the slice is.
    let is_part = |path: &[String]| modules.get(path).is_some_and(|module| module.file.ends_with("/mod.rs"));
    let broken = workspace.of_slices().flat_map(|source| {
        source.uses.iter().zip(source.named()).filter_map(|(named, (_, place))| {
            let (path, is_module) = match &named.found {
                Found::Module(path) => (path, true),
                Found::Item { path, .. } => (path, false),
                Found::Outside(_) => return None,
            };
            let slice = path.first()?;
            if slice == source.module() || !workspace.slices.contains(slice) {
                return None;
            }
            let closed = (1..path.len()).find(|at| OPEN.contains(&path[*at].as_str()) || !is_part(&path[..=*at]));
            let is_open = closed.map_or(is_module, |at| OPEN.contains(&path[at].as_str()));
            (!is_open).then_some(place)
        })
    });
    broken.collect()
}

pub fn slices_without_a_mount(workspace: &Workspace) -> Vec<String> {
    let program = workspace.program();
    let app = workspace.sources.iter().find(|source| source.root == "src" && source.path == "app.rs");
    let mounted: Vec<String> = app.into_iter().flat_map(Source::named).map(|(path, _)| path).collect();
    let has_routes = |slice: &&String| {
        program
            .modules
            .modules
            .get([(*slice).clone()].as_slice())
            .is_some_and(|module| module.values.contains("routes"))
    };
    let missing = workspace.slices.iter().filter(has_routes);
    missing.filter(|slice| !mounted.contains(&format!("crate::{slice}::routes"))).cloned().collect()
}

pub fn files_that_say_nothing(workspace: &Workspace) -> Vec<String> {
    workspace.sources.iter().filter(|source| !source.text.starts_with("//! ")).map(Source::shown).collect()
}

pub fn files_too_long(workspace: &Workspace) -> Vec<String> {
    // The tables are one list, as long as there are tables.
    let long = workspace.sources.iter().filter(|source| source.shown() != "crates/database/src/schema.rs");
    long.filter(|source| source.text.lines().count() > 400).map(Source::shown).collect()
}

pub fn stops(workspace: &Workspace) -> Vec<String> {
    let mut broken = Vec::new();
    for source in workspace.sources.iter().filter(|source| source.is_program) {
        let tokens = program_tokens(&source.text);
        let mut at = 0;
        while at < tokens.len() {
            // An exception gives its reason: embedded data that cannot be wrong.
            if starts_with(&tokens, at, &["#", "[", "expect", "(", "clippy", "::", "expect_used"]) {
                let closing = (at..tokens.len()).find(|at| text_at(&tokens, *at) == "]").unwrap_or(at);
                at = end_of_item(&tokens, closing + 1);
                continue;
            }
            if let Some(stop) = STOPS.iter().find(|stop| starts_with(&tokens, at, stop)) {
                broken.push(format!("{}:{} has {}", source.shown(), tokens[at].line, stop.concat()));
            }
            at += 1;
        }
    }
    broken
}

/// Public types of dtos and of the platform's `http` that share a name: a reader could not tell which is meant.
pub fn types_that_share_a_name(workspace: &Workspace) -> Vec<String> {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for source in &workspace.sources {
        let is_dto = workspace.is_slice(source) && source.role() == "dto";
        let is_http = source.root == "crates/platform/src" && source.module() == "http";
        if !(is_dto || is_http) {
            continue;
        }
        let package = workspace.packages.iter().find(|package| package.root == source.root);
        let modules = package.into_iter().flat_map(|package| package.modules.modules.values());
        for name in modules.filter(|module| module.file == source.path).flat_map(|module| &module.public_types) {
            homes.entry(name.clone()).or_default().push(source.shown());
        }
    }
    let twice = homes.into_iter().filter(|(_, homes)| homes.len() > 1);
    twice.map(|(name, homes)| format!("{name}: {}", homes.join(", "))).collect()
}

fn first(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

fn is_within(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// Whether a path of the program goes through one of these modules.
fn goes_through(path: &str, modules: &[&str]) -> bool {
    path.strip_prefix("crate::").is_some_and(|path| path.split("::").any(|part| modules.contains(&part)))
}

/// The names in these files that a rule does not allow.
fn places<'a>(sources: impl Iterator<Item = &'a Source>, is_broken: impl Fn(&str) -> bool) -> Vec<String> {
    sources.flat_map(Source::named).filter(|(path, _)| is_broken(path)).map(|(_, place)| place).collect()
}
