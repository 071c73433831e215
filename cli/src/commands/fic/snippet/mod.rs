//! `wif fic snippet`: a trust as files of the platform that uses it, or of the tool that sets it up.

mod azure_cli;
mod bicep;
mod github;
mod kubernetes;
mod quoting;
mod terraform;

use super::access_args::AccessArgs;
use super::connection::{self, Connection};
use super::credential_args::CredentialArgs;
use super::identity_args::IdentityArgs;
use super::trust_file;
use clap::{Args, ValueEnum};
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use workload_identity_core::manage::{CredentialEntry, Identity, ManagerResult};
use workload_identity_core::trust::DEFAULT_AUDIENCE;

const EXAMPLES: &str = "\
Examples:
  # A workflow whose job has this subject
  wif fic snippet --for github --github octo/app --environment production

  # What a trust file sets up, as Terraform
  wif fic snippet --for terraform --file trust.yaml

  # Manifests for a credential that the application has already
  wif fic snippet --for kubernetes --app-id $APP_ID --name orders

Nothing is sent anywhere unless neither options nor a file describe the credentials.";

/// Options of `wif fic snippet`.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct SnippetArgs {
    /// What the snippet is for
    #[arg(long = "for", value_name = "LANGUAGE")]
    language: Language,
    #[command(flatten)]
    identity: IdentityArgs,
    /// Name of the credential [default: one of its subject]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    credential: CredentialArgs,
    /// Trust file with the credentials; `-` is standard input
    #[arg(long, value_name = "FILE|-", conflicts_with_all = ["issuer", "subject", "expression", "platform", "audience", "description"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    access: AccessArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Language {
    /// A workflow of GitHub Actions
    Github,
    /// A service account and a pod
    Kubernetes,
    /// Terraform, for the providers azuread and azurerm
    Terraform,
    /// Bicep
    Bicep,
    /// Commands of the Azure CLI
    Az,
}

/// Who trusts which tokens.
struct Trust<'a> {
    owner: Owner,
    credentials: &'a [CredentialEntry],
    tenant_id: Option<&'a str>,
}

/// The identity in the words of the tools.
enum Owner {
    Application {
        /// The application id or the object id.
        id: String,
        object_id: Option<String>,
        /// In Microsoft Graph.
        path: String,
    },
    ManagedIdentity {
        id: String,
        subscription: String,
        group: String,
        name: String,
    },
}

impl Owner {
    /// An application that is not named has a word to be replaced.
    fn new(identity: Option<&Identity>) -> Self {
        match identity {
            Some(Identity::ManagedIdentity(id)) => {
                let part = |index: usize| id.split('/').nth(index).unwrap_or_default().to_owned();
                Self::ManagedIdentity {
                    id: id.clone(),
                    subscription: part(2),
                    group: part(4),
                    name: part(8),
                }
            }
            Some(Identity::AppObjectId(id) | Identity::AgentBlueprint(id)) => Self::Application {
                id: id.clone(),
                object_id: Some(id.clone()),
                path: format!("/applications/{id}"),
            },
            Some(Identity::AppId(id)) => Self::application(id),
            None => Self::application("APP_ID"),
        }
    }

    fn application(id: &str) -> Self {
        Self::Application {
            id: id.to_owned(),
            object_id: None,
            path: format!("/applications(appId='{id}')"),
        }
    }
}

impl Trust<'_> {
    fn audience<'c>(&self, credential: &'c CredentialEntry) -> &'c str {
        credential.audience.as_deref().unwrap_or(DEFAULT_AUDIENCE)
    }

    /// The client id, if it is known.
    fn client_id(&self) -> Option<&str> {
        match &self.owner {
            Owner::Application { id, object_id: None, .. } if id != "APP_ID" => Some(id),
            _ => None,
        }
    }

    /// A name for a credential's resource, which no other one has.
    fn label(&self, index: usize, identifier: fn(&str) -> String) -> String {
        let of = |credential: &CredentialEntry| identifier(&credential.name);
        let label = self.credentials.get(index).map(of).unwrap_or_default();
        let earlier = self.credentials.iter().take(index);
        match earlier.filter(|other| of(other) == label).count() {
            0 => label,
            _ => format!("{label}_{index}"),
        }
    }

    fn text(&self, language: Language) -> Result<String, String> {
        let each = |text: fn(&Self, &CredentialEntry) -> Result<String, String>| {
            let texts: Result<Vec<String>, String> =
                self.credentials.iter().map(|credential| text(self, credential)).collect();
            texts.map(|texts| texts.join("---\n"))
        };
        match language {
            Language::Github => match self.credentials {
                [one] => github::text(self, one),
                _ => Err("a workflow is for one credential; name it with `--name`".to_owned()),
            },
            Language::Kubernetes => each(kubernetes::text),
            Language::Terraform => terraform::text(self),
            Language::Bicep => Ok(bicep::text(self)),
            Language::Az => Ok(azure_cli::text(self)),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &SnippetArgs) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let (identity, mut credentials) = match described(args) {
        Ok(described) => described,
        Err(status) => return Ok(status),
    };
    if args.file.is_some() || credentials.len() > 1 {
        credentials
            .retain(|credential| args.name.as_ref().is_none_or(|name| *name == credential.name));
    }
    if credentials.is_empty() {
        return Ok(super::usage("snippet", "there is no such credential", false));
    }
    let trust = Trust {
        owner: Owner::new(identity.as_ref()),
        credentials: &credentials,
        tenant_id: args.access.tenant_id(),
    };
    match trust.text(args.language) {
        Err(message) => Ok(super::usage("snippet", &message, false)),
        Ok(text) => {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes())?;
            out.flush()?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The identity and its credentials: of the file, of the options, or those that it has.
fn described(args: &SnippetArgs) -> Result<(Option<Identity>, Vec<CredentialEntry>), ExitCode> {
    let usage = |message: String| super::usage("snippet", &message, false);
    let identity = args.identity.checked().map_err(usage)?;
    if let Some(path) = &args.file {
        let file =
            trust_file::read(path).map_err(|error| super::failed("snippet", &error, false))?;
        return Ok((Some(identity.unwrap_or(file.identity)), file.credentials));
    }
    let entry = args.credential.entry(args.name.as_deref()).map_err(usage)?;
    if entry.subject.is_some() || entry.expression.is_some() {
        let entry = args.credential.whole(args.name.as_deref()).map_err(usage)?;
        entry.check().map_err(|error| super::failed("snippet", &error, false))?;
        return Ok((identity, vec![entry]));
    }
    if identity.is_none() {
        return Err(usage(
            "which trust? give the options of `wif fic add`, `--file trust.yaml`, or an identity whose credentials are looked up"
                .to_owned(),
        ));
    }
    let looked_up = Connection::open(&args.identity, &args.access, None, false)
        .and_then(|connection| connection.request(&serde_json::json!({ "operation": "list" })))
        .map_err(|error| connection::in_options(error, &args.access));
    match looked_up {
        Ok(ManagerResult::Credentials { credentials }) => {
            Ok((identity, credentials.iter().map(CredentialEntry::from).collect()))
        }
        Ok(_) => Err(ExitCode::FAILURE),
        Err(error) => Err(super::failed("snippet", &error, false)),
    }
}
