//! Node.js: the tools of `xtask/tools`, and installing from a lock file.

use crate::job::Failure;
use crate::project;
use crate::setup;
use crate::shell::Shell;
use std::path::{Path, PathBuf};

/// The Node.js releases that the tests run on, oldest first.
pub(crate) const RELEASES: [&str; 4] = ["20", "22", "24", "26"];
/// The release that builds the packages.
const BUILDER: &str = "22";

/// What `xtask/tools/package-lock.json` brings.
pub(crate) struct Tools(PathBuf);

/// Installs the tools once per lock file.
pub(crate) fn tools() -> Result<Tools, Failure> {
    let folder = project::path("xtask/tools");
    install(&folder)?;
    Ok(Tools(folder.join("node_modules")))
}

impl Tools {
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.0.join(relative)
    }

    /// A released Node.js, if the registry has it for this platform.
    pub(crate) fn release(&self, release: &str) -> Option<PathBuf> {
        let program = self.path(&format!("node-{release}/bin/node"));
        program.exists().then_some(program)
    }

    /// The Node.js that builds: ours, else the machine's.
    pub(crate) fn node(&self) -> PathBuf {
        self.release(BUILDER).unwrap_or_else(|| PathBuf::from("node"))
    }

    /// The folder to put in front of PATH so that npm scripts build with that Node.js.
    pub(crate) fn folder(&self) -> PathBuf {
        self.path(&format!("node-{BUILDER}/bin"))
    }
}

/// Installs what the lock file says, once. Not `npm ci`: that refuses a lock file written where a registry lacks some
/// packages for other platforms, as registries behind a mirror do.
///
/// Install scripts do not run: `prepare` of our own packages would call back into xtask, and what others' scripts do is not
/// pinned by a lock file.
pub(crate) fn install(folder: &Path) -> Result<(), Failure> {
    setup::ensure(&[&setup::NPM])?;
    let lock = project::read(&folder.join("package-lock.json"))?;
    let modules = folder.join("node_modules");
    project::once(&modules.join(".installed-lock"), &lock, || {
        if modules.exists() {
            std::fs::remove_dir_all(&modules)?;
        }
        Shell::new("npm")
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"])
            .dir(folder)
            .run_quietly()
    })
}

/// Puts packed packages of ours into a folder's `node_modules`, in place of those from an earlier build.
pub(crate) fn add(folder: &Path, packages: &[PathBuf]) -> Result<(), Failure> {
    let identities: Result<Vec<String>, Failure> =
        packages.iter().map(|package| project::identity(package)).collect();
    project::once(&folder.join("node_modules/.added-packages"), &identities?.join("\n"), || {
        Shell::new("npm")
            .args(["install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund"])
            .args(packages)
            .dir(folder)
            .run_quietly()
    })
}
