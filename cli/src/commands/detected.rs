//! The core's report on the token sources of this machine.

use crate::host::{self, Host, SystemHost};
use crate::verbosity;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::error::Error;
use workload_identity_core::{Effect, MetadataService, wire};

/// One line of the report.
#[derive(Deserialize, Serialize)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) detected: bool,
    pub(super) chosen: bool,
    pub(super) why: String,
    variables: Vec<String>,
}

/// All sources, in the order of detection.
pub(super) fn report() -> Result<Vec<Source>, Box<dyn Error>> {
    let report = wire::sources(host::environment().to_string().as_bytes())?;
    Ok(serde_json::from_str(&report)?)
}

/// Looks for a metadata service if no source is detected, and marks its source as the chosen one.
pub(super) fn probe(sources: &mut [Source], host: &SystemHost) {
    if sources.iter().any(|source| source.detected) {
        return;
    }
    for service in MetadataService::ALL {
        let request = Effect::Http(service.availability_request(u32::MAX));
        let found = service.is_available(&host.perform(&request));
        if let Some(source) = sources.iter_mut().find(|source| source.name == service.kind()) {
            let answered = if found { "answers" } else { "does not answer" };
            (source.detected, source.chosen) = (found, found);
            source.why = format!("{} {answered}", service.title());
        }
        if found {
            return;
        }
    }
}

/// With `-v`, says which source is used and why, and which others the environment offers.
pub(super) fn log(configuration: &Value) {
    if !verbosity::verbose() {
        return;
    }
    let named = configuration.pointer("/source/kind").and_then(Value::as_str);
    let Ok(sources) = report() else { return };
    let detected = || sources.iter().filter(|source| source.detected);
    let chosen = match (named, detected().next()) {
        (Some(name), _) => {
            eprintln!("token source {name}: named on the command line");
            name
        }
        (None, Some(source)) => {
            eprintln!("token source {}: {}", source.name, source.why.escape_debug());
            source.name.as_str()
        }
        (None, None) => return eprintln!("no token source is detected"),
    };
    for source in detected().filter(|source| source.name != chosen) {
        let why = source.why.escape_debug();
        match named {
            Some(_) => eprintln!("token source {} is not used: {why}", source.name),
            None => {
                eprintln!("token source {} is not used, {chosen} comes first: {why}", source.name)
            }
        }
    }
}
