//! Starts other programs.

use crate::job::Failure;
use crate::project;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// One program to run, from the repository's root unless told otherwise.
pub(crate) struct Shell {
    command: Command,
    shown: String,
}

impl Shell {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(project::root()).stdin(Stdio::null());
        // `cargo xtask` passes its own package's variables on; nothing below may depend on them.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name == "CARGO") {
                command.env_remove(name);
            }
        }
        let shown = project::shown(Path::new(program.as_ref()));
        Self { command, shown }
    }

    pub(crate) fn args<I, S>(mut self, arguments: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        for argument in arguments {
            let argument = argument.as_ref();
            self.shown.push(' ');
            self.shown.push_str(&project::shown(Path::new(argument)));
            self.command.arg(argument);
        }
        self
    }

    pub(crate) fn dir(mut self, folder: impl AsRef<Path>) -> Self {
        self.command.current_dir(folder);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Puts a folder in front of PATH.
    pub(crate) fn path_first(self, folder: &Path) -> Self {
        let mut path = folder.as_os_str().to_owned();
        let own = self.command.get_envs().find(|(name, _)| *name == "PATH");
        let own = own.and_then(|(_, value)| value).map(OsStr::to_owned);
        if let Some(rest) = own.or_else(|| std::env::var_os("PATH")) {
            path.push(":");
            path.push(rest);
        }
        self.env("PATH", path)
    }

    /// Runs with its output shown.
    pub(crate) fn run(mut self) -> Result<(), Failure> {
        println!("$ {}", self.shown);
        let status = self.command.status().map_err(|error| self.unstarted(&error))?;
        if status.success() {
            Ok(())
        } else {
            Err(Failure::new(format!("`{}` ended with {status}", self.shown)))
        }
    }

    /// Runs with its output shown only when it fails: for installers.
    pub(crate) fn run_quietly(mut self) -> Result<(), Failure> {
        println!("$ {}", self.shown);
        let output = self.command.output().map_err(|error| self.unstarted(&error))?;
        if output.status.success() {
            return Ok(());
        }
        print!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Err(Failure::new(format!("`{}` ended with {}", self.shown, output.status)))
    }

    /// Runs and returns what it printed; errors go to the terminal.
    pub(crate) fn output(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().map_err(|error| self.unstarted(&error))?;
        if !output.status.success() {
            print!("{}", String::from_utf8_lossy(&output.stdout));
            return Err(Failure::new(format!("`{}` ended with {}", self.shown, output.status)));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether it runs at all and ends well, with its first words.
    pub(crate) fn probe(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Starts it in the background with its standard output piped.
    pub(crate) fn spawn(mut self) -> Result<std::process::Child, Failure> {
        println!("$ {} &", self.shown);
        self.command.stdout(Stdio::piped()).spawn().map_err(|error| self.unstarted(&error))
    }

    fn unstarted(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("cannot start `{}`: {error}", self.shown))
    }
}
