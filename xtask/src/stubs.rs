//! Generated files: the core's tables, written out for people and for the other languages.

mod codes;
mod commands;
mod entra;
mod profiles;
mod sources;
mod uniffi;

use crate::job::{Failure, Jobs};
use crate::project;
use crate::shell::Shell;
use std::path::PathBuf;

/// A file that nobody edits.
struct Generated {
    path: &'static str,
    text: String,
}

pub(crate) fn run(jobs: &mut Jobs, check: bool, built: bool) -> Result<(), Failure> {
    let name = if check { "generated files clean" } else { "generated files" };
    jobs.run(name, || {
        let mut stale = Vec::new();
        let mut files = tables();
        files.push(Generated { path: "docs/sources.md", text: sources::page()? });
        files.push(Generated { path: "docs/wif.md", text: commands::page()? });
        files.extend(uniffi::files()?);
        for file in files {
            let path: PathBuf = project::path(file.path);
            if std::fs::read_to_string(&path).is_ok_and(|found| found == file.text) {
                println!("{} is up to date", file.path);
            } else if check {
                stale.push(file.path);
            } else {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)?;
                }
                std::fs::write(&path, file.text)?;
                println!("{} written", file.path);
            }
        }
        recorder(built).args(check.then_some("--check")).run()?;
        if stale.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("stale: {}; run `cargo xtask stubs`", stale.join(", "))))
    })
}

/// The program that records the transcripts.
fn recorder(built: bool) -> Shell {
    if built {
        return Shell::new(project::target().join("debug/record"));
    }
    Shell::new("cargo").args(["run", "--quiet", "-p", "conformance", "--bin", "record", "--"])
}

/// The files that come from the core's tables.
fn tables() -> Vec<Generated> {
    vec![
        Generated { path: "docs/errors.md", text: codes::page() },
        Generated {
            path: "bindings-python/python/workload_identity/_core/error_codes.py",
            text: codes::python(),
        },
        Generated { path: "bindings-wasm/src-ts/codes.ts", text: codes::typescript() },
        Generated { path: "bindings-uniffi/kotlin/generated/ErrorCode.kt", text: codes::kotlin() },
        Generated { path: "docs/entra.md", text: entra::page() },
        Generated { path: "docs/profiles.md", text: profiles::page() },
        Generated {
            path: "docs/trust.schema.json",
            text: workload_identity_core::manage::trust_file_schema(),
        },
    ]
}
