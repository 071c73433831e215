//! All tests, by suite.
//!
//! A language's tests run on its oldest and its newest release; those between run a few that show that the package loads,
//! gets a token and verifies one.

mod command_packages;
mod paths;
mod slow_peers;

use crate::job::{Failure, Jobs};
use crate::pack::Package;
use crate::shell::Shell;
use crate::{differential, java, node, pack, project, python, setup};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// What `--only` selects.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// `cargo test`: core, crypto, emulator, command line, conformance
    Rust,
    /// The wheel on the supported CPython releases of this machine, and its types
    Python,
    /// The npm packages on the supported Node.js releases
    Node,
    /// Deno, Bun, workerd, Vercel's edge VM and Chromium
    Edge,
    /// The inspector of `wif emulator` in Chromium
    Inspector,
    /// The npm packages bundled by esbuild, webpack, rollup and vite, in jest and in TypeScript
    Bundlers,
    /// The jars on the oldest and the newest JDK of this machine
    Kotlin,
    /// OpenBao, Keycloak and Microsoft's own clients
    Peers,
    /// Programs that are built from their source for a long time; only when it is named here
    SlowPeers,
    /// Thousands of generated tokens, verified here and by four other libraries
    Differential,
    /// The wheel and the npm packages of the command line, installed in empty folders; what `wif fic snippet` prints
    Wif,
    /// What new users do in their first hour: the scripts of tests/paths
    Paths,
}

pub(crate) fn run(jobs: &mut Jobs, only: &[Suite], built: bool) -> Result<(), Failure> {
    let wanted = |suite| only.contains(&suite) || only.is_empty() && suite != Suite::SlowPeers;
    jobs.run("programs", || setup::ensure(&needs(&wanted)))?;
    if wanted(Suite::Rust) {
        jobs.run("test rust", || Shell::new("cargo").args(["test", "--quiet"]).run())?;
    }
    let packages = packages(&wanted);
    let emulator = packages.iter().any(|package| *package != Package::Wif);
    let command = [Suite::Differential, Suite::SlowPeers, Suite::Wif, Suite::Inspector];
    let command = command.into_iter().any(wanted);
    if !built && (emulator || command) {
        jobs.run("wif", command_line)?;
    }
    if !built && !packages.is_empty() {
        pack::run(jobs, &packages)?;
    }
    if wanted(Suite::Python) {
        test_python(jobs)?;
    }
    if wanted(Suite::Node) {
        test_node(jobs)?;
    }
    if wanted(Suite::Edge) {
        jobs.run("test edge", || script("tests/js", "test:edge", &node::tools()?.folder()))?;
    }
    if wanted(Suite::Inspector) {
        jobs.run("test inspector", || {
            script("tests/js", "test:inspector", &node::tools()?.folder())
        })?;
    }
    if wanted(Suite::Bundlers) {
        jobs.run("test bundlers", test_bundlers)?;
    }
    if wanted(Suite::Kotlin) {
        jobs.run("test kotlin", || java::test(with_products))?;
    }
    if wanted(Suite::Peers) {
        jobs.run("test peers", test_peers)?;
    }
    if wanted(Suite::SlowPeers) {
        slow_peers::run(jobs)?;
    }
    if wanted(Suite::Differential) {
        jobs.run("test differential", differential::run)?;
    }
    if wanted(Suite::Wif) {
        command_packages::run(jobs)?;
        jobs.run("test wif fic", test_fic)?;
    }
    if wanted(Suite::Paths) {
        paths::run(jobs)?;
    }
    Ok(())
}

/// Installs everything that tests, lints and fuzz targets need.
pub(crate) fn set_up(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("programs", || setup::ensure(&needs(&|_| true)))?;
    jobs.run("Node.js releases", || node::tools().map(|_| ()))?;
    jobs.run("Python tools", || python::tools().map(|_| ()))?;
    jobs.run("Rust tools", || {
        setup::ensure_rust_component("clippy", "clippy")?;
        setup::ensure_rust_target("wasm32-unknown-unknown")?;
        setup::ensure_nightly()?;
        setup::ensure_cargo_fuzz()
    })
}

fn needs(wanted: &impl Fn(Suite) -> bool) -> Vec<&'static setup::Need> {
    let mut needs = vec![&setup::C_COMPILER];
    let python = [
        Suite::Python,
        Suite::Peers,
        Suite::SlowPeers,
        Suite::Differential,
        Suite::Wif,
        Suite::Paths,
    ];
    if python.into_iter().any(wanted) {
        needs.push(&setup::PYTHON);
    }
    // Python: for pyright.
    if [Suite::Edge, Suite::Inspector, Suite::Bundlers, Suite::Node]
        .into_iter()
        .chain(python)
        .any(wanted)
    {
        needs.push(&setup::NPM);
    }
    if [Suite::Edge, Suite::Inspector, Suite::Bundlers].into_iter().any(wanted) {
        needs.push(&setup::CHROMIUM);
    }
    if wanted(Suite::SlowPeers) {
        needs.push(&setup::GO);
    }
    if wanted(Suite::Kotlin) || wanted(Suite::Peers) {
        needs.extend([&setup::JDK, &setup::MAVEN]);
    }
    needs
}

