//! The environment variables that a host passes to the core.

use crate::source;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Variables of the client itself, as Azure's workload identity webhook and azure-identity set them.
const CLIENT_VARIABLES: [&str; 4] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
];

/// The names of all variables that a host passes as `environment`: those of the client and those of every token source.
#[must_use]
pub fn environment_names() -> Vec<&'static str> {
    let sources = source::KINDS.iter().flat_map(|kind| kind.variables);
    CLIENT_VARIABLES.iter().chain(sources).copied().collect()
}

/// A snapshot of those variables.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Environment(Map<String, Value>);

impl Environment {
    /// The value of a variable that is set and not blank, without white space around it.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.0.get(name)?.as_str()?.trim_ascii();
        (!value.is_empty()).then_some(value)
    }
}
