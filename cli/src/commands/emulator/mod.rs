//! `wif emulator`: everything a workload identity exchange needs, on loopback.

mod credential;
mod service;
mod startup_info;
mod token_file;

use crate::host::{self, Transport};
use crate::serve::Listener;
use clap::Args;
use startup_info::StartupInfo;
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use token_file::TokenFile;
use workload_identity_crypto_native::AwsLcSigner;
use workload_identity_emulator::{
    CONTROL_PATHS, Credential, Emulator, FAULT_MODIFIERS, FAULT_TABLE, Fault, Keys, Settings,
};

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

  # A pod's token file that is kept fresh
  wif emulator --token-file /tmp/azure-identity-token

  # Two throttled answers, then slow ones; a GitHub endpoint that fails once
  wif emulator --fault 'throttle=1*2' --fault latency=300 --fault 'github:status=502*1'
";

/// Options of `wif emulator`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES, after_long_help = long_help())]
pub(crate) struct EmulatorArgs {
    /// Print one line of JSON once it listens, and nothing else
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
    /// Keep a Kubernetes-style token in this file, fresh until the emulator ends
    #[arg(long, value_name = "PATH")]
    token_file: Option<PathBuf>,
    /// Certificate authorities (PEM) to trust when fetching the keys of other issuers
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
}

fn long_help() -> String {
    let mut text = format!("{EXAMPLES}\nFaults:\n");
    for (form, meaning) in FAULT_TABLE.iter().chain(FAULT_MODIFIERS) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {form:<20}  {meaning}");
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
    let mut emulator = create(&listener)?;
    for credential in &args.credential {
        emulator.trust(credential.clone())?;
    }
    for fault in &args.fault {
        emulator.fault(fault.clone());
    }
    let facts = emulator.facts();
    let credentials = emulator.credentials().to_vec();
    let service = Arc::new(Service::new(emulator, Transport::new(args.ca_file.clone())));
    let server = listener.serve(Arc::clone(&service));
    let _token_file = match &args.token_file {
        Some(path) => Some(TokenFile::keep(path.clone(), &service, &facts.audience)?),
        None => None,
    };
    let token_file = args.token_file.as_ref().map(|path| path.display().to_string());
    let startup_info = StartupInfo {
        facts: &facts,
        credentials: &credentials,
        ca_file: ca_file.as_deref(),
        token_file: token_file.as_deref(),
    };
    // Before the text is printed, because the reader may send a signal at once.
    let end = server.watch_for_end()?;
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", facts.to_json(ca_file.as_deref()))?,
        false => write!(out, "{}", startup_info.page())?,
    }
    out.flush()?;
    drop(out);
    end.wait();
    Ok(ExitCode::SUCCESS)
}

/// An emulator with fresh keys at the listener's address.
pub(crate) fn create(listener: &Listener) -> Result<Emulator, Box<dyn Error>> {
    let keys = Keys {
        workload: Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?),
        access_token: Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?),
        next: Box::new(|| Ok(Box::new(AwsLcSigner::generate_rsa(KEY_BITS)?))),
    };
    Ok(Emulator::new(Settings::new(&listener.base_url(), host::seed()?), keys)?)
}
