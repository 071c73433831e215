//! Installing from a checkout, without the packages of `dist/`.

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, project, python};
use std::path::PathBuf;

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("pip install ./bindings-python", from_pip)?;
    jobs.run("npm install ./bindings-node ./bindings-wasm", from_npm)
}

/// An empty folder, so that nothing of an earlier run helps.
pub(crate) fn fresh(name: &str) -> Result<PathBuf, Failure> {
    let folder = project::installed(name)?;
    std::fs::remove_dir_all(&folder)?;
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn from_pip() -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let folder = fresh("pip-install")?;
    Shell::new(&newest.program).args(["-m", "venv"]).args([&folder]).run_quietly()?;
    let program = folder.join("bin/python");
    Shell::new(&program)
        .args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "./bindings-python"])
        .run_quietly()?;
    let check = "from workload_identity import WorkloadIdentity; print(WorkloadIdentity.__doc__.splitlines()[0])";
    Shell::new(program).args(["-c", check]).dir(folder).run()
}

fn from_npm() -> Result<(), Failure> {
    let tools = node::tools()?;
    let folder = fresh("npm-install")?;
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
    for built in ["bindings-node/dist", "bindings-node/native", "bindings-wasm/dist"] {
        let built = project::path(built);
        if built.exists() {
            std::fs::remove_dir_all(built)?;
        }
    }
    Shell::new("npm")
        .args(["install", "--no-audit", "--no-fund"])
        .args([project::path("bindings-node"), project::path("bindings-wasm")])
        .dir(&folder)
        .path_first(&tools.folder())
        .run_quietly()?;
    let check = "import('workload-identity').then((m) => console.log(new m.WorkloadIdentity({ tenantId: 'example.com', \
                 clientId: '00000000-0000-0000-0000-000000000001', source: m.callback(() => '') }).constructor.name)); \
                 console.log(typeof require('workload-identity-wasm').WorkloadIdentity)";
    Shell::new(tools.node()).args(["-e", check]).dir(folder).run()
}
