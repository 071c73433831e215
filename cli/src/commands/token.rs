//! `wif token`: one access token from the environment's source.

use crate::host::{self, Driver, Machine, Transport};
use crate::{explain, seconds};
use clap::Args;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use workload_identity_core::json::{self, Members};
use workload_identity_core::{
    AccessToken, Config, Engine, Error, Request, Timestamp, environment_names,
};

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

  # Any OAuth token endpoint that takes JWT client assertions
  wif token --scope orders.read --issuer https://id.example.com/realms/prod --client-id orders

Environment:
  AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_AUTHORITY_HOST, AZURE_FEDERATED_TOKEN_FILE,
  ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN; options win over them.
  SSL_CERT_FILE takes the place of the machine's certificate authorities.
  HTTPS_PROXY and NO_PROXY are honoured.

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
    /// File with the workload token [environment: AZURE_FEDERATED_TOKEN_FILE]
    #[arg(long, value_name = "PATH")]
    token_file: Option<String>,
    /// Audience to ask GitHub Actions for, where it is not the authority's usual one
    #[arg(long, value_name = "AUDIENCE", conflicts_with = "token_file")]
    audience: Option<String>,
    /// Claims challenge to answer, a JSON object
    #[arg(long, value_name = "JSON")]
    claims: Option<String>,
    /// Tell the service that this program handles claims challenges
    #[arg(long)]
    enable_cae: bool,
    /// Give up after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds::parse)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &TokenArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match acquire(args) {
        Ok(token) => {
            let mut out = io::stdout().lock();
            match args.json {
                true => writeln!(out, "{}", as_json(&token))?,
                false => writeln!(out, "{}", token.secret())?,
            }
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let mut out = io::stderr().lock();
            match args.json {
                true => writeln!(out, "{}", error.to_json())?,
                false => write!(out, "{}", explain::error(&error))?,
            }
            Ok(ExitCode::FAILURE)
        }
    }
}

fn acquire(args: &TokenArgs) -> Result<AccessToken, Error> {
    let config = Config::parse(configuration(args).as_bytes())?;
    let mut engine = Engine::new(config);
    engine.reseed(host::seed()?);
    let driver = Driver::new(engine, Machine::new(Transport::new(args.ca_file.clone())));
    driver.token(Request::parse(request(args).as_bytes()))
}

fn as_json(token: &AccessToken) -> String {
    json::object(|o| {
        o.text("token", token.secret())
            .text("token_type", "Bearer")
            .integer("expires_on", token.expires_on().seconds())
            .integer_if("refresh_on", token.refresh_on().map(Timestamp::seconds))
            .text_if("tenant_id", token.tenant())
            .texts("scopes", token.scopes().iter().map(String::as_str))
            .text("from", token.origin().name())
            .text_if("correlation_id", token.correlation_id());
    })
}

fn configuration(args: &TokenArgs) -> String {
    json::object(|o| {
        o.text_if("tenant_id", args.tenant_id.as_deref())
            .text_if("client_id", args.client_id.as_deref())
            .text_if("authority_host", args.authority_host.as_deref());
        if args.issuer.is_some() || args.token_endpoint.is_some() {
            o.object("authority", |o| {
                o.text_if("issuer", args.issuer.as_deref())
                    .text_if("token_endpoint", args.token_endpoint.as_deref());
            });
        }
        if let Some(path) = &args.token_file {
            o.object("source", |o| {
                o.text("kind", "file").text("path", path);
            });
        }
        // Without these variables the core finds out what is wrong with the environment.
        if let (Some(audience), Some(url), Some(token)) =
            (&args.audience, variable(REQUEST_URL), variable(REQUEST_TOKEN))
        {
            o.object("source", |o| {
                o.text("kind", "github")
                    .text("request_url", &url)
                    .text("request_token", &token)
                    .text("audience", audience);
            });
        }
        o.object("environment", environment);
    })
}

/// The variables the core knows, as far as they are set.
fn environment(o: &mut Members<'_>) {
    for name in environment_names() {
        o.text_if(name, variable(name).as_deref());
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn request(args: &TokenArgs) -> String {
    let timeout = i64::try_from(args.timeout.as_millis()).unwrap_or(i64::MAX);
    json::object(|o| {
        o.texts("scopes", args.scope.iter().map(String::as_str))
            .text_if("claims", args.claims.as_deref())
            .integer("deadline", host::now().plus_millis(timeout).millis());
        if args.enable_cae {
            o.bool("enable_cae", true);
        }
    })
}
