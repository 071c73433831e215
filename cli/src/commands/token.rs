//! `wif token`: one access token from the environment's source.

use super::addresses::AddressArgs;
use super::{detected, source_args::SourceArgs};
use crate::host::{self, Driver, SystemHost, Transport};
use crate::option_names::{self, WorkloadToken};
use crate::{explain, seconds};
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use workload_identity_core::{
    AccessToken, Code, Config, Engine, Error, Request, Secret, Timestamp,
};

const REQUEST_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const REQUEST_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// How much longer than its time an acquisition is waited for. Its own error says more.
const GRACE: Duration = Duration::from_millis(150);

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
    /// Tenant, a GUID or a domain [environment: AZURE_TENANT_ID]
    #[arg(long, value_name = "TENANT")]
    tenant_id: Option<String>,
    /// Application or managed identity [environment: AZURE_CLIENT_ID]
    #[arg(long, value_name = "CLIENT")]
    client_id: Option<String>,
    /// Entra's host, for sovereign clouds and emulators [environment: AZURE_AUTHORITY_HOST]
    #[arg(long, value_name = "URL", conflicts_with_all = ["issuer", "token_endpoint"])]
    authority_host: Option<String>,
    /// A generic OIDC authority in place of Entra, found by its discovery document
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// A generic token endpoint in place of Entra
    #[arg(long, value_name = "URL")]
    token_endpoint: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
    /// Where no source is detected, look for the metadata services of Google Cloud and Azure, within 1 s
    #[arg(long)]
    probe: bool,
    /// File with the workload token [environment: AZURE_FEDERATED_TOKEN_FILE]
    #[arg(long, value_name = "PATH", conflicts_with = "source")]
    token_file: Option<String>,
    /// Environment variable with the workload token, as GitLab CI and CircleCI set one
    #[arg(long, value_name = "NAME", conflicts_with_all = ["token_file", "source"])]
    token_env: Option<String>,
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
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds::parse)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    addresses: AddressArgs,
}

/// Runs the command.
pub(crate) fn run(args: &TokenArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let source = match (&args.token_file, &args.token_env) {
        (Some(_), _) => WorkloadToken::File,
        (None, Some(name)) => WorkloadToken::Variable(name),
        (None, None) if args.source.is_named() => WorkloadToken::Named,
        (None, None) => WorkloadToken::Found,
    };
    match acquire_in_time(args).map_err(|error| option_names::of_token(error, source)) {
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

/// Acquires a token on another thread, which does not hold the program up when its time is over: reading a pipe has no limit.
fn acquire_in_time(args: &TokenArgs) -> Result<AccessToken, Error> {
    let assertion = args.token_env.as_deref().map(workload_token).transpose()?;
    let configuration = configuration(args)?;
    detected::log(&configuration);
    let config = Config::parse(configuration.to_string().as_bytes())?;
    let request = Request::parse(request(args).as_bytes());
    let mut engine = Engine::new(config);
    engine.reseed(host::seed()?);
    let host = SystemHost::new(Transport::new(args.ca_file.clone())).with_assertion(assertion);
    let driver = Driver::new(engine, host);
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || sender.send(driver.request(request).map(|result| result.token)));
    receiver.recv_timeout(args.timeout.saturating_add(GRACE)).unwrap_or_else(|_| {
        let message = format!("no token within {} s; see `--timeout`", args.timeout.as_secs_f64());
        Err(Error::new(Code::DeadlineExceeded, message))
    })
}

/// The workload token in an environment variable, such as an ID token of GitLab CI.
fn workload_token(name: &str) -> Result<Secret<String>, Error> {
    host::variable(name).map(Secret::new).ok_or_else(|| {
        let message = format!(
            "the environment variable `{name}` that `--token-env` names is not set, or is empty or not text"
        );
        Error::new(Code::EnvironmentIncomplete, message)
    })
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

/// Adds a member to an object if it has a value.
fn set<V: Into<Value>>(document: &mut Value, name: &str, value: Option<V>) {
    if let Some(value) = value {
        document[name] = value.into();
    }
}

fn configuration(args: &TokenArgs) -> Result<Value, Error> {
    let mut document = host::environment();
    let source = args.source.source();
    set(&mut document, "source", source.map_err(|text| Error::new(Code::ConfigInvalid, text))?);
    set(&mut document, "tenant_id", args.tenant_id.as_deref());
    set(&mut document, "client_id", args.client_id.as_deref());
    set(&mut document, "authority_host", args.authority_host.as_deref());
    if args.issuer.is_some() || args.token_endpoint.is_some() {
        let mut authority = json!({});
        set(&mut authority, "issuer", args.issuer.as_deref());
        set(&mut authority, "token_endpoint", args.token_endpoint.as_deref());
        document["authority"] = authority;
    }
    args.addresses.add_to(&mut document);
    if let Some(path) = &args.token_file {
        document["source"] = json!({ "kind": "file", "path": path });
    }
    if args.token_env.is_some() {
        document["source"] = json!({ "kind": "callback" });
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
    set(&mut document, "probe", args.probe.then_some(true));
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
