//! The modules of a crate: what each declares, imports and defines, and the paths that its files name.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, program_tokens, starts_with, text_at};

/// Segments of a path. Inside a crate, a module is the path from its root, which is empty.
pub type Path = Vec<String>;

/// A place that names something.
#[derive(Clone, Debug)]
pub struct Name {
    /// The module that it is written in.
    pub scope: Path,
    pub path: Path,
    pub file: String,
    pub line: usize,
    pub kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Import,
    /// `pub use`: an import that others follow.
    Reexport,
    /// A path in code, such as `crate::a::f()`.
    Inline,
    /// A word that is no path: only a re-export or a glob import gives it another file.
    Word,
}

#[derive(Debug, Default)]
pub struct Module {
    pub file: String,
    pub children: BTreeSet<String>,
    /// Types and traits: what a path can go through.
    pub types: BTreeSet<String>,
    /// The types among them that are `pub`.
    pub public_types: BTreeSet<String>,
    /// Functions, constants and macros.
    pub values: BTreeSet<String>,
    /// What an imported name stands for, and whether it is re-exported.
    pub imports: BTreeMap<String, (Path, Kind)>,
    pub globs: Vec<Path>,
}

impl Module {
    pub fn defines(&self, name: &str) -> bool {
        self.types.contains(name) || self.values.contains(name)
    }
}

/// The source of a crate, read from its root. Files that only tests compile are not in it.
#[derive(Debug, Default)]
pub struct Crate {
    pub modules: BTreeMap<Path, Module>,
    pub names: Vec<Name>,
    /// The files of macros that are exported at the root of the crate.
    pub macros: BTreeMap<String, String>,
}

impl Crate {
    /// Reads the files of a crate, by their path from `src`.
    pub fn read(files: &BTreeMap<String, String>) -> Self {
        let mut read = Self::default();
        let mut to_read = vec![(Vec::new(), "lib.rs".to_owned())];
        while let Some((module, file)) = to_read.pop() {
            let children = Reader::new(&mut read, module, &file).read(&files[&file]);
            for child in children {
                let folder = child.join("/");
                let candidates = [format!("{folder}.rs"), format!("{folder}/mod.rs")];
                let found = candidates.into_iter().find(|file| files.contains_key(file));
                to_read.push((child, found.unwrap_or_else(|| panic!("{file}: no file of module {folder}"))));
            }
        }
        read
    }
}

/// Reads one file into the crate.
struct Reader<'a> {
    into: &'a mut Crate,
    file: &'a str,
    /// The modules around this place, each with the depth of braces that its body has.
    scopes: Vec<(Path, usize)>,
    depth: usize,
    /// Imports in the body of a function, with its depth: nothing outside of it sees them.
    local_imports: Vec<(usize, String, Path)>,
    /// Modules in files of their own.
    declared: Vec<Path>,
}

impl<'a> Reader<'a> {
    fn new(into: &'a mut Crate, module: Path, file: &'a str) -> Self {
        file.clone_into(&mut into.modules.entry(module.clone()).or_default().file);
        Self { into, file, scopes: vec![(module, 0)], depth: 0, local_imports: Vec::new(), declared: Vec::new() }
    }

    fn scope(&self) -> Path {
        self.scopes.last().map(|(module, _)| module.clone()).unwrap_or_default()
    }

    fn module(&mut self) -> &mut Module {
        let scope = self.scope();
        self.into.modules.entry(scope).or_default()
    }

    fn is_in_body(&self) -> bool {
        self.scopes.last().is_some_and(|(_, depth)| *depth != self.depth)
    }

