//! `wif token`: one access token from the environment's source.

use super::addresses::AddressArgs;
use super::option_values;
use super::token_args::{TokenSourceArgs, set};
use super::token_engine::TokenEngine;
use crate::{explain, host, option_names};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use workload_identity_core::{AccessToken, Error, Request, Timestamp};

const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

const SCOPE_HELP: &str =
    "What the token is for, e.g. https://vault.azure.net/.default (may be repeated)";
const EXAMPLES: &str = "\
Examples:
  # In a GitHub Actions job with `permissions: id-token: write`, or a pod with workload identity
  wif token --scope https://vault.azure.net/.default

  # Name everything; hand the token to another program without showing it
  TOKEN=$(wif token --scope https://management.azure.com/.default \\
    --tenant-id $TENANT --client-id $CLIENT --token-file /var/run/secrets/azure/tokens/token)

  # The token with its expiry, as JSON; failures are JSON on standard error
  wif token --scope api://orders/.default --json | jq .expires_on

  # A source by its name, with what it needs beside its variables (`wif sources --all` has the names)
  wif token --scope https://vault.azure.net/.default \\
    --source managed_identity --source-option client_id=$IDENTITY

  # A variable with the workload token
  wif token --scope https://vault.azure.net/.default --token-env AZURE_ID_TOKEN

  # Any OAuth token endpoint that takes JWT client assertions
  wif token --scope orders.read --issuer https://id.example.com/realms/prod --client-id orders

Environment:
  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST; options win over them. The token
  source is the first that `wif sources` finds in its variables.
  SSL_CERT_FILE and SSL_CERT_DIR take the place of the machine's certificate authorities.
  HTTPS_PROXY or ALL_PROXY names a proxy (http:// or https://), NO_PROXY the hosts that are
  reached without it: names with all below them, addresses, CIDR blocks, or *. The lower-case
  names of these three win.

Exit status: 0 with the token on standard output, 1 with an error on standard error,
2 for wrong usage.";

/// Options of `wif token`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct TokenArgs {
    // Not a doc comment, where the URL would have to be a link.
    #[arg(long, value_name = "SCOPE", required = true, help = SCOPE_HELP)]
    scope: Vec<String>,
    /// Print the token with its metadata as JSON, and errors as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    workload: TokenSourceArgs,
    /// A generic OIDC authority in place of Entra, found by its discovery document
    #[arg(long, value_name = "URL", conflicts_with = "authority_host")]
    issuer: Option<String>,
    /// A generic token endpoint in place of Entra
    #[arg(long, value_name = "URL", conflicts_with = "authority_host")]
    token_endpoint: Option<String>,
    /// Audience to ask GitHub Actions for, where it is not the authority's usual one
    #[arg(long, value_name = "AUDIENCE", conflicts_with_all = ["token_file", "token_env", "source"])]
    audience: Option<String>,
    /// Claims challenge to answer, a JSON object
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,
    /// Tell the service that this program handles claims challenges
    #[arg(long)]
    enable_cae: bool,
    /// Federated managed identity that the token is for, by its path
    #[arg(long, value_name = "PATH")]
    fmi_path: Option<String>,
    /// Give up after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = option_values::seconds)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    addresses: AddressArgs,
}

/// Runs the command.
pub(crate) fn run(args: &TokenArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let source = args.workload.workload_token();
    match acquire(args).map_err(|error| option_names::of_token(error, source)) {
        Ok(token) => {
            let mut out = io::stdout().lock();
            match args.json {
                true => writeln!(out, "{}", as_json(&token)?)?,
                false => writeln!(out, "{}", token.secret())?,
            }
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let mut out = anstream::stderr().lock();
            match args.json {
                true => writeln!(out, "{}", error.to_json())?,
                false => write!(out, "{}", explain::error(&error))?,
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn acquire(args: &TokenArgs) -> Result<AccessToken, Error> {
    let engine = TokenEngine::new(&args.workload, &configuration(args)?, args.ca_file.clone())?;
    engine.acquire(Request::parse(request(args).as_bytes()), args.timeout)
}

/// A token with its metadata as JSON.
#[derive(Serialize)]
struct Document<'t> {
    token: &'t str,
    token_type: &'static str,
    expires_on: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_on: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'t str>,
    scopes: &'t [String],
    from: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'t str>,
}

fn as_json(token: &AccessToken) -> serde_json::Result<String> {
    serde_json::to_string(&Document {
        token: token.secret(),
        token_type: "Bearer",
        expires_on: token.expires_on().seconds(),
        refresh_on: token.refresh_on().map(Timestamp::seconds),
        tenant_id: token.tenant(),
        scopes: token.scopes(),
        from: token.origin().name(),
        correlation_id: token.correlation_id(),
    })
}

fn configuration(args: &TokenArgs) -> Result<Value, Error> {
    let mut document = args.workload.configuration(&args.addresses)?;
    if args.issuer.is_some() || args.token_endpoint.is_some() {
        let mut authority = json!({});
        set(&mut authority, "issuer", args.issuer.as_deref());
        set(&mut authority, "token_endpoint", args.token_endpoint.as_deref());
        document["authority"] = authority;
    }
    // Without these variables the core reports what is wrong with the environment.
    if let (Some(audience), Some(url), Some(token)) =
        (&args.audience, host::variable(REQUEST_URL), host::variable(REQUEST_TOKEN))
    {
        document["source"] = json!({
            "kind": "github",
            "request_url": url,
            "request_token": token,
            "audience": audience,
        });
    }
    Ok(document)
}

fn request(args: &TokenArgs) -> String {
    let timeout = i64::try_from(args.timeout.as_millis()).unwrap_or(i64::MAX);
    let mut document = json!({
        "scopes": args.scope,
        "deadline": host::now().plus_millis(timeout).millis(),
    });
    set(&mut document, "claims", args.claims.as_deref());
    set(&mut document, "fmi_path", args.fmi_path.as_deref());
    set(&mut document, "enable_cae", args.enable_cae.then_some(true));
    document.to_string()
}
