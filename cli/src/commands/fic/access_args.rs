//! How Microsoft Graph and Azure Resource Manager are reached: their addresses, and who gives the access token.

use crate::commands::addresses::AddressArgs;
use crate::commands::option_values;
use crate::commands::token_args::TokenSourceArgs;
use clap::Args;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The options.
#[derive(Args, Debug)]
pub(super) struct AccessArgs {
    /// Microsoft Graph in place of the cloud's, without a version, as an emulator has it
    #[arg(long, value_name = "URL", help_heading = "Service")]
    graph_url: Option<String>,
    /// Azure Resource Manager in place of the cloud's
    #[arg(long, value_name = "URL", help_heading = "Service")]
    arm_url: Option<String>,
    /// Scope of the access token [default: the service's own in the cloud, with /.default]
    #[arg(long, value_name = "SCOPE", help_heading = "Service")]
    scope: Option<String>,
    /// File with an access token for the service in place of a token source; `-` is standard input
    #[arg(long, value_name = "FILE|-", help_heading = "Service", conflicts_with_all = ["source", "token_file", "token_env", "client_id"])]
    access_token_file: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Access token")]
    source: TokenSourceArgs,
    /// Give up after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", help_heading = "Connection", default_value = "120", value_parser = option_values::seconds)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH", help_heading = "Connection")]
    ca_file: Option<PathBuf>,
    #[command(flatten, next_help_heading = "Connection")]
    addresses: AddressArgs,
}

impl AccessArgs {
    /// Adds the members of a manager's configuration. The authority decides the cloud.
    pub(super) fn add_to(&self, document: &mut Value) {
        for (member, value) in
            [("graph_url", &self.graph_url), ("arm_url", &self.arm_url), ("scope", &self.scope)]
        {
            if let Some(value) = value {
                document[member] = value.as_str().into();
            }
        }
        self.addresses.add_to(document);
    }

    pub(super) fn access_token_file(&self) -> Option<&Path> {
        self.access_token_file.as_deref()
    }

    pub(super) fn source(&self) -> &TokenSourceArgs {
        &self.source
    }

    pub(super) fn addresses(&self) -> &AddressArgs {
        &self.addresses
    }

    pub(super) fn ca_file(&self) -> Option<PathBuf> {
        self.ca_file.clone()
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// `--tenant-id`
    pub(super) fn tenant_id(&self) -> Option<&str> {
        self.source.tenant_id()
    }
}
