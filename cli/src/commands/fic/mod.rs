//! `wif fic`: federated identity credentials of applications and managed identities, by Microsoft Graph and Azure Resource
//! Manager.

mod access_args;
mod connection;
mod credential_args;
mod diff;
mod identity_args;
mod interruption;
mod listing;
mod plan;
mod platform_args;
mod snippet;
mod trust_file;
mod write;

use crate::explain;
use access_args::AccessArgs;
use clap::{Args, Subcommand};
use identity_args::IdentityArgs;
use std::path::PathBuf;
use std::process::ExitCode;
use workload_identity_core::{Code, Error};

const EXAMPLES: &str = "\
Examples:
  # Let the jobs of an environment sign in as an application
  wif fic add --app-id $APP_ID --github octo/app --environment production

  # Let a pod sign in as a managed identity
  wif fic add --managed-identity $RESOURCE_ID --kubernetes shop/orders --issuer $CLUSTER_ISSUER

  # All credentials from a file: what would change, then change it
  wif fic plan trust.yaml
  wif fic apply trust.yaml

  # On this machine, without a tenant: the addresses are in the line of `wif emulator --json`
  wif fic list --app-id $APP_ID --graph-url http://127.0.0.1:8600/graph

Who may change credentials: an owner of the application with Application.ReadWrite.OwnedBy, or
Application.ReadWrite.All; Managed Identity Contributor for a managed identity. The access token comes
from the token source that `wif token` would use, or from --access-token-file.

Exit status: 0 done or nothing to do, 3 `plan` found changes, 1 an error, 2 wrong usage or a wrong
trust file.";

/// Options of `wif fic`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FicArgs {
    #[command(subcommand)]
    command: FicCommand,
}

#[derive(Subcommand, Debug)]
enum FicCommand {
    /// Show all credentials of an identity
    List(ListArgs),
    /// Show one credential
    Show(NamedArgs),
    /// Add a credential
    Add(Box<write::AddArgs>),
    /// Change members of a credential
    Update(Box<write::UpdateArgs>),
    /// Remove a credential
    Remove(NamedArgs),
    /// Show what would change so that an identity trusts what a file says
    Plan(Box<plan::PlanArgs>),
    /// Make an identity trust what a file says
    Apply(Box<plan::ApplyArgs>),
    /// Print the JSON Schema of trust files
    Schema(trust_file::SchemaArgs),
    /// Print a trust as a workflow, as manifests, or as Terraform, Bicep or commands of the Azure CLI
    Snippet(Box<snippet::SnippetArgs>),
}

/// Options of `wif fic list`.
#[derive(Args, Debug)]
struct ListArgs {
    #[command(flatten)]
    identity: IdentityArgs,
    /// Print JSON, errors too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// Options of `wif fic show` and `wif fic remove`.
#[derive(Args, Debug)]
struct NamedArgs {
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    name: NameArgs,
    /// Print JSON, errors too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// The name of a credential, with or without its option.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct NameArgs {
    /// Name of the credential
    #[arg(value_name = "NAME")]
    positional: Option<String>,
    /// Name of the credential
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl NameArgs {
    fn name(&self) -> &str {
        self.positional.as_deref().or(self.name.as_deref()).unwrap_or_default()
    }
}

/// Runs the command.
pub(crate) fn run(args: &FicArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match &args.command {
        FicCommand::List(args) => listing::list(args),
        FicCommand::Show(args) => listing::show(args),
        FicCommand::Add(args) => write::add(args),
        FicCommand::Update(args) => write::update(args),
        FicCommand::Remove(args) => write::remove(args),
        FicCommand::Plan(args) => plan::plan(args),
        FicCommand::Apply(args) => plan::apply(args),
        FicCommand::Schema(_) => trust_file::schema(),
        FicCommand::Snippet(args) => snippet::run(args),
    }
}

/// Prints an error. Wrong options and wrong files have the status of wrong usage.
fn failed(command: &str, error: &Error, json: bool) -> ExitCode {
    let is_usage =
        matches!(error.code, Code::ConfigInvalid | Code::RequestInvalid | Code::TooLarge);
    print_error(error, json);
    if is_usage && !json {
        eprintln!("\nFor more information, try 'wif fic {command} --help'.");
    }
    if is_usage { ExitCode::from(explain::USAGE) } else { ExitCode::FAILURE }
}

fn print_error(error: &Error, json: bool) {
    match json {
        true => eprintln!("{}", error.to_json()),
        false => anstream::eprint!("{}", explain::error(error)),
    }
}

/// Prints what is wrong with the options.
fn usage(command: &str, message: &str, json: bool) -> ExitCode {
    if json {
        return failed(command, &Error::new(Code::RequestInvalid, message), json);
    }
    explain::usage(&format!("fic {command}"), message)
}

/// The warning about a change of the credential by which the caller itself signs in.
fn own_trust(name: &str) -> String {
    format!(
        "`{}` accepts the workload token with which this command signed in; without it this workload may get no further access token",
        explain::escaped(name)
    )
}

/// Two inputs cannot come from standard input.
fn read_twice(file: Option<&PathBuf>, access: &AccessArgs) -> bool {
    let is_input = |path: &std::path::Path| trust_file::is_standard_input(path);
    file.is_some_and(|path| is_input(path)) && access.access_token_file().is_some_and(is_input)
}
