//! One corpus of tokens, judged by us and by the libraries that people use today (tests/differential).

use crate::job::Failure;
use crate::shell::Shell;
use crate::{node, project, python};
use std::path::PathBuf;

const SOURCE: &str = "tests/differential";

pub(crate) fn run() -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let source = project::path(SOURCE);
    let requirements = source.join("requirements.txt");
    let environment = python::Environment::with("differential", &newest.program, &requirements)?;
    Shell::new(environment.program("python"))
        .args([source.join("compare.py")])
        .args(["--wif".into(), project::target().join("debug/wif")])
        .args(["--node".into(), node::tools()?.node()])
        .args(["--node-folder".into(), libraries()?])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
}

/// The Node.js libraries with the program that asks them; the source tree is no place to install any.
fn libraries() -> Result<PathBuf, Failure> {
    let folder = project::installed("node")?.join("differential");
    std::fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", "verify_node.mjs"] {
        std::fs::copy(project::path(SOURCE).join(name), folder.join(name))?;
    }
    node::install(&folder)?;
    Ok(folder)
}
