//! What the compilers, their linters and our own rules check.

mod own_code;

use crate::job::{Failure, Jobs};
use crate::shell::Shell;
use crate::{project, setup};

/// Bare targets without an operating system, best first; any one of them proves `no_std`.
const BARE: [&str; 2] = ["thumbv7em-none-eabi", "wasm32v1-none"];
/// Packages outside the workspace.
const OUTSIDE: [&str; 2] = ["fuzz/Cargo.toml", "benches/rust/Cargo.toml"];
const WASM: &str = "wasm32-unknown-unknown";

/// Checks the sources without compiling them.
pub(crate) fn sources(jobs: &mut Jobs) -> Result<(), Failure> {
    jobs.run("own code", own_code::check)?;
    jobs.run("rustfmt", || {
        setup::ensure_rust_component("rustfmt", "fmt")?;
        Shell::new("cargo").args(["fmt", "--all", "--check"]).run()?;
        for package in OUTSIDE.into_iter().filter(|package| project::path(package).exists()) {
            Shell::new("cargo").args(["fmt", "--manifest-path", package, "--check"]).run()?;
        }
        Ok(())
    })
}

pub(crate) fn run(jobs: &mut Jobs) -> Result<(), Failure> {
    sources(jobs)?;
    jobs.run("clippy", || {
        setup::ensure_rust_component("clippy", "clippy")?;
        clippy(&["--workspace", "--all-targets"])
    })?;
    jobs.run("clippy of the core without features", || {
        clippy(&["-p", "workload-identity-core", "--no-default-features"])
    })?;
    jobs.run("clippy of the edge module", || {
        setup::ensure_rust_target(WASM)?;
        clippy(&["-p", "workload-identity-wasm", "--target", WASM])
    })?;
    jobs.run("rustdoc", || {
        Shell::new("cargo")
            .args(["doc", "--quiet", "--no-deps", "--workspace", "--document-private-items"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
    })?;
    jobs.run("no_std", no_std)
}

fn clippy(scope: &[&str]) -> Result<(), Failure> {
    Shell::new("cargo").args(["clippy", "--quiet"]).args(scope).args(["--", "-D", "warnings"]).run()
}

/// Compiles the core where no standard library exists; without a bare target rustc's own check of `#![no_std]` on wasm32.
fn no_std() -> Result<(), Failure> {
    let target = match BARE.iter().find(|target| setup::ensure_rust_target(target).is_ok()) {
        Some(target) => *target,
        None => {
            println!("no bare target can be installed here; {WASM} instead");
            setup::ensure_rust_target(WASM)?;
            WASM
        }
    };
    for features in [&["--no-default-features"][..], &[]] {
        Shell::new("cargo")
            .args(["check", "--quiet", "-p", "workload-identity-core", "--target", target])
            .args(features)
            .run()?;
    }
    Ok(())
}
