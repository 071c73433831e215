//! `wif discovery`: the discovery document of an issuer.

use crate::{explain, option_names};
use clap::Args;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use workload_identity_core::jose::Algorithm;
use workload_identity_core::publish::IssuerUrl;

const ISSUER_HELP: &str =
    "The issuer, exactly as tokens name it in `iss`, e.g. https://issuer.example/cluster";
const EXAMPLES: &str = "\
Examples:
  # The document to serve at https://issuer.example/cluster/.well-known/openid-configuration
  wif discovery --issuer https://issuer.example/cluster > openid-configuration

  # The key set is elsewhere
  wif discovery --issuer https://issuer.example --jwks-uri https://keys.example/jwks.json

  # Tokens are signed with ES256
  wif discovery --issuer https://issuer.example --algorithm ES256

The members are those of kube-apiserver and of azwi's guide: issuer, jwks_uri,
response_types_supported, subject_types_supported, id_token_signing_alg_values_supported. Services
compare the issuer octet for octet: a slash at its end is part of it. `wif publish` writes the
document together with its key set.

Exit status: 0 with the document on standard output, 2 for wrong usage.";

/// Options of `wif discovery`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DiscoveryArgs {
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "URL", help = ISSUER_HELP)]
    issuer: String,
    /// The address of the key set [default: openid/v1/jwks below the issuer]
    #[arg(long, value_name = "URL")]
    jwks_uri: Option<String>,
    /// An algorithm of the issuer's signatures (may be repeated)
    #[arg(long, value_name = "ALG", default_value = "RS256", value_parser = algorithm)]
    algorithm: Vec<Algorithm>,
}

/// Runs the command.
pub(crate) fn run(args: &DiscoveryArgs) -> Result<ExitCode, Box<dyn Error>> {
    let document = match document(args) {
        Ok(document) => document,
        Err(error) => return Ok(explain::failed("discovery", &option_names::of_issuer(error))),
    };
    let mut out = io::stdout().lock();
    writeln!(out, "{document}")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn document(args: &DiscoveryArgs) -> Result<String, workload_identity_core::Error> {
    let issuer = IssuerUrl::parse(&args.issuer)?;
    let own = issuer.jwks_uri();
    let jwks_uri = args.jwks_uri.as_deref().unwrap_or(&own);
    IssuerUrl::check_jwks_uri(jwks_uri)?;
    Ok(issuer.discovery_document(jwks_uri, &args.algorithm))
}

fn algorithm(text: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(text).ok_or_else(|| {
        let names: Vec<_> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        format!("expected one of {}", names.join(", "))
    })
}
