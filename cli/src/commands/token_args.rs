//! Options of `wif token` and `wif fic`: which client gets an access token, from which authority, with which workload token.

use super::addresses::AddressArgs;
use super::source_args::SourceArgs;
use crate::host;
use crate::option_names::WorkloadToken;
use clap::Args;
use serde_json::{Value, json};
use workload_identity_core::{Code, Error, Secret};

/// The options.
#[derive(Args, Debug)]
pub(super) struct TokenSourceArgs {
    /// Tenant, a GUID or a domain [environment: AZURE_TENANT_ID]
    #[arg(long, value_name = "TENANT")]
    tenant_id: Option<String>,
    /// Application or managed identity [environment: AZURE_CLIENT_ID]
    #[arg(long, value_name = "CLIENT")]
    client_id: Option<String>,
    /// Entra's host, for sovereign clouds and emulators [environment: AZURE_AUTHORITY_HOST]
    #[arg(long, value_name = "URL")]
    authority_host: Option<String>,
    #[command(flatten)]
    source: SourceArgs,
    /// Where no source is detected, look for the metadata services of Google Cloud and Azure, within 1 s
    #[arg(long)]
    probe: bool,
    /// File with the workload token [environment: AZURE_FEDERATED_TOKEN_FILE]
    #[arg(long, value_name = "PATH", conflicts_with = "source")]
    token_file: Option<String>,
    /// Environment variable with the workload token, as GitLab CI and CircleCI set one
    #[arg(long, value_name = "NAME", conflicts_with_all = ["token_file", "source"])]
    token_env: Option<String>,
}

impl TokenSourceArgs {
    /// Where the workload token comes from.
    pub(super) fn workload_token(&self) -> WorkloadToken<'_> {
        match (&self.token_file, &self.token_env) {
            (Some(_), _) => WorkloadToken::File,
            (None, Some(name)) => WorkloadToken::Variable(name),
            (None, None) if self.source.is_named() => WorkloadToken::Named,
            (None, None) => WorkloadToken::Found,
        }
    }

    /// The workload token that `--token-env` names.
    ///
    /// # Errors
    /// `environment_incomplete` names the variable.
    pub(super) fn assertion(&self) -> Result<Option<Secret<String>>, Error> {
        let Some(name) = &self.token_env else { return Ok(None) };
        let value = host::variable(name).map(Secret::new).ok_or_else(|| {
            let message = format!(
                "the environment variable `{name}` that `--token-env` names is not set, or is empty or not text"
            );
            Error::new(Code::EnvironmentIncomplete, message)
        })?;
        Ok(Some(value))
    }

    /// The configuration of an engine: the environment, and the options over it.
    ///
    /// # Errors
    /// `config_invalid` names the option.
    pub(super) fn configuration(&self, addresses: &AddressArgs) -> Result<Value, Error> {
        let mut document = host::environment();
        let source = self.source.source();
        set(&mut document, "source", source.map_err(|text| Error::new(Code::ConfigInvalid, text))?);
        set(&mut document, "tenant_id", self.tenant_id.as_deref());
        set(&mut document, "client_id", self.client_id.as_deref());
        set(&mut document, "authority_host", self.authority_host.as_deref());
        addresses.add_to(&mut document);
        if let Some(path) = &self.token_file {
            document["source"] = json!({ "kind": "file", "path": path });
        }
        if self.token_env.is_some() {
            document["source"] = json!({ "kind": "callback" });
        }
        set(&mut document, "probe", self.probe.then_some(true));
        Ok(document)
    }

    /// `--tenant-id`
    pub(super) fn tenant_id(&self) -> Option<&str> {
        self.tenant_id.as_deref()
    }
}

/// Adds a member to an object if it has a value.
pub(super) fn set<V: Into<Value>>(document: &mut Value, name: &str, value: Option<V>) {
    if let Some(value) = value {
        document[name] = value.into();
    }
}
