//! The page about OWASP ASVS: each requirement of levels 1 and 2 has one answer, what an answer names exists, and the
//! counts are right. The inventory of cryptography, which it relies on, is complete.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The identifiers and levels of the standard, in its order.
const LIST: &str = include_str!("../data/asvs-5.0.0.csv");

/// What an answer begins with.
const STATUSES: [&str; 6] = ["test", "code", "page", "deployer", "does not apply", "**not met**"];

/// How names of files end.
const FILES: [&str; 8] = [".rs", ".toml", ".lock", ".json", ".txt", ".csv", "Dockerfile", ".dockerignore"];

/// The fewest characters of a reason.
const SHORTEST_REASON: usize = 12;

/// The libraries of cryptography.
const LIBRARIES: [&str; 4] = ["aws_lc_rs::", "argon2::", "jsonwebtoken::", "totp_rs::"];

/// One row of the page.
struct Row<'page> {
    ids: Vec<&'static str>,
    what: &'page str,
    levels: &'page str,
    status: &'static str,
    answer: &'page str,
}

impl Row<'_> {
    /// What the answer has in backquotes.
    fn words(&self) -> impl Iterator<Item = &str> {
        self.answer.split('`').skip(1).step_by(2)
    }

    /// The tests that it names: file and function.
    fn tests(&self) -> Vec<(&str, &str)> {
        self.words()
            .filter_map(|word| word.split_once("::"))
            .filter(|(file, _)| Path::new(file).extension().is_some_and(|extension| extension == "rs"))
            .collect()
    }

    /// The files that it names without a test.
    fn files(&self) -> Vec<&str> {
        let is_file = |word: &&str| FILES.iter().any(|end| word.ends_with(end)) && !word.contains(' ');
        self.words().filter(is_file).collect()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Each requirement with its level.
fn requirements() -> Vec<(&'static str, &'static str)> {
    LIST.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect()
}

/// The identifiers of `V1.2.6 to V1.2.8`, or of `V1.1.1`.
fn expanded(range: &str) -> Vec<&'static str> {
    let known = requirements();
    let place = |id: &str| {
        let place = known.iter().position(|(known, _)| *known == id);
        place.unwrap_or_else(|| panic!("{id} is no requirement of levels 1 and 2"))
    };
    let (first, last) = range.split_once(" to ").unwrap_or((range, range));
    known[place(first)..=place(last)].iter().map(|(id, _)| *id).collect()
}

fn row(line: &str) -> Row<'_> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [range, what, levels, answer] = cells[..] else { panic!("a row without four cells: {line}") };
    let status = STATUSES.into_iter().find(|status| answer.starts_with(&format!("{status}: ")));
    let status = status.unwrap_or_else(|| panic!("an answer that begins with none of {STATUSES:?}: {line}"));
    Row { ids: expanded(range), what, levels, status, answer }
}

fn rows(page: &str) -> Vec<Row<'_>> {
    page.lines().filter(|line| line.starts_with("| V")).map(row).collect()
}

#[test]
fn each_requirement_has_one_answer() {
    let page = page("docs/asvs.md");
    let (rows, known) = (rows(&page), requirements());
    assert_eq!(known.len(), 253, "the list is not that of version 5.0.0");
    let answered: Vec<&str> = rows.iter().flat_map(|row| row.ids.clone()).collect();
    let asked: Vec<&str> = known.iter().map(|(id, _)| *id).collect();
    assert_eq!(answered, asked, "each one once, in the order of the standard");
    for row in &rows {
        let levels = known.iter().filter(|(id, _)| row.ids.contains(id)).map(|(_, level)| *level);
        let levels: Vec<&str> = levels.collect::<BTreeSet<_>>().into_iter().collect();
        assert_eq!(row.levels, levels.join(", "), "{:?}", row.ids);
        let words = row.what.split_whitespace().count();
        assert!((1..=10).contains(&words), "{:?}: {words} words", row.ids);
    }
}

#[test]
fn what_an_answer_names_exists() {
    let page = page("docs/asvs.md");
    let mut faults = Vec::new();
    for row in rows(&page) {
        for (file, name) in row.tests() {
            let source = std::fs::read_to_string(root().join(file)).unwrap_or_default();
            if !source.contains(&format!("fn {name}(")) {
                faults.push(format!("{:?}: there is no {file}::{name}", row.ids));
            }
        }
        for file in row.files() {
            if !root().join(file).exists() {
                faults.push(format!("{:?}: there is no {file}", row.ids));
            }
        }
        let says_enough = match row.status {
            "test" => !row.tests().is_empty(),
            "code" => !row.files().is_empty(),
            "page" => row.answer.contains(".md"),
            "deployer" => row.answer.contains("(operations.md#"),
            _ => row.answer.len() >= row.status.len() + ": ".len() + SHORTEST_REASON,
        };
        if !says_enough {
            faults.push(format!("{:?}: {:?} names nothing", row.ids, row.answer));
        }
    }
    assert!(faults.is_empty(), "docs/asvs.md:\n  {}", faults.join("\n  "));
}

#[test]
fn the_counts_at_the_top_are_right() {
    let page = page("docs/asvs.md");
    let head = page.split("\n## ").next().unwrap();
    let said = |label: &str| -> Vec<usize> {
        let line = head.lines().find(|line| line.starts_with(&format!("| {label}")));
        let line = line.unwrap_or_else(|| panic!("no count of {label}"));
        line.trim_matches('|').split('|').skip(1).map(|cell| cell.trim().parse().unwrap()).collect()
    };
    let known = requirements();
    let first: BTreeSet<&str> = known.iter().filter(|(_, level)| *level == "1").map(|(id, _)| *id).collect();
    let rows = rows(&page);
    for status in STATUSES {
        let of_status = rows.iter().filter(|row| row.status == status);
        let ids: BTreeSet<&str> = of_status.flat_map(|row| row.ids.clone()).collect();
        let label = if status.starts_with('*') { status.to_owned() } else { format!("`{status}`") };
        assert_eq!(said(&label), [ids.len(), ids.intersection(&first).count()], "{status}");
    }
    assert_eq!(said("all"), [known.len(), first.len()]);
}

/// The Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, found);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
}

#[test]
fn the_inventory_of_keys_is_complete() {
    let security = page("docs/security.md");
    let inventory = security.split("\n## ").find(|section| section.starts_with("Cryptography")).unwrap();
    let vault = page("crates/platform/src/privacy/vault.rs");
    let purposes: Vec<&str> = vault.split('"').skip(1).step_by(2).filter(|text| text.ends_with(" v1")).collect();
    assert!(purposes.len() >= 7, "the purposes of derived keys were not found: {purposes:?}");
    let missing: Vec<_> = purposes.iter().filter(|purpose| !inventory.contains(&format!("`{purpose}`"))).collect();
    assert!(missing.is_empty(), "derived keys that docs/security.md does not name: {missing:?}");
    let mut files = Vec::new();
    for package in std::fs::read_dir(root().join("crates")).unwrap() {
        sources(&package.unwrap().path().join("src"), &mut files);
    }
    sources(&root().join("src"), &mut files);
    let mut used = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        if LIBRARIES.iter().any(|library| source.contains(library)) {
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            assert!(inventory.contains(&format!("`{name}`")), "docs/security.md does not name {name}");
            used += 1;
        }
    }
    assert!(used > 5, "the uses of cryptography were not found");
}
