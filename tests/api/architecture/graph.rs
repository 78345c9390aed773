//! Which file names what another defines, with re-exports followed, and the cycles of that graph.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::{Crate, Kind, Module, Name, Path};

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Module(Path),
    /// Something that a file of the crate defines: its full path, and its file.
    Item {
        path: Path,
        file: String,
    },
    /// Something of another crate, by its full path.
    Outside(Path),
}

/// A file names something that another file defines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: String,
    pub to: String,
    /// Where the name is, and the path as it is written.
    pub line: usize,
    pub path: String,
}

/// A name of a file, resolved.
#[derive(Clone, Debug)]
pub struct Use {
    pub name: Name,
    pub found: Found,
}

impl Use {
    /// The full path of what is named; inside the crate it begins with `crate`.
    pub fn full_path(&self) -> String {
        match &self.found {
            Found::Outside(path) => path.join("::"),
            Found::Module(path) | Found::Item { path, .. } => format!("crate::{}", path.join("::")),
        }
    }
}

impl Crate {
    /// Everything that the files name, resolved.
    pub fn uses(&self) -> Vec<Use> {
        let resolved = self.names.iter().filter_map(|name| {
            let found = match name.kind {
                Kind::Word => self.resolve_word(&name.scope, &name.path[0]),
                Kind::Import | Kind::Reexport | Kind::Inline => self.resolve(&name.scope, &name.path, 0),
            };
            Some(Use { name: name.clone(), found: found? })
        });
        resolved.collect()
    }

    /// The edges between files.
    pub fn edges(&self) -> BTreeSet<Edge> {
        let edges = self.uses().into_iter().filter(|named| named.name.kind != Kind::Reexport).filter_map(|named| {
            let Found::Item { file, .. } = named.found else { return None };
            let Name { file: from, line, path, .. } = named.name;
            (from != file).then(|| Edge { from, to: file, line, path: path.join("::") })
        });
        edges.collect()
    }

    /// A word is an edge only by what its module re-exports, or imports with a `*`: other imports are edges themselves.
    fn resolve_word(&self, scope: &Path, word: &str) -> Option<Found> {
        let module = self.modules.get(scope)?;
        match module.imports.get(word) {
            Some((path, Kind::Reexport)) => self.resolve(scope, path, 0),
            Some(_) => None,
            None if module.defines(word) => None,
            None => self.through_globs(scope, module, &[word.to_owned()], 0),
        }
    }

    /// Follows a path that is written in a module.
    fn resolve(&self, scope: &Path, path: &[String], depth: usize) -> Option<Found> {
        // Imports can name each other in a circle.
        if depth > 32 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => return self.walk(&Vec::new(), rest, depth),
            "self" => return self.walk(scope, rest, depth),
            "super" => {
                let parent = scope[..scope.len().saturating_sub(1)].to_vec();
                let relative: Path = ["self".to_owned()].into_iter().chain(rest.iter().cloned()).collect();
                let again = rest.first().is_some_and(|next| next == "super");
                return self.resolve(&parent, if again { rest } else { &relative }, depth + 1);
            }
            "Self" => return None,
            _ => {}
        }
        let module = self.modules.get(scope)?;
        let is_own_import = module.imports.get(first).is_some_and(|(target, _)| target.first() == Some(first));
        if module.children.contains(first) {
            return self.walk(scope, path, depth);
        }
        match module.imports.get(first) {
            Some((target, _)) if !is_own_import => self.go_on(self.resolve(scope, target, depth + 1)?, rest, depth),
            // `use diesel::diesel` and the like: another crate.
            Some((target, _)) => Some(Found::Outside([target.as_slice(), rest].concat())),
            None if module.types.contains(first) || (rest.is_empty() && module.values.contains(first)) => {
                self.walk(scope, path, depth)
            }
            None => self.through_globs(scope, module, path, depth).or_else(|| Some(Found::Outside(path.to_vec()))),
        }
    }

    /// Follows a path from a module that it is relative to.
    fn walk(&self, at: &Path, path: &[String], depth: usize) -> Option<Found> {
        let Some((first, rest)) = path.split_first() else { return Some(Found::Module(at.clone())) };
        let module = self.modules.get(at)?;
        let import = module.imports.get(first).filter(|(target, _)| target.as_slice() != [first.clone()]);
        let child = module.children.contains(first);
        let within = |file: &str| Found::Item { path: [at.as_slice(), path].concat(), file: file.to_owned() };
        match import {
            // A module and a function may have one name: the end of a path is the function.
            _ if rest.is_empty() && module.values.contains(first) => Some(within(&module.file)),
            Some((target, _)) if !child || rest.is_empty() => {
                self.go_on(self.resolve(at, target, depth + 1)?, rest, depth)
            }
            _ if child => self.walk(&[at.as_slice(), std::slice::from_ref(first)].concat(), rest, depth),
            _ if module.defines(first) => Some(within(&module.file)),
            _ if at.is_empty() && self.macros.contains_key(first) => Some(within(&self.macros[first])),
            // What a macro makes is not seen: it is of the file that the path leads to.
            _ => self.through_globs(at, module, path, depth).or_else(|| Some(within(&module.file))),
        }
    }

    /// What a module has by `use a::*`, if that module of the crate has it.
    fn through_globs(&self, at: &Path, module: &Module, path: &[String], depth: usize) -> Option<Found> {
        let first = path.first()?;
        module.globs.iter().find_map(|glob| {
            let Some(Found::Module(target)) = self.resolve(at, glob, depth + 1) else { return None };
            let there = self.modules.get(&target).filter(|_| target != *at)?;
            let has = there.children.contains(first) || there.defines(first) || there.imports.contains_key(first);
            if has {
                self.walk(&target, path, depth + 1)
            } else {
                self.through_globs(&target, there, path, depth + 1).filter(|_| depth < 32)
            }
        })
    }

    fn go_on(&self, found: Found, rest: &[String], depth: usize) -> Option<Found> {
        match found {
            Found::Module(module) => self.walk(&module, rest, depth + 1),
            Found::Item { path, file } => Some(Found::Item { path: [path.as_slice(), rest].concat(), file }),
            Found::Outside(path) => Some(Found::Outside([path.as_slice(), rest].concat())),
        }
    }
}

