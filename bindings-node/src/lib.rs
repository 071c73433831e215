//! Node.js addon: the classes of the driver protocol (`docs/protocol.md`) over Node-API.
//!
//! All functions are synchronous and start no threads, so the addon loads in any number of worker threads and unloads with
//! them. Ids and instants are below 2^53, so `f64` represents them exactly.

mod engine;
mod verifier;

use napi_derive::napi;
use workload_identity_core::wire;

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[napi(js_name = "environment_names", catch_unwind)]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}
