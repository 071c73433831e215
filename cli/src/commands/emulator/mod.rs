//! `wif emulator`: everything a workload identity exchange needs, on loopback.

mod credential;
mod log;
mod platform;
mod service;
#[cfg(test)]
mod service_tests;
mod startup_info;
mod token_file;

use super::option_values;
use crate::host::{self, Transport};
use crate::serve::Listener;
use crate::verbosity;
use clap::Args;
use log::{Log, LogForm};
use serde_json::Value;
use startup_info::StartupInfo;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use token_file::TokenFile;
use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
use workload_identity_emulator::{
    CONTROL_PATHS, Credential, Emulator, FAULT_MODIFIERS, FAULT_TABLE, Fault, Keys, PLATFORMS,
    Platform, ServerCertificate, Settings,
};

pub(crate) use platform::{Platforms, parse as platform_named};
pub(crate) use service::Service;

/// What Entra and GitHub use.
const KEY_BITS: usize = 2048;

const EXAMPLES: &str = "\
Examples:
  # For people: says what it serves and how to try it; Ctrl-C ends it
  wif emulator

  # For programs: one line of JSON once it listens
  wif emulator --json | { read -r line; echo \"$line\" | jq -r .base_url; cat; }

  # Over TLS, with a throw-away certificate authority whose file it names
  wif emulator --tls --port 8443

  # Trust a real issuer on this machine, whose keys are then fetched over HTTP
  wif emulator --credential \\
    issuer=http://127.0.0.1:8200/v1/identity/oidc,subject=abc,audience=api://AzureADTokenExchange

  # Trust a cluster whose keys are behind its own certificate authority
  wif emulator --ca-file /etc/kubernetes/pki/ca.crt --credential \\
    issuer=https://192.168.7.7:6443,subject=system:serviceaccount:default:app,audience=api://AzureADTokenExchange

  # Access tokens with these roles and claims
  wif emulator --role Orders.Read --claim 'groups=[\"operators\"]' --claim xms_cc=null

  # Google Cloud's metadata server, and the variables that lead to it
  wif emulator --platform gcp

  # A pod's token file that is kept fresh
  wif emulator --token-file /tmp/azure-identity-token

  # Two throttled answers, then slow ones; a GitHub endpoint that fails once
  wif emulator --fault 'throttle=1*2' --fault latency=300 --fault 'github:status=502*1'
";

/// Options of `wif emulator`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = long_help())]
pub(crate) struct EmulatorArgs {
    /// Print one line of JSON once it listens, and nothing else on standard output
    #[arg(long)]
    json: bool,
    /// Port on loopback; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0)]
    port: u16,
    /// Serve https with a throw-away certificate authority
    #[arg(long)]
    tls: bool,
    /// Trust another issuer's tokens, as a federated identity credential does (may be repeated)
    #[arg(long, value_name = "issuer=URL,subject=S,audience=A", value_parser = credential::parse)]
    credential: Vec<Credential>,
    /// Go wrong on purpose; `wif emulator --help` lists the kinds (may be repeated)
    #[arg(long, value_name = "KIND[=ARG]")]
    fault: Vec<Fault>,
    /// App role in access tokens, in place of Resource.Read (may be repeated)
    #[arg(long, value_name = "ROLE")]
    role: Vec<String>,
    /// Scope in access tokens, which then are those of a user (may be repeated)
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// Further claim of access tokens, or another value of one; null removes it (may be repeated)
    #[arg(long, value_name = "NAME=JSON", value_parser = option_values::claim)]
    claim: Vec<(String, Value)>,
    /// Be this platform for a workload; `wif emulator --help` lists them (may be repeated)
    #[arg(long, value_name = "NAME", value_parser = platform::parse)]
    platform: Vec<&'static Platform>,
    /// Keep a Kubernetes-style token in this file, fresh until the emulator ends
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Certificate authorities (PEM) to trust when fetching the keys of other issuers
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    /// Form of the log on standard error: one line a request and a fetch, without tokens
    #[arg(long, value_name = "FORM", value_enum, default_value_t = LogForm::Text)]
    log: LogForm,
}

impl EmulatorArgs {
    /// Puts what access tokens are to say into the settings.
    fn configure(&self, settings: &mut Settings) {
        if !self.role.is_empty() || !self.scope.is_empty() {
            settings.roles.clone_from(&self.role);
        }
        settings.scopes.clone_from(&self.scope);
        settings.claims.extend(self.claim.iter().cloned());
    }
}

fn long_help() -> String {
    let mut text = format!("{EXAMPLES}\nFaults:\n");
    // Writing to a String cannot fail.
    for fault in FAULT_TABLE {
        let limit =
            fault.limited_to().map(|names| format!("; on {names} only")).unwrap_or_default();
        let _ = writeln!(text, "  {:<20}  {}{limit}", fault.form, fault.meaning);
    }
    for (form, meaning) in FAULT_MODIFIERS {
        let _ = writeln!(text, "  {form:<20}  {meaning}");
    }
    text.push_str("\nPlatforms:\n");
    for platform in PLATFORMS {
        let _ = writeln!(text, "  {:<20}  {}", platform.name, platform.about);
    }
    text.push_str("\nWhile it runs, tests may look and change:\n");
    for (method, path, meaning) in CONTROL_PATHS {
        let _ = writeln!(text, "  {method:<6} {path:<29}  {meaning}");
    }
    text
}

/// Runs the command until the process is asked to end.
pub(crate) fn run(args: &EmulatorArgs) -> Result<ExitCode, Box<dyn Error>> {
    let listener = Listener::bind(args.port, args.tls)?;
    let ca_file = listener.ca_file().map(|path| path.display().to_string());
    let mut emulator = create(&listener, |settings| args.configure(settings))?;
    for credential in &args.credential {
        emulator.trust(credential.clone())?;
    }
    for platform in &args.platform {
        emulator.trust_platform(platform)?;
    }
    for fault in &args.fault {
        emulator.fault(fault.clone());
    }
    let facts = emulator.facts();
    let credentials = emulator.credentials().to_vec();
    let log = (!verbosity::quiet()).then(|| Log::to_standard_error(args.log));
    let service = Service::new(emulator, Transport::trusting(args.ca_file.clone())?).with_log(log);
    let service = Arc::new(service);
    let server = listener.serve(Arc::clone(&service));
    let _token_file = match &args.token_file {
        Some(path) => Some(TokenFile::keep(path.clone(), &service, &facts.audience)?),
        None => None,
    };
    let token_file = args.token_file.as_ref().map(|path| path.display().to_string());
    let platforms = Platforms::open(&args.platform, &service, &server)?;
    let startup_info = StartupInfo {
        facts: &facts,
        credentials: &credentials,
        ca_file: ca_file.as_deref(),
        token_file: token_file.as_deref(),
        platforms: &platforms,
    };
    // Before the text is printed, because the reader may send a signal at once.
    let end = server.watch_for_end()?;
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", startup_info.json())?,
        false => write!(out, "{}", startup_info.page())?,
    }
    out.flush()?;
    drop(out);
    end.wait();
    Ok(ExitCode::SUCCESS)
}

/// An emulator with fresh keys at the listener's address.
pub(crate) fn create(
    listener: &Listener,
    configure: impl FnOnce(&mut Settings),
) -> Result<Emulator, Box<dyn Error>> {
    let keys = Keys {
        workload: Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?),
        access_token: Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?),
        next: Box::new(|| Ok(Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?))),
        verification: Box::new(AwsLc),
    };
    let mut settings = Settings::new(&listener.base_url(), host::seed()?);
    settings.certificate = listener.certificate().map(|certificate| ServerCertificate {
        authority: certificate.authority.clone(),
        sha1: host::thumbprint(&certificate.server),
    });
    configure(&mut settings);
    Ok(Emulator::new(settings, keys)?)
}
