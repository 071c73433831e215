//! `--private-addresses` and `--allowed-network`: which addresses requests may go to.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use workload_identity_core::http::{
    AddressPolicy, Network, NetworkError, PrivateAddresses as Private,
};

/// The options of every command that sends requests to an issuer or a service.
#[derive(Args, Debug)]
pub(super) struct AddressArgs {
    /// Whether addresses on private networks and on this machine are used [default: allow]
    #[arg(long, value_name = "allow|deny", hide_possible_values = true)]
    private_addresses: Option<PrivateAddresses>,
    /// Private addresses are used in this network only, e.g. 10.0.0.0/8 (may be repeated)
    #[arg(long, value_name = "CIDR")]
    allowed_network: Vec<String>,
}

/// The values of `private_addresses` (`docs/protocol.md`, section 2).
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PrivateAddresses {
    Allow,
    Deny,
}

impl AddressArgs {
    /// The policy for requests to an issuer that the command line names, on this machine over http, too.
    ///
    /// # Errors
    /// The option that is wrong, and why.
    pub(super) fn policy(&self) -> Result<AddressPolicy, String> {
        let networks = self.allowed_network.iter().map(|text| {
            text.parse()
                .map_err(|error: NetworkError| format!("`--allowed-network` `{text}` {error}"))
        });
        let networks: Vec<Network> = networks.collect::<Result<_, _>>()?;
        let private = match (self.private_addresses, networks.as_slice()) {
            (Some(PrivateAddresses::Deny), []) => Private::Deny,
            (_, []) => Private::Allow,
            (Some(PrivateAddresses::Allow), _) => {
                return Err("`--private-addresses allow` makes `--allowed-network` useless; leave one of them out".to_owned());
            }
            _ => Private::Within(networks),
        };
        Ok(AddressPolicy { private, allow_loopback_http: true })
    }

    /// Adds the members of the configuration. An option that is not given has none.
    pub(super) fn add_to(&self, document: &mut Value) {
        if let Some(choice) = self.private_addresses {
            document["private_addresses"] = match choice {
                PrivateAddresses::Allow => json!("allow"),
                PrivateAddresses::Deny => json!("deny"),
            };
        }
        if !self.allowed_network.is_empty() {
            document["allowed_networks"] = json!(self.allowed_network);
        }
    }
}
