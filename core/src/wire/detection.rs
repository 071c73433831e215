//! What a host tells the core of its environment, and the sources that the core finds in it.

use crate::environment::Environment;
use crate::json::config::{Document, object};
use crate::json::non_empty::strings;
use crate::source;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentForm {
    #[serde(default, deserialize_with = "object")]
    environment: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "strings")]
    environment_paths: Vec<String>,
}

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[must_use]
pub fn environment_names() -> String {
    // Text always has a JSON form.
    serde_json::to_string(&crate::environment_names()).unwrap_or_default()
}

/// Returns the paths that a host looks for, as a JSON list. It passes those that exist in the configuration.
#[must_use]
pub fn environment_paths() -> String {
    serde_json::to_string(&crate::environment_paths()).unwrap_or_default()
}

/// Reports on every token source, in the order of detection: a JSON list (`docs/protocol.md`, section 3).
///
/// # Errors
/// The wire form of `config_invalid`.
///
/// ```
/// use workload_identity_core::wire;
/// let report = wire::sources(br#"{"environment": {"AZURE_FEDERATED_TOKEN_FILE": "/t"}}"#).unwrap();
/// assert!(report.contains(r#""name":"file","detected":true,"chosen":true"#));
/// ```
pub fn sources(environment: &[u8]) -> Result<String, String> {
    let form: EnvironmentForm =
        Document::CONFIGURATION.read(environment).map_err(|error| error.to_json())?;
    let environment =
        Environment::new(form.environment.unwrap_or_default(), form.environment_paths);
    Ok(serde_json::to_string(&source::report(&environment)).unwrap_or_default())
}
