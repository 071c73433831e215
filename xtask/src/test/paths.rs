//! What new users do in their first hour, as scripts: `tests/paths/*.sh`.
//!
//! Each runs in an empty folder with an empty HOME, installs the packages of `dist/`, and does what the documentation shows.

use crate::install::fresh;
use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{node, project, python};
use std::path::Path;

/// The scripts of `tests/paths`.
const PATHS: [&str; 5] =
    ["aks_python", "fastapi_team", "typescript", "worker", "platform_engineer"];

pub(super) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    for path in PATHS {
        jobs.run(&format!("path {path}"), || follow(path))?;
    }
    Ok(())
}

fn follow(path: &str) -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let tools = node::tools()?;
    // esbuild, tsc and workerd, in the releases of the other suites.
    let programs = project::path("tests/js");
    node::install(&programs)?;
    let folder = fresh(&format!("paths/{path}"))?;
    let home = folder.join("home");
    let work = folder.join("work");
    std::fs::create_dir_all(&home)?;
    std::fs::create_dir_all(&work)?;
    let mut shell = Shell::new("sh")
        .args([project::path("tests/paths").join(format!("{path}.sh"))])
        .dir(&work)
        .env("HOME", &home)
        .env("REPOSITORY", project::root())
        .env("WIF_DIST", project::path("dist"))
        .path_first(&programs.join("node_modules/.bin"))
        .path_first(&tools.folder())
        .path_first(newest.program.parent().unwrap_or(Path::new(".")));
    // Archives of other projects are fetched once for all jobs.
    if let Some(own) = std::env::var_os("HOME") {
        let own = Path::new(&own);
        shell = shell
            .env("PIP_CACHE_DIR", own.join(".cache/pip"))
            .env("npm_config_cache", own.join(".npm"));
    }
    shell.run()
}
