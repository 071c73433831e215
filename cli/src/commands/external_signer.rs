//! `--signer`: a program that signs with a key that it does not hand out, such as one in a key vault or a security token.

use std::io::{self, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use workload_identity_core::crypto::{Provider as _, Signer};
use workload_identity_core::jose::{Algorithm, Jwk, PublicKey};
use workload_identity_core::publish::{jose_signature, key_id, signing_algorithm};
use workload_identity_core::{Code, Error};
use workload_identity_crypto_native::AwsLc;

/// A person may have to touch a security token.
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// Longest output: an RSA signature of 8192 bits in base64, and white space.
const MAX_OUTPUT: u64 = 4096;

/// The program, and the public key that its signatures verify with.
pub(super) struct ExternalSigner {
    command: Vec<String>,
    public: Jwk,
    algorithm: Algorithm,
    key_id: String,
}

impl ExternalSigner {
    /// A program with its arguments, for this public key.
    pub(super) fn new(
        command: &[String],
        key: &PublicKey,
        name: Option<&str>,
    ) -> Result<Self, Error> {
        let key_id = name.map(str::to_owned).or_else(|| key_id(key)).unwrap_or_default();
        let algorithm = signing_algorithm(key).ok_or_else(|| {
            Error::new(Code::KeyRejected, "the key of `--public-key` is not for RSA, EC or Ed25519")
        })?;
        let public = Jwk::new(key, Some(&key_id), Some(algorithm))?;
        Ok(Self { command: command.to_vec(), public, algorithm, key_id })
    }

    /// Runs the program with the signing input on standard input, and returns what it writes.
    fn output(&self, input: &[u8]) -> Result<Vec<u8>, String> {
        let (program, arguments) = self.command.split_first().ok_or("no program is given")?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("it cannot start: {error}"))?;
        let result = exchange(&mut child, input.to_vec());
        if result.is_err() {
            // It may have ended by itself.
            let _ = child.kill();
        }
        let status = child.wait().map_err(|error| error.to_string())?;
        let output = result?;
        match status.code() {
            Some(0) => Ok(output),
            Some(code) => Err(format!("it ended with exit status {code}")),
            None => Err("it was ended by a signal".to_owned()),
        }
    }
}

/// Writes the input and reads the output at the same time: a program may write before it has read everything.
fn exchange(child: &mut Child, input: Vec<u8>) -> Result<Vec<u8>, String> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("it has no standard input or output".to_owned());
    };
    // A program that does not read its input is told by its output.
    thread::spawn(move || stdin.write_all(&input));
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Vec::new();
        let read = stdout.take(MAX_OUTPUT + 1).read_to_end(&mut output).map(|_| output);
        // Nobody waits any longer when the time is up.
        let _ = sender.send(read);
    });
    let received: io::Result<Vec<u8>> = receiver
        .recv_timeout(TIME_LIMIT)
        .map_err(|_| format!("it wrote no signature within {} seconds", TIME_LIMIT.as_secs()))?;
    let output = received.map_err(|error| error.to_string())?;
    if output.len() as u64 > MAX_OUTPUT {
        return Err("it wrote more than a signature".to_owned());
    }
    Ok(output)
}

impl Signer for ExternalSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn key_id(&self) -> &str {
        &self.key_id
    }

    fn public_jwk(&self) -> String {
        self.public.to_json()
    }

    /// Verifies the signature before it returns it.
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |reason: &str| {
            Error::new(Code::SigningFailed, format!("the program of `--signer`: {reason}"))
        };
        let output = self.output(input).map_err(|reason| failed(&reason))?;
        let signature = jose_signature(&output, self.algorithm).ok_or_else(|| {
            failed(&format!(
                "its output is no {} signature in octets, base64url, base64 or DER",
                self.algorithm.name()
            ))
        })?;
        AwsLc
            .verify(self.algorithm, &self.public, input, &signature)
            .map_err(|_| failed("its signature does not verify with the key of `--public-key`"))?;
        Ok(signature)
    }
}
