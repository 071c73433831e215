//! The programs that suites need, and how they are installed.
//!
//! As root on Debian missing packages are installed; elsewhere the failure lists them all.

use crate::job::Failure;
use crate::shell::Shell;
use std::path::Path;

/// One thing that must be on the machine.
pub(crate) struct Need {
    /// What it is, for messages.
    what: &'static str,
    /// A program that shows that it is there.
    probe: &'static [&'static str],
    /// Debian packages that bring it.
    debian: &'static [&'static str],
    /// How to get it elsewhere.
    elsewhere: &'static str,
}

pub(crate) const C_COMPILER: Need = Need {
    what: "a C compiler (for aws-lc)",
    probe: &["cc", "--version"],
    debian: &["build-essential"],
    elsewhere: "install gcc or clang with your package manager",
};
pub(crate) const PYTHON: Need = Need {
    what: "CPython with the venv module",
    probe: &["python3", "-c", "import venv, ensurepip"],
    debian: &["python3", "python3-venv", "python3-dev"],
    elsewhere: "install CPython 3.10 or later, for example with pyenv or uv",
};
pub(crate) const NPM: Need = Need {
    what: "Node.js with npm",
    probe: &["npm", "--version"],
    debian: &["nodejs", "npm"],
    elsewhere: "install Node.js 20 or later",
};
pub(crate) const CHROMIUM: Need = Need {
    what: "Chromium",
    probe: &["chromium", "--version"],
    debian: &["chromium"],
    elsewhere: "install Chromium so that `chromium` is on PATH",
};
pub(crate) const JDK: Need = Need {
    what: "a JDK, 17 or later (for the Java packages and Keycloak)",
    probe: &["javac", "-version"],
    debian: &["default-jdk-headless"],
    elsewhere: "install OpenJDK 17 or later",
};
pub(crate) const MAVEN: Need = Need {
    what: "Maven (for the Java packages and Keycloak)",
    probe: &["mvn", "--version"],
    debian: &["maven"],
    elsewhere: "install Apache Maven",
};

pub(crate) const GO: Need = Need {
    what: "Go, 1.26.4 or later (for the slow peers)",
    probe: &["go", "version"],
    debian: &["golang-go"],
    elsewhere: "install a current release of Go",
};

/// Makes sure that all of it is there.
pub(crate) fn ensure(needs: &[&Need]) -> Result<(), Failure> {
    let missing: Vec<&&Need> = needs.iter().filter(|need| !need.present()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !root_on_debian() {
        let list: Vec<String> =
            missing.iter().map(|need| format!("  {}: {}", need.what, need.elsewhere)).collect();
        return Err(Failure::new(format!("this machine lacks\n{}", list.join("\n"))));
    }
    let packages = missing.iter().flat_map(|need| need.debian.iter().copied());
    Shell::new("apt-get").args(["update", "-q"]).run_quietly()?;
    Shell::new("apt-get")
        .args(["install", "-y", "-q", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run_quietly()?;
    match missing.iter().find(|need| !need.present()) {
        None => Ok(()),
        Some(need) => {
            Err(Failure::new(format!("{} is still missing after installation", need.what)))
        }
    }
}

/// Makes sure that rustc can build for `target`.
pub(crate) fn ensure_rust_target(target: &str) -> Result<(), Failure> {
    let libraries =
        Shell::new("rustc").args(["--print", "target-libdir", "--target", target]).probe();
    let has_core = |folder: String| {
        std::fs::read_dir(folder).is_ok_and(|mut entries| {
            entries.any(|entry| {
                entry.is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with("libcore"))
            })
        })
    };
    if libraries.is_some_and(has_core) {
        return Ok(());
    }
    Shell::new("rustup").args(["target", "add", target]).run_quietly().map_err(|failure| {
        Failure::new(format!(
            "rustc has no `{target}`: run `rustup target add {target}` ({failure})"
        ))
    })
}

/// Makes sure that a cargo subcommand of the tool chain is there.
pub(crate) fn ensure_rust_component(component: &str, probe: &str) -> Result<(), Failure> {
    if Shell::new("cargo").args([probe, "--version"]).probe().is_some() {
        return Ok(());
    }
    Shell::new("rustup").args(["component", "add", component]).run_quietly().map_err(|failure| {
        Failure::new(format!("run `rustup component add {component}` ({failure})"))
    })
}

/// Makes sure that there is a nightly tool chain.
pub(crate) fn ensure_nightly() -> Result<(), Failure> {
    if Shell::new("rustup").args(["run", "nightly", "rustc", "--version"]).probe().is_some() {
        return Ok(());
    }
    Shell::new("rustup")
        .args(["toolchain", "install", "nightly", "--profile", "minimal"])
        .run_quietly()
        .map_err(|failure| {
            Failure::new(format!(
                "this job needs a nightly tool chain: run `rustup toolchain install nightly` ({failure})"
            ))
        })
}

/// Makes sure that `cargo fuzz` is there. It only starts other programs, so it is built without optimisation.
pub(crate) fn ensure_cargo_fuzz() -> Result<(), Failure> {
    if Shell::new("cargo").args(["fuzz", "--version"]).probe().is_some() {
        return Ok(());
    }
    Shell::new("cargo")
        .args(["install", "--quiet", "--locked", "--debug", "cargo-fuzz"])
        .run_quietly()
}

impl Need {
    fn present(&self) -> bool {
        match self.probe {
            [program, arguments @ ..] => Shell::new(program).args(arguments).probe().is_some(),
            [] => true,
        }
    }
}

fn root_on_debian() -> bool {
    let root = Shell::new("id").args(["-u"]).probe().is_some_and(|id| id == "0");
    root && Path::new("/etc/debian_version").exists()
}
