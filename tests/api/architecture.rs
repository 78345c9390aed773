//! The dependency rules of the project, held by reading its source: which file may name what.
//!
//! A slice is a folder that `src/lib.rs` lists under "Slices"; the rest is shared by the slices and
//! knows none of them. `ARCHITECTURE.md` says why.

use std::path::Path;

/// Names of SQL: whoever writes one of these writes queries.
const SQL: &[&str] = &["db::schema", "diesel::prelude", "diesel::dsl", "insert_into(", "diesel::update(", "sql_query("];

/// What stops the program where an error should be returned.
const STOPS: &[&str] = &[".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("];

/// One source file, without its comments and its unit tests.
struct Source {
    /// Path from `src`.
    path: String,
    whole: String,
    code: String,
}

impl Source {
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }

    /// What the file is in its slice: `store` for `store.rs`, `store/list.rs` and `steps/store.rs`.
    fn role(&self) -> &str {
        let parts = self.path.split('/').skip(1).map(|part| part.trim_end_matches(".rs"));
        let known = ["handlers", "dto", "store", "model", "rules"];
        parts.clone().find(|part| known.contains(part)).or_else(|| parts.last()).unwrap_or_default()
    }

    fn names(&self, word: &str) -> bool {
        self.code.contains(word)
    }

    /// The paths that begin with `crate::`, groups spread out: `crate::a::{b, c}` is `a::b` and `a::c`.
    fn crate_paths(&self) -> Vec<String> {
        let starts = self.code.match_indices("crate::").map(|(at, word)| at + word.len());
        let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        let mut found = Vec::new();
        for start in starts {
            let rest = &self.code[start..];
            let prefix: String = rest.chars().take_while(|c| is_path(*c)).collect();
            match rest[prefix.len()..].strip_prefix('{').and_then(|group| group.split_once("};")) {
                None => found.push(prefix),
                Some((group, _)) => {
                    let words = group.split([',', '{', '}']).map(str::trim).filter(|word| !word.is_empty());
                    found.extend(words.map(|word| format!("{prefix}{word}")));
                }
            }
        }
        found
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    let mut directories = vec![root.clone()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let whole = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                let code = code_of(&whole);
                files.push(Source { path, whole, code });
            }
        }
    }
    assert!(files.len() > 40, "the source was not found");
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// The lines before the unit tests, without comments. Tests in a file of their own are declared anywhere.
fn code_of(whole: &str) -> String {
    let mut parts = whole.split("#[cfg(test)]\nmod ");
    let mut code = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (declared, rest) = part.split_once('\n').unwrap_or((part, ""));
        if !declared.ends_with(';') {
            break;
        }
        code += rest;
    }
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The files that the program does not have: declared as tests by the module above them.
fn files_of_tests(files: &[Source]) -> Vec<String> {
    let declared = files.iter().flat_map(|file| {
        let folder = file.path.strip_suffix("/mod.rs").or_else(|| file.path.strip_suffix(".rs")).unwrap_or_default();
        let parts = file.whole.split("#[cfg(test)]\nmod ").skip(1);
        let names = parts.filter_map(|part| part.lines().next()?.strip_suffix(';'));
        names.map(move |name| format!("{folder}/{name}.rs"))
    });
    declared.collect()
}