    fn read(mut self, source: &str) -> Vec<Path> {
        let tokens = program_tokens(source);
        let (mut at, mut is_public) = (0, false);
        while at < tokens.len() {
            let start = at;
            let visible = std::mem::take(&mut is_public);
            match text_at(&tokens, at) {
                "pub" => (at, is_public) = (end_of_visibility(&tokens, at), true),
                "mod" if text_at(&tokens, at + 2) == ";" => at = self.declare(&tokens, at, None),
                "mod" if text_at(&tokens, at + 2) == "{" => {
                    self.depth += 1;
                    at = self.declare(&tokens, at, Some(self.depth));
                }
                "use" if tokens.get(at + 1).is_some_and(|next| next.is_word() || next.text == "::") => {
                    at = self.import(&tokens, at, if visible { Kind::Reexport } else { Kind::Import });
                }
                "macro_rules" => at = self.define_macro(&tokens, at),
                word @ ("struct" | "enum" | "trait" | "union" | "type" | "fn" | "const" | "static") => {
                    at = self.define(word, visible, &tokens, at + 1);
                }
                "{" => (self.depth, at) = (self.depth + 1, at + 1),
                "}" => {
                    if self.scopes.len() > 1 && self.scopes.last().is_some_and(|(_, depth)| *depth == self.depth) {
                        self.scopes.pop();
                    }
                    (self.depth, at) = (self.depth.saturating_sub(1), at + 1);
                    self.local_imports.retain(|(depth, ..)| *depth <= self.depth);
                }
                _ if tokens[at].is_word() => at = self.path(&tokens, at),
                _ => at += 1,
            }
            assert!(at > start, "{}: the reader stands still", self.file);
        }
        self.declared
    }

    /// `mod name;` or, with the depth of its body, `mod name {`.
    fn declare(&mut self, tokens: &[Token], at: usize, body: Option<usize>) -> usize {
        let name = text_at(tokens, at + 1).to_owned();
        let mut path = self.scope();
        path.push(name.clone());
        self.module().children.insert(name);
        match body {
            None => self.declared.push(path),
            Some(depth) => {
                self.file.clone_into(&mut self.into.modules.entry(path.clone()).or_default().file);
                self.scopes.push((path, depth));
            }
        }
        at + 3
    }

    /// An item, with its name at this place. What a body defines is its own, but for the types that a macro makes.
    fn define(&mut self, word: &str, visible: bool, tokens: &[Token], at: usize) -> usize {
        let Some(name) = tokens.get(at).filter(|next| next.is_word() && next.text != "fn") else { return at };
        let is_type = ["struct", "enum", "trait", "union"].contains(&word);
        let is_in_body = self.is_in_body();
        let (module, name) = (self.module(), name.text.clone());
        if is_type || (word == "type" && !is_in_body) {
            module.public_types.extend(visible.then(|| name.clone()));
            module.types.insert(name);
        } else if !is_in_body {
            module.values.insert(name);
        }
        at + 1
    }

    fn define_macro(&mut self, tokens: &[Token], at: usize) -> usize {
        let name = text_at(tokens, at + 2).to_owned();
        if at >= 4 && starts_with(tokens, at - 4, &["#", "[", "macro_export", "]"]) {
            self.into.macros.insert(name, self.file.to_owned());
        } else {
            self.module().values.insert(name);
        }
        at + 3
    }

    fn import(&mut self, tokens: &[Token], at: usize, kind: Kind) -> usize {
        let line = tokens[at].line;
        let mut leaves = Vec::new();
        let end = read_tree(tokens, at + 1, &Vec::new(), kind, &mut leaves);
        for leaf in leaves {
            let path = leaf.path;
            if leaf.is_glob {
                // It names nothing yet: the words of the file do.
                self.module().globs.push(path.clone());
            } else {
                match leaf.name {
                    Some(name) if self.is_in_body() => self.local_imports.push((self.depth, name, path.clone())),
                    Some(name) => drop(self.module().imports.insert(name, (path.clone(), kind))),
                    None => {}
                }
            }
            self.name(path, line, kind);
        }
        end
    }

