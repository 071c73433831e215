//! All tests, by suite.

use crate::job::{Failure, Jobs};
use crate::pack::Package;
use crate::shell::Shell;
use crate::{differential, node, pack, project, python, setup};
use clap::ValueEnum;

/// What `--only` selects.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// `cargo test`: core, crypto, emulator, command line, conformance
    Rust,
    /// The wheel on every CPython of this machine, its types
    Python,
    /// The npm packages on the supported Node.js releases
    Node,
    /// Deno, Bun, workerd, Vercel's edge VM and Chromium
    Edge,
    /// OpenBao, Keycloak and Microsoft's own clients
    Peers,
    /// Thousands of generated tokens, judged by us and by four other libraries
    Differential,
}

pub(crate) fn run(jobs: &mut Jobs, only: &[Suite]) -> Result<(), Failure> {
    let wanted = |suite| only.is_empty() || only.contains(&suite);
    jobs.run("machine", || setup::ensure(&needs(&wanted)))?;
    if wanted(Suite::Rust) {
        jobs.run("test rust", || Shell::new("cargo").args(["test", "--quiet"]).run())?;
    }
    let packaged = [Suite::Python, Suite::Node, Suite::Edge, Suite::Peers].into_iter().any(wanted);
    if packaged || wanted(Suite::Differential) {
        jobs.run("wif", command_line)?;
    }
    if packaged {
        pack::run(jobs, &packages(&wanted))?;
    }
    if wanted(Suite::Python) {
        test_python(jobs)?;
    }
    if wanted(Suite::Node) {
        test_node(jobs)?;
    }
    if wanted(Suite::Edge) {
        jobs.run("test edge", || script("test:edge"))?;
    }
    if wanted(Suite::Peers) {
        jobs.run("test peers", test_peers)?;
    }
    if wanted(Suite::Differential) {
        jobs.run("test differential", differential::run)?;
    }
    Ok(())
}

fn needs(wanted: &impl Fn(Suite) -> bool) -> Vec<&'static setup::Need> {
    let mut needs = vec![&setup::C_COMPILER];
    if wanted(Suite::Python) || wanted(Suite::Peers) || wanted(Suite::Differential) {
        needs.push(&setup::PYTHON);
    }
    if [Suite::Node, Suite::Edge, Suite::Peers, Suite::Differential].into_iter().any(wanted) {
        needs.push(&setup::NPM);
    }
    if wanted(Suite::Edge) {
        needs.push(&setup::CHROMIUM);
    }
    if wanted(Suite::Peers) {
        needs.extend([&setup::JAVA, &setup::MAVEN]);
    }
    needs
}

fn packages(wanted: &impl Fn(Suite) -> bool) -> Vec<Package> {
    let mut packages = Vec::new();
    if wanted(Suite::Python) || wanted(Suite::Peers) {
        packages.push(Package::Python);
    }
    if wanted(Suite::Node) || wanted(Suite::Edge) || wanted(Suite::Peers) {
        packages.push(Package::Wasm);
        packages.push(Package::Node);
    }
    packages
}

/// The emulator that the suites talk to.
fn command_line() -> Result<(), Failure> {
    Shell::new("cargo").args(["build", "--quiet", "-p", "wif"]).run()
}

/// Where the suites find what they test.
fn with_products(shell: Shell) -> Shell {
    shell.env("WIF", project::target().join("debug/wif")).env("WIF_DIST", project::path("dist"))
}

fn test_python(jobs: &mut Jobs) -> Result<(), Failure> {
    let requirements = project::path("tests/python/requirements.txt");
    let mut newest = None;
    for interpreter in python::interpreters()? {
        let name = format!("test-{}", interpreter.release);
        jobs.run(&format!("test python {}", interpreter.release), || {
            let environment =
                python::Environment::with(&name, &interpreter.program, &requirements)?;
            environment.wheel(&pack::wheel()?)?;
            with_products(Shell::new(environment.program("python")))
                .args(["-m", "pytest", "-q", "tests/python"])
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
        let pinned = project::path("xtask/requirements-tools.txt");
        environment.pip(&["-c".as_ref(), pinned.as_os_str(), "mypy".as_ref()])?;
        Shell::new(environment.program("python"))
            .args(["-m", "mypy.stubtest", "workload_identity._native"])
            .run()
    })
}

fn test_node(jobs: &mut Jobs) -> Result<(), Failure> {
    let tools = node::tools()?;
    let mut releases = 0;
    for release in node::RELEASES {
        let Some(program) = tools.release(release) else { continue };
        releases += 1;
        jobs.run(&format!("test node {release}"), || {
            let folder = program.parent().ok_or_else(|| Failure::new("node has no folder"))?;
            node::install(&project::path("tests/js"))?;
            with_products(Shell::new("npm"))
                .args(["run", "--silent", "test:node"])
                .dir(project::path("tests/js"))
                .path_first(folder)
                .run()
        })?;
    }
    if releases == 0 {
        jobs.run("test node", || script("test:node"))?;
    }
    Ok(())
}

fn script(name: &str) -> Result<(), Failure> {
    node::install(&project::path("tests/js"))?;
    with_products(Shell::new("npm"))
        .args(["run", "--silent", name])
        .dir(project::path("tests/js"))
        .path_first(&node::tools()?.folder())
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
