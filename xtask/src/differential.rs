//! One corpus of tokens, verified here and by widely used libraries (tests/differential).

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

/// Installs the Node.js libraries beside the program that calls them, below the build folder.
fn libraries() -> Result<PathBuf, Failure> {
    let folder = project::installed("node")?.join("differential");
    std::fs::create_dir_all(&folder)?;
    for name in ["package.json", "package-lock.json", "verify_node.mjs"] {
        std::fs::copy(project::path(SOURCE).join(name), folder.join(name))?;
    }
    node::install(&folder)?;
    Ok(folder)
}
