//! The packages of the command line, installed in empty folders with an empty HOME.

use crate::install::fresh;
use crate::job::{Failure, Jobs};
use crate::pack::command_line;
use crate::shell::Shell;
use crate::{node, python};
use std::path::Path;

pub(super) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("pip install wif", from_pip)?;
    jobs.run("npm install workload-identity-cli", from_npm)
}

fn from_pip() -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let folder = fresh("pip-install-wif")?;
    let environment = folder.join("venv");
    Shell::new(&newest.program).args(["-m", "venv"]).args([&environment]).run_quietly()?;
    at_home(&folder, &environment.join("bin/python"))
        .args(["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-index"])
        .args([command_line::wheel()?])
        .run_quietly()?;
    let wif = environment.join("bin/wif");
    demonstrates(at_home(&folder, &wif))?;
    at_home(&folder, &wif).args(["man", "man1"]).run()
}

fn from_npm() -> Result<(), Failure> {
    let tools = node::tools()?;
    let folder = fresh("npm-install-wif")?;
    std::fs::write(folder.join("package.json"), "{\"private\":true}\n")?;
    // Offline: the packages of other platforms are optional, and none of ours may come from a registry.
    at_home(&folder, Path::new("npm"))
        .args(["install", "--offline", "--no-audit", "--no-fund"])
        .args(command_line::npm_packages()?)
        .path_first(&tools.folder())
        .run_quietly()?;
    let npx = |arguments: &[&str]| {
        at_home(&folder, Path::new("npx"))
            .args(["--offline", "--no", "--", "wif"])
            .args(arguments)
            .path_first(&tools.folder())
    };
    demonstrates(npx(&[]))?;
    if npx(&["no-such-command"]).probe().is_some() {
        return Err(Failure::new("the launcher hides the exit status of wif"));
    }
    Ok(())
}

/// A program that runs in `folder`, with an empty folder as HOME.
fn at_home(folder: &Path, program: &Path) -> Shell {
    Shell::new(program).dir(folder).env("HOME", folder.join("home"))
}

/// Runs `wif demo` to its last step.
fn demonstrates(wif: Shell) -> Result<(), Failure> {
    let shown = wif.args(["demo", "--json"]).output()?;
    let steps = shown.lines().count();
    if steps == 7 && shown.contains("trust_mismatch") {
        return Ok(());
    }
    Err(Failure::new(format!("`wif demo --json` printed {steps} steps:\n{shown}")))
}
