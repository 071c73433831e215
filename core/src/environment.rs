//! The environment variables that a host passes to the core, and which of the asked-for paths exist.

use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// What a host knows of the place where it runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment {
    variables: Map<String, Value>,
    paths: Vec<String>,
}

impl Environment {
    /// The members `environment` and `environment_paths` of a configuration.
    pub(crate) fn new(variables: Map<String, Value>, paths: Vec<String>) -> Self {
        Self { variables, paths }
    }

    /// The value of a variable that is set and not blank, without white space around it.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.as_str()?.trim_ascii();
        (!value.is_empty()).then_some(value)
    }

    /// Whether the host found this file or socket.
    pub(crate) fn has_path(&self, path: &str) -> bool {
        self.paths.iter().any(|known| known == path)
    }

    /// The first of these variables that has a value.
    pub(crate) fn first_set(&self, names: &'static [&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.variable(name).is_some())
    }
}
