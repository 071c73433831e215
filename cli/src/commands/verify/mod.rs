//! `wif verify`: verifies a token, or every token of a corpus, and shows why it is refused.

mod batch;
mod corpus_line;
mod policy;
mod report;
mod token_check;

use crate::commands::option_values;
use crate::{explain, host, option_names};
use clap::Args;
use std::io::{self, IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use token_check::{TokenCheck, check_token};
use workload_identity_core::{Code, Timestamp};

pub(super) use batch::open as open_lines;

/// Longer than any allowed token. The core refuses a longer one as `too_large`.
const MAX_INPUT: u64 = 1 << 20;
const NO_KEYS: u8 = 3;

const JWKS_HELP: &str = "The issuer's keys: a file with a JWK Set, PEM public keys or certificates, or the https:// address of a JWK Set [default: by discovery]";
const DISCOVERY_HELP: &str =
    "The issuer's discovery document, where it is not below the issuer: its https:// address";
const EXAMPLES: &str = "\
Examples:
  # A token against keys in a file; `-` or nothing reads it from standard input
  wif verify --jwks keys.json --issuer https://issuer.example --audience api://orders < token

  # The keys come from the issuer's discovery document
  wif verify - --issuer https://gitlab.example.com --audience api://orders < token

  # The rules of a platform: an Entra access token, a GitHub Actions token of one repository
  wif verify - --profile entra-v2 --tenant-id $TENANT --audience api://orders < token
  wif verify - --profile github --audience api://orders --claim repository=octo/app < token

  # The issuer's public key or certificate as PEM
  wif verify --jwks sa.pub --profile kubernetes --issuer https://cluster.example \\
    --audience api://orders < token

  # A cluster whose keys are behind its own certificate authority
  wif verify - --profile kubernetes --issuer https://kubernetes.default.svc.cluster.local \\
    --ca-file /var/run/secrets/kubernetes.io/serviceaccount/ca.crt --audience api://orders < token

  # What happened yesterday at noon, as JSON
  wif verify - --jwks keys.json --issuer https://issuer.example --audience api://orders \\
    --now 1767268800 --json < token | jq .code

  # A whole corpus: one JSON object a line in, one result a line out
  wif verify --batch corpus.jsonl > results.jsonl

A line of --batch has the members name, token, jwks (a document, or its raw text as a string),
issuer, audience, algorithms, now and profile, and where they are needed others of an issuer in
docs/protocol.md, section 8 (tenant_id, tenants, trust_domain, claims, ...) or beside it
(leeway_seconds, max_token_bytes). A result has name, accepted and code; a line that is not JSON
has the code request_invalid.

--json prints one object: accepted, checks, says, wanted; of a refused token code and
error.message; of an accepted one verified.claims, verified.header and verified.key_id.

Profiles are listed in docs/profiles.md, codes in docs/errors.md. The token is never printed.

Environment: as for `wif token`: SSL_CERT_FILE, HTTPS_PROXY, ALL_PROXY, NO_PROXY.

Exit status: 0 accepted, 1 refused, 2 wrong usage, 3 when the issuer's keys could not be fetched.
With --batch: 0 when every line has its result, 2 for wrong usage.";

/// Options of `wif verify`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// The token; `-` or nothing reads it from standard input, where other users cannot see it
    #[arg(value_name = "TOKEN|-", conflicts_with = "batch")]
    token: Option<String>,
    #[command(flatten)]
    policy: policy::PolicyArgs,
    /// Verify as if it were then, unix seconds [default: now]
    #[arg(long, value_name = "SECONDS")]
    now: Option<i64>,
    /// Print the checks, the result and the claims as JSON
    #[arg(long)]
    json: bool,
    /// Verify every line of a file of JSON lines; `-` is standard input
    #[arg(long, value_name = "FILE|-", group = "several",
        conflicts_with_all = ["json", "private_addresses", "allowed_network"])]
    batch: Option<PathBuf>,
    /// Give up on the issuer's keys after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = option_values::seconds)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &VerifyArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let now = args.now.map(Timestamp::from_seconds);
    if let Some(path) = &args.batch {
        return match batch::open(path) {
            Ok(lines) => batch::run(lines, now),
            Err(error) => Ok(explain::usage("verify", &format!("{}: {error}", path.display()))),
        };
    }
    let token = match &args.token {
        Some(token) if token != "-" => token.trim().to_owned(),
        _ if io::stdin().is_terminal() => {
            return Ok(explain::usage(
                "verify",
                "give the token as an argument or on standard input",
            ));
        }
        _ => {
            let mut input = Vec::new();
            io::stdin().lock().take(MAX_INPUT).read_to_end(&mut input)?;
            String::from_utf8_lossy(&input).trim().to_owned()
        }
    };
    let keys = match args.policy.keys_texts() {
        Ok(keys) => keys,
        Err(message) => return Ok(explain::usage("verify", &message)),
    };
    let now = now.unwrap_or_else(host::now);
    let mut check = match check_token(args, &keys, &token, now) {
        Ok(check) => check,
        Err(error) if error.code == Code::ConfigInvalid => {
            return Ok(explain::usage("verify", &option_names::of_verify(error).message));
        }
        Err(error) => TokenCheck::without_keys(&token, error),
    };
    check.result = check.result.map_err(option_names::of_verify);
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", report::json(&check)?)?,
        false => write!(out, "{}", report::table(&check, now))?,
    }
    out.flush()?;
    Ok(match check.result.map_err(|error| error.code) {
        Ok(_) => ExitCode::SUCCESS,
        Err(Code::KeysUnavailable | Code::KeysExpired | Code::NetworkTimeout) => {
            ExitCode::from(NO_KEYS)
        }
        Err(_) if check.fetch_failed => ExitCode::from(NO_KEYS),
        Err(_) => ExitCode::FAILURE,
    })
}

impl VerifyArgs {
    /// When the user no longer waits for keys.
    fn deadline(&self) -> Timestamp {
        host::now().plus_millis(i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX))
    }
}
