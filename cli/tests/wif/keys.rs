//! A token and its keys that never change, from the committed transcripts.

use crate::process::{Run, wif};
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The instant at which the token is good.
pub(crate) const NOW: &str = "1767225700";
/// What it is for.
pub(crate) const AUDIENCE: &str = "api://mine";
/// Who issued it.
pub(crate) const ISSUER: &str = "https://issuer.example";

/// Good tokens and a file with the key of the first.
pub(crate) struct Keys {
    folder: TempDir,
    /// By the key in the file.
    pub(crate) token: String,
    /// By another key.
    pub(crate) other: String,
    /// The key set.
    pub(crate) jwks: String,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../tests/vectors/transcripts/verifier-keys-given.json");
        let text = std::fs::read_to_string(path).expect("the transcript");
        let transcript: Value = serde_json::from_str(&text).expect("JSON");
        let token = |index: usize| {
            transcript["calls"][index]["token"].as_str().expect("a token").to_owned()
        };
        let jwks = transcript["config"]["issuers"][0]["keys"].to_string();
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("keys.json"), &jwks).expect("written");
        Self { folder, token: token(0), other: token(1), jwks }
    }

    /// A file beside the keys.
    pub(crate) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("UTF-8").to_owned()
    }

    /// `wif verify` with these keys and what the token says, plus arguments.
    pub(crate) fn verify(&self, arguments: &[&str]) -> Command {
        let keys = self.folder.path().join("keys.json");
        let mut command = wif(&["verify", "--jwks", keys.to_str().expect("UTF-8")]);
        command.args(["--now", NOW]).args(arguments);
        command
    }

    /// The same as it succeeds.
    pub(crate) fn verify_good(&self, arguments: &[&str]) -> Command {
        let mut command = self.verify(&["--issuer", ISSUER, "--audience", AUDIENCE]);
        command.args(arguments);
        command
    }
}

/// Runs to the end with something on standard input.
pub(crate) fn run_with(command: &mut Command, input: impl AsRef<[u8]>) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("wif starts");
    let mut stdin = child.stdin.take().expect("piped");
    let input = input.as_ref().to_vec();
    // A program that says no at once does not read to the end.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().expect("ended");
    let _ = writer.join();
    Run {
        status: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}
