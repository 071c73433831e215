//! `wif check-issuer`: whether Entra, AWS and Google can use an issuer, and why not.

use super::addresses::AddressArgs;
use super::option_values;
use crate::explain::{self, escaped};
use crate::host::{Host as _, SystemHost, Transport};
use crate::option_names;
use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use workload_identity_core::publish::{IssuerCheck, IssuerCheckStep, IssuerReport, StepOutcome};
use workload_identity_core::{Code, Effect};

const ISSUER_HELP: &str =
    "The issuer, exactly as tokens name it in `iss`; its documents are fetched from there";
const EXAMPLES: &str = "\
Examples:
  wif check-issuer https://token.actions.githubusercontent.com

  # In a script: why can Entra not use it?
  wif check-issuer https://issuer.example --json | jq '.entra.reasons'

  # An issuer behind a private certificate authority; the verdict still says what services need
  wif check-issuer https://cluster.example --ca-file ca.crt

The discovery document is fetched from .well-known/openid-configuration below the issuer, the key set
from its `jwks_uri`; http works on this machine. Each fault has a code of docs/errors.md and says
what to do: redirects and circles of them, an answer over 256 KiB (key set: 1 MiB), HTML.

--json prints one object: issuer, usable, entra, aws and google (each with usable, reasons; google
with usable_with_uploaded_keys), checks, findings (check, code, message, blocks), jwks_uri, keys. A
finding that blocks no service is a warning.

Environment: as for `wif token`: SSL_CERT_FILE, HTTPS_PROXY, ALL_PROXY, NO_PROXY.

Exit status: 0 when Entra, AWS and Google can all use the issuer, also with warnings; 1 when at least
one of them cannot, for example because a document could not be fetched; 2 for wrong usage.";

/// Options of `wif check-issuer`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CheckIssuerArgs {
    // Not a doc comment, to be the same text in every command.
    #[arg(value_name = "URL", help = ISSUER_HELP)]
    issuer: String,
    /// Print the verdicts, the checks and the keys as JSON
    #[arg(long)]
    json: bool,
    /// Give up on a document after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = option_values::seconds)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    addresses: AddressArgs,
}

/// Runs the command.
pub(crate) fn run(args: &CheckIssuerArgs) -> Result<ExitCode, Box<dyn Error>> {
    let addresses = match args.addresses.policy() {
        Ok(addresses) => addresses,
        Err(message) => return Ok(explain::usage("check-issuer", &message)),
    };
    let timeout_ms = u32::try_from(args.timeout.as_millis()).unwrap_or(u32::MAX);
    let mut check = match IssuerCheck::new(&args.issuer, addresses, timeout_ms) {
        Ok(check) => check,
        Err(error) => {
            let message = error.message.replace("`issuer`", "the issuer");
            return Ok(explain::usage("check-issuer", &message));
        }
    };
    let transport = match Transport::trusting(args.ca_file.clone()) {
        Ok(transport) => transport,
        Err(error) => return Ok(explain::usage("check-issuer", &error.message)),
    };
    let host = SystemHost::new(transport);
    while let Some(request) = check.request() {
        check.answer(&host.perform(&Effect::Http(request)));
    }
    let mut report = check.report();
    for finding in &mut report.findings {
        let message = std::mem::take(&mut finding.message);
        let error = workload_identity_core::Error::new(finding.code, message);
        finding.message = option_names::of_finding(error).message.clone();
    }
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string(&report)?)?,
        false => write!(anstream::AutoStream::auto(out), "{}", table(&report))?,
    }
    Ok(if report.is_usable_by_all() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default();
const DOUBTFUL: Style = AnsiColor::Yellow.on_default();

/// The checks, the keys, and the verdict of each service.
fn table(report: &IssuerReport) -> String {
    let mut text = format!("issuer     {}\n\n", escaped(&report.issuer));
    for step in IssuerCheckStep::ALL {
        let outcome = report.outcome(step);
        let style = match outcome {
            StepOutcome::Passed => GOOD,
            StepOutcome::Failed => BAD,
            StepOutcome::Warning | StepOutcome::NotReached => DOUBTFUL,
        };
        let name = outcome.name().replace('_', " ");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<10} {style}{name}{style:#}", step.name());
        for finding in report.findings.iter().filter(|finding| finding.step == step) {
            let message = escaped(&finding.message);
            let _ = writeln!(text, "             {}: {message}", finding.code.name());
        }
    }
    for key in &report.keys {
        let name = key.key_id.as_deref().unwrap_or("-");
        let facts = [&key.key_type, &key.algorithm].map(|fact| fact.as_deref().unwrap_or("-"));
        let services: Vec<_> = key.usable_by.iter().map(|service| service.name()).collect();
        let services = if services.is_empty() { "nobody".to_owned() } else { services.join(", ") };
        let _ = writeln!(
            text,
            "\nkey {}  {}  for {services}",
            escaped(name),
            escaped(&facts.join(" "))
        );
        for problem in &key.problems {
            let _ = writeln!(text, "  {}: it {}", problem.code.name(), escaped(&problem.message));
        }
    }
    text.push('\n');
    for verdict in &report.verdicts {
        let (style, word) = if verdict.usable { (GOOD, "can") } else { (BAD, "cannot") };
        let upload = match verdict.usable_with_uploaded_keys {
            Some(true) if !verdict.usable => {
                "; it can once the key set is uploaded to the provider"
            }
            _ => "",
        };
        let codes: Vec<_> = verdict.reasons.iter().map(|finding| finding.code).collect();
        let title = verdict.service.title();
        let _ =
            writeln!(text, "{title:<18} {style}{word} use it{style:#}{}{upload}", because(&codes));
    }
    text
}

/// The codes of the reasons, each once.
fn because(codes: &[Code]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for code in codes {
        if !names.contains(&code.name()) {
            names.push(code.name());
        }
    }
    if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) }
}