    /// A path in code. `a::{b, c}` is a group also outside `use`: macros take it.
    fn path(&mut self, tokens: &[Token], start: usize) -> usize {
        let line = tokens[start].line;
        let before = start.checked_sub(1).map_or("", |at| text_at(tokens, at));
        let mut leaves = Vec::new();
        let end = read_tree(tokens, start, &Vec::new(), Kind::Inline, &mut leaves);
        // After `::` and `.` the word belongs to another path or value. A `$variable` is not known here.
        let is_crate = text_at(tokens, start) == "crate";
        if ["::", "."].contains(&before) || (before == "$" && !is_crate) {
            return end;
        }
        for leaf in leaves {
            let is_field = leaf.path.len() == 1 && text_at(tokens, end) == ":";
            if leaf.path.len() > 1 {
                self.name(leaf.path, line, Kind::Inline);
            } else if !is_field && !leaf.path.is_empty() {
                self.name(leaf.path, line, Kind::Word);
            }
        }
        end
    }

    fn name(&mut self, mut path: Path, line: usize, kind: Kind) {
        let local =
            self.local_imports.iter().rev().find(|(_, name, _)| kind != Kind::Import && path.first() == Some(name));
        if let Some((.., import)) = local {
            path.splice(..1, import.iter().cloned());
        }
        let (scope, file) = (self.scope(), self.file.to_owned());
        self.into.names.push(Name { scope, path, file, line, kind });
    }
}

/// `pub`, `pub(crate)`, `pub(in crate::a)`: a path in a visibility uses nothing.
fn end_of_visibility(tokens: &[Token], at: usize) -> usize {
    let restricted = text_at(tokens, at + 1) == "("
        && (text_at(tokens, at + 2) == "in"
            || ["crate", "super", "self"].contains(&text_at(tokens, at + 2)) && text_at(tokens, at + 3) == ")");
    if !restricted {
        return at + 1;
    }
    let closing = (at..tokens.len()).find(|at| text_at(tokens, *at) == ")");
    closing.map_or(tokens.len(), |at| at + 1)
}

/// One path of a tree of imports.
struct Leaf {
    path: Path,
    /// The name that it has here; none for `as _`.
    name: Option<String>,
    is_glob: bool,
}

/// Reads `a::{b, c::{self, d}, e::*}`, in imports also `f as g`, and returns the place after it.
fn read_tree(tokens: &[Token], start: usize, prefix: &Path, kind: Kind, leaves: &mut Vec<Leaf>) -> usize {
    let (mut at, mut path) = (start, prefix.clone());
    let mut is_glob = false;
    at += usize::from(text_at(tokens, at) == "::");
    loop {
        match text_at(tokens, at) {
            "{" => return read_group(tokens, at, &path, kind, leaves),
            "*" if !path.is_empty() => (is_glob, at) = (true, at + 1),
            "self" if !path.is_empty() => at += 1,
            _ if tokens.get(at).is_some_and(Token::is_word) => {
                path.push(text_at(tokens, at).to_owned());
                at += 1;
            }
            _ => break,
        }
        let continues = text_at(tokens, at) == "::"
            && (["{", "*"].contains(&text_at(tokens, at + 1)) || tokens.get(at + 1).is_some_and(Token::is_word));
        if !continues {
            break;
        }
        at += 1;
    }
    let mut name = path.last().cloned();
    if kind != Kind::Inline && text_at(tokens, at) == "as" {
        name = Some(text_at(tokens, at + 1).to_owned()).filter(|name| name != "_");
        at += 2;
    }
    if at > start {
        leaves.push(Leaf { path, name, is_glob });
    }
    at
}

/// Reads the group that starts at a brace. A group that is no list of paths belongs to a macro: it is code.
fn read_group(tokens: &[Token], brace: usize, prefix: &Path, kind: Kind, leaves: &mut Vec<Leaf>) -> usize {
    let (mut at, before) = (brace + 1, leaves.len());
    while text_at(tokens, at) != "}" {
        let start = at;
        at = read_tree(tokens, at, prefix, kind, leaves);
        if at == start || ![",", "}"].contains(&text_at(tokens, at)) {
            leaves.truncate(before);
            return brace;
        }
        at += usize::from(text_at(tokens, at) == ",");
    }
    at + 1
}
