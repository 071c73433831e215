//! CPython: finds interpreters, makes virtual environments.

use crate::job::Failure;
use crate::project;
use crate::setup;
use crate::shell::Shell;
use std::path::{Path, PathBuf};

/// The supported CPython releases, oldest first.
const RELEASES: [&str; 5] = ["3.10", "3.11", "3.12", "3.13", "3.14"];

/// A CPython interpreter on this machine.
pub(crate) struct Interpreter {
    /// The release, e.g. `3.12`.
    pub(crate) release: &'static str,
    /// The path of its program.
    pub(crate) program: PathBuf,
}

/// Returns the supported interpreters on PATH and in pyenv, one per release, oldest first.
pub(crate) fn interpreters() -> Result<Vec<Interpreter>, Failure> {
    let mut places: Vec<PathBuf> = vec![PathBuf::from("python3")];
    places.extend(RELEASES.iter().map(|release| PathBuf::from(format!("python{release}"))));
    places.extend(pyenv_programs());
    let mut found: Vec<Interpreter> = Vec::new();
    for program in places {
        let question = "import sys, venv, ensurepip; print('%d.%d %s' % (*sys.version_info[:2], sys.executable))";
        let Some(answer) = Shell::new(&program).args(["-c", question]).probe() else { continue };
        let Some((version, executable)) = answer.split_once(' ') else { continue };
        let Some(release) = RELEASES.iter().find(|release| **release == version) else { continue };
        if found.iter().all(|known| known.release != *release) {
            found.push(Interpreter { release, program: PathBuf::from(executable) });
        }
    }
    found.sort_by_key(|interpreter| RELEASES.iter().position(|r| *r == interpreter.release));
    if found.is_empty() {
        return Err(Failure::new("no CPython 3.10 or later found on PATH or in pyenv"));
    }
    Ok(found)
}

fn pyenv_programs() -> Vec<PathBuf> {
    let root = std::env::var("PYENV_ROOT")
        .or_else(|_| std::env::var("HOME").map(|home| format!("{home}/.pyenv")))
        .unwrap_or_default();
    let Ok(versions) = std::fs::read_dir(Path::new(&root).join("versions")) else {
        return Vec::new();
    };
    let mut programs: Vec<PathBuf> =
        versions.flatten().map(|version| version.path().join("bin/python")).collect();
    programs.sort();
    programs
}

/// A virtual environment in the build folder.
pub(crate) struct Environment(PathBuf);

impl Environment {
    /// Makes an environment with the packages of a requirements file, or reuses it while that file is unchanged.
    pub(crate) fn with(name: &str, python: &Path, requirements: &Path) -> Result<Self, Failure> {
        let folder = project::installed("python")?.join(name);
        let wanted = format!("{}\n{}", python.display(), project::read(requirements)?);
        let stamp = folder.join("installed-requirements.txt");
        let environment = Self(folder);
        project::once(&stamp, &wanted, || {
            Shell::new(python)
                .args(["-m", "venv", "--clear"])
                .args([&environment.0])
                .run_quietly()?;
            environment.pip(&["-r".as_ref(), requirements.as_os_str()])
        })?;
        Ok(environment)
    }

    pub(crate) fn pip(&self, arguments: &[&std::ffi::OsStr]) -> Result<(), Failure> {
        Shell::new(self.program("python"))
            .args(["-m", "pip", "install", "-q", "--disable-pip-version-check"])
            .args(arguments)
            .run_quietly()
    }

    /// Installs a wheel, replacing that of an earlier build.
    pub(crate) fn wheel(&self, wheel: &Path) -> Result<(), Failure> {
        project::once(&self.0.join("installed-wheel.txt"), &project::identity(wheel)?, || {
            self.pip(&["--force-reinstall".as_ref(), "--no-deps".as_ref(), wheel.as_os_str()])
        })
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join("bin").join(name)
    }

    pub(crate) fn programs(&self) -> PathBuf {
        self.0.join("bin")
    }
}

/// Returns the environment with maturin and mypy.
pub(crate) fn tools() -> Result<Environment, Failure> {
    setup::ensure(&[&setup::PYTHON])?;
    let interpreters = interpreters()?;
    let newest = interpreters.last().ok_or_else(|| Failure::new("no CPython"))?;
    Environment::with("tools", &newest.program, &project::path("xtask/requirements-tools.txt"))
}
