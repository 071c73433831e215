//! No circles between the files of a package, nor between its folders.

use super::graph::Graph;
use super::rust_imports::Crate;
use super::script_imports;

/// Returns a complaint for each circle.
pub(super) fn complaints(files: &[(String, String)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for source in rust_sources(files) {
        let paths = files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
        let rust = paths.filter(|(path, _)| {
            path.starts_with(&source) && path.ends_with(".rs") && !path.contains("/bin/")
        });
        complaints.extend(describe(&Crate::read(&source, rust).graph()));
    }
    complaints.extend(describe(&script_imports::typescript(&with_end(files, ".ts"))));
    let python: Vec<(String, String)> = with_end(files, ".py")
        .into_iter()
        .filter(|(path, _)| path.starts_with(PYTHON_PACKAGE))
        .collect();
    complaints.extend(describe(&script_imports::python(PYTHON_PACKAGE, &python)));
    complaints
}

const PYTHON_PACKAGE: &str = "bindings-python/python/workload_identity";

/// The source folders of all crates.
fn rust_sources(files: &[(String, String)]) -> Vec<String> {
    files
        .iter()
        .filter_map(|(path, _)| {
            let folder = path.strip_suffix("/lib.rs").or_else(|| path.strip_suffix("/main.rs"))?;
            folder.ends_with("src").then(|| format!("{folder}/"))
        })
        .collect()
}

fn with_end(files: &[(String, String)], end: &str) -> Vec<(String, String)> {
    files.iter().filter(|(path, _)| path.ends_with(end)).cloned().collect()
}

/// Circles between files first; those between folders show when there are none.
fn describe(graph: &Graph) -> Vec<String> {
    let circles = graph.circles();
    let circles = if circles.is_empty() { graph.folders().circles() } else { circles };
    circles.iter().map(|circle| format!("{}: a circle", circle.join(" -> "))).collect()
}