/// The edges of every cycle, one text per cycle. `node` says what an edge's ends belong to, such as their module.
pub fn cycles(edges: &BTreeSet<Edge>, node: impl Fn(&str) -> String) -> Vec<String> {
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for edge in edges {
        let (from, to) = (node(&edge.from), node(&edge.to));
        graph.entry(to.clone()).or_default();
        graph.entry(from.clone()).or_default().extend((from != to).then_some(to));
    }
    let reached: BTreeMap<&String, BTreeSet<&String>> = graph.keys().map(|from| (from, reach(&graph, from))).collect();
    let meet = |a: &String, b: &String| a != b && reached[a].contains(b) && reached[b].contains(a);
    let mut seen: BTreeSet<&String> = BTreeSet::new();
    let mut found = Vec::new();
    for start in graph.keys() {
        let members: BTreeSet<&String> = graph.keys().filter(|other| meet(start, other)).collect();
        if members.is_empty() || !seen.insert(start) {
            continue;
        }
        seen.extend(&members);
        let within = |name: &String| name == start || members.contains(name);
        let edges = edges.iter().filter(|edge| {
            let (from, to) = (node(&edge.from), node(&edge.to));
            from != to && within(&from) && within(&to)
        });
        let lines = edges.map(|edge| format!("    {}:{} names {} of {}", edge.from, edge.line, edge.path, edge.to));
        let names: Vec<&str> = std::iter::once(start).chain(members.iter().copied()).map(String::as_str).collect();
        found.push(format!("{}\n{}", names.join(" ↔ "), lines.collect::<Vec<_>>().join("\n")));
    }
    found
}

