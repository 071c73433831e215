//! `wif preflight`: whether the platform's token can match a federated identity credential at all, before any exchange.

use super::input;
use super::{detected, source_args::SourceArgs};
use crate::explain::{self, escaped};
use crate::host::{self, Host as _, SystemHost, Transport};
use crate::option_names::{self, WorkloadToken as WorkloadTokenOption};
use clap::Args;
use clap::builder::styling::AnsiColor;
use std::error::Error as StdError;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use workload_identity_core::trust::{self, Preflight, TokenClaims};
use workload_identity_core::{Code, Config, Error, WorkloadToken};

const EXAMPLES: &str = "\
Examples:
  # A token that was saved
  wif preflight token.jwt

  # The token that this job or pod gets
  wif preflight --source auto

  # With the issuer's keys: does Entra see the signing key among the first 100?
  wif preflight token.jwt --jwks keys.json

Nothing is verified and nothing is exchanged. --json prints algorithm, issuer, subject, audience,
lifetime_s and entra (possible, problems with code and message).

Exit status: 0 a credential can match such tokens, 1 none can, or there is no token; 2 for wrong
usage.";

/// Options of `wif preflight`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PreflightArgs {
    /// The token, or a file with it; `-` reads it from standard input
    #[arg(value_name = "TOKEN|-")]
    token: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
    /// The issuer's keys in a file, a JWK Set
    #[arg(long, value_name = "FILE")]
    jwks: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
}

/// The configuration of a client that is not needed to ask for the workload's token.
const NO_TENANT: &str = "preflight.invalid";
const NO_CLIENT: &str = "00000000-0000-0000-0000-000000000000";

/// Runs the command.
pub(crate) fn run(args: &PreflightArgs) -> Result<ExitCode, Box<dyn StdError>> {
    let token = match (&args.token, args.source.is_given()) {
        (Some(_), true) => {
            let message = "give either a token or `--source`";
            return Ok(explain::usage("preflight", message));
        }
        (None, true) => source_token(args),
        (argument, false) => match input::token(argument.as_deref()) {
            Ok(token) => Ok(token),
            Err(message) => return Ok(explain::usage("preflight", &message)),
        },
    };
    let keys = match args.jwks.as_deref().map(input::file).transpose() {
        Ok(keys) => keys,
        Err(error) => return Ok(explain::usage("preflight", &error.message)),
    };
    let report = token
        .and_then(|token| TokenClaims::from_token(&token))
        .and_then(|claims| trust::preflight(&claims, keys.as_deref()));
    let report = match report {
        Ok(report) => report,
        Err(error) if args.json => {
            eprintln!("{}", error.to_json());
            return Ok(explain::status(&error));
        }
        Err(error) => return Ok(explain::failed("preflight", &error)),
    };
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        false => write!(anstream::AutoStream::auto(out), "{}", page(&report))?,
    }
    Ok(if report.entra.possible { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Asks the token source. Tenant and application play no part in it, so they need not be known yet.
fn source_token(args: &PreflightArgs) -> Result<String, Error> {
    let mut config = host::environment();
    for (variable, member, instead) in
        [("AZURE_TENANT_ID", "tenant_id", NO_TENANT), ("AZURE_CLIENT_ID", "client_id", NO_CLIENT)]
    {
        if host::variable(variable).is_none() {
            config[member] = instead.into();
        }
    }
    let source = args.source.source().map_err(|text| Error::new(Code::ConfigInvalid, text))?;
    if let Some(source) = source {
        config["source"] = source;
    }
    detected::log(&config);
    let config = Config::parse(config.to_string().as_bytes());
    let config =
        config.map_err(|error| option_names::of_token(error, WorkloadTokenOption::Named))?;
    let mut asked = WorkloadToken::new(config, host::seed()?);
    let host = SystemHost::new(Transport::trusting(args.ca_file.clone())?);
    while let Some(effect) = asked.effect(host::now()) {
        asked.answer(&host.perform(&effect), host::now());
    }
    asked.token().map(|token| token.expose().clone())
}

/// The report as text. To be written through `anstream`.
fn page(report: &Preflight) -> String {
    let text = |value: &Option<String>| value.as_deref().map_or("-".to_owned(), escaped);
    let lifetime = report.lifetime_s.map_or("-".to_owned(), |seconds| format!("{seconds} s"));
    let mut page = String::new();
    for (name, value) in [
        ("algorithm", text(&report.algorithm)),
        ("issuer", text(&report.issuer)),
        ("subject", text(&report.subject)),
        ("audience", escaped(&report.audience.join(", "))),
        ("lifetime", lifetime),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "{name:<10} {value}");
    }
    let (style, word) = match report.entra.possible {
        true => (AnsiColor::Green.on_default(), "possible"),
        false => (AnsiColor::Red.on_default(), "not possible"),
    };
    let _ = writeln!(page, "\nAn exchange at Entra is {style}{word}{style:#}.");
    for problem in &report.entra.problems {
        let _ = writeln!(page, "  {}: {}", problem.code, escaped(&problem.message));
    }
    page
}
