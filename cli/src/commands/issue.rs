//! `wif issue`: signs a workload token, for platforms that have no issuer and for tests.

use super::external_signer::ExternalSigner;
use super::input::in_file;
use super::option_values;
use super::{key_files, private_key};
use crate::{explain, host, option_names};
use clap::Args;
use serde_json::Value;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Jwk, PublicKey, sign_compact};
use workload_identity_core::publish::{IssuerUrl, TokenClaims, key_id};
use workload_identity_core::{Code, Entropy, Error};

const ISSUER_HELP: &str = "The issuer (`iss`), exactly as its discovery document spells it";
const AUDIENCE_HELP: &str =
    "Who the token is for (`aud`), e.g. api://AzureADTokenExchange (may be repeated)";
const EXAMPLES: &str = "\
Examples:
  # A key, and a token that Entra takes once the key is published (`wif publish`) and trusted
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem
  wif issue --key key.pem --issuer https://issuer.example --subject build-7 \\
    --audience api://AzureADTokenExchange > token

  # Ten minutes, with further claims
  wif issue --key key.pem --issuer https://issuer.example --subject build-7 --audience sts.amazonaws.com \\
    --lifetime 600 --claim 'environment=\"production\"' --claim 'groups=[\"builders\"]'

  # The key stays in a program, which reads the signing input and writes the signature
  wif issue --public-key key.pub --issuer https://issuer.example --subject build-7 --audience api://orders \\
    --signer openssl dgst -sha256 -sign key.pem

An RSA key signs RS256, an EC key ES256, ES384 or ES512 by its curve, an Ed25519 key EdDSA. `kid` is
that of `wif jwks` for the same key. The claims iat, nbf, exp and jti are added; --claim 'jti=null'
leaves jti out. The program of --signer writes the signature in octets, base64url, base64 or DER; it
is verified with --public-key before the token is printed. --signer takes all arguments behind it.

The key can sign for every workload of the issuer. Keep it where only the issuer can read it.

Exit status: 0 with the token on standard output, 1 with an error on standard error,
2 for wrong usage.";

/// Options of `wif issue`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct IssueArgs {
    /// File with the private key, PEM or DER: PKCS#8, PKCS#1 or SEC 1
    #[arg(long, value_name = "FILE", required_unless_present = "signer")]
    key: Option<PathBuf>,
    /// Program that signs, and its arguments; the last option
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true,
        conflicts_with = "key", requires = "public_key")]
    signer: Vec<String>,
    /// File with the public key of --signer
    #[arg(long, value_name = "FILE", requires = "signer")]
    public_key: Option<PathBuf>,
    #[arg(long, value_name = "URL", help = ISSUER_HELP)]
    issuer: String,
    /// The workload (`sub`)
    #[arg(long, value_name = "SUBJECT")]
    subject: String,
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "AUDIENCE", required = true, help = AUDIENCE_HELP)]
    audience: Vec<String>,
    /// How long the token is valid, in seconds up to a day
    #[arg(long, value_name = "SECONDS", default_value = "3600", value_parser = option_values::seconds)]
    lifetime: Duration,
    /// A further claim (may be repeated)
    #[arg(long, value_name = "NAME=JSON", value_parser = option_values::claim)]
    claim: Vec<(String, Value)>,
    /// The name of the key in the token's header [default: that of `wif jwks`]
    #[arg(long, value_name = "KID")]
    kid: Option<String>,
}

/// Runs the command.
pub(crate) fn run(args: &IssueArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let token = match issue(args) {
        Ok(token) => token,
        Err(error) => return Ok(explain::failed("issue", &option_names::of_issuer(error))),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{token}")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn issue(args: &IssueArgs) -> Result<String, Error> {
    let issuer = IssuerUrl::parse(&args.issuer)?;
    let claims = TokenClaims {
        issuer: &issuer,
        subject: &args.subject,
        audience: &args.audience,
        lifetime_seconds: i64::try_from(args.lifetime.as_secs()).unwrap_or(i64::MAX),
        claims: &args.claim,
    };
    let claims = claims.to_json(host::now(), &mut Entropy::new(host::seed()?))?;
    sign_compact(signer(args)?.as_ref(), &[], &claims)
}

fn signer(args: &IssueArgs) -> Result<Box<dyn Signer>, Error> {
    if let Some(path) = &args.key {
        let signer = private_key::signer(path)?;
        let public = Jwk::parse(signer.public_jwk().as_bytes())?;
        let name = args.kid.clone().or_else(|| key_id(public.key()));
        return Ok(Box::new(signer.with_key_id(name.unwrap_or_default())));
    }
    let key = public_key(args.public_key.as_deref().unwrap_or_else(|| "".as_ref()))?;
    Ok(Box::new(ExternalSigner::new(&args.signer, &key, args.kid.as_deref())?))
}

/// The one public key of a file.
fn public_key(path: &std::path::Path) -> Result<PublicKey, Error> {
    let mut keys = key_files::read(path)?;
    match (keys.pop(), keys.is_empty()) {
        (Some(key), true) => Ok(key),
        _ => {
            let error =
                Error::new(Code::KeyRejected, "the file has several keys; give the one that signs");
            Err(in_file(path, error))
        }
    }
}
