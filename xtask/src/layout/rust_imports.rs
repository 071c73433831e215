//! Which files of a Rust crate use which others, read from `mod` and `use` items and from paths in the code.
//!
//! A name that a module re-exports leads to the file that defines it; `mod` and `pub use` items alone are no imports. Nor are
//! those of a module file from the files below it: it is the face of its folder, and they may use what it defines.

use super::graph::Graph;
use crate::rust_code;
use std::collections::BTreeMap;

/// How many re-exports of one name are followed.
const MAX_EXPORTS: usize = 8;

/// A module path without `crate`: `["json", "strict"]`.
type Path = Vec<String>;

/// The modules of one crate.
pub(super) struct Crate {
    modules: BTreeMap<Path, Module>,
}

struct Module {
    file: String,
    /// The code without its `use` items.
    code: String,
    uses: Vec<Use>,
}

struct Use {
    path: Path,
    name: String,
    public: bool,
}

impl Crate {
    /// Reads a crate from its files: paths that begin with `source`, and their texts.
    pub(super) fn read<'f>(source: &str, files: impl Iterator<Item = (&'f str, &'f str)>) -> Self {
        let mut modules = BTreeMap::new();
        for (file, text) in files {
            let Some(relative) = file.strip_prefix(source) else { continue };
            let path = module_path(relative);
            let (code, uses) = split_uses(&rust_code::code(text));
            modules.insert(path, Module { file: file.to_owned(), code, uses });
        }
        Self { modules }
    }

    /// Returns the imports between the files.
    pub(super) fn graph(&self) -> Graph {
        let mut graph = Graph::default();
        for (path, module) in &self.modules {
            for target in self.targets(path, module) {
                if !(target.len() > path.len() && target.starts_with(path)) {
                    graph.add(&module.file, &self.modules[&target].file);
                }
            }
        }
        graph
    }

    /// Returns the modules that a module imports.
    fn targets(&self, path: &Path, module: &Module) -> Vec<Path> {
        let mut targets = Vec::new();
        let mut aliases: BTreeMap<&str, Path> = BTreeMap::new();
        for item in module.uses.iter().filter(|item| !item.public) {
            let Some(absolute) = self.absolute(path, &item.path) else { continue };
            if self.modules.contains_key(&absolute) {
                // A module by its name: what counts are the paths that begin with it.
                aliases.insert(&item.name, absolute);
            } else {
                targets.extend(self.definition(&absolute, 0));
            }
        }
        for mut found in paths(&module.code) {
            if let Some(alias) = aliases.get(found[0].as_str()) {
                found.splice(0..1, alias.iter().cloned());
                targets.extend(self.definition(&found, 0));
            } else if let Some(absolute) = self.absolute(path, &found) {
                targets.extend(self.definition(&absolute, 0));
            }
        }
        targets
    }

    /// Returns a path from the crate's root; None for one that leads to another crate.
    fn absolute(&self, module: &Path, path: &[String]) -> Option<Path> {
        let mut base = module.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                base.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
            }
            first => {
                base.push(first.to_owned());
                let child = self.modules.contains_key(&base);
                base.pop();
                if !child {
                    return None;
                }
            }
        }
        base.extend(rest.iter().cloned());
        Some(base)
    }

    /// Returns the module that defines what an absolute path names.
    fn definition(&self, path: &[String], depth: usize) -> Option<Path> {
        let length =
            (0..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let module = path[..length].to_vec();
        let exported = path.get(length).and_then(|name| {
            self.modules[&module].uses.iter().find(|item| item.public && item.name == *name)
        });
        match exported.and_then(|item| self.absolute(&module, &item.path)) {
            Some(mut target) if depth < MAX_EXPORTS => {
                target.extend(path[length + 1..].iter().cloned());
                self.definition(&target, depth + 1)
            }
            _ => Some(module),
        }
    }
}

fn module_path(relative: &str) -> Path {
    let stem = relative.strip_suffix(".rs").unwrap_or(relative);
    let mut path: Path = stem.split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|last| last == "mod") || ["lib", "main"].contains(&stem) {
        path.pop();
    }
    path
}

/// Takes the `use` items out of a piece of code.
fn split_uses(code: &str) -> (String, Vec<Use>) {
    let mut kept = String::new();
    let mut uses = Vec::new();
    let mut rest = code;
    while let Some(at) = find_use(rest) {
        let line = rest[..at].rfind(['\n', ';', '{', '}']).map_or(0, |start| start + 1);
        let public = rest[line..at].trim_start().starts_with("pub");
        kept.push_str(&rest[..line]);
        let item = &rest[at + "use ".len()..];
        let end = item.find(';').unwrap_or(item.len());
        expand(&item[..end], &[], public, &mut uses);
        rest = item.get(end + 1..).unwrap_or("");
    }
    kept.push_str(rest);
    (kept, uses)
}

