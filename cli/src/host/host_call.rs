//! The functions that the core asks a host for by name (`docs/protocol.md`, section 4): all but `assertion`.

use super::execution::execute;
#[cfg(feature = "spiffe")]
use super::workload_api;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::env::{self, VarError};
use std::time::Duration;
use workload_identity_core::{Failure, Outcome, Secret};

#[derive(Deserialize)]
struct ReadVariable {
    variable: String,
}

#[derive(Deserialize)]
struct Execute {
    command: Vec<String>,
    environment: BTreeMap<String, String>,
    max_bytes: u32,
}

/// Calls a function. One that this host does not have is `unsupported`. `variables` take the place of the process's own.
pub(super) fn call(
    name: &str,
    payload: &str,
    limit: Duration,
    variables: Option<&BTreeMap<String, String>>,
) -> Outcome {
    let answer = match name {
        "environment" => parsed(payload).and_then(|call| read_variable(&call, variables)),
        "execute" => parsed(payload).and_then(|call: Execute| {
            execute(&call.command, &call.environment, call.max_bytes, limit)
        }),
        #[cfg(feature = "spiffe")]
        "spiffe_jwt_svid" => {
            parsed(payload).and_then(|call| workload_api::fetch_jwt_svid(&call, limit))
        }
        #[cfg(not(feature = "spiffe"))]
        "spiffe_jwt_svid" => {
            Err((Failure::Unsupported, "this wif is built without the feature `spiffe`".to_owned()))
        }
        _ => Err((Failure::Unsupported, format!("this version has no host function `{name}`"))),
    };
    match answer {
        Ok(answer) => Outcome::Answer(Secret::new(answer)),
        Err((failure, detail)) => Outcome::Failed { failure, detail },
    }
}

fn parsed<T: DeserializeOwned>(payload: &str) -> Result<T, (Failure, String)> {
    serde_json::from_str(payload)
        .map_err(|_| (Failure::Other, "the core's request cannot be read".to_owned()))
}

fn read_variable(
    call: &ReadVariable,
    variables: Option<&BTreeMap<String, String>>,
) -> Result<Vec<u8>, (Failure, String)> {
    let name = &call.variable;
    let value = match variables {
        Some(variables) => variables.get(name).cloned().ok_or(VarError::NotPresent),
        None => env::var(name),
    };
    match value {
        Ok(value) => Ok(value.into_bytes()),
        Err(VarError::NotPresent) => {
            Err((Failure::NotFound, format!("the variable {name} is not set")))
        }
        Err(VarError::NotUnicode(_)) => {
            Err((Failure::Unreadable, format!("the variable {name} is not text")))
        }
    }
}