/// The modules of `src/lib.rs` under a heading that begins with these words.
fn modules(heading: &str) -> Vec<String> {
    let map = include_str!("../../src/lib.rs");
    let part = map.split("\n// ").find(|part| part.starts_with(heading)).expect("a heading of src/lib.rs");
    let names = part.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

fn slices() -> Vec<String> {
    modules("Slices")
}

/// Fails with the list of files that break a rule.
#[track_caller]
fn nobody(rule: &str, broken: impl Iterator<Item = String>) {
    let broken: Vec<String> = broken.collect();
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn only_stores_write_sql() {
    let allowed = |file: &Source| {
        file.path.starts_with("db/")
            || file.path == "deployment.rs"
            || (file.module() != "http" && file.role() == "store")
    };
    let files = sources();
    let broken = files.iter().filter(|file| !allowed(file)).flat_map(|file| {
        SQL.iter().filter(|word| file.names(word)).map(move |word| format!("{} names {word}", file.path))
    });
    nobody("only a slice's store, and the shared stores, write SQL", broken);
}

#[test]
fn only_the_edge_knows_the_web_framework() {
    let slices = slices();
    let program = modules("The program");
    let allowed = |file: &Source| match file.module() {
        "http" | "error" => true,
        module if program.iter().any(|part| part == module) => true,
        "auth" => ["access", "authenticate"].contains(&file.role()),
        module => slices.iter().any(|slice| slice == module) && ["handlers", "dto", "mod"].contains(&file.role()),
    };
    let files = sources();
    let broken = files.iter().filter(|file| !allowed(file) && file.names("actix_web")).map(|file| file.path.clone());
    nobody("actix_web is named outside handlers, dto, mod and the shared edge", broken);
}

#[test]
fn a_slice_describes_its_contract_in_its_dto_and_handlers_only() {
    let slices = slices();
    let files = sources();
    let broken = files.iter().filter(|file| {
        slices.iter().any(|slice| slice == file.module())
            && !["handlers", "dto", "mod"].contains(&file.role())
            && file.names("utoipa")
    });
    nobody("utoipa is named outside handlers, dto and mod", broken.map(|file| file.path.clone()));
}

#[test]
fn a_model_is_pure() {
    let slices = slices();
    let files = sources();
    let models = files
        .iter()
        .filter(|file| slices.iter().any(|slice| slice == file.module()) && ["model", "rules"].contains(&file.role()));
    let broken = models.flat_map(|file| {
        // Derives name diesel's traits; nothing else of it.
        let diesel = file.code.match_indices("diesel::").map(|(at, _)| &file.code[at..]);
        let diesel = diesel.filter(|rest| {
            !["expression", "deserialize", "sql_types"].iter().any(|part| rest["diesel::".len()..].starts_with(part))
        });
        let diesel = diesel.map(|rest| rest.lines().next().unwrap_or_default().to_owned());
        let others = ["AnyConn", "ApiError", "super::store", "super::ops", "super::dto", "super::handlers", "std::fs"];
        let others = others.iter().filter(|word| file.names(word)).map(|word| (*word).to_owned());
        let named: Vec<String> = diesel.chain(others).collect();
        named.into_iter().map(move |word| format!("{} names {word}", file.path))
    });
    nobody("a model holds rules, without input or output", broken);
}

#[test]
fn what_is_shared_knows_no_slice() {
    let slices = slices();
    let shared: Vec<String> = modules("Shared").into_iter().chain(modules("Reference data")).collect();
    assert!(!slices.is_empty() && shared.iter().any(|module| module == "auth"), "{slices:?} {shared:?}");
    let files = sources();
    let broken = files.iter().filter(|file| shared.iter().any(|module| module == file.module())).flat_map(|file| {
        let named = file.crate_paths().into_iter();
        let named = named.filter(|path| slices.iter().any(|slice| path.split("::").next() == Some(slice)));
        named.map(move |path| format!("{} names crate::{path}", file.path))
    });
    nobody("a shared module names a slice", broken);
}

#[test]
fn a_slice_uses_another_by_its_store_ops_model_and_dto() {
    let slices = slices();
    let files = sources();
    // In a store, `cases::` is the table of that name.
    let of_slices =
        files.iter().filter(|file| slices.iter().any(|slice| slice == file.module()) && file.role() != "store");
    let broken = of_slices.flat_map(|file| {
        let mut foreign = Vec::new();
        for slice in slices.iter().filter(|slice| *slice != file.module()) {
            // After `use crate::cases`, a call is `cases::ops::open`.
            let prefix = format!("{slice}::");
            for (at, _) in file.code.match_indices(&prefix) {
                let (before, rest) = (&file.code[..at], &file.code[at + prefix.len()..]);
                // A part of the slice itself may have the name of another slice: `super::dto::actions`.
                if before.ends_with("::") && !before.ends_with("crate::") {
                    continue;
                }
                let group = rest.strip_prefix('{').and_then(|group| group.split('}').next());
                for part in group.map_or_else(|| vec![rest], |group| group.split(", ").collect()) {
                    let path = part.split(|c: char| !c.is_alphanumeric() && !"_:".contains(c)).next();
                    let mut parts = path.unwrap_or_default().split("::");
                    let first = parts.next().unwrap_or_default();
                    // A part of a slice that is a folder is used as the slice is.
                    let open = |part: &str| ["self", "store", "ops", "model", "dto"].contains(&part);
                    let is_part = files.iter().any(|file| file.path == format!("{slice}/{first}/mod.rs"));
                    let used = if is_part && !open(first) { parts.next().unwrap_or_default() } else { first };
                    let whole = is_part && used.is_empty();
                    if !whole && !open(used) {
                        foreign.push(format!("{} names {slice}::{first}::{used}", file.path));
                    }
                }
            }
        }
        foreign
    });
    nobody("a slice reaches into another", broken);
}

#[test]
fn every_slice_is_in_the_application() {
    let app = include_str!("../../src/app.rs");
    let files = sources();
    let routed = files.iter().filter(|file| file.role() == "mod" && file.names("pub fn routes("));
    let missing = routed.filter(|file| !app.contains(&format!("{}::routes(&mut ops)", file.module())));
    // The system's own operations are in http/system.rs.
    nobody("routes that the application does not mount", missing.map(|file| file.path.clone()));
}

#[test]
fn a_file_has_one_subject_and_says_which() {
    let files = sources();
    let silent = files.iter().filter(|file| !file.whole.starts_with("//! ")).map(|file| file.path.clone());
    nobody("a file that does not begin by saying what it is", silent);
    // The tables are one list, as long as there are tables.
    let long = files.iter().filter(|file| file.path != "db/schema.rs" && file.whole.lines().count() > 400);
    nobody("a file over 400 lines: split it by meaning", long.map(|file| file.path.clone()));
}

#[test]
fn an_error_is_returned_never_a_stop() {
    let files = sources();
    let tests = files_of_tests(&files);
    let program = files.iter().filter(|file| !tests.contains(&file.path));
    let broken = program.flat_map(|file| {
        // An exception says so, with its reason, on the line before: embedded data that cannot be wrong.
        let lines = std::iter::once("").chain(file.code.lines()).zip(file.code.lines());
        let stops = lines.filter(|(before, line)| {
            !before.contains("#[expect(clippy::") && STOPS.iter().any(|stop| line.contains(stop))
        });
        stops.map(move |(_, line)| format!("{}: {}", file.path, line.trim()))
    });
    nobody("the program can be stopped by a request", broken);
}