/// Where the keyword `use` begins an item.
fn find_use(code: &str) -> Option<usize> {
    code.match_indices("use ").map(|(at, _)| at).find(|at| {
        let line = code[..*at].rfind(['\n', ';', '{', '}']).map_or(0, |start| start + 1);
        let before = code[line..*at].trim();
        before.is_empty() || (before.starts_with("pub") && !before.contains(' '))
    })
}

/// Expands `a::{b, c as d}` to one entry per name.
fn expand(tree: &str, prefix: &[String], public: bool, uses: &mut Vec<Use>) {
    let tree = tree.trim();
    if let Some(open) = tree.find('{') {
        let mut path = prefix.to_vec();
        path.extend(parts(&tree[..open]));
        let inner = tree[open + 1..].strip_suffix('}').unwrap_or(&tree[open + 1..]);
        for branch in branches(inner) {
            expand(branch, &path, public, uses);
        }
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim())),
        None => (tree, None),
    };
    let mut full = prefix.to_vec();
    full.extend(parts(path));
    // `a::{self}` is `a`, and `a::*` is taken as `a`.
    if full.len() > 1 && full.last().is_some_and(|last| last == "self") {
        full.pop();
    }
    if let Some(name) = alias.map(str::to_owned).or_else(|| full.last().cloned()) {
        uses.push(Use { path: full, name, public });
    }
}

fn parts(path: &str) -> impl Iterator<Item = String> {
    path.split("::")
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty() && part != "*")
}

/// Splits at the commas outside of braces.
fn branches(inner: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let mut start = 0;
    let mut found = Vec::new();
    for (at, character) in inner.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&inner[start..]);
    found.retain(|branch| !branch.trim().is_empty());
    found
}

/// Returns the paths of two or more parts.
fn paths(code: &str) -> Vec<Path> {
    let is_part = |character: char| rust_code::is_word(character) || character == ':';
    code.split(|character: char| !is_part(character))
        .filter(|path| path.contains("::") && !path.starts_with(':'))
        .map(|path| parts(path).collect::<Path>())
        .filter(|path| path.len() > 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        Crate::read("c/src/", files.iter().copied()).graph().circles()
    }

    #[test]
    fn uses_and_paths_are_imports() {
        let circle = [["c/src/a.rs", "c/src/b.rs", "c/src/a.rs"]];
        let used = [("c/src/a.rs", "use crate::b::B;"), ("c/src/b.rs", "use super::{a::{A, X}};")];
        assert_eq!(circles(&used), circle);
        let path = [
            ("c/src/a.rs", "fn a() { crate::b::b() }"),
            ("c/src/b.rs", "use crate::a; fn b() { a::a() }"),
        ];
        assert_eq!(circles(&path), circle);
        let tests = [
            ("c/src/a.rs", "use crate::b::B;"),
            ("c/src/b.rs", "#[cfg(test)]\nmod tests { use crate::a::A; }"),
        ];
        assert!(circles(&tests).is_empty());
    }

    #[test]
    fn exports_lead_to_the_file_that_defines() {
        let files = [
            ("c/src/m/mod.rs", "mod a; mod b; pub use a::A; pub(crate) use b::B;"),
            ("c/src/m/a.rs", "use super::B;"),
            ("c/src/m/b.rs", ""),
        ];
        assert!(circles(&files).is_empty());
        let files = [files[0], files[1], ("c/src/m/b.rs", "use crate::m::A;")];
        assert_eq!(circles(&files), [["c/src/m/a.rs", "c/src/m/b.rs", "c/src/m/a.rs"]]);
    }

    #[test]
    fn a_module_file_may_use_the_files_below_it() {
        let files = [
            ("c/src/m/mod.rs", "mod a; use a::A; pub struct M(A);"),
            ("c/src/m/a.rs", "use super::M; use crate::n::N;"),
            ("c/src/n.rs", ""),
        ];
        assert!(circles(&files).is_empty());
        let files = [files[0], files[1], ("c/src/n.rs", "use crate::m::a::A;")];
        assert_eq!(circles(&files), [["c/src/m/a.rs", "c/src/n.rs", "c/src/m/a.rs"]]);
    }
}
