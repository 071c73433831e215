//! `wif fic add`, `wif fic update` and `wif fic remove`.

use super::access_args::AccessArgs;
use super::connection::{self, Connection};
use super::credential_args::CredentialArgs;
use super::identity_args::IdentityArgs;
use super::{NameArgs, NamedArgs, failed, listing, usage};
use crate::explain::escaped;
use clap::Args;
use serde::Serialize;
use serde_json::json;
use std::process::ExitCode;
use workload_identity_core::manage::{CredentialEntry, ManagerResult};
use workload_identity_core::{Code, Error};

const ADD_EXAMPLES: &str = "\
Examples:
  # Jobs of a GitHub environment; of a branch, a tag or pull requests
  wif fic add --app-id $APP_ID --github octo/app --environment production
  wif fic add --app-id $APP_ID --github octo/app --branch main
  wif fic add --app-id $APP_ID --github octo@1234/app@5678 --tag v1

  # A Kubernetes service account, a GitLab branch, a Terraform workspace
  wif fic add --app-id $APP_ID --kubernetes shop/orders --issuer $CLUSTER_ISSUER
  wif fic add --app-id $APP_ID --gitlab group/project --branch main
  wif fic add --app-id $APP_ID --terraform org/project/workspace --phase apply

  # Any other issuer
  wif fic add --app-id $APP_ID --name build-7 --issuer https://issuer.example --subject build-7

  # All branches of a repository
  wif fic add --app-id $APP_ID --issuer https://token.actions.githubusercontent.com \\
    --expression \"claims['sub'] matches 'repo:octo/app:ref:refs/heads/*'\"

A credential that is there already, and equal, is no error.";

const UPDATE_EXAMPLES: &str = "\
Examples:
  # Another subject; what is not named stays as it is
  wif fic update --app-id $APP_ID --name production --subject repo:octo/app:environment:production

The name of a credential cannot be changed.";

/// Options of `wif fic add`.
#[derive(Args, Debug)]
#[command(after_help = ADD_EXAMPLES)]
pub(super) struct AddArgs {
    #[command(flatten)]
    identity: IdentityArgs,
    /// Name of the credential, 3 to 120 letters, digits, dashes and underscores [default: one of its subject]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    credential: CredentialArgs,
    /// Print JSON, errors too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// Options of `wif fic update`.
#[derive(Args, Debug)]
#[command(after_help = UPDATE_EXAMPLES)]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    identity: IdentityArgs,
    #[command(flatten)]
    name: NameArgs,
    #[command(flatten)]
    credential: CredentialArgs,
    /// Print JSON, errors too
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    access: AccessArgs,
}

/// Runs `wif fic add`.
pub(super) fn add(args: &AddArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let entry = match args.credential.whole(args.name.as_deref()) {
        Ok(entry) => entry,
        Err(message) => return Ok(usage("add", &message, args.json)),
    };
    let added = Connection::open(&args.identity, &args.access, None, args.json)
        .and_then(|connection| add_or_find(&connection, &entry));
    report("add", added, &args.access, args.json)
}

/// Adds a credential, unless it is there already with the same values.
fn add_or_find(
    connection: &Connection,
    entry: &CredentialEntry,
) -> Result<(&'static str, ManagerResult), Error> {
    let request = json!({ "operation": "create", "credential": entry });
    let error = match connection.request(&request) {
        Ok(result) => return Ok(("added", result)),
        Err(error) => error,
    };
    if error.code == Code::CredentialConflict {
        let plan = json!({ "operation": "plan", "credentials": [entry] });
        let planned = connection.request(&plan);
        if matches!(planned, Ok(ManagerResult::Plan(plan)) if plan.changes.is_empty()) {
            let request = json!({ "operation": "get", "name": entry.name });
            return Ok(("nothing to do, there is already", connection.request(&request)?));
        }
    }
    Err(error)
}

/// Runs `wif fic update`.
pub(super) fn update(args: &UpdateArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let entry = match args.credential.entry(Some(args.name.name())) {
        Ok(entry) => entry,
        Err(message) => return Ok(usage("update", &message, args.json)),
    };
    let mut credential = json!(entry);
    if let Some(members) = credential.as_object_mut().filter(|_| entry.issuer.is_empty()) {
        members.remove("issuer");
    }
    if credential.as_object().is_some_and(|members| members.len() < 2) {
        return Ok(usage(
            "update",
            "what changes? give `--issuer`, `--subject`, `--expression`, `--audience` or `--description`",
            args.json,
        ));
    }
    let request = json!({ "operation": "update", "credential": credential });
    let updated = Connection::open(&args.identity, &args.access, None, args.json)
        .and_then(|connection| connection.request(&request));
    report("update", updated.map(|result| ("updated", result)), &args.access, args.json)
}

/// Runs `wif fic remove`.
pub(super) fn remove(args: &NamedArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let name = args.name.name();
    let removed = Connection::open(&args.identity, &args.access, None, args.json)
        .and_then(|connection| {
            let used_by_caller = is_own(&connection, name)?;
            if used_by_caller && !args.json {
                eprintln!("warning: {}", super::own_trust(name));
            }
            let request = json!({ "operation": "delete", "name": name });
            Ok(Removed { result: connection.request(&request)?, used_by_caller })
        })
        .map_err(|error| connection::in_options(error, &args.access));
    match removed {
        Err(error) => Ok(failed("remove", &error, args.json)),
        Ok(removed) => listing::print(&removed, args.json, || match &removed.result {
            ManagerResult::Deleted { deleted: true } => format!("removed {}\n", escaped(name)),
            _ => "nothing to do: there is no such credential\n".to_owned(),
        }),
    }
}

/// What became of a removal.
#[derive(Serialize)]
struct Removed {
    #[serde(flatten)]
    result: ManagerResult,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    used_by_caller: bool,
}

/// Whether the credential accepts the workload token with which the command signs in.
fn is_own(connection: &Connection, name: &str) -> Result<bool, Error> {
    if !connection.signs_in() {
        return Ok(false);
    }
    match connection.request(&json!({ "operation": "get", "name": name })) {
        Ok(ManagerResult::Credential { credential }) => {
            Ok(connection.own_token().is_some_and(|own| credential.accepts(&own)))
        }
        Ok(_) => Ok(false),
        Err(error) if matches!(error.code, Code::CredentialNotFound | Code::ManagementRefused) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Prints a credential and what was done with it, or the error.
fn report(
    command: &str,
    outcome: Result<(&str, ManagerResult), Error>,
    access: &AccessArgs,
    json: bool,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    match outcome {
        Err(error) => Ok(failed(command, &connection::in_options(error, access), json)),
        Ok((done, result)) => listing::print(&result, json, || match &result {
            ManagerResult::Credential { credential } => {
                format!("{done} {}", listing::text(credential))
            }
            _ => String::new(),
        }),
    }
}
