//! Rules about the files themselves: length, names, words, and who imports whom.

mod circles;
mod graph;
mod rust_imports;
mod script_imports;
mod words;

use crate::git;
use crate::job::{Failure, Jobs};

/// No hand-written source file is longer.
const MAX_LINES: usize = 400;
const SOURCES: [&str; 8] = [".rs", ".py", ".pyi", ".ts", ".js", ".mjs", ".kt", ".swift"];
/// File names that do not say what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "common", "types", "misc"];
/// Lock files, test data and generated files may be long, and lock files name their registry's index.
const DATA: [&str; 4] = ["Cargo.lock", "package-lock.json", "tests/vectors/", "/generated/"];

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("layout", || {
        let files = git::texts()?;
        let mut complaints = Vec::new();
        for (path, text) in &files {
            inspect(path, text, &mut complaints);
            complaints.extend(words::complaints(path, text));
        }
        complaints.extend(circles::complaints(&files));
        if complaints.is_empty() {
            println!("{} files follow the rules", files.len());
            return Ok(());
        }
        Err(Failure::new(complaints.join("\n")))
    })
}

fn inspect(path: &str, text: &str, complaints: &mut Vec<String>) {
    let data = DATA.iter().any(|mark| path.contains(mark));
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or("");
    if EMPTY_NAMES.contains(&stem.trim_start_matches('_')) {
        complaints.push(format!("{path}: `{stem}` does not say what is inside"));
    }
    let lines = text.lines().count();
    if !data && SOURCES.iter().any(|end| path.ends_with(end)) && lines > MAX_LINES {
        complaints.push(format!("{path}: {lines} lines, more than {MAX_LINES}"));
    }
    let forbidden = forbidden();
    for (number, line) in text.lines().enumerate() {
        for (needle, why) in &forbidden {
            if line.contains(needle.as_str())
                && !(data && *why == REGISTRY && path.ends_with(".lock"))
            {
                complaints.push(format!("{path}:{}: {why}: `{needle}`", number + 1));
            }
        }
    }
}

const REGISTRY: &str = "a package registry's host";
const MACHINE: &str = "a path of one machine";

/// Returns what no file may contain, joined from pieces so that this file follows the rule too.
fn forbidden() -> Vec<(String, &'static str)> {
    let hosts: [&[&str]; 8] = [
        &["registry.npmjs", "org"],
        &["pypi", "org"],
        &["files.pythonhosted", "org"],
        &["static.crates", "io"],
        &["index.crates", "io"],
        &["repo", "maven", "apache", "org"],
        &["deb.debian", "org"],
        &["proxy.golang", "org"],
    ];
    let mut needles: Vec<(String, &'static str)> =
        hosts.iter().map(|pieces| (pieces.join("."), REGISTRY)).collect();
    for pieces in [
        ["", "root", ""],
        ["", "work", "main"],
        ["", "work", "shared"],
        ["", "Users", ""],
        ["", "home", ""],
    ] {
        needles.push((pieces.join("/"), MACHINE));
    }
    needles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(path: &str, text: &str) -> usize {
        let mut found = Vec::new();
        inspect(path, text, &mut found);
        found.len()
    }

    #[test]
    fn each_rule_can_be_broken() {
        assert_eq!(complaints("core/src/time.rs", "fn a() {}\n"), 0);
        assert_eq!(complaints("core/src/utils.rs", ""), 1);
        assert_eq!(complaints("core/src/time.rs", &"\n".repeat(MAX_LINES + 1)), 1);
        assert_eq!(complaints("tests/vectors/a.py", &"\n".repeat(MAX_LINES + 1)), 0);
        for (needle, _) in forbidden() {
            assert_eq!(complaints("README.md", &needle), 1, "{needle}");
        }
    }
}