fn packages(wanted: &impl Fn(Suite) -> bool) -> Vec<Package> {
    let mut packages = Vec::new();
    if [Suite::Python, Suite::Peers, Suite::SlowPeers, Suite::Paths].into_iter().any(wanted) {
        packages.push(Package::Python);
    }
    let npm =
        [Suite::Node, Suite::Edge, Suite::Bundlers, Suite::Peers, Suite::SlowPeers, Suite::Paths];
    if npm.into_iter().any(wanted) {
        packages.push(Package::Wasm);
        packages.push(Package::Node);
    }
    if wanted(Suite::Kotlin) || wanted(Suite::Peers) {
        packages.push(Package::Kotlin);
    }
    if wanted(Suite::Wif) || wanted(Suite::Paths) {
        packages.push(Package::Wif);
    }
    packages
}

/// Builds the command line, whose emulator the suites use.
pub(crate) fn command_line() -> Result<(), Failure> {
    Shell::new("cargo").args(["build", "--quiet", "-p", "wif"]).run()
}

/// Tells the suites where the command line and the packages are.
fn with_products(shell: Shell) -> Shell {
    shell.env("WIF", project::target().join("debug/wif")).env("WIF_DIST", project::path("dist"))
}

fn test_python(jobs: &mut Jobs) -> Result<(), Failure> {
    let requirements = project::path("tests/python/requirements.txt");
    let interpreters = python::interpreters()?;
    let last = interpreters.len().saturating_sub(1);
    let mut newest = None;
    for (place, interpreter) in interpreters.iter().enumerate() {
        let name = format!("test-{}", interpreter.release);
        let subset: &[&str] = if place == 0 || place == last { &[] } else { &["-m", "smoke"] };
        jobs.run(&format!("test python {}", interpreter.release), || {
            let environment =
                python::Environment::with(&name, &interpreter.program, &requirements)?;
            environment.wheel(&pack::wheel()?)?;
            with_products(Shell::new(environment.program("python")))
                .args(["-m", "pytest", "-q", "tests/python"])
                .args(subset)
                .run()?;
            newest = Some(environment);
            Ok(())
        })?;
    }
    let environment = newest.ok_or_else(|| Failure::new("no CPython"))?;
    jobs.run("types python", || {
        let tools = python::tools()?;
        Shell::new(tools.program("mypy"))
            .args(["--strict", "--python-executable"])
            .args([environment.program("python")])
            .dir(project::path("bindings-python"))
            .run()?;
        let node = node::tools()?;
        Shell::new(node.node())
            .args([node.path("pyright/index.js")])
            .args(["--project", "pyproject.toml", "--pythonpath"])
            .args([environment.program("python")])
            .dir(project::path("bindings-python"))
            .run()?;
        let pinned = project::path("xtask/requirements-tools.txt");
        environment.pip(&["-c".as_ref(), pinned.as_os_str(), "mypy".as_ref()])?;
        Shell::new(environment.program("python"))
            .args(["-m", "mypy.stubtest", "workload_identity._native"])
            .run()
    })
}

fn test_node(jobs: &mut Jobs) -> Result<(), Failure> {
    let tools = node::tools()?;
    let releases: Vec<(&str, PathBuf)> = node::RELEASES
        .into_iter()
        .filter_map(|release| Some((release, tools.release(release)?)))
        .collect();
    if releases.is_empty() {
        return jobs.run("test node", || script("tests/js", "test:node", &tools.folder()));
    }
    let last = releases.len() - 1;
    for (place, (release, program)) in releases.iter().enumerate() {
        let name = if place == 0 || place == last { "test:node" } else { "test:smoke" };
        jobs.run(&format!("test node {release}"), || {
            script("tests/js", name, program.parent().unwrap_or(Path::new(".")))
        })?;
    }
    Ok(())
}

/// The oldest supported Node.js resolves packages with the fewest conditions.
fn test_bundlers() -> Result<(), Failure> {
    let tools = node::tools()?;
    let oldest = node::RELEASES.into_iter().find_map(|release| tools.release(release));
    let folder = oldest.as_deref().and_then(Path::parent).map(Path::to_owned);
    script("tests/js/bundlers", "test", &folder.unwrap_or_else(|| tools.folder()))
}

/// Runs a script of a package with the Node.js of a folder.
fn script(package: &str, name: &str, node: &Path) -> Result<(), Failure> {
    let folder = project::path(package);
    node::install(&folder)?;
    with_products(Shell::new("npm"))
        .args(["run", "--silent", name])
        .dir(folder)
        .path_first(node)
        .run()
}

fn test_peers() -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let requirements = project::path("tests/peers/requirements.txt");
    let environment = python::Environment::with("peers", &newest.program, &requirements)?;
    environment.wheel(&pack::wheel()?)?;
    with_products(Shell::new(environment.program("python")))
        .args(["-m", "pytest", "-q", "tests/peers"])
        .path_first(&environment.programs())
        .run()
}

/// Checks what `wif fic snippet` prints, and the schema of trust files, by the tools and parsers of others.
fn test_fic() -> Result<(), Failure> {
    let interpreters = python::interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    let requirements = project::path("tests/fic/requirements.txt");
    let environment = python::Environment::with("fic", &newest.program, &requirements)?;
    with_products(Shell::new(environment.program("python")))
        .args(["-m", "pytest", "-q", "tests/fic"])
        .run()
}