fn reach<'a>(graph: &'a BTreeMap<String, BTreeSet<String>>, from: &'a String) -> BTreeSet<&'a String> {
    let (mut reached, mut to_visit) = (BTreeSet::new(), vec![from]);
    while let Some(node) = to_visit.pop() {
        to_visit.extend(graph[node].iter().filter(|next| reached.insert(*next)));
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edges of invented files, as `a.rs → b.rs`.
    fn edges(files: &[(&str, &str)]) -> Vec<String> {
        let named = read(files).edges().into_iter().map(|edge| format!("{} → {}", edge.from, edge.to));
        named.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn read(files: &[(&str, &str)]) -> Crate {
        Crate::read(&files.iter().map(|(file, source)| ((*file).to_owned(), (*source).to_owned())).collect())
    }

    fn file_cycles(files: &[(&str, &str)]) -> Vec<String> {
        let cycles = cycles(&read(files).edges(), str::to_owned);
        cycles.iter().map(|cycle| cycle.lines().next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn a_cycle_through_a_reexport_is_found() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "mod inner; pub use inner::{Thing as Renamed, other};"),
            ("a/inner.rs", "use crate::b::f; pub struct Thing; pub fn other() { f() }"),
            ("b.rs", "use crate::a::Renamed; pub fn f() {}"),
        ];
        assert_eq!(edges(&files), ["a/inner.rs → b.rs", "b.rs → a/inner.rs"]);
        assert_eq!(file_cycles(&files), ["a/inner.rs ↔ b.rs"]);
    }

    #[test]
    fn a_file_that_uses_what_it_reexports_names_it() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod inner; pub(crate) use inner::Thing; pub fn f(_: Thing) {} pub const C: u8 = 1;"),
            ("a/inner.rs", "pub struct Thing([u8; super::C]);"),
        ];
        assert_eq!(file_cycles(&files), ["a/inner.rs ↔ a/mod.rs"]);
    }

    #[test]
    fn a_cycle_through_a_group_import_is_found() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::{b::{self, G}, c}; pub fn f() { b::g(); c::h() }"),
            ("b.rs", "pub struct G; pub fn g() {}"),
            ("c.rs", "use crate::{\n    a::{f as again},\n};\npub fn h() { again() }"),
        ];
        assert_eq!(edges(&files), ["a.rs → b.rs", "a.rs → c.rs", "c.rs → a.rs"]);
        assert_eq!(file_cycles(&files), ["a.rs ↔ c.rs"]);
    }

    #[test]
    fn a_cycle_through_super_is_found() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod x; mod y; pub fn shared() { y::run() }"),
            ("a/x.rs", "pub fn deep() { super::super::a::shared() }"),
            ("a/y.rs", "pub fn run() { super::x::deep() }"),
        ];
        assert_eq!(file_cycles(&files), ["a/mod.rs ↔ a/x.rs ↔ a/y.rs"]);
    }

    #[test]
    fn an_imported_module_is_followed_and_no_edge_itself() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "pub mod c; pub fn of_a() {}"),
            ("a/c.rs", "pub fn f() {}"),
            ("b.rs", "use crate::a as renamed; fn g() { renamed::c::f() }"),
        ];
        assert_eq!(edges(&files), ["b.rs → a/c.rs"]);
    }

    #[test]
    fn glob_imports_and_exported_macros_are_followed() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "pub use crate::b::*;"),
            ("b.rs", "pub fn f() {} #[macro_export] macro_rules! m { () => { $crate::c::g() } }"),
            ("c.rs", "use super::a::*; pub fn g() { f(); } fn h() { crate::m!() }"),
        ];
        assert_eq!(edges(&files), ["b.rs → c.rs", "c.rs → b.rs"]);
    }

    #[test]
    fn the_handlers_of_a_macro_are_named() {
        let files = [
            ("lib.rs", "mod a; pub use other_crate::operations;"),
            ("a/mod.rs", "mod handlers; pub fn routes() { crate::operations!(ops, handlers::{one, two}); }"),
            ("a/handlers.rs", "pub fn one() {} pub fn two() {}"),
        ];
        assert_eq!(edges(&files), ["a/mod.rs → a/handlers.rs"]);
    }

    #[test]
    fn what_names_nothing_of_another_file_is_no_edge() {
        let files = [
            ("lib.rs", "pub mod a; pub mod b; pub use outside::http;\n#[cfg(test)]\nmod only_tests;"),
            (
                "a.rs",
                "//! [`crate::b::F`]\n// crate::b::F\npub(in crate::b) fn f() { crate::http::g(\"crate::b::F\") }",
            ),
            ("b.rs", "pub struct F;\n#[cfg(test)]\nmod tests { use crate::a::f; }"),
            ("only_tests.rs", "use crate::a::f;"),
        ];
        assert_eq!(edges(&files), Vec::<String>::new());
        let uses = read(&files).uses();
        assert!(uses.iter().any(|named| named.full_path() == "outside::http::g"));
    }

    #[test]
    fn an_import_in_a_body_and_a_name_of_two_kinds_hide_nothing() {
        let files = [
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "pub fn keys() { use outside::keys; keys::table() } pub fn f() { use crate::c; c::h() }"),
            ("b.rs", "use crate::{a::keys, c}; pub fn c() { keys(); c::h() } impl D { fn keys() {} }"),
            ("c.rs", "pub fn h() {}"),
        ];
        assert_eq!(edges(&files), ["a.rs → c.rs", "b.rs → a.rs", "b.rs → c.rs"]);
    }

    #[test]
    fn modules_have_cycles_that_files_do_not_have() {
        let files = [
            ("lib.rs", "mod a; mod b;"),
            ("a/mod.rs", "pub mod one; pub mod two;"),
            ("a/one.rs", "pub fn f() { crate::b::g() }"),
            ("a/two.rs", "pub fn h() {}"),
            ("b.rs", "pub fn g() { crate::a::two::h() }"),
        ];
        let crate_edges = read(&files).edges();
        assert_eq!(file_cycles(&files), Vec::<String>::new());
        let found = cycles(&crate_edges, |file| file.split(['/', '.']).next().unwrap_or_default().to_owned());
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("a/one.rs:1 names crate::b::g of b.rs"), "{found:?}");
    }
}
