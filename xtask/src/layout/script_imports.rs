//! Which TypeScript and Python files import which others.

use super::graph::Graph;
use std::collections::BTreeSet;

/// Returns the imports between TypeScript files, types included.
pub(super) fn typescript(files: &[(String, String)]) -> Graph {
    let known: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let mut graph = Graph::default();
    for (path, text) in files {
        for module in text.lines().filter_map(typescript_module) {
            let target = join(folder(path), &module.replace(".js", ".ts"));
            if known.contains(target.as_str()) {
                graph.add(path, &target);
            }
        }
    }
    graph
}

/// The module of the line that ends an `import` or `export` statement.
fn typescript_module(line: &str) -> Option<&str> {
    let (_, module) = line.split_once("from \"")?;
    let module = module.strip_suffix("\";")?;
    module.starts_with('.').then_some(module)
}

/// Returns the imports between the modules of a Python package that run when it is imported.
pub(super) fn python(package: &str, files: &[(String, String)]) -> Graph {
    let known: BTreeSet<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    let name = package.rsplit('/').next().unwrap_or(package);
    let mut graph = Graph::default();
    for (path, text) in files {
        for line in text.lines() {
            let Some((module, names)) =
                line.strip_prefix("from ").and_then(|rest| rest.split_once(" import "))
            else {
                continue;
            };
            let base = if let Some(relative) = module.strip_prefix('.') {
                join(folder(path), &relative.replace('.', "/"))
            } else if let Some(rest) = module.strip_prefix(name) {
                format!("{package}{}", rest.replace('.', "/"))
            } else {
                continue;
            };
            let base = base.trim_end_matches('/');
            let names = names.split([',', '(', ')', ' ']).filter(|name| !name.is_empty());
            let candidates = names.map(|name| format!("{base}/{name}.py"));
            let targets: Vec<String> = candidates
                .chain([format!("{base}.py")])
                .filter(|target| known.contains(target.as_str()))
                .collect();
            for target in targets {
                graph.add(path, &target);
            }
        }
    }
    graph
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn join(folder: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').collect();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn typescript_imports_are_relative() {
        let list = files(&[
            ("t/src/a.ts", "import {\n  b,\n} from \"./x/b.js\";\nimport c from \"c\";"),
            ("t/src/x/b.ts", "export { a } from \"../a.js\";"),
        ]);
        assert_eq!(typescript(&list).circles(), [["t/src/a.ts", "t/src/x/b.ts", "t/src/a.ts"]]);
    }

    #[test]
    fn python_imports_of_functions_do_not_count() {
        let list = |inner: &str| files(&[("p/w/a.py", "from . import b\n"), ("p/w/b.py", inner)]);
        let circle = [["p/w/a.py", "p/w/b.py", "p/w/a.py"]];
        assert_eq!(python("p/w", &list("from w.a import x")).circles(), circle);
        assert_eq!(python("p/w", &list("from .a import x")).circles(), circle);
        assert!(python("p/w", &list("def f():\n    from .a import x")).circles().is_empty());
    }
}
