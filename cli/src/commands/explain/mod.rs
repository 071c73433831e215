//! `wif explain`: which value of a federated identity credential a token does not meet, and how to repair it.

mod batch;
mod credential_args;
mod documents;
mod page;

use super::input;
use crate::{explain, host, option_names};
use clap::Args;
use credential_args::CredentialArgs;
use documents::{DocumentArgs, IssuerDocuments};
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use workload_identity_core::trust::{self, Credential, Documents, TokenClaims, Verdict};
use workload_identity_core::{Code, Timestamp};
use workload_identity_crypto_native::AwsLc;

const EXAMPLES: &str = "\
Examples:
  # Why does Entra refuse this job's token?
  wif explain - --credential issuer=https://token.actions.githubusercontent.com,\\
subject=repo:octo/app:environment:prod,audience=api://AzureADTokenExchange < token

  # The credentials of an application, as the Azure CLI prints them
  az ad app federated-credential list --id $CLIENT_ID > credentials.json
  wif explain token.jwt --credentials credentials.json

  # No token, only Entra's answer
  wif explain --error 'AADSTS700213: No matching federated identity record found for presented \\
assertion subject ...' --credentials credentials.json

  # Everything that Entra checks: the issuer's documents and keys, signature and lifetime, too
  wif explain token.jwt --credentials credentials.json --fetch

  # A flexible credential
  wif explain - --credential \"issuer=https://gitlab.com,expression=claims['sub'] matches \\
'project_path:group/*',audience=api://AzureADTokenExchange\" < token

  # Many at once: one JSON object a line in, one verdict a line out
  wif explain --batch cases.jsonl

A file of credentials is a JSON list of {name?, issuer, subject or expression, audience?}, what `az`, Microsoft Graph and
Azure Resource Manager print, or a trust file of `wif fic`, in YAML too. A line of --batch has name, token or claims, and credentials.

--json prints accepted, aadsts, credentials (name, accepted, fields with field, expected, presented,
equal, difference, position), fix and, if documents were looked at, checks. docs/concepts/trust.md
lists the differences. Text of the token is shown with control characters escaped.

Without --fetch, --jwks and --now only issuer, subject and audience are compared.

Exit status: 0 a credential accepts the token, 1 none does, 2 for wrong usage. With --batch: 0 when
every line has its verdict.";

/// Options of `wif explain`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// The token, or a file with it; `-` or nothing reads it from standard input
    #[arg(value_name = "TOKEN|-", conflicts_with_all = ["batch", "error"])]
    token: Option<String>,
    #[command(flatten)]
    credentials: CredentialArgs,
    /// What Entra answered, in place of a token: the JSON or the text with the AADSTS number, or a file with it
    #[arg(long, value_name = "TEXT|-", conflicts_with = "batch")]
    error: Option<String>,
    #[command(flatten)]
    documents: DocumentArgs,
    /// Also check the token's lifetime at this instant, unix seconds [default with --fetch: now]
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["batch", "error"])]
    now: Option<i64>,
    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
    /// Explain every line of a file of JSON lines; `-` is standard input
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["json", "credential", "credentials"])]
    batch: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &ExplainArgs) -> Result<ExitCode, Box<dyn Error>> {
    if let Some(path) = &args.batch {
        return match batch::open(path) {
            Ok(lines) => batch::run(lines),
            Err(error) => Ok(explain::usage("explain", &format!("{}: {error}", path.display()))),
        };
    }
    let credentials = match args.credentials.read() {
        Ok(credentials) => credentials,
        Err(message) => return Ok(explain::usage("explain", &message)),
    };
    let text = match input::token(args.error.as_deref().or(args.token.as_deref())) {
        Ok(text) => text,
        Err(message) => return Ok(explain::usage("explain", &message)),
    };
    let explained = match args.error.is_some() || is_answer(&text) {
        true => trust::explain_response(&text, &credentials).map(|verdict| (verdict, None)),
        false => verdict(args, &text, &credentials),
    };
    let (mut verdict, expires) = match explained {
        Ok(explained) => explained,
        Err(error) if error.code == Code::ConfigInvalid => {
            return Ok(explain::usage("explain", &option_names::of_verify(error).message));
        }
        Err(error) => {
            match args.json {
                true => eprintln!("{}", error.to_json()),
                false => anstream::eprint!("{}", explain::error(&error)),
            }
            return Ok(ExitCode::FAILURE);
        }
    };
    for check in &mut verdict.checks {
        check.message = option_names::of_check(&check.message);
    }
    let mut out = io::stdout().lock();
    match args.json {
        true => writeln!(out, "{}", serde_json::to_string(&verdict)?)?,
        false => {
            let mut out = anstream::AutoStream::auto(out);
            write!(out, "{}", page::text(&verdict, expires, host::now()))?;
        }
    }
    Ok(if verdict.accepted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the text is an answer of Entra in place of a token, which has no white space.
fn is_answer(text: &str) -> bool {
    text.contains("AADSTS") && text.contains(char::is_whitespace)
}

/// The verdict, and when the token expires.
fn verdict(
    args: &ExplainArgs,
    token: &str,
    credentials: &[Credential],
) -> Result<(Verdict, Option<Timestamp>), workload_identity_core::Error> {
    let claims = TokenClaims::from_token(token)?;
    let documents = args.documents.get(claims.issuer.as_deref().unwrap_or_default())?;
    let now = args.now.map(Timestamp::from_seconds).or(documents.fetched.then(host::now));
    let IssuerDocuments { discovery, keys, .. } = &documents;
    let documents = Documents {
        token: Some(token),
        discovery: discovery.as_ref().map(documents::borrowed),
        keys: keys.as_ref().map(documents::borrowed),
        now,
    };
    let verdict = match documents.keys.is_some() || now.is_some() {
        true => trust::evaluate_whole(&claims, credentials, &documents, &AwsLc),
        false => trust::evaluate(&claims, credentials),
    };
    Ok((verdict, claims.expires))
}
