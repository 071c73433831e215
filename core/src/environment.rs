//! The environment variables that a host passes to the core.

use alloc::string::String;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The variables that a host passed.
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
