//! The source of the workspace: its packages, their files, and what each file is for.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::graph::{Edge, Use};
use super::modules::Crate;

/// The text of files, by their path from the `src` of a package.
pub type Files = BTreeMap<String, String>;

/// One package: the program, whose root is `src`, or a crate, such as `crates/base/src`.
pub struct Package {
    pub root: String,
    pub modules: Crate,
    pub edges: BTreeSet<Edge>,
}

/// One source file.
pub struct Source {
    pub root: String,
    /// Path from the root.
    pub path: String,
    pub text: String,
    /// Whether the program has it; tests in a file of their own are not part of it.
    pub is_program: bool,
    /// What it names.
    pub uses: Vec<Use>,
}

impl Source {
    pub fn shown(&self) -> String {
        format!("{}/{}", self.root, self.path)
    }

    pub fn module(&self) -> &str {
        top_module(&self.path)
    }

    /// What the file is in its slice: `store` for `store.rs`, `store/list.rs` and `steps/store.rs`.
    pub fn role(&self) -> &str {
        let parts = self.path.split('/').skip(1).map(|part| part.trim_end_matches(".rs"));
        let known = ["handlers", "dto", "store", "model", "rules"];
        parts.clone().find(|part| known.contains(part)).or_else(|| parts.last()).unwrap_or_default()
    }

    /// The full paths that the file names, with what tells where.
    pub fn named(&self) -> impl Iterator<Item = (String, String)> {
        self.uses.iter().map(|named| {
            let path = named.full_path();
            (path.clone(), format!("{}:{} names {path}", self.shown(), named.name.line))
        })
    }
}

/// The top-level module of a file.
pub fn top_module(file: &str) -> &str {
    file.split(['/', '.']).next().unwrap_or_default()
}

pub struct Workspace {
    pub packages: Vec<Package>,
    pub sources: Vec<Source>,
    pub slices: Vec<String>,
}

impl Workspace {
    /// Reads the files of packages, by root.
    pub fn of(packages: BTreeMap<String, Files>) -> Self {
        let lib = packages["src"]["lib.rs"].clone();
        let mut read = Self { packages: Vec::new(), sources: Vec::new(), slices: slices(&lib) };
        for (root, files) in packages {
            let modules = Crate::read(&files);
            let mut uses: BTreeMap<String, Vec<Use>> = BTreeMap::new();
            for named in modules.uses() {
                uses.entry(named.name.file.clone()).or_default().push(named);
            }
            let program: BTreeSet<&String> = modules.modules.values().map(|module| &module.file).collect();
            read.sources.extend(files.into_iter().map(|(path, text)| Source {
                root: root.clone(),
                is_program: path == "main.rs" || program.contains(&path),
                uses: uses.remove(&path).unwrap_or_default(),
                path,
                text,
            }));
            let edges = modules.edges();
            read.packages.push(Package { root, modules, edges });
        }
        read
    }

    /// Reads the workspace itself.
    pub fn read() -> Self {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        let crates = std::fs::read_dir(top.join("crates")).unwrap();
        let crates = crates.map(|entry| format!("crates/{}/src", entry.unwrap().file_name().display()));
        let roots = crates.chain(["src".to_owned()]);
        Self::of(roots.map(|root| (root.clone(), files_in(&top.join(root)))).collect())
    }

    pub fn is_slice(&self, source: &Source) -> bool {
        source.root == "src" && self.slices.iter().any(|slice| slice == source.module())
    }

    /// The files of the slices.
    pub fn of_slices(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.is_program && self.is_slice(source))
    }

    pub fn program(&self) -> &Package {
        self.packages.iter().find(|package| package.root == "src").expect("the program")
    }
}

/// The modules that `lib.rs` lists under the heading "Slices".
fn slices(lib: &str) -> Vec<String> {
    let part = lib.split("\n// ").find(|part| part.starts_with("Slices")).expect("a list of slices in src/lib.rs");
    let names = part.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_owned).collect()
}

fn files_in(root: &Path) -> Files {
    let (mut files, mut folders) = (Files::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
                files.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}
