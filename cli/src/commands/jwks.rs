//! `wif jwks`: the key set of public keys, as `azwi jwks` and kube-apiserver write it.

use super::key_files::KeyFileArgs;
use crate::explain;
use clap::{ArgGroup, Args};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use workload_identity_core::jose::{Algorithm, base64url_encode};
use workload_identity_core::publish::PublishedKeys;

const EXAMPLES: &str = "\
Examples:
  # The keys of a cluster: those of kube-apiserver's --service-account-key-file
  wif jwks --public-key sa.pub > jwks.json

  # Several keys, the new one first, and the key of a certificate
  wif jwks --public-key new.pub old.pub --certificate server.crt

  # The public part of a private key; the private part is never written
  wif jwks --from-private-key key.pem

  # The names of the keys and their thumbprints (RFC 7638)
  wif jwks --public-key sa.pub --thumbprints

A key has the members use, kty, kid, alg and its numbers. `kid` is base64url of SHA-256 over the
public key in DER (SubjectPublicKeyInfo), as kube-apiserver and `azwi jwks` compute it. RSA keys are
for RS256, EC keys for ES256, ES384 or ES512 by their curve, Ed25519 keys for EdDSA. A key that is
given twice is written once.

Exit status: 0 with the key set on standard output, 1 with an error on standard error,
2 for wrong usage.";

/// Options of `wif jwks`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("keys").required(true).multiple(true)))]
pub(crate) struct JwksArgs {
    #[command(flatten)]
    keys: KeyFileArgs,
    /// Print a table with `kid`, `alg` and the thumbprint of each key instead
    #[arg(long)]
    thumbprints: bool,
}

/// Runs the command.
pub(crate) fn run(args: &JwksArgs) -> Result<ExitCode, Box<dyn Error>> {
    let keys = match args.keys.read().and_then(|keys| PublishedKeys::new(&keys)) {
        Ok(keys) => keys,
        Err(error) => return Ok(explain::failed("jwks", &error)),
    };
    let mut out = io::stdout().lock();
    match args.thumbprints {
        true => write!(out, "{}", table(&keys))?,
        false => writeln!(out, "{}", keys.to_json())?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn table(keys: &PublishedKeys) -> String {
    let mut text = format!("{:<43}  {:<5}  thumbprint\n", "kid", "alg");
    for key in keys.keys() {
        let thumbprint = base64url_encode(key.thumbprint());
        let algorithm = key.algorithm().map_or("", Algorithm::name);
        text +=
            &format!("{:<43}  {algorithm:<5}  {thumbprint}\n", key.key_id().unwrap_or_default());
    }
    text
}
