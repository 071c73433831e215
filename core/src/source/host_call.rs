//! Calls of the host's own functions (`docs/protocol.md`, section 4): a variable, a process, the SPIFFE Workload API.

use crate::Effect;
use alloc::collections::BTreeMap;
use alloc::string::String;
use serde::Serialize;

/// The value of an environment variable at this moment. A name that is not set is `not_found`.
#[derive(Serialize)]
pub(super) struct ReadVariable<'a> {
    pub(super) variable: &'a str,
}

/// The standard output of a program. The host starts it without a shell, and ends it and its children at the time limit.
#[derive(Serialize)]
pub(super) struct Execute<'a> {
    /// The program and its arguments.
    pub(super) command: &'a [String],
    /// Variables beside those of the host's own environment.
    pub(super) environment: BTreeMap<&'static str, String>,
    /// Longest output to read. The host passes on at most one byte more.
    pub(super) max_bytes: u32,
}

/// A JWT-SVID of the SPIFFE Workload API.
#[derive(Serialize)]
pub(super) struct FetchJwtSvid<'a> {
    /// `unix:///path` or `tcp://address:port`.
    pub(super) socket: &'a str,
    pub(super) audience: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spiffe_id: Option<&'a str>,
    /// The `hint` of the SVID to use, if the agent gives several. Without one the first is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<&'a str>,
}

impl ReadVariable<'_> {
    pub(super) fn effect(&self, timeout_ms: u32) -> Effect {
        effect("environment", self, timeout_ms)
    }
}

impl Execute<'_> {
    pub(super) fn effect(&self, timeout_ms: u32) -> Effect {
        effect("execute", self, timeout_ms)
    }
}

impl FetchJwtSvid<'_> {
    pub(super) fn effect(&self, timeout_ms: u32) -> Effect {
        effect("spiffe_jwt_svid", self, timeout_ms)
    }
}

fn effect(name: &'static str, payload: &impl Serialize, timeout_ms: u32) -> Effect {
    // Text always has a JSON form.
    Effect::AskHost {
        name,
        payload: serde_json::to_string(payload).unwrap_or_default(),
        timeout_ms,
    }
}
