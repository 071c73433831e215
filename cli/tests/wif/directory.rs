//! An emulator whose credentials a test manages by `wif fic`.

use crate::process::{Emulator, Run, parsed, run, text, wif};
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::NamedTempFile;

/// An emulator, and an access token for Microsoft Graph that outlives the credential by which it was made.
pub(crate) struct Directory {
    pub(crate) emulator: Emulator,
    token: NamedTempFile,
    pub(crate) secret: String,
}

impl Directory {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let emulator = Emulator::start(arguments);
        let graph = ["token", "--scope", "https://graph.microsoft.com/.default"];
        let run = run(&mut emulator.job(&graph));
        assert_eq!(run.status, Some(0), "{run:?}");
        let token = file(&run.out);
        Self { emulator, token, secret: run.out.trim().to_owned() }
    }

    /// `wif fic` for the application.
    pub(crate) fn fic(&self, arguments: &[&str]) -> Run {
        let app_id = self.emulator.text("client_id");
        let mut all = arguments.to_vec();
        if !matches!(arguments, ["plan" | "apply", ..]) {
            all.extend(["--app-id", &app_id]);
        }
        self.run(&mut self.command(&all), "")
    }

    /// `wif fic plan` or `apply` with a trust file of these credentials, in YAML.
    pub(crate) fn file(&self, arguments: &[&str], credentials: &str) -> Run {
        let app_id = self.emulator.text("client_id");
        let file =
            format!("version: 1\nidentity: {{app_id: {app_id}}}\ncredentials:\n{credentials}");
        let mut all = arguments.to_vec();
        all.push("-");
        self.run(&mut self.command(&all), &file)
    }

    /// The JSON that `wif fic` prints.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        let run = self.fic(&all);
        assert_eq!(run.status, Some(0), "{run:?}");
        parsed(&run.out)
    }

    /// The names of the application's credentials.
    pub(crate) fn names(&self) -> Vec<String> {
        let list = self.json(&["list"]);
        let items = list["credentials"].as_array().expect("a list");
        items.iter().map(|credential| text(credential, "name")).collect()
    }

    pub(crate) fn graph_url(&self) -> String {
        self.emulator.text("graph_url")
    }

    /// `wif fic` with the addresses and the access token of this emulator.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = wif(&["fic"]);
        command.args(arguments).arg("--graph-url").arg(self.graph_url());
        command.arg("--access-token-file").arg(self.token.path());
        command
    }

    /// Runs a command to its end. The access token is in no output.
    pub(crate) fn run(&self, command: &mut Command, input: &str) -> Run {
        let run = piped(command, input);
        let signature = self.secret.rsplit('.').next().expect("a JWT");
        assert!(!run.out.contains(signature) && !run.err.contains(signature), "{run:?}");
        run
    }
}

/// A file with this content.
pub(crate) fn file(content: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(content.as_bytes()).expect("written");
    file
}

/// Runs with this standard input, which may be left unread.
pub(crate) fn piped(command: &mut Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let _ = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("an end");
    Run {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
