//! What the core is told of this machine: environment variables, and which files and sockets exist.

use serde_json::{Map, Value, json};
use std::path::Path;
use workload_identity_core::{environment_names, environment_paths};

/// The members `environment` and `environment_paths` of a configuration.
pub(crate) fn environment() -> Value {
    let names = environment_names().into_iter();
    let variables: Map<String, Value> =
        names.filter_map(|name| Some((name.to_owned(), variable(name)?.into()))).collect();
    let paths: Vec<_> =
        environment_paths().into_iter().filter(|path| Path::new(path).exists()).collect();
    json!({ "environment": variables, "environment_paths": paths })
}

/// The value of a variable that is set, text, and not blank.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
