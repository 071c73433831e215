//! `wif fic list` and `wif fic show`.

use super::connection::{self, Connection};
use super::{ListArgs, NamedArgs, failed};
use crate::explain::escaped;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;
use serde_json::json;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::process::ExitCode;
use workload_identity_core::manage::{FederatedCredential, ManagerResult};

const NAME: Style = AnsiColor::Cyan.on_default().bold();

/// Runs `wif fic list`.
pub(super) fn list(args: &ListArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let listed = Connection::open(&args.identity, &args.access, None, args.json)
        .and_then(|connection| connection.request(&json!({ "operation": "list" })))
        .map_err(|error| connection::in_options(error, &args.access));
    match listed {
        Err(error) => Ok(failed("list", &error, args.json)),
        Ok(result) => print(&result, args.json, || {
            let ManagerResult::Credentials { credentials } = &result else { return String::new() };
            if credentials.is_empty() {
                return "no federated identity credentials\n".to_owned();
            }
            let texts: Vec<String> = credentials.iter().map(text).collect();
            texts.join("\n")
        }),
    }
}

/// Runs `wif fic show`.
pub(super) fn show(args: &NamedArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let request = json!({ "operation": "get", "name": args.name.name() });
    let shown = Connection::open(&args.identity, &args.access, None, args.json)
        .and_then(|connection| connection.request(&request))
        .map_err(|error| connection::in_options(error, &args.access));
    match shown {
        Err(error) => Ok(failed("show", &error, args.json)),
        Ok(result) => print(&result, args.json, || match &result {
            ManagerResult::Credential { credential } => text(credential),
            _ => String::new(),
        }),
    }
}

/// Prints a result as JSON or as text.
pub(super) fn print(
    result: &impl Serialize,
    json: bool,
    text: impl FnOnce() -> String,
) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut out = io::stdout().lock();
    match json {
        true => writeln!(out, "{}", serde_json::to_string(result)?)?,
        false => write!(anstream::AutoStream::auto(&mut out), "{}", text())?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// A credential with its members. To be written through `anstream`.
pub(super) fn text(credential: &FederatedCredential) -> String {
    let mut text = format!("{NAME}{}{NAME:#}\n", escaped(&credential.name));
    for (member, value) in members(credential) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {member:<11}  {}", escaped(value));
    }
    text
}

/// The members that have a value, beside the name.
pub(super) fn members(credential: &FederatedCredential) -> Vec<(&'static str, &str)> {
    let all = [
        ("issuer", Some(credential.issuer.as_str())),
        ("subject", credential.subject.as_deref()),
        ("expression", credential.expression.as_deref()),
        ("audience", Some(credential.audience.as_str())),
        ("description", credential.description.as_deref()),
    ];
    all.into_iter().filter_map(|(member, value)| Some((member, value?))).collect()
}
