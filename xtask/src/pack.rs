//! The packages as users install them: `dist/*.whl`, `dist/*.tgz` and `dist/*.jar`.

pub(crate) mod command_line;

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{java, node, project, python, wasm};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// One package of ours.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Package {
    /// The wheel `workload-identity-federation`
    Python,
    /// The npm package `workload-identity-wasm`
    Wasm,
    /// The npm package `workload-identity`
    Node,
    /// The jars `workload-identity` and `workload-identity-azure`
    Kotlin,
    /// The command line: the wheel `wif` and the npm packages `workload-identity-cli`
    Wif,
}

/// Largest wheel, in bytes. It only catches accidents.
const WHEEL_LIMIT: u64 = 3_300_000;

pub(crate) fn run(jobs: &mut Jobs, only: &[Package]) -> Result<(), Failure> {
    let wanted = |package| only.is_empty() || only.contains(&package);
    std::fs::create_dir_all(folder())?;
    if wanted(Package::Python) {
        jobs.run("pack python", python_wheel)?;
    }
    if wanted(Package::Wasm) || wanted(Package::Node) {
        // The Node.js package carries the wasm build as its fallback.
        wasm::run(jobs)?;
        jobs.run("pack wasm", || {
            npm_package(&project::path("bindings-wasm"), "workload-identity-wasm-")
        })?;
    }
    if wanted(Package::Node) {
        jobs.run("pack node", node_package)?;
    }
    if wanted(Package::Kotlin) {
        java::pack(jobs)?;
    }
    if wanted(Package::Wif) {
        jobs.run("pack wif for Python", command_line::pack_wheel)?;
        jobs.run("pack wif for npm", command_line::pack_npm)?;
    }
    Ok(())
}

fn folder() -> PathBuf {
    project::path("dist")
}

/// The wheel of the last `pack`.
pub(crate) fn wheel() -> Result<PathBuf, Failure> {
    project::find(&folder(), "workload_identity_federation-", ".whl")
        .ok_or_else(|| Failure::new("dist/ has no wheel: run `cargo xtask pack`"))
}

/// The npm packages of the last `pack`.
pub(crate) fn npm_packages() -> Result<Vec<PathBuf>, Failure> {
    ["workload-identity-wasm-", concat!("workload-identity-", env!("CARGO_PKG_VERSION"))]
        .into_iter()
        .map(|prefix| {
            project::find(&folder(), prefix, ".tgz").ok_or_else(|| {
                Failure::new(format!("dist/ has no {prefix}*.tgz: run `cargo xtask pack`"))
            })
        })
        .collect()
}

fn python_wheel() -> Result<(), Failure> {
    let tools = python::tools()?;
    remove_old("workload_identity_federation-", ".whl")?;
    Shell::new(tools.program("maturin"))
        .args(["build", "--release", "--quiet", "--out"])
        .args([folder()])
        .dir(project::path("bindings-python"))
        .path_first(&tools.programs())
        .run()?;
    let wheel = wheel()?;
    let bytes = report(&wheel)?;
    if bytes > WHEEL_LIMIT {
        return Err(Failure::new(format!("the wheel has {bytes} bytes, more than {WHEEL_LIMIT}")));
    }
    Ok(())
}

fn node_package() -> Result<(), Failure> {
    let tools = node::tools()?;
    let folder = project::path("bindings-node");
    node::install(&folder)?;
    Shell::new("npm")
        .args(["run", "--silent", "build"])
        .dir(&folder)
        .path_first(&tools.folder())
        .run()?;
    npm_package(&project::path("bindings-node"), "workload-identity-")
}

fn npm_package(source: &Path, prefix: &str) -> Result<(), Failure> {
    let prefix = format!("{prefix}{}", env!("CARGO_PKG_VERSION"));
    remove_old(&prefix, ".tgz")?;
    Shell::new("npm")
        .args(["pack", "--silent", "--ignore-scripts", "--pack-destination"])
        .args([folder()])
        .dir(source)
        .path_first(&node::tools()?.folder())
        .run()?;
    let package = project::find(&folder(), &prefix, ".tgz")
        .ok_or_else(|| Failure::new(format!("npm pack left no {prefix}*.tgz in dist/")))?;
    report(&package)?;
    Ok(())
}

fn remove_old(prefix: &str, suffix: &str) -> Result<(), Failure> {
    while let Some(old) = project::find(&folder(), prefix, suffix) {
        std::fs::remove_file(old)?;
    }
    Ok(())
}

fn report(package: &Path) -> Result<u64, Failure> {
    let bytes = std::fs::metadata(package)?.len();
    println!("{}: {bytes} bytes", project::shown(package));
    Ok(bytes)
}
